"""A row a code on the agreement of spans, with intervals by resampling sessions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relcode.codebook import Codebook
from relcode.reliability.bootstrap import session_draws, with_interval
from relcode.reliability.codings import Coding
from relcode.reliability.coefficients import Coefficient
from relcode.reliability.continuum import Ints, Units, continuum
from relcode.reliability.gamma import MOST_CODERS, most_coders, session_disorders
from relcode.reliability.results import SpanRow
from relcode.reliability.unitizing import span_sums, span_values, undefined_span_reason
from relcode.transcripts.tokens import TokenTable


def span_rows(
    codings: Sequence[Coding],
    table: TokenTable,
    groups: Sequence[tuple[str, Sequence[str]]],
    codebook: Codebook | None,
    *,
    draws: int = 1000,
    seed: int = 0,
    with_gamma: bool = False,
) -> list[SpanRow]:
    """How far coders agree on which words bear a code.

    Parameters
    ----------
    codings
        What each coder coded; only turns that two coders or more coded are compared.
    table
        The words of the sessions.
    groups
        Name of the row, and the code or codes taken as one.
    draws, seed
        Resamples of the sessions that two coders coded, for the 95 % intervals; 0 for none. The seed is gamma's too.
    with_gamma
        Compute gamma (it is slow).
    """
    words = continuum(codings, table)
    coders = [coding.coder for coding in codings]
    shared = words.shared_sessions
    weights = np.zeros((draws, words.sessions), dtype=np.int64)
    weights[:, shared] = session_draws(len(shared), draws, seed)
    rows = []
    for name, codes in groups:
        units = words.of_codes(codes, codebook)
        found = span_coefficients(units, weights)
        if with_gamma:
            found["gamma"] = gamma(units, weights, seed=seed)
        rows.append(_row(name, coders, units, found))
    return rows


def span_coefficients(units: Units, weights: Ints) -> dict[str, Coefficient]:
    """F1 of spans and of words and unitizing alpha, with intervals from draws of sessions."""
    sums = span_sums(units)
    total = sums.sum(axis=0)
    values, by_draw = span_values(total), span_values(weights.astype(np.float64) @ sums)
    found = {}
    for name, value in values.items():
        if np.isnan(value):
            found[name] = Coefficient(None, reason=undefined_span_reason(total))
        else:
            found[name] = with_interval(float(value), by_draw[name], _n_sessions(units))
    return found


def gamma(units: Units, weights: Ints, *, seed: int) -> Coefficient:
    """Gamma of positions, with an interval from draws of sessions."""
    if most_coders(units) > MOST_CODERS:
        return Coefficient(None, reason=f"gamma is not computed for more than {MOST_CODERS} coders of a turn")
    observed, expected = session_disorders(units, seed=seed)
    if expected.sum() == 0:
        return Coefficient(None, reason=undefined_span_reason(span_sums(units).sum(axis=0)))
    drawn = weights.astype(np.float64) @ np.stack([observed, expected], axis=-1)
    below = np.where(drawn[:, 1] > 0, drawn[:, 1], np.nan)
    return with_interval(float(1 - observed.sum() / expected.sum()), 1 - drawn[:, 0] / below, _n_sessions(units))


def _n_sessions(units: Units) -> int:
    return int((units.by_session(np.ones(len(units.session_row))) > 0).sum())


def _row(name: str, coders: Sequence[str], units: Units, found: dict[str, Coefficient]) -> SpanRow:
    rated = units.covered.sum(axis=1)
    marked = [int((own[:, 1] - own[:, 0]).sum()) for own in units.of_coder]
    return SpanRow(
        code=name,
        folded=name.endswith(".*"),
        words=len(units.session_row),
        sessions=_n_sessions(units),
        spans={coder: len(own) for coder, own in zip(coders, units.of_coder, strict=True)},
        prevalence={
            coder: count / int(total) if total else None
            for coder, count, total in zip(coders, marked, rated, strict=True)
        },
        coefficients=found,
    )
