"""What the compiled loops from matches to cues read and fill, as arrays. All lists are by segment: from `begin` on in another
array."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

IN_SEGMENT, IN_TURN, IN_TURN_BEFORE = 0, 1, 2
EITHER = -1
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Conditions(NamedTuple):
    """By condition: the traits that a segment must not have; the least and the most of words in the segment, in its
    turn and in the turn before."""

    forbidden: Int64
    least: Int64
    most: Int64


class Segments(NamedTuple):
    """By segment: its traits and the three counts of words, whether it holds quoted speech, its turn, whether a
    therapist speaks, whether anything was said. By turn (one more): its first segment; whether it opens a session."""

    traits: Int64
    counts: Int64
    quoting: Bools
    turn: Int64
    therapist: Bools
    said: Bools
    begin: Int64
    opens: Bools


class Probes(NamedTuple):
    """By probe: where its patterns are looked for, whether it counts in all of a turn, its condition. `bare`: those
    without patterns, from `bare_begin` on by where they are looked for; `bare_quoted`: of these, 1 or 0 where the
    segment has to hold quoted speech, or must not; else -1."""

    where: npt.NDArray[np.int8]
    over_turn: Bools
    condition: Int32
    bare_begin: Int32
    bare: Int32
    bare_quoted: npt.NDArray[np.int8]


class Named(NamedTuple):
    """Codes that conditions name. By code: prior log-odds and who may carry it; from `begin` on its probes and their
    weights. `code_begin`, `code`, `place`: by probe, the codes of which it is one, and as which of theirs."""

    prior: Floats
    may_t: Bools
    may_c: Bools
    begin: Int32
    probe: Int32
    weight: Floats
    code_begin: Int32
    code: Int32
    place: Int32


class Columns(NamedTuple):
    """Columns of what is asked for. `begin`, `column`: by probe, those that are the same; `may_t`, `may_c`: by column,
    whose segments may have it; `with_begin`, `with_`, `after_begin`, `after`: by probe, the codes that it names."""

    begin: Int32
    column: Int32
    may_t: Bools
    may_c: Bools
    with_begin: Int32
    with_: Int32
    after_begin: Int32
    after: Int32
