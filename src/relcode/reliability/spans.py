"""A row a code on the agreement of spans, with intervals by resampling sessions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from relcode.codebook import Codebook
from relcode.reliability.bootstrap import with_interval
from relcode.reliability.codings import Coding
from relcode.reliability.coefficients import Coefficient
from relcode.reliability.continuum import Floats, Ints, Units, continuum
from relcode.reliability.results import SpanRow
from relcode.reliability.unitizing import SPAN_COEFFICIENTS, span_sums, span_values, undefined_span_reason
from relcode.transcripts.tokens import TokenTable


def span_rows(
    codings: Sequence[Coding],
    table: TokenTable,
    groups: Sequence[tuple[str, Sequence[str]]],
    codebook: Codebook | None,
    weights: npt.NDArray[np.int64],
) -> list[SpanRow]:
    """How far coders agree on which words bear a code.

    Parameters
    ----------
    codings
        What each coder coded; only turns that two coders or more coded are compared.
    table
        The words of the shared sessions.
    groups
        Name of the row, and the code or codes taken as one.
    weights
        Draws of the table's sessions, from `session_draws`.
    """
    words = continuum(codings, table)
    coders = [coding.coder for coding in codings]
    return [_row(name, coders, words.of_codes(codes, codebook), weights) for name, codes in groups]


def _row(name: str, coders: Sequence[str], units: Units, weights: Ints) -> SpanRow:
    rated = units.covered.sum(axis=1)
    marked = [int((own[:, 1] - own[:, 0]).sum()) for own in units.of_coder]
    return SpanRow(
        code=name,
        folded=name.endswith(".*"),
        words=len(units.session_row),
        sessions=len(np.unique(units.session_row)),
        spans={coder: len(own) for coder, own in zip(coders, units.of_coder, strict=True)},
        prevalence={
            coder: count / int(total) if total else None
            for coder, count, total in zip(coders, marked, rated, strict=True)
        },
        coefficients=span_coefficients(span_sums(units), weights),
    )


def span_coefficients(sums: Floats, weights: Ints) -> dict[str, Coefficient]:
    """The coefficients of sums by session (axes: session, sum), with intervals from draws of sessions."""
    total = sums.sum(axis=0)
    values = span_values(total)
    by_draw = span_values(weights.astype(np.float64) @ sums)
    n_sessions = int((sums[:, 0] > 0).sum())
    found = {}
    for name in SPAN_COEFFICIENTS:
        value = float(values[name])
        if np.isnan(value):
            found[name] = Coefficient(None, reason=undefined_span_reason(total))
        else:
            found[name] = with_interval(value, by_draw[name], n_sessions)
    return found
