"""From probabilities to what is offered to coders: precedence, one ordinary mode, neighbouring segments joined."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.sparse import csr_matrix

from relcode.codebook.schema import Codebook
from relcode.cues.engine import CueEngine
from relcode.records import Session, Span
from relcode.transcripts.tokens import Bools, Floats, TokenTable, tokenize


def preannotate(sessions: Iterable[Session], codebook: Codebook, *, threshold: float | None = None) -> list[Span]:
    """Suggest spans from a codebook's cues, with probability and reasons.

    Parameters
    ----------
    threshold
        Probability (0 to 1) from which a code is offered; without it each code has its own, `offer_at`.

    Returns
    -------
    Spans (contract form 2, source `cues`) by session, turn and place; a span covers one segment, or neighbouring
    segments of a turn that carry the same code.
    """
    table = tokenize(sessions)
    spans = suggest(table, CueEngine(codebook), threshold=threshold)
    order = {session.session_id: row for row, session in enumerate(table.sessions)}
    return sorted(spans, key=lambda span: (order[span.session_id], span.turn, span.start, span.end, span.code))


def offer_thresholds(codebook: Codebook, threshold: float | None = None) -> Floats:
    """By code: the probability from which it is offered; one for all where `threshold` is given."""
    return np.array([code.offer_at if threshold is None else threshold for code in codebook.codes])


def suggest(table: TokenTable, engine: CueEngine, *, threshold: float | None = None) -> list[Span]:
    """Suggest spans in a token table from one codebook's cues; see `preannotate`."""
    fired = engine.fire(table)
    probability = engine.probabilities(fired, engine.allowed(table))
    offered = decide(engine.codebook, probability, offer_thresholds(engine.codebook, threshold))
    return [
        Span(
            session_id=table.sessions[int(table.segment_session[first])].session_id,
            turn=int(table.turn_number[table.segment_turn[first]]),
            start=int(table.segment_start[first]),
            end=int(table.segment_end[last]),
            text=_words(table, first, last),
            code=engine.codebook.codes[code].id,
            codebook=engine.codebook.reference_of(engine.codebook.codes[code].id),
            source="cues",
            score=round(float(probability[first : last + 1, code].max()), 4),
            why=_reasons(engine, fired, range(first, last + 1), code),
        )
        for code, first, last in joined_runs(table, offered)
    ]


def decide(codebook: Codebook, probability: Floats, thresholds: Floats) -> Bools:
    """Which codes hold, axes (segment, code): at the thresholds, then precedence, then exclusive groups and modes.

    `beats` of a code that holds removes the beaten codes from the same segment; a code that is beaten beats none. Of an
    exclusive group one code holds at most; an ordinary mode holds only where no relational code of its codebook, or of
    one that uses its codebook, does, and only one of that codebook: the one furthest above its threshold.
    Probability 0 (the speaker rule) never holds, whatever the threshold.
    """
    holds = (probability >= thresholds) & (probability > 0)
    for number, beaten in _precedence(codebook):
        for other in beaten:
            holds[holds[:, number], other] = False
    margin = probability - thresholds
    groups: dict[str, list[int]] = {}
    for number, code in enumerate(codebook.codes):
        if code.exclusive is not None:
            groups.setdefault(f"{code.origin}/{code.exclusive}", []).append(number)
    for columns in groups.values():
        _keep_one(holds, margin, columns)
    for modes, relational in ordinary_modes(codebook):
        taken: Bools = np.asarray(holds[:, relational].any(axis=1))
        holds[:, modes] &= ~taken[:, None]
        _keep_one(holds, margin, modes)
    return holds


def ordinary_modes(codebook: Codebook) -> list[tuple[list[int], list[int]]]:
    """For each codebook with ordinary modes: their columns, and those of the codes beside which none of them stands."""
    uses = {book.reference: {used.reference for used in book.all_used} for book in codebook.members}
    groups = []
    for origin in dict.fromkeys(code.origin for code in codebook.codes if code.mode):
        modes = [number for number, code in enumerate(codebook.codes) if code.mode and code.origin == origin]
        relational = [
            number
            for number, code in enumerate(codebook.codes)
            if not code.mode and (code.origin == origin or origin in uses.get(code.origin or "", ()))
        ]
        groups.append((modes, relational))
    return groups


def _precedence(codebook: Codebook) -> list[tuple[int, list[int]]]:
    """The codes that beat others (column, columns of those), each before the ones that it beats."""
    column = {code: number for number, code in enumerate(codebook.code_ids)}
    ordered: dict[int, list[int]] = {}
    seen: set[int] = set()

    def visit(number: int) -> None:
        if number not in seen:
            seen.add(number)
            names = codebook.codes[number].beats
            beaten = [column[each] for name in names for each in _meant(codebook, name) if column[each] != number]
            for other in beaten:
                visit(other)
            ordered[number] = beaten

    for number in range(len(codebook.codes)):
        visit(number)
    return list(reversed(ordered.items()))


def _meant(codebook: Codebook, name: str) -> tuple[str, ...]:
    """The code of that name; without one, its sub-codes; nothing where the name is another codebook's."""
    return (name,) if name in codebook.by_id else codebook.family(name)


def _keep_one(holds: Bools, margin: Floats, columns: list[int]) -> None:
    """Of the codes in `columns` leave in each segment the one that is furthest above its threshold."""
    best = np.where(holds[:, columns], margin[:, columns], -np.inf).argmax(axis=1)
    one = np.zeros((len(holds), len(columns)), dtype=np.bool_)
    one[np.arange(len(holds)), best] = True
    holds[:, columns] &= one


def joined_runs(table: TokenTable, holds: Bools) -> list[tuple[int, int, int]]:
    """Runs of neighbouring segments of one turn that carry a code: (code, first segment, last segment)."""
    runs: list[tuple[int, int, int]] = []
    new_turn = np.diff(table.segment_turn, prepend=-1) != 0
    for code in range(holds.shape[1]):
        rows = np.flatnonzero(holds[:, code])
        if not len(rows):
            continue
        breaks = np.append(True, (np.diff(rows) > 1) | new_turn[rows[1:]])
        firsts = rows[breaks]
        lasts = np.append(rows[np.flatnonzero(breaks)[1:] - 1], rows[-1])
        runs += [(code, int(first), int(last)) for first, last in zip(firsts, lasts, strict=True)]
    return runs


def _words(table: TokenTable, first: int, last: int) -> str:
    session = table.sessions[int(table.segment_session[first])]
    turn = int(table.segment_turn[first]) - int(np.searchsorted(table.turn_session, table.segment_session[first]))
    return session.turns[turn].text[int(table.segment_start[first]) : int(table.segment_end[last])]


def _reasons(engine: CueEngine, fired: csr_matrix, segments: range, code: int) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for segment in segments:
        found.update(dict.fromkeys(engine.reasons(fired, segment, code)))
    return tuple(found)
