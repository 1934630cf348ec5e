"""From offsets into the text of a file to offsets into the turns that were read from it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cached_property

from relcode.records import Turn
from relcode.transcripts.plaintext import LINE_END
from relcode.transcripts.roles import Utterance
from relcode.transcripts.turns import written

_TOKEN = re.compile(r"\w+|[^\w\s]")
_LINE = re.compile(r"line (\d+)")
_NOTE = re.compile(r"\[[^\[\]]*\]")
_Bounds = tuple[int, int]
_Place = tuple[int, int, int]  # turn, start, end


class Placing:
    """Where the words of a text's lines stand in its turns.

    A line and what was read from it are laid beside each other word by word, so that spaces, notes in another spelling,
    line numbers and speakers' marks do no harm.

    Parameters
    ----------
    utterances
        One a line, with places `line N`, in the order of the turns, as `turns_of` joined them.
    """

    def __init__(self, text: str, utterances: Sequence[Utterance], turns: Sequence[Turn]) -> None:
        self._text = text
        self._said: dict[int, tuple[int, int, str]] = {}  # line -> turn, offset, words
        remaining = iter(turns)
        turn: Turn | None = None
        offset = 0
        for utterance in utterances:
            said = written(utterance)
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


def _within(line: str, said: str, start: int, end: int) -> _Bounds | None:
    """What of `said` was read from the stretch of the line: (start, end), None where nothing was."""
    here = [(match[0], match.start()) for match in _TOKEN.finditer(line)]
    there = [(match[0], match.start()) for match in _TOKEN.finditer(said)]
    matcher = SequenceMatcher(None, [token for token, _ in here], [token for token, _ in there], autojunk=False)
    bounds: list[int] = []
    for kind, first, last, to_first, to_last in matcher.get_opcodes():
        if kind == "equal":
            for (token, place), (_, target) in zip(here[first:last], there[to_first:to_last], strict=True):
                low, high = max(start - place, 0), min(end - place, len(token))
                bounds += [target + low, target + high] if low < high else []
        elif kind == "replace":
            bounds += _within_other(
                line, said, (start, end), (_extent(here[first:last]), _extent(there[to_first:to_last]))
            )
    return _with_whole_notes(said, min(bounds), max(bounds)) if bounds else None


def _within_other(line: str, said: str, chosen: _Bounds, blocks: tuple[_Bounds, _Bounds]) -> list[int]:
    """Where words in another spelling (`fi:ne`) and notes stand: by their letters; wholly chosen ones without any, whole."""
    (first, last), (to_first, to_last) = blocks
    if chosen[0] >= last or chosen[1] <= first:
        return []
    matcher = SequenceMatcher(None, line[first:last], said[to_first:to_last], autojunk=False)
    found: list[int] = []
    for place, target, size in matcher.get_matching_blocks():
        low, high = max(chosen[0] - first - place, 0), min(chosen[1] - first - place, size)
        if low < high and line[first + place + low : first + place + high].strip():
            found += [to_first + target + low, to_first + target + high]
    is_whole = chosen[0] <= first and chosen[1] >= last
    return [to_first, to_last] if not found and is_whole else found


def _with_whole_notes(said: str, start: int, end: int) -> _Bounds:
    """A span takes notes whole or not at all, as `[pause]` is one sign."""
    for note in _NOTE.finditer(said):
        if note.start() < start < note.end():
            start = note.start()
        if note.start() < end < note.end():
            end = note.end()
    return start, end


def _extent(tokens: list[tuple[str, int]]) -> _Bounds:
    return tokens[0][1], tokens[-1][1] + len(tokens[-1][0])
