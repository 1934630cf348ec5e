"""Anchoring: what suggestions do to coders, by comparison with pages that were pushed without them, drawn at random.

Assumptions and formulas: docs/statistics.md, *Anchoring*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from relcode.records import Span
from relcode.reliability.bootstrap import session_draws, with_interval
from relcode.reliability.coded_pages import CodedPage
from relcode.reliability.coefficients import Bools, Coefficient, Floats
from relcode.reliability.material import Material

ALL = "all codes"
_NOT_COMPARED = "pages with and without suggestions have no like units that may carry it"
_MOST_ROUNDS, _CONVERGED = 1000, 1e-9
Within = Literal["unit", "session", "coder"]
FATES = ("accepted", "moved", "relabelled", "rejected")


class Anchor(msgspec.Struct, frozen=True):
    """What suggestions do to one code, or to all together. Each figure has its interval, or the reason why there is none.

    `shown_units`, `blind_units`: ratings of units on pages with and without suggestions. `shown_rate`: the share of the first
    that carries the code (of all codes: labels a unit); `difference`: by how much suggestions raise it, estimated from
    like compared with like (`Anchoring.within`); `blind_rate`: what it would be without them, the rate less the
    difference. `because_shown`: of the labels on pages with suggestions, the share that exists only because these were
    shown, `difference / shown_rate`; negative where suggestions keep labels away.
    `agreement_shown`, `agreement_other`: positive agreement of two coders where both saw suggestions, and where one or
    both did not; `agreement_difference`: the first less the second.
    `suggested`: suggestions on pages that showed them; `fates`: the shares of these that were accepted as they were, moved,
    relabelled, rejected. `kept`: the share whose code the coder gave on overlapping words; `found_blind`: the same of the
    suggestions that blind pages withheld; `kept_difference`: the first less the second.
    """

    code: str
    shown_units: int
    blind_units: int
    shown_rate: Coefficient
    blind_rate: Coefficient
    difference: Coefficient
    because_shown: Coefficient
    agreement_shown: Coefficient
    agreement_other: Coefficient
    agreement_difference: Coefficient
    suggested: int
    withheld: int
    fates: dict[str, Coefficient]
    kept: Coefficient
    found_blind: Coefficient
    kept_difference: Coefficient


class Anchoring(msgspec.Struct, frozen=True):
    """`shown_pages`, `blind_pages`: confirmed pages of each kind. `within`: what is held the same when their rates are
    compared, the `unit` (coded by others with the other kind of page; coders' own rates are allowed for), else `session`
    and coder, else the `coder`. `reason`: why there is no comparison; what was accepted is then given alone."""

    shown_pages: int
    blind_pages: int
    within: Within | None
    rows: list[Anchor]
    reason: str | None = None


def estimate_anchoring(material: Material, *, draws: int = 1000, seed: int = 0) -> Anchoring:
    """What suggestions do to coders' labels, by comparison with the pages that were drawn to be pushed without them.

    Units are segments, turns where there are no transcripts. Codes that nobody gave and nothing suggested have no row.
    Intervals are of whole sessions drawn with replacement.
    """
    people = [row for row in material.people if material.codings[row].pages]
    pages = [page for row in people for page in material.codings[row].pages]
    n_shown = sum(page.shown for page in pages)
    reason = None
    if not pages:
        reason = "the labels are from files, which do not say what was shown"
    elif not n_shown:
        reason = "no page was pushed with suggestions"
    elif n_shown == len(pages):
        reason = "no page was pushed without suggestions: have some drawn when pushing (--blind-share)"
    if not n_shown:
        return Anchoring(n_shown, len(pages) - n_shown, None, [], reason)
    arms = _Arms(material, people, draws, seed)
    tables = {code: material.finest.of_codes([code], material.codebook)[people] for code in material.code_ids}
    rows = [row for code, table in tables.items() if (row := arms.compare(code, table, [table])) is not None]
    everything = np.sum([np.nan_to_num(table) for table in tables.values()], axis=0)
    unrated = np.all([np.isnan(table) for table in tables.values()], axis=0)
    total = arms.compare(None, np.where(unrated, np.nan, everything), list(tables.values()))
    return Anchoring(n_shown, len(pages) - n_shown, arms.within, [*([total] if total else []), *rows], reason)


class _Arms:
    """The two kinds of pages: which ratings are of which, and sums over them by session."""

    def __init__(self, material: Material, people: Sequence[int], draws: int, seed: int) -> None:
        finest = material.finest
        self._session_row, self._n_sessions = finest.session_row, len(finest.session_ids)
        page = material.page_rows(finest)[people]
        shown = [np.array([*(each.shown for each in material.codings[row].pages), False]) for row in people]
        self._known = page >= 0
        self._shown = np.array([of_page[rows] for of_page, rows in zip(shown, page, strict=True)]) & self._known
        rows = {session_id: row for row, session_id in enumerate(finest.session_ids)}
        codings = [material.codings[row] for row in people]
        self._suggestions = [fate for coding in codings for each in coding.pages for fate in _fates(each, rows)]
        point = np.ones((1, self._n_sessions), dtype=np.int64)
        self._weights = np.concatenate([point, session_draws(self._n_sessions, draws, seed)])
        self.within = self._closest()

    def compare(self, code: str | None, table: Floats, tables: Sequence[Floats]) -> Anchor | None:
        """One row; `code` None: of all. `table`: labels by coder and unit, `tables`: those of each code in it."""
        suggestions = [each for each in self._suggestions if code in (None, each.code)]
        if not np.nansum(table) and not suggestions:
            return None
        rated = ~np.isnan(table)
        shown, blind = self._shown & rated, self._known & ~self._shown & rated
        labels = np.nan_to_num(table)
        rate = self._ratio_of(shown, labels, shown)
        difference = self._difference(labels, shown, blind)
        agreement = self._agreements(tables)
        kept = [self._share(suggestions, arm, ("accepted", "moved")) for arm in (True, False)]
        return Anchor(
            code=code or ALL,
            shown_units=int(shown.sum()),
            blind_units=int(blind.sum()),
            shown_rate=self._estimate(rate, "pages with suggestions have no unit that may carry it"),
            blind_rate=self._estimate(rate - difference, _NOT_COMPARED),
            difference=self._estimate(difference, _NOT_COMPARED),
            because_shown=self._estimate(
                _over(difference, rate), _NOT_COMPARED if rate[0] else "nobody gave it on pages with suggestions"
            ),
            agreement_shown=self._estimate(agreement[0], "no two coders gave it with suggestions on the same units"),
            agreement_other=self._estimate(agreement[1], "no two coders gave it where one had no suggestions"),
            agreement_difference=self._estimate(agreement[0] - agreement[1], "one of the two agreements is undefined"),
            suggested=sum(each.shown for each in suggestions),
            withheld=sum(not each.shown for each in suggestions),
            fates={
                name: self._estimate(self._share(suggestions, True, (name,)), "it was not suggested") for name in FATES
            },
            kept=self._estimate(kept[0], "it was not suggested"),
            found_blind=self._estimate(kept[1], "no suggestion of it was withheld"),
            kept_difference=self._estimate(kept[0] - kept[1], "it was not both suggested and withheld"),
        )

    def _closest(self) -> Within | None:
        """The closest comparison that most of the blind ratings allow."""
        blind = self._known & ~self._shown
        if not blind.any() or not self._shown.any():
            return None
        if 2 * (blind & self._shown.any(axis=0)).sum() >= blind.sum():
            return "unit"
        units, others = (self._by_stratum(arm, np.ones(arm.shape)) for arm in (self._shown, blind))
        return "session" if (units * others).any() else "coder"

    def _difference(self, labels: Floats, shown: Bools, blind: Bools) -> Floats:
        """By how much the rate is higher with suggestions, by draw; the first is the point estimate."""
        if self.within is None or not shown.any() or not blind.any():
            return np.full(len(self._weights), np.nan)
        if self.within == "unit":
            contrast = _two_way_residual(shown, shown | blind)
            return self._ratio_of(shown | blind, contrast * labels, contrast * shown)
        units, others = (self._by_stratum(arm, np.ones(arm.shape)) for arm in (shown, blind))
        given, given_blind = self._by_stratum(shown, labels), self._by_stratum(blind, labels)
        if self.within == "session":  # Mantel and Haenszel's weights, a stratum a coder and session
            above, below = (
                self._weights @ _over(each, units + others, 0).sum(axis=0)
                for each in (given * others - given_blind * units, units * others)
            )
            return _over(above, below)
        units, others, given, given_blind = (self._weights @ each.T for each in (units, others, given, given_blind))
        above, below = (
            _over(each, units + others, 0).sum(axis=1)
            for each in (given * others - given_blind * units, units * others)
        )
        return _over(above, below)

    def _ratio_of(self, where: Bools, above: Floats, below: npt.NDArray[Any]) -> Floats:
        """The quotient of two sums over ratings, by draw."""
        sums = (self._by_stratum(where, each.astype(np.float64)).sum(axis=0) for each in (above, below))
        first, second = (self._weights @ each for each in sums)
        return _over(first, second)

    def _agreements(self, tables: Sequence[Floats]) -> tuple[Floats, Floats]:
        """Positive agreement by draw where both coders saw suggestions, and where one or both did not."""
        sums = np.zeros((2, 2, self._n_sessions))  # arm, (agreed, given), session
        for a, b in combinations(range(len(self._known)), 2):
            both_known, both_shown = self._known[a] & self._known[b], self._shown[a] & self._shown[b]
            for table in tables:
                agreed = (table[a] == 1) & (table[b] == 1)
                given = ((table[a] == 1) * 1.0 + (table[b] == 1)) / 2
                for arm, where in enumerate((both_known & both_shown, both_known & ~both_shown)):
                    for kind, amount in enumerate((agreed, given)):
                        sums[arm, kind] += np.bincount(
                            self._session_row[where], weights=amount[where], minlength=self._n_sessions
                        )
        first, second = (_over(self._weights @ agreed, self._weights @ given) for agreed, given in sums)
        return first, second

    def _share(self, suggestions: Sequence[_Suggestion], shown: bool, fates: Sequence[str]) -> Floats:
        """By draw, the share of suggestions of one kind of pages that had one of these fates."""
        own = [each for each in suggestions if each.shown == shown]
        size = self._n_sessions
        every = np.bincount(np.array([each.session for each in own], dtype=np.int64), minlength=size)
        these = [each.session for each in own if each.fate in fates]
        return _over(
            self._weights @ np.bincount(np.array(these, dtype=np.int64), minlength=size), self._weights @ every
        )

    def _by_stratum(self, where: Bools, amounts: Floats) -> Floats:
        """Sums of amounts, axes (coder, session)."""
        return np.array(
            [
                np.bincount(self._session_row[row], weights=amount[row], minlength=self._n_sessions)
                for row, amount in zip(where, amounts, strict=True)
            ]
        )

    def _estimate(self, by_draw: Floats, undefined: str) -> Coefficient:
        if np.isnan(by_draw[0]):
            return Coefficient(None, reason=undefined)
        return with_interval(float(by_draw[0]), by_draw[1:], self._n_sessions)


class _Suggestion(NamedTuple):
    code: str
    session: int
    shown: bool
    fate: str


def _fates(page: CodedPage, session_rows: Mapping[str, int]) -> Iterator[_Suggestion]:
    """What became of each suggestion of a page, or would have, where it was withheld."""
    if page.session_id not in session_rows:
        return
    keys = {span.key for span in page.spans}
    for suggestion in page.suggestions:
        fate = "accepted" if suggestion.key in keys else _other_fate(suggestion, page.spans)
        yield _Suggestion(suggestion.code, session_rows[page.session_id], page.shown, fate)


def _other_fate(suggestion: Span, labels: Sequence[Span]) -> str:
    there = [
        span
        for span in labels
        if span.turn == suggestion.turn and span.start < suggestion.end and suggestion.start < span.end
    ]
    if any(span.code == suggestion.code for span in there):
        return "moved"
    same_words = any((span.start, span.end) == (suggestion.start, suggestion.end) for span in there)
    return "relabelled" if same_words else "rejected"


def _two_way_residual(shown: Bools, known: Bools) -> Floats:
    """What coder and unit do not tell of whether suggestions were shown: axes (coder, unit), 0 where not known.

    By turns the means of units and of coders are taken off, until nothing changes: the residual of a regression on both.
    """
    residual = np.where(known, shown.astype(np.float64), 0.0)
    by_unit, by_coder = known.sum(axis=0, keepdims=True), known.sum(axis=1, keepdims=True)
    for _ in range(_MOST_ROUNDS):
        before = residual
        residual = residual - np.where(known, _over(residual.sum(axis=0, keepdims=True), by_unit, 0), 0)
        residual = residual - np.where(known, _over(residual.sum(axis=1, keepdims=True), by_coder, 0), 0)
        if np.abs(residual - before).max() < _CONVERGED:
            break
    return residual


def _over(above: Floats, below: npt.NDArray[Any], otherwise: float = np.nan) -> Floats:
    """The quotient, `otherwise` where the divisor is (but for rounding) zero."""
    quotient: Floats = np.full(np.shape(above), float(otherwise))
    np.divide(above, below, out=quotient, where=np.abs(below) > _CONVERGED)
    return quotient
