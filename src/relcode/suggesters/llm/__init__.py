"""A language model on the user's own machine as a suggester: asked in the codebook's words, checked to exact spans."""

from relcode.suggesters.llm.address import Address, find_address
from relcode.suggesters.llm.cache import AnswerCache
from relcode.suggesters.llm.client import ChatModel
from relcode.suggesters.llm.run import suggest_by_llm

__all__ = ["Address", "AnswerCache", "ChatModel", "find_address", "suggest_by_llm"]
