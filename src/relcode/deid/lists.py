"""The word lists of the detectors, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")


@cache
def words(name: str) -> frozenset[str]:
    """A list of `data/`, in lower case."""
    return frozenset((_DATA / f"{name}.txt").read_text(encoding="utf-8").split("\n")) - {""}


@cache
def clear_first_names() -> frozenset[str]:
    """First names that are no common word (`casimir`, not `will`)."""
    return words("first_names") - words("common_words") - NOT_NAMES - NAME_WORDS


# Names that are words: they need more than a capital at the start of a sentence.
NAME_WORDS = words("name_words")
# Capitalised words that name no one here: calendar, kin, peoples, countries and states, faiths, brands met as products,
# public figures of the field, diagnoses and medicines, abbreviations.
NOT_NAMES = words("not_names")
