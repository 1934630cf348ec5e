"""Which code of a former version a code takes over: renamed, merged, split, removed, added."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

from relcode.codebook.schema import Code, Codebook

GUESS_FROM = 0.8  # share of the words of two definitions that must be the same, in order
_WORD = re.compile(r"\w+")


class Lineage(NamedTuple):
    """`targets`: old id -> the new codes that take it over. `sources`: new id -> the old codes that it takes over.
    `guesses`: old id, new id and how much of the definition they share, for codes that `was` does not link."""

    targets: dict[str, tuple[str, ...]]
    sources: dict[str, tuple[str, ...]]
    guesses: tuple[tuple[str, str, float], ...]

    def home(self, old_id: str) -> str:
        """The one code that takes an old one over; where there is none, or there are several, the old id."""
        targets = self.targets.get(old_id, ())
        return targets[0] if len(targets) == 1 else old_id

    def former(self, new_id: str) -> str | None:
        """The old code whose wording a new one continues; None for an added one, a part, and a merger of a new id."""
        sources = self.sources.get(new_id, ())
        if new_id in sources:
            return new_id
        return sources[0] if len(sources) == 1 and self.targets[sources[0]] == (new_id,) else None


def trace_codes(old: Codebook, new: Codebook) -> Lineage:
    """Link the codes of two versions, by equal ids and by what `was` says.

    A code always takes over the code of its own id. An id that `was` named in the old version already is history and
    links nothing again.
    """
    sources: dict[str, tuple[str, ...]] = {}
    for code in new.codes:
        before = old.by_id.get(code.id)
        claimed = [name for name in code.was if name in old.by_id and (before is None or name not in before.was)]
        sources[code.id] = tuple(dict.fromkeys([*([code.id] if before else []), *claimed]))
    targets = {code.id: tuple(other.id for other in new.codes if code.id in sources[other.id]) for code in old.codes}
    return Lineage(targets, sources, _guesses(old, new, targets, sources))


def shared_words(one: str, other: str) -> float:
    """How much of the words of two texts is the same in the same order, 0 to 1."""
    return SequenceMatcher(None, _WORD.findall(plain(one)), _WORD.findall(plain(other)), autojunk=False).ratio()


def plain(text: str) -> str:
    """A text without what is no change of wording: line breaks, kinds of quotation marks, capitals."""
    for curly, straight in (("“", '"'), ("”", '"'), ("‘", "'"), ("’", "'")):
        text = text.replace(curly, straight)
    return " ".join(text.split()).casefold()


def _guesses(
    old: Codebook, new: Codebook, targets: dict[str, tuple[str, ...]], sources: dict[str, tuple[str, ...]]
) -> tuple[tuple[str, str, float], ...]:
    added = [code for code in new.codes if not sources[code.id]]
    found = []
    for code in old.codes:
        if targets[code.id] or not added:
            continue
        share, best = max(((_likeness(code, other), other.id) for other in added), key=lambda pair: pair[0])
        if share >= GUESS_FROM:
            found.append((code.id, best, share))
    return tuple(found)


def _likeness(one: Code, other: Code) -> float:
    return shared_words(one.definition, other.definition) if set(one.speakers) & set(other.speakers) else 0.0
