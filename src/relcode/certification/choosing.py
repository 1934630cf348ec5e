"""Which pages a new coder gets: few, and so that each code occurs often enough where the sessions allow it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import msgspec

from relcode.records import Span

MOST_PAGES = 20  # about 300 turns: a day's work; what is still missing then comes with the next attempt


class Candidate(msgspec.Struct, frozen=True):
    """A page that could be given. `counts`: code -> in how many of its turns it is accepted."""

    page: str
    session_id: str
    first_turn: int
    last_turn: int
    counts: dict[str, int]


class Choice(msgspec.Struct, frozen=True):
    """`pages`: those chosen, in random order. `short`: code -> how often it occurs on them, where that is too seldom."""

    pages: list[Candidate]
    short: dict[str, int]


def candidate_of(page: str, session_id: str, turns: tuple[int, int], accepted: Iterable[Span]) -> Candidate:
    """A page as a candidate; `turns`: its first and last one; `accepted`: the session's accepted labels."""
    marks = {(span.turn, span.code) for span in accepted if turns[0] <= span.turn <= turns[1]}
    return Candidate(page, session_id, *turns, dict(Counter(code for _, code in marks)))


def choose_pages(
    candidates: Sequence[Candidate],
    codes: Collection[str],
    *,
    instances: int,
    pages: int | None = None,
    seed: int = 0,
) -> Choice:
    """Choose pages until each code occurs in `instances` turns, or no page brings one that is still missing.

    The page that brings most of what is missing is taken next, each code weighed by how rare it is.

    Parameters
    ----------
    pages
        How many: then random ones fill up what the codes do not need. If None, as many as needed, at most 20.
    """
    drawn = random.Random(seed)
    left = sorted(candidates, key=lambda each: (each.session_id, each.first_turn))
    drawn.shuffle(left)
    supply = Counter({code: sum(each.counts.get(code, 0) for each in left) for code in codes})
    found: Counter[str] = Counter()
    chosen: list[Candidate] = []

    def gain(candidate: Candidate) -> float:
        missing = {code: max(0, instances - found[code]) for code in codes}
        return sum(min(missing[code], n) / supply[code] for code, n in candidate.counts.items() if code in missing)

    most = MOST_PAGES if pages is None else pages
    while left and len(chosen) < most:
        best = max(left, key=gain)
        if gain(best) == 0 and pages is None:
            break
        left.remove(best)
        chosen.append(best)
        found.update(best.counts)
    drawn.shuffle(chosen)
    return Choice(chosen, {code: found[code] for code in codes if found[code] < instances})
