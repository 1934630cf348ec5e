"""How a program counts the characters of a text: told from its selections, as programs differ and do not say."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, product


@dataclass(frozen=True)
class Counting:
    """`two_for_crlf`: CR LF counts as two; `utf16`: a character beyond U+FFFF as two; `last_included`: the end is the
    position of the last character, not the one behind it."""

    two_for_crlf: bool = True
    utf16: bool = False
    last_included: bool = False

    def offsets(self, text: str, positions: Sequence[tuple[int, int]]) -> list[tuple[int, int] | None]:
        """Each (start, end) as offsets into `text` in code points, end exclusive; None where it lies outside."""
        before: Sequence[int] = range(len(text) + 1)
        if self.utf16 or not self.two_for_crlf:
            before = [0, *accumulate(self._units(text, place) for place in range(len(text)))]
        found: list[tuple[int, int] | None] = []
        for start, end in positions:
            end += self.last_included
            inside = 0 <= start < end <= before[-1]
            found.append((bisect_left(before, start), bisect_left(before, end)) if inside else None)
        return found

    def describe(self) -> str:
        """In words, for a note."""
        parts = [
            f"line ends of two characters counted as {'two' if self.two_for_crlf else 'one'}",
            "UTF-16 units" if self.utf16 else "code points",
            "the last character included" if self.last_included else "",
        ]
        return ", ".join(filter(None, parts))

    def _units(self, text: str, place: int) -> int:
        if text[place] == "\r" and not self.two_for_crlf and text[place + 1 : place + 2] == "\n":
            return 0
        return 2 if self.utf16 and ord(text[place]) > 0xFFFF else 1


def find_counting(usual: Counting, texts: Sequence[tuple[str, Sequence[tuple[int, int]]]]) -> Counting:
    """The counting under which most selections begin and end at the bounds of words.

    `usual` stays unless another is better by a fifth of the selections, and by two: people cut words by mistake.
    """
    has_crlf = any("\r\n" in text for text, _ in texts)
    has_astral = any(max(text, default="") > "\uffff" for text, _ in texts)
    line_ends = (usual.two_for_crlf, not usual.two_for_crlf) if has_crlf else (usual.two_for_crlf,)
    units = (False, True) if has_astral else (False,)

    def fitting(option: Counting) -> int:
        return sum(len(at_bounds(option, text, positions)) for text, positions in texts)

    best = max((Counting(*option) for option in product(line_ends, units, (False, True))), key=fitting)
    gain = fitting(best) - fitting(usual)
    return best if gain >= max(2, sum(len(positions) for _, positions in texts) / 5) else usual


def at_bounds(counting: Counting, text: str, positions: Sequence[tuple[int, int]]) -> list[int]:
    """Which of the positions begin and end at the bounds of words."""
    found = []
    for number, place in enumerate(counting.offsets(text, positions)):
        if place and not _splits(text, place[0]) and not _splits(text, place[1]):
            found.append(number)
    return found


def _splits(text: str, place: int) -> bool:
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
