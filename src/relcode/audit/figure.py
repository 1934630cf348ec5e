"""A figure of the audit in words and numbers, and where to read what it was counted from: never the words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Literal

import msgspec

from relcode.audit.intervals import Estimate
from relcode.audit.posterior import Posterior

Unit = Literal["per_100", "share", "per_50_minutes", "turns", "index"]


class Place(msgspec.Struct, frozen=True):
    """Where to read what a figure was counted from."""

    session_id: str
    turn: int


class Places(msgspec.Struct, frozen=True):
    """All turns that a figure was counted from, in the order in which to read them.

    `turns` joins those of one session that follow one another: (session id, numbers of its turns). A session stands in
    it more than once where the order asks for it, as with unanswered ruptures first.
    """

    turns: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def __len__(self) -> int:
        return sum(len(numbers) for _, numbers in self.turns)

    def __iter__(self) -> Iterator[Place]:
        return (Place(session_id, number) for session_id, numbers in self.turns for number in numbers)

    @classmethod
    def of(cls, places: Iterable[Place]) -> Places:
        """These places, in this order."""
        runs = groupby(places, key=lambda place: place.session_id)
        return cls(tuple((session_id, tuple(place.turn for place in run)) for session_id, run in runs))

    def first(self, most: int) -> tuple[Place, ...]:
        """The first of them, for a page that does not list them all."""
        return tuple(islice(self, most))


class Correction(msgspec.Struct, frozen=True):
    """How a machine's figure was corrected with a hand-coded sample; or, without `raw`, why it was not.

    `raw`: the machine's decisions counted, uncorrected. `how`: by which estimator, from which sample.
    """

    raw: Estimate | None = None
    how: str = ""
    reason: str = ""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What can be opened: it names the turns behind it.

    `tally`: of a share or rate, by session that has anything to count: its id, how many things bear the mark (or are on
    the first side), and how many do not.
    """

    places: Places = Places()
    tally: tuple[tuple[str, int, int], ...] = ()

    @property
    def places_total(self) -> int:
        """How many turns there are."""
        return len(self.places)


class Figure(Opened, frozen=True):
    """One figure in words and numbers.

    `short` is the label in a chart; `counted` says what was counted in plain words, `method` how; `claim` cites the
    evidence for looking at it, with its strength. `chance`: what there would be without any tie, of whatever kind
    `method` says, with the range of 95 %. `posterior`: the whole distribution of a balance, to be
    drawn. `correction`: of a machine's rate, where it was asked for.
    """

    id: str
    label: str
    short: str
    unit: Unit
    estimate: Estimate
    counted: str
    method: str
    claim: str = ""
    chance: Estimate | None = None
    posterior: Posterior | None = None
    correction: Correction | None = None
