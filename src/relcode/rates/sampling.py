"""How likely each coded turn was to be coded, from what the batches' plans recorded.

Batches are drawn one after the other, each from what was left. Each batch alone estimates the whole: what was coded
before it, as it is known, and its own pages, each for 1 / probability. The weights here are those of the mean of these
estimates, each counted by its pages.

Source: for uneven draws one after the other, Farquhar, Gal & Rainforth (2021), *On statistical bias in active learning*,
ICLR (their unbiased weights, with batches in the place of single draws).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from relcode.batches import Plan
from relcode.ledger import CODE


@dataclass
class BatchWeights:
    """Weights by session and turn, and what of the batches they do not say.

    `by_turn`: (session id, hash of its text) -> turn -> weight. `unknown`: turns that were chosen, nobody knows how likely.
    """

    by_turn: dict[tuple[str, str], dict[int, float]] = field(default_factory=dict)
    unknown: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    random: list[str] = field(default_factory=list)
    weighted: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Drawn:
    """A batch's pages, each once: place -> probability."""

    name: str
    pages: Mapping[tuple[str, str, int, int], float | None]
    again: bool

    @property
    def counts(self) -> int:
        return sum(probability is not None for probability in self.pages.values())


def batch_weights(plans: Iterable[Plan]) -> BatchWeights:
    """The weight of every turn that a batch gave to coders.

    A batch whose pages have one probability is a random sample; one with several is weighted; pages that were chosen
    without a probability stand for themselves alone, and count only in the estimates of later batches.
    """
    batches = [_drawn(plan) for plan in plans]
    total = sum(batch.counts for batch in batches)
    found = BatchWeights()
    for number, batch in enumerate(batches):
        later = sum(other.counts for other in batches[number + 1 :] if not other.again) / max(total, 1)
        for (session_id, sha, first, last), probability in batch.pages.items():
            weight = later + (0.0 if probability is None else batch.counts / total / probability)
            if probability is None:
                found.unknown.setdefault((session_id, sha), set()).update(range(first, last + 1))
            if weight:
                turns = found.by_turn.setdefault((session_id, sha), {})
                for turn in range(first, last + 1):
                    turns[turn] = turns.get(turn, 0.0) + weight
        _kind(batch, found).append(batch.name)
    return found


def _drawn(plan: Plan) -> _Drawn:
    pages = {
        (each.session_id, each.session_sha256, each.first_turn, each.last_turn): each.probability
        for each in plan.assignments
        if each.role == CODE
    }
    return _Drawn(plan.batch, pages, bool(plan.arguments.get("again")))


def _kind(batch: _Drawn, found: BatchWeights) -> list[str]:
    known = {round(value, 9) for value in batch.pages.values() if value is not None}
    if len(known) <= 1 and batch.counts == len(batch.pages):
        return found.random
    return found.weighted if batch.counts else found.chosen


def even_weights(turns: Mapping[str, Sequence[int]]) -> dict[str, dict[int, float]]:
    """Weights of sessions that were drawn at random, all with the same probability: session -> its coded turns."""
    return {session_id: dict.fromkeys(numbers, 1.0) for session_id, numbers in turns.items()}
