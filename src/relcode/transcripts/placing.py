"""From offsets into the text of a file to offsets into the turns that were read from it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cached_property

from relcode.records import Turn
from relcode.transcripts.plaintext import LINE_END
from relcode.transcripts.roles import Utterance, one_line

_TOKEN = re.compile(r"\w+|[^\w\s]")
_LINE = re.compile(r"line (\d+)")
_Place = tuple[int, int, int]  # turn, start, end


class Placing:
    """Where the words of a text's lines stand in its turns.

    A line and what was read from it are laid beside each other word by word, so that spaces, notes in another spelling,
    line numbers and speakers' marks do no harm.

    Parameters
    ----------
    utterances
        One a line, with places `line N`, in the order of the turns, as `to_turns` joined them.
    """

    def __init__(self, text: str, utterances: Sequence[Utterance], turns: Sequence[Turn]) -> None:
        self._text = text
        self._said: dict[int, tuple[int, int, str]] = {}  # line -> turn, offset, words
        remaining = iter(turns)
        turn: Turn | None = None
        offset = 0
        for utterance in utterances:
            said = one_line(utterance.text)
            if not said:
                continue
            if turn is None or offset >= len(turn.text):
                turn, offset = next(remaining), 0
            line = _LINE.fullmatch(utterance.place)
            if line and turn.text[offset : offset + len(said)] == said:
                self._said[int(line[1])] = (turn.turn, offset, said)
            offset += len(said) + 1

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self._text))]

    def place(self, start: int, end: int) -> list[_Place]:
        """The words of a stretch of the text, as a span a turn; empty where it holds no words of a turn."""
        found: dict[int, tuple[int, int]] = {}
        for number in range(bisect_right(self._starts, start), bisect_right(self._starts, end - 1) + 1):
            if number not in self._said:
                continue
            turn, offset, said = self._said[number]
            begin = self._starts[number - 1]
            until = self._starts[number] if number < len(self._starts) else len(self._text)
            inside = _within(self._text[begin:until], said, start - begin, end - begin)
            if inside:
                before = found.get(turn, (offset + inside[0], 0))
                found[turn] = min(before[0], offset + inside[0]), max(before[1], offset + inside[1])
        return [(turn, *bounds) for turn, bounds in found.items()]


def _within(line: str, said: str, start: int, end: int) -> tuple[int, int] | None:
    """What of `said` was read from the stretch of the line: (start, end), None where nothing was."""
    here = [(match[0], match.start()) for match in _TOKEN.finditer(line)]
    there = [(match[0], match.start()) for match in _TOKEN.finditer(said)]
    matcher = SequenceMatcher(None, [token for token, _ in here], [token for token, _ in there], autojunk=False)
    bounds: list[int] = []
    for kind, first, last, to_first, to_last in matcher.get_opcodes():
        for step, (token, place) in enumerate(here[first:last]):
            low, high = max(start - place, 0), min(end - place, len(token))
            if low >= high or to_first == to_last:
                continue
            if kind == "equal":
                target = there[to_first + step][1]
                bounds += [target + low, target + high]
            else:  # a note in another spelling
                bounds += [there[to_first][1], there[to_last - 1][1] + len(there[to_last - 1][0])]
    return (min(bounds), max(bounds)) if bounds else None
