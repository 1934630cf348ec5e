"""What coders must do to make suggestions into the accepted labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass

Label = tuple[object, tuple[int, int], str]  # turn, place in it (half-open or first and last: all the same way), code


@dataclass(frozen=True)
class Edits:
    """Numbers of labels: accepted, offered, and of the edits that lie between them.

    `kept`: right as offered. `relabel`: the place is right, the code is not. `move`: the code is right, on other words
    that overlap the right ones. `delete` and `add`: all others.
    """

    accepted: int = 0
    offered: int = 0
    kept: int = 0
    relabel: int = 0
    move: int = 0
    delete: int = 0
    add: int = 0

    def __add__(self, other: Edits) -> Edits:
        return Edits(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))

    @property
    def actions(self) -> int:
        """Actions in Doccano: select words and choose a code (add), choose another code (relabel), delete. Doccano cannot
        move a boundary: the label is deleted and added anew, two actions. To look and agree costs none."""
        return self.relabel + 2 * self.move + self.delete + self.add

    @property
    def saved(self) -> float:
        """The share of actions saved against coding from nothing, where each accepted label is added; below 0 where the
        suggestions cost more than they save."""
        return 1 - self.actions / self.accepted


def count_edits(offered: Iterable[Label], accepted: Iterable[Label]) -> Edits:
    """The edits of all turns, relabelling before moving."""
    turns: dict[object, tuple[list[Label], list[Label]]] = defaultdict(lambda: ([], []))
    for place, labels in enumerate((offered, accepted)):
        for label in labels:
            turns[label[0]][place].append(label)
    total = Edits()
    for here, right in turns.values():
        total += _of_turn(here, right)
    return total


def _of_turn(offered: list[Label], accepted: list[Label]) -> Edits:
    left, missing = list(offered), list(accepted)
    matched = [
        _take(left, missing, lambda one, two: one == two),
        _take(left, missing, lambda one, two: one[1] == two[1]),
        _take(left, missing, lambda one, two: one[2] == two[2] and one[1][0] < two[1][1] and two[1][0] < one[1][1]),
    ]
    return Edits(len(accepted), len(offered), *matched, len(left), len(missing))


def _take(left: list[Label], missing: list[Label], alike: object) -> int:
    """Pair labels that are alike, take them out of both lists, and give their number."""
    pairs = 0
    for label in list(left):
        fitting = next((other for other in missing if alike(label, other)), None)  # type: ignore[operator]
        if fitting is not None:
            left.remove(label)
            missing.remove(fitting)
            pairs += 1
    return pairs
