"""Ordinary words: what a word may be an inflection of."""

from __future__ import annotations

from collections.abc import Iterator

_ENDINGS = (
    ("'s", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y"), ("ing", ""), ("ing", "e"),
    ("in'", "ing"), ("er", ""), ("er", "e"), ("ier", "y"), ("est", ""), ("est", "e"), ("iest", "y"), ("ly", ""),
    ("ily", "y"), ("ness", ""), ("iness", "y"), ("less", ""), ("ful", ""), ("able", ""), ("able", "e"), ("ish", ""),
    ("y", ""), ("y", "e"),
)  # fmt: skip
_LEAST_STEM = 3


def stems(word: str) -> Iterator[str]:
    """What `word` may be an inflection of: `runs` of `run`, `hoped` of `hope`, `stopping` of `stop`."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= _LEAST_STEM:
            stem = word[: len(word) - len(ending)] + instead
            yield stem
            if not instead and len(stem) > _LEAST_STEM and stem[-1] == stem[-2] and ending[0] in "eiy":
                yield stem[:-1]
