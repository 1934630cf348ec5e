"""Ordinary words: what a word may be an inflection of."""

from __future__ import annotations

import re
from collections.abc import Iterator

# An ending, and what stands there in the word it was made from.
_ENDINGS = (
    ("'s", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y"), ("ing", ""), ("ing", "e"),
    ("in'", "ing"), ("in", ""), ("in", "e"), ("ise", "ize"), ("ising", "ize"), ("ised", "ize"), ("our", "or"),
    ("er", ""), ("er", "e"), ("ier", "y"), ("est", ""), ("est", "e"), ("iest", "y"), ("ly", ""), ("ily", "y"),
    ("ness", ""), ("iness", "y"), ("less", ""), ("ful", ""), ("able", ""), ("able", "e"), ("ish", ""), ("ourous", "orous"),
    ("y", ""), ("y", "e"), ("ll", ""), ("ings", ""), ("ings", "e"),
)  # fmt: skip
_BEGINNINGS = (
    "un", "re", "over", "under", "inter", "pre", "non", "anti", "self", "hyper", "mis", "dis", "out", "super", "multi",
    "sub", "co", "up", "down", "back", "ex", "step", "grand", "great", "half", "mini", "micro", "post", "bio", "neuro",
    "psycho", "cyber",
)  # fmt: skip
_PLACE_ENDING = re.compile(
    r"..(?:ville|burgh?|borough|ford|port|haven|mouth|ley|leigh|by|wick|wich|shire|stead|ton|ham|field|bridge|brook|dale|mere|combe|thorpe|"
    r"chester|minster|cester|hurst|worth|well|water|stow|gate|pool|fell|moor|bury|land|view|glen|kirk|head|cliffe?|"
    r"wood|ridge|side|grove|hill|crest|vale|march|polis)$"
)
_LEAST_STEM = 3
_LEAST_REST = 4


def stems(word: str) -> Iterator[str]:
    """What `word` may be an inflection of: `runs` of `run`, `hoped` of `hope`, `stopping` of `stop`."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= _LEAST_STEM:
            stem = word[: len(word) - len(ending)] + instead
            yield stem
            if not instead and len(stem) > _LEAST_STEM and stem[-1] == stem[-2] and ending[0] in "eiy":
                yield stem[:-1]
    for beginning in _BEGINNINGS:
        if word.startswith(beginning) and len(word) - len(beginning) >= _LEAST_REST:
            yield word[len(beginning) :]


def like_a_place(plain: str) -> bool:
    """Whether a word in no list ends as the names of towns do."""
    return len(plain) > 5 and _PLACE_ENDING.search(plain) is not None
