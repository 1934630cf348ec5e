"""The word lists of the detectors, read once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")


def word_set(text: str) -> frozenset[str]:
    """The words of a text, apart by spaces."""
    return frozenset(text.split())


@cache
def words(name: str) -> frozenset[str]:
    """A list of `data/`, in lower case; lines that begin with `#` are headings."""
    lines = (_DATA / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(word for line in lines if line[:1] != "#" for word in line.split())


@cache
def levels(name: str) -> Mapping[str, int]:
    """A list of `data/` with its levels: half powers of ten, 0 for one in a million."""
    found: dict[str, int] = {}
    for block in (_DATA / f"{name}.txt").read_text(encoding="utf-8").split("# ")[1:]:
        number, *entries = block.splitlines()
        found.update(dict.fromkeys(entries, int(number)))
    return found


@cache
def common_words() -> frozenset[str]:
    """Words that occur ten times and more in a million of running text."""
    return frozenset(word for word, level in levels("words").items() if level >= 2)


# Names that are words: they need more than a capital at the start of a sentence.
NAME_WORDS = words("name_words")
# Words by the word lists, names in talk (`jack`).
MOSTLY_NAMES = words("mostly_names")
# Organisations that stand alone.
ORGANISATIONS = words("organisations")
# People of public life and of fiction, their words joined by "_".
PUBLIC_FIGURES = words("public_figures")
# Words of talk that no word list holds (`gonna`, `dont`).
TALK_WORDS = words("talk_words")
# Capitalised words that name no one here: calendar, kin, peoples, countries and states, faiths, brands met as products,
# public figures of the field, diagnoses and medicines, abbreviations.
NOT_NAMES = words("not_names")
