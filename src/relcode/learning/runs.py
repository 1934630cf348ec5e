"""Runs of neighbouring segments of a turn, as places for a code's span: what speaks for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import logit

from relcode.records import Span
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable, covered_words

FLOOR = 0.02  # a code that is less likely than this in every segment of a turn is looked for nowhere in it
LONG_TURN, LONG_RUN = 25, 12  # in a longer turn, longer runs are looked at only where they begin or end the turn
FEATURES = (
    *("length", "evidence", "mean", "log length", "least", "below the best", "begins turn", "ends turn", "whole turn"),
    *("rise", "fall", "after a sentence", "ends a sentence", "words"),
)
HABITS = tuple(FEATURES.index(name) for name in ("length", "begins turn", "ends turn", "whole turn"))
_SENTENCE_ENDS = (".", "!", "?", "…", "...")
_LARGEST = 7.0  # log-odds beyond this say no more
Place = tuple[int, int]  # row of a turn, column of a code
Run = tuple[int, int]  # rows of the first and the last segment


@dataclass(frozen=True)
class Runs:
    """By run: the number of its place (in order), its code, its first and last segment, and axes (run, feature)."""

    place: Ints
    code: Ints
    first: Ints
    last: Ints
    features: Floats

    @cached_property
    def starts(self) -> Ints:
        """The first run of each place."""
        return np.flatnonzero(np.diff(self.place, prepend=-1))

    def shares(self, scores: Floats) -> Floats:
        """Of each run among those of its place: scores (log-odds) as shares that sum up to 1."""
        sizes = np.diff(np.append(self.starts, len(scores)))
        highest = np.repeat(np.maximum.reduceat(scores, self.starts), sizes)
        raised = np.exp(scores - highest)
        found: Floats = raised / np.repeat(np.add.reduceat(raised, self.starts), sizes)
        return found

    def best(self, shares: Floats) -> Ints:
        """By place: the run with the largest share."""
        order = np.lexsort((-shares, self.place))
        found: Ints = order[np.diff(self.place[order], prepend=-1) != 0]
        return found


class Evidence:
    """Probabilities of segments (axes segment, code), read turn by turn."""

    def __init__(self, table: TokenTable, probability: Floats) -> None:
        self.odds = np.clip(logit(np.clip(probability, 1e-6, 1 - 1e-6)), -_LARGEST, _LARGEST)
        self.likely = probability >= FLOOR
        turns = np.arange(len(table.turn_session))
        self.first = np.searchsorted(table.segment_turn, turns)
        self.count = np.searchsorted(table.segment_turn, turns, "right") - self.first
        self.turn = table.segment_turn
        self.words = table.spoken_words
        ends = np.array([word in _SENTENCE_ENDS for word in table.words], dtype=np.bool_)
        self.ends_sentence = ends[table.word[table.last_token - 1]] if len(table.word) else ends

    def by_turn(self, total: np.ufunc, of: Callable[[Floats], Floats] = np.asarray) -> Floats:
        """The log-odds of a turn's segments in one, by `total` (a maximum, a sum): axes (turn, code)."""
        found = np.zeros((len(self.count), self.odds.shape[1]))
        found[self.count > 0] = total.reduceat(of(self.odds), self.first[self.count > 0])
        return found

    @property
    def words_by_turn(self) -> Floats:
        """By turn: how many words are said."""
        found: Floats = np.asarray(np.bincount(self.turn, self.words, len(self.count)), dtype=np.float64)
        return found

    def places(self) -> list[Place]:
        """The turns and codes where a span is looked for."""
        segment, code = np.nonzero(self.likely)
        return sorted(set(zip(self.turn[segment].tolist(), code.tolist(), strict=True)))

    def runs(self, places: Sequence[Place]) -> Runs:
        """All runs of these places."""
        turn, code = np.array(places, dtype=np.int64).reshape(-1, 2).T
        parts = []
        for count in np.unique(self.count[turn]):
            chosen = np.flatnonzero(self.count[turn] == count)
            begin, end = _pairs(int(count)).T
            shape = (len(chosen), len(begin))
            features = self._features(self.first[turn[chosen]], code[chosen], int(count), begin, end)
            offsets = self.first[turn[chosen]][:, None]
            columns = (chosen[:, None], code[chosen][:, None], offsets + begin, offsets + end)
            parts.append((*(np.broadcast_to(each, shape).ravel() for each in columns), features))
        if not parts:
            none = np.zeros(0, dtype=np.int64)
            return Runs(none, none, none, none, np.zeros((0, len(FEATURES))))
        joined = [np.concatenate(each) for each in zip(*parts, strict=True)]
        order = np.argsort(joined[0], kind="stable")
        return Runs(*(each[order] for each in joined))

    def _features(self, first: Ints, code: Ints, count: int, begin: Ints, end: Ints) -> Floats:
        """Axes (run, feature) of turns of one length, run by run of each."""
        segments = first[:, None] + np.arange(count)
        odds = self.odds[segments, code[:, None]]
        before, after = np.maximum(begin - 1, 0), np.minimum(end + 1, count - 1)
        opens, closes = begin == 0, end == count - 1
        length = (end - begin + 1).astype(np.float64)
        sums = np.concatenate([np.zeros((len(odds), 1)), odds.cumsum(axis=1)], axis=1)
        evidence = sums[:, end + 1] - sums[:, begin]
        said = np.concatenate([np.zeros((len(odds), 1)), self.words[segments].cumsum(axis=1)], axis=1)
        inside = [odds[:, a : b + 1] for a, b in zip(begin, end, strict=True)]
        columns = (
            length,
            evidence,
            evidence / length,
            np.log(length),
            np.stack([each.min(axis=1) for each in inside], axis=1),
            np.stack([each.max(axis=1) for each in inside], axis=1) - odds.max(axis=1, keepdims=True),
            opens,
            closes,
            opens & closes,
            np.where(opens, 0.0, odds[:, begin] - odds[:, before]),
            np.where(closes, 0.0, odds[:, end] - odds[:, after]),
            self.ends_sentence[segments][:, before] & ~opens,
            self.ends_sentence[segments][:, end],
            np.log1p(said[:, end + 1] - said[:, begin]),
        )
        shape = evidence.shape
        return np.stack([np.broadcast_to(column, shape).astype(np.float64).ravel() for column in columns], axis=1)


def _pairs(count: int) -> Ints:
    """First and last segment of each run of a turn with so many, axes (run, these two)."""
    pairs = [
        (begin, end)
        for begin in range(count)
        for end in range(begin, count)
        if count <= LONG_TURN or end - begin < LONG_RUN or begin == 0 or end == count - 1
    ]
    return np.array(pairs, dtype=np.int64)


def runs_of_spans(table: TokenTable, spans: Iterable[Span], codes: Sequence[str]) -> dict[Place, set[Run]]:
    """Which runs the spans cover, by turn and code; spans of other sessions or codes are passed over."""
    column = {code: number for number, code in enumerate(codes)}
    found: dict[Place, set[Run]] = {}
    for span, turn, tokens in covered_words(table, spans):
        if span.code in column and len(tokens):
            run = (int(table.segment_row[tokens[0]]), int(table.segment_row[tokens[-1]]))
            found.setdefault((turn, column[span.code]), set()).add(run)
    return found


def are_spans(runs: Runs, places: Sequence[Place], truth: dict[Place, set[Run]]) -> Bools:
    """By run: whether it is one of the spans."""
    none: set[Run] = set()
    rows = zip(runs.place.tolist(), runs.first.tolist(), runs.last.tolist(), strict=True)
    return np.array([(first, last) in truth.get(places[place], none) for place, first, last in rows], dtype=np.bool_)
