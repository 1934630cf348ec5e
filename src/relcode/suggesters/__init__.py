"""Suggesters beside cues and models: plug-ins, spaCy pipelines, and a language model on the user's own machine."""

from relcode.suggesters.checking import Suggested
from relcode.suggesters.named import suggest_by_plugin
from relcode.suggesters.pipeline import suggest_by_pipeline

__all__ = ["Suggested", "suggest_by_pipeline", "suggest_by_plugin"]
