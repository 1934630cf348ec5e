"""A model for spacy-llm that is asked on this machine alone: `@llm_models = "relcode.Local.v1"` in a pipeline's config.

spacy-llm's own models for OpenAI's API ask OpenAI whether the key is good, whatever endpoint they are given.
"""

from __future__ import annotations

import typing
from collections.abc import Callable

from relcode.errors import SuggesterError
from relcode.suggesters.llm.address import find_address
from relcode.suggesters.llm.client import SECONDS, ChatModel, NoAnswerError

# spacy-llm compares these with typing's, and takes no other Iterable.
_Texts = typing.Iterable[typing.Iterable[str]]


def local_model(url: str, name: str, seconds: float = SECONDS) -> Callable[[_Texts], _Texts]:
    """A function from prompts to answers, both by doc and shard, at temperature 0.

    Raises
    ------
    UsageError, SuggesterError
        The address leads off this machine, or is none.
    """
    model = ChatModel(find_address(url), name, seconds)

    def ask(prompts: _Texts) -> _Texts:
        return [[_answer(model, prompt) for prompt in shards] for shards in prompts]

    return ask


def _answer(model: ChatModel, prompt: str) -> str:
    try:
        return model.ask([{"role": "user", "content": prompt}]).content
    except NoAnswerError as error:
        raise SuggesterError(f"{model.name} at {model.address} gave no answer: {error}.") from error
