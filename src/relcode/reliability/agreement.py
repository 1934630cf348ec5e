"""Agreement between coders: a row a code on each level, and a summary over the codes that are not rare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from relcode.codebook import Codebook, split_labels
from relcode.errors import LabelError, UsageError
from relcode.provenance import hash_session
from relcode.records import Session
from relcode.reliability.bootstrap import coefficients, session_draws, with_interval
from relcode.reliability.codings import Coding
from relcode.reliability.coefficients import Coefficient, Floats
from relcode.reliability.doses import complete, dose_coefficients
from relcode.reliability.ratings import (
    LEVELS,
    Level,
    Ratings,
    segment_ratings,
    session_ratings,
    turn_ratings,
    unread_turn_ratings,
)
from relcode.reliability.results import Agreement, Macro, Row
from relcode.reliability.spans import span_rows
from relcode.spans import span_fault, turn_texts
from relcode.transcripts.tokens import TokenTable

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
        What each coder coded. Sessions of one coder alone are left out (and noted): missing is not absent.
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
    if len(codings) < 2:
        raise UsageError(f"Agreement needs two coders or more, not {len(codings)}.")
    read = None if sessions is None else list(sessions)
    if read is None and "segment" in levels:
        raise UsageError("Segments cannot be compared without transcripts: name them with --transcripts.")
    notes: list[str] = []
    kept = _shared_sessions(codings, read, notes)
    codings = [_of_codebook(coding, codebook, set(kept), notes) for coding in codings]
    _check(codings, read, codebook)
    code_ids = codebook.code_ids if codebook else tuple(sorted({span.code for c in codings for span in c.spans}))
    words = None if read is None else _words(read, kept)
    tables = _ratings(codings, kept, words, code_ids, codebook)
    if words is None:
        notes.append("No transcripts: turns 1 to the last labelled one are compared, whoever speaks.")
    else:
        _note_wrong_speakers(tables["turn"], codebook, notes)
    chosen = [level for level in LEVELS if level in (levels or tables)]
    weights = session_draws(len(kept), draws, seed)
    finest = tables.get("segment", tables["turn"])
    frequent = _frequent(tables["turn"], codebook)
    rows: list[Row] = []
    macro: list[Macro] = []
    for level in chosen:
        level_rows, by_draw = [], []
        for name, codes in _groups(code_ids):
            table = tables[level].of_codes(codes, codebook)
            found, resampled = coefficients(
                table, session_row=tables[level].session_row, weights=weights, categories=_PRESENCE
            )
            if level == "session":
                rated = finest.of_codes(codes, codebook)
                counts = finest.session_counts(rated)
                doses, doses_by_draw = dose_coefficients(counts, finest.session_units(rated), draws=draws, seed=seed)
                found, resampled = found | doses, resampled | doses_by_draw
            row = _row(tables[level], name, table, codings, found)
            if level == "session":
                row = msgspec.structs.replace(row, dose_sessions=int(complete(counts).sum()))
            level_rows.append(row)
            by_draw.append(resampled)
        rows += level_rows
        macro.append(_macro(level, frequent, level_rows, by_draw, len(kept)))
    reference = codebook.reference if codebook else None
    coders = tuple(coding.coder for coding in codings)
    spans = []
    if words is not None:
        groups = _groups(code_ids)
        spans = span_rows(codings, words, groups, codebook, draws=draws, seed=seed, with_gamma=gamma)
    return Agreement(coders, tuple(kept), reference, draws, seed, rows, macro, notes, spans)


def _words(read: list[Session], kept: Sequence[str]) -> TokenTable:
    from relcode.transcripts.tokens import tokenize

    wanted = set(kept)
    return tokenize(session for session in read if session.session_id in wanted)


def _shared_sessions(codings: Sequence[Coding], read: list[Session] | None, notes: list[str]) -> list[str]:
    """The sessions that two coders coded, in order; what is left out goes to the notes."""
    coded_by: dict[str, list[Coding]] = {}
    for coding in codings:
        for session_id in coding.covered:
            coded_by.setdefault(session_id, []).append(coding)
    texts = None if read is None else {session.session_id: hash_session(session) for session in read}
    order = sorted(coded_by) if texts is None else [*texts, *sorted(coded_by.keys() - texts.keys())]
    kept: list[str] = []
    for session_id in order:
        coders = coded_by.get(session_id, [])
        hashes = {coding.text_hashes[session_id] for coding in coders if session_id in coding.text_hashes}
        if len(coders) == 1:
            notes.append(f"{session_id}: left out, coded by {coders[0].coder} alone.")
        elif coders and texts is not None and session_id not in texts:
            notes.append(f"{session_id}: left out, it is not among the transcripts.")
        elif coders and len(hashes | ({texts[session_id]} if texts and hashes else set())) > 1:
            notes.append(f"{session_id}: left out, the coders saw another text than the transcript or one another.")
        elif coders:
            kept.append(session_id)
    if not kept:
        raise LabelError("No session was coded by two coders or more; nothing can be compared.", notes)
    return kept


def _of_codebook(coding: Coding, codebook: Codebook | None, kept: set[str], notes: list[str]) -> Coding:
    """The coding with the spans of the kept sessions and of this codebook."""
    spans = [span for span in coding.spans if span.session_id in kept]
    if codebook is not None:
        own = split_labels(spans, codebook)
        if own.others:
            notes.append(f"{coding.coder}: {own.others_in_words} left out.")
        spans = own.spans
    return msgspec.structs.replace(coding, spans=tuple(spans))


def _check(codings: Sequence[Coding], read: list[Session] | None, codebook: Codebook | None) -> None:
    texts = {} if read is None else turn_texts(read)
    faults = []
    for coding in codings:
        for span in coding.spans:
            fault = span_fault(span, texts)
            if fault is None and codebook is not None and span.code not in codebook.by_id:
                fault = f"{codebook.reference} has no code {span.code!r}"
            if fault is not None:
                faults.append(f"{coding.coder}: session {span.session_id}, turn {span.turn}: {fault}")
    if faults:
        raise LabelError(f"{len(faults)} label(s) cannot be used:", faults)


def _ratings(
    codings: Sequence[Coding],
    kept: Sequence[str],
    words: TokenTable | None,
    code_ids: tuple[str, ...],
    codebook: Codebook | None,
) -> dict[Level, Ratings]:
    if words is None:
        turns = unread_turn_ratings(codings, kept, code_ids)
        return {"turn": turns, "session": session_ratings(turns, codebook)}
    turns = turn_ratings(codings, words.sessions, code_ids)
    segments = segment_ratings(codings, words, code_ids)
    return {"segment": segments, "turn": turns, "session": session_ratings(turns, codebook)}


def _note_wrong_speakers(turns: Ratings, codebook: Codebook | None, notes: list[str]) -> None:
    for column, code in enumerate(turns.code_ids):
        wrong = int(turns.marks[:, ~turns.may_carry(code, codebook), column].sum())
        if wrong:
            notes.append(f"{code}: left out on {wrong} turn(s) whose speaker may not carry it.")


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


def _row(ratings: Ratings, name: str, table: Floats, codings: Sequence[Coding], found: dict[str, Coefficient]) -> Row:
    rated = ~np.isnan(table)
    instances = {c.coder: int(np.nansum(row)) for c, row in zip(codings, table, strict=True)}
    shares = {
        coding.coder: float(instances[coding.coder] / row.sum()) if row.any() else None
        for coding, row in zip(codings, rated, strict=True)
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
