"""Confusable pairs: where one coder gave one code and another coder the other, and the rule that should tell them apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, product

import msgspec
import numpy as np

from relcode.codebook import Codebook
from relcode.records import Session, Span
from relcode.reliability.bootstrap import session_draws, with_interval
from relcode.reliability.coefficients import Bools, Coefficient, Floats
from relcode.reliability.material import Material
from relcode.reliability.ratings import Ints
from relcode.spans import turn_texts


class Decider(msgspec.Struct, frozen=True):
    """A decision rule of the codebook: it stands at `code`, is against `against`, and asks `ask`."""

    code: str
    against: str
    ask: str


class Place(msgspec.Struct, frozen=True):
    """A unit to discuss. `gave`: by coder, which of the two codes. `text`: its words; None where they are left out.

    `start`, `end`: of the segment in its turn; None where turns are compared.
    """

    session_id: str
    turn: int
    gave: dict[str, str]
    start: int | None = None
    end: int | None = None
    text: str | None = None

    def __repr__(self) -> str:
        return f"Place({self.session_id!r}, turn {self.turn}, {self.gave})"


class PairCount(msgspec.Struct, frozen=True):
    """One pair of coders: units that `coders[0]` gave `codes[0]` and `coders[1]` gave `codes[1]` (`first_second`), the
    reverse, and units on which both gave the same one of the two."""

    coders: tuple[str, str]
    first_second: int
    second_first: int
    same: int


class Confusion(msgspec.Struct, frozen=True):
    """Two codes that coders give in each other's place.

    `count`: pairs of ratings in which one coder gave the first and not the second, the other the second and not the
    first; `expected`: how many there would be if each coder placed their codes without regard to the other's. `share`:
    of the pairs of ratings in which each coder gave exactly one of the two, those that differ, 0 to 1. `spans`: pairs of
    overlapping spans, one of each code, where neither coder gave both. `rules`: what the codebook asks; empty: it has no rule.
    """

    codes: tuple[str, str]
    count: int
    expected: float
    share: Coefficient
    spans: int
    by_coders: list[PairCount]
    rules: list[Decider]
    places: list[Place]


def find_confusions(material: Material, *, least: int = 2, draws: int = 1000, seed: int = 0) -> list[Confusion]:
    """The pairs of codes that were given in each other's place, the most often confused first.

    Units are segments, turns where there are no transcripts; of coders whom the main figures are of, where both rated
    the unit and its speaker may carry both codes.

    Parameters
    ----------
    least
        Pairs with fewer confusions than this are left out.
    draws, seed
        Resamples of sessions for the interval of the share.
    """
    coders = [material.coders[row] for row in material.people]
    weights = session_draws(len(material.shared), draws, seed)
    tallies = {pair: _tally(material, pair) for pair in _candidates(material)}
    spans = _overlapping(material)
    found = []
    for pair, tally in tallies.items():
        count = int(sum(swapped.sum() for swapped in tally.swapped.values()))
        if count < least:
            continue
        codes = (material.code_ids[pair[0]], material.code_ids[pair[1]])
        found.append(
            Confusion(
                codes=codes,
                count=count,
                expected=tally.expected,
                share=_share(tally, material, weights),
                spans=spans.get(frozenset(codes), 0),
                by_coders=_by_coders(tally, coders),
                rules=rules_between(material.codebook, *codes),
                places=_places(tally, coders, codes, material),
            )
        )
    order = {code: number for number, code in enumerate(material.code_ids)}
    return sorted(found, key=lambda each: (-each.count, order[each.codes[0]], order[each.codes[1]]))


def rules_between(codebook: Codebook | None, first: str, second: str) -> list[Decider]:
    """The decision rules of the codebook that tell two codes apart: at either code, against the other or its family."""
    if codebook is None:
        return []
    found = []
    for code, other in ((first, second), (second, first)):
        entry = codebook.by_id.get(code)
        found += [
            Decider(code, rule.against, rule.ask)
            for rule in (entry.rules if entry else ())
            if rule.against == other or other in codebook.family(rule.against)
        ]
    return found


def with_words(confusions: Sequence[Confusion], sessions: Iterable[Session]) -> list[Confusion]:
    """The same with the words of each place: of the segment, or of the turn where turns were compared.

    The caller has passed the sessions through the de-identification gate.
    """
    texts = turn_texts(sessions)
    return [
        msgspec.structs.replace(
            each,
            places=[
                msgspec.structs.replace(place, text=texts[place.session_id][place.turn][place.start : place.end])
                for place in each.places
            ],
        )
        for each in confusions
    ]


class _Tally(msgspec.Struct):
    """By pair of coders (rows of the table): units of first-second, second-first and same, as booleans by unit."""

    swapped: dict[tuple[int, int], Bools]
    forward: dict[tuple[int, int], Bools]
    same: dict[tuple[int, int], Bools]
    expected: float


def _candidates(material: Material) -> list[tuple[int, int]]:
    """Pairs of codes of which one coder gave the one and another the other on some unit."""
    marks = (material.finest.marks & material.finest.covered[:, :, None])[list(material.people)].astype(np.float64)
    met: Floats = np.zeros((len(material.code_ids),) * 2)
    for a, b in combinations(range(len(marks)), 2):
        together = marks[a].T @ marks[b]
        met += together + together.T
    rows, columns = np.nonzero(np.triu(met, k=1))
    return [(int(a), int(b)) for a, b in zip(rows, columns, strict=True)]


def _tally(material: Material, pair: tuple[int, int]) -> _Tally:
    ratings, codebook, people = material.finest, material.codebook, list(material.people)
    may = np.logical_and(*(ratings.may_carry(material.code_ids[number], codebook) for number in pair))
    first, second = (ratings.marks[people, :, number] for number in pair)
    only_first, only_second, covered = first & ~second, second & ~first, ratings.covered[people]
    tally = _Tally({}, {}, {}, 0.0)
    for a, b in combinations(range(len(people)), 2):
        both = covered[a] & covered[b] & may
        forward, backward = only_first[a] & only_second[b] & both, only_second[a] & only_first[b] & both
        same = ((only_first[a] & only_first[b]) | (only_second[a] & only_second[b])) & both
        tally.swapped[a, b], tally.forward[a, b], tally.same[a, b] = forward | backward, forward, same
        if units := int(both.sum()):
            ours, theirs = ([int((only & both).sum()) for only in (only_first[c], only_second[c])] for c in (a, b))
            tally.expected += (ours[0] * theirs[1] + ours[1] * theirs[0]) / units
    return tally


def _share(tally: _Tally, material: Material, weights: Ints) -> Coefficient:
    """Of the pairs of ratings with exactly one of the two codes each, the share that differ."""
    ratings = material.finest
    shared = np.isin(ratings.session_ids, material.shared)

    def by_session(units_of: dict[tuple[int, int], Bools]) -> Floats:
        times = np.sum(list(units_of.values()), axis=0)
        return np.bincount(ratings.session_row, weights=times, minlength=len(shared))[shared].astype(np.float64)

    swapped, same = by_session(tally.swapped), by_session(tally.same)
    above, below = weights @ swapped, weights @ (swapped + same)
    drawn = np.divide(above, below, out=np.full(len(weights), np.nan), where=below > 0)
    return with_interval(float(swapped.sum() / (swapped + same).sum()), drawn, int(shared.sum()))


def _by_coders(tally: _Tally, coders: Sequence[str]) -> list[PairCount]:
    return [
        PairCount(
            (coders[a], coders[b]),
            int(tally.forward[a, b].sum()),
            int((swapped & ~tally.forward[a, b]).sum()),
            int(tally.same[a, b].sum()),
        )
        for (a, b), swapped in tally.swapped.items()
    ]


def _places(tally: _Tally, coders: Sequence[str], codes: tuple[str, str], material: Material) -> list[Place]:
    gave: dict[int, dict[str, str]] = defaultdict(dict)
    for (a, b), swapped in tally.swapped.items():
        for unit in np.flatnonzero(swapped).tolist():
            order = codes if tally.forward[a, b][unit] else codes[::-1]
            gave[unit] |= {coders[a]: order[0], coders[b]: order[1]}
    ratings, tokens = material.finest, material.tokens
    places = []
    for unit in sorted(gave):
        bounds = (None, None) if tokens is None else (int(tokens.segment_start[unit]), int(tokens.segment_end[unit]))
        session_id = ratings.session_ids[ratings.session_row[unit]]
        places.append(Place(session_id, int(ratings.turn[unit]), gave[unit], *bounds))
    return places


def _overlapping(material: Material) -> dict[frozenset[str], int]:
    """Pairs of overlapping spans of two coders, one of each code, where neither coder gave both codes there."""
    by_turn: list[dict[tuple[str, int], list[Span]]] = []
    for row in material.people:
        turns: dict[tuple[str, int], list[Span]] = defaultdict(list)
        for span in material.codings[row].spans:
            turns[span.session_id, span.turn].append(span)
        by_turn.append(turns)
    counts: dict[frozenset[str], int] = defaultdict(int)
    for ours, theirs in combinations(by_turn, 2):
        for place in ours.keys() & theirs.keys():
            for one, other in product(ours[place], theirs[place]):
                swapped = one.code != other.code and _overlap(one, other)
                if swapped and not _given(other.code, one, ours[place]) and not _given(one.code, other, theirs[place]):
                    counts[frozenset((one.code, other.code))] += 1
    return counts


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _given(code: str, where: Span, spans: Sequence[Span]) -> bool:
    """Whether one of a coder's spans of a turn gives the code on words of `where`."""
    return any(span.code == code and _overlap(span, where) for span in spans)
