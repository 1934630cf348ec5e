"""Agreement between coders: a row a code on each level, and a summary over the codes that are not rare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from relcode.codebook import Codebook
from relcode.errors import UsageError
from relcode.records import Session
from relcode.reliability.bootstrap import coefficients, session_draws, with_interval
from relcode.reliability.codings import Coding
from relcode.reliability.coefficients import Coefficient, Floats
from relcode.reliability.doses import complete, dose_coefficients
from relcode.reliability.material import Material, prepare
from relcode.reliability.ratings import LEVELS, Level, Ratings
from relcode.reliability.results import Agreement, Macro, Row
from relcode.reliability.spans import span_rows

MACRO_INSTANCES = 10
_PRESENCE = np.array([0.0, 1.0])


def agreement(
    codings: Sequence[Coding],
    *,
    sessions: Iterable[Session] | None = None,
    codebook: Codebook | None = None,
    levels: Sequence[Level] = (),
    draws: int = 1000,
    seed: int = 0,
    gamma: bool = False,
) -> Agreement:
    """How far two coders or more agree, code by code.

    Parameters
    ----------
    codings
        What each coder coded. Sessions of one coder alone are left out (and noted): missing is not absent. Models and
        cues are left out where there are two people.
    sessions
        The transcripts. Without them turns 1 to the last labelled one are compared, and speakers are not known.
    codebook
        Its speaker rules say on which units a code is rated. Without it, codes are those that occur.
    levels
        Of `LEVELS`; by default all that can be had (no segments without transcripts).
    draws, seed
        Resamples of sessions for the 95 % intervals; 0 for none.
    gamma
        Compute gamma of spans too (slow; it needs transcripts).

    Raises
    ------
    UsageError
        Fewer than two codings, or the segment level is asked for without transcripts.
    LabelError
        Labels do not fit their transcripts or codebook, or no session was coded by two coders.
    """
    read = None if sessions is None else list(sessions)
    check_call(codings, read, levels)
    return agreement_of(prepare(codings, read, codebook), levels=levels, draws=draws, seed=seed, gamma=gamma)


def check_call(codings: Sequence[Coding], sessions: Sequence[Session] | None, levels: Sequence[Level]) -> None:
    """Refuse what cannot be compared.

    Raises
    ------
    UsageError
        As `agreement`.
    """
    if len(codings) < 2:
        raise UsageError(f"Agreement needs two coders or more, not {len(codings)}.")
    if sessions is None and "segment" in levels:
        raise UsageError("Segments cannot be compared without transcripts: name them with --transcripts.")


def agreement_of(
    material: Material, *, levels: Sequence[Level] = (), draws: int = 1000, seed: int = 0, gamma: bool = False
) -> Agreement:
    """The agreement of a material's people (of all its coders, where fewer than two are people)."""
    coders = tuple(material.coders[row] for row in material.people)
    rows, macro = summarise(material, material.tables(material.people), coders, levels=levels, draws=draws, seed=seed)
    notes = list(material.notes)
    if len(coders) < len(material.coders):
        others = ", ".join(name for name in material.coders if name not in coders)
        notes.append(f"{others}: no person, and so not in these figures but in those of pairs.")
    spans = []
    if material.tokens is not None:
        codings, groups = [material.codings[row] for row in material.people], _groups(material.code_ids)
        spans = span_rows(codings, material.tokens, groups, material.codebook, draws=draws, seed=seed, with_gamma=gamma)
    reference = material.codebook.reference if material.codebook else None
    return Agreement(coders, material.shared, reference, draws, seed, rows, macro, notes, spans)


def summarise(
    material: Material,
    tables: Mapping[Level, Ratings],
    coders: Sequence[str],
    *,
    levels: Sequence[Level] = (),
    draws: int = 1000,
    seed: int = 0,
) -> tuple[list[Row], list[Macro]]:
    """A row a code and level, and the means by level, of tables of ratings (`Material.tables`, or a part of them)."""
    codebook = material.codebook
    finest = tables.get("segment", tables["turn"])
    frequent = _frequent(tables["turn"], codebook)
    rows: list[Row] = []
    macro: list[Macro] = []
    for level in [level for level in LEVELS if level in (levels or tables)]:
        ratings = tables[level]
        n_sessions = len(ratings.session_ids)
        weights = session_draws(n_sessions, draws if n_sessions > 1 else min(draws, 1), seed)
        level_rows, by_draw = [], []
        for name, codes in _groups(material.code_ids):
            table = ratings.of_codes(codes, codebook)
            found, resampled = coefficients(
                table, session_row=ratings.session_row, weights=weights, categories=_PRESENCE
            )
            if level == "session":
                rated = finest.of_codes(codes, codebook)
                counts = finest.session_counts(rated)
                doses, doses_by_draw = dose_coefficients(
                    counts, finest.session_units(rated), draws=len(weights), seed=seed
                )
                found, resampled = found | doses, resampled | doses_by_draw
            row = _row(ratings, name, table, coders, found)
            if level == "session":
                row = msgspec.structs.replace(row, dose_sessions=int(complete(counts).sum()))
            level_rows.append(row)
            by_draw.append(resampled)
        rows += level_rows
        macro.append(_macro(level, frequent, level_rows, by_draw, n_sessions))
    return rows, macro


def _groups(code_ids: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Each code by itself; after the last code of a family (`INT`, `INT.a`, `INT.b`) the family folded into `INT.*`."""
    families: dict[str, list[str]] = {}
    for code in code_ids:
        families.setdefault(code.partition(".")[0], []).append(code)
    folded = {family[-1]: (f"{name}.*", family) for name, family in families.items() if len(family) > 1}
    groups: list[tuple[str, list[str]]] = []
    for code in code_ids:
        groups.append((code, [code]))
        if code in folded:
            groups.append(folded[code])
    return groups


def _row(ratings: Ratings, name: str, table: Floats, coders: Sequence[str], found: dict[str, Coefficient]) -> Row:
    rated = ~np.isnan(table)
    instances = {coder: int(np.nansum(row)) for coder, row in zip(coders, table, strict=True)}
    shares = {
        coder: float(instances[coder] / row.sum()) if row.any() else None
        for coder, row in zip(coders, rated, strict=True)
    }
    pairable = rated.sum(axis=0) >= 2
    return Row(
        level=ratings.level,
        code=name,
        folded=name.endswith(".*"),
        units=int(pairable.sum()),
        sessions=len(np.unique(ratings.session_row[pairable])),
        instances=instances,
        prevalence=shares,
        coefficients=found,
    )


def _frequent(turns: Ratings, codebook: Codebook | None) -> set[str]:
    """The codes that coders gave to ten turns or more on average."""
    totals = {code: np.nansum(turns.of_codes([code], codebook)) for code in turns.code_ids}
    return {code for code, total in totals.items() if total / len(turns.covered) >= MACRO_INSTANCES}


def _macro(
    level: Level, frequent: set[str], rows: Sequence[Row], by_draw: Sequence[dict[str, Floats]], n_sessions: int
) -> Macro:
    chosen = [number for number, row in enumerate(rows) if row.code in frequent]
    means: dict[str, Coefficient] = {}
    for name in rows[0].coefficients if rows else ():
        values = [value for n in chosen if (value := rows[n].coefficients[name].value) is not None]
        if not values:
            means[name] = Coefficient(None, reason="defined for no code")
            continue
        defined = np.array([by_draw[n][name] for n in chosen])
        counts = (~np.isnan(defined)).sum(axis=0)
        draws = np.divide(np.nansum(defined, axis=0), counts, out=np.full(counts.shape, np.nan), where=counts > 0)
        means[name] = with_interval(float(np.mean(values)), draws, n_sessions)
    return Macro(level, MACRO_INSTANCES, len(chosen), means)
