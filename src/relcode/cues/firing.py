"""Compiled loops from where patterns match to which cues fire. All lists are by segment: from `begin` on in another array."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from relcode.compiled import compiled

IN_SEGMENT, IN_TURN, IN_TURN_BEFORE = 0, 1, 2
EITHER = -1
_SHIFT, _LOW = 6, 63  # 64 bits are a word
_SPREAD = 0x03F79D71B4CB0A89  # of de Bruijn: multiplied by a power of 2, its six upper bits are distinct
_BIT_OF = np.array([k for _, k in sorted(((_SPREAD << k) % 2**64 >> 58, k) for k in range(_LOW + 1))], dtype=np.int64)
_Int32 = npt.NDArray[np.int32]
_Int64 = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
_Bools = npt.NDArray[np.bool_]


class Conditions(NamedTuple):
    """By condition: the traits that a segment must not have; the least and the most of words in the segment, in its
    turn and in the turn before."""

    forbidden: _Int64
    least: _Int64
    most: _Int64


class Segments(NamedTuple):
    """By segment: its traits and the three counts of words, whether it holds quoted speech, its turn, whether a
    therapist speaks, whether anything was said. By turn (one more): its first segment; whether it opens a session."""

    traits: _Int64
    counts: _Int64
    quoting: _Bools
    turn: _Int64
    therapist: _Bools
    said: _Bools
    begin: _Int64
    opens: _Bools


class Probes(NamedTuple):
    """By probe: where its patterns are looked for, whether it counts in all of a turn, its condition. `bare`: those
    without patterns, from `bare_begin` on by where they are looked for; `bare_quoted`: of these, 1 or 0 where the
    segment has to hold quoted speech, or must not; else -1."""

    where: npt.NDArray[np.int8]
    over_turn: _Bools
    condition: _Int32
    bare_begin: _Int32
    bare: _Int32
    bare_quoted: npt.NDArray[np.int8]


class Named(NamedTuple):
    """Codes that conditions name. By code: prior log-odds and who may carry it; from `begin` on its probes and their
    weights. `code_begin`, `code`, `place`: by probe, the codes of which it is one, and as which of theirs."""

    prior: _Floats
    may_t: _Bools
    may_c: _Bools
    begin: _Int32
    probe: _Int32
    weight: _Floats
    code_begin: _Int32
    code: _Int32
    place: _Int32


class Columns(NamedTuple):
    """Columns of what is asked for. `begin`, `column`: by probe, those that are the same; `may_t`, `may_c`: by column,
    whose segments may have it; `with_begin`, `with_`, `after_begin`, `after`: by probe, the codes that it names."""

    begin: _Int32
    column: _Int32
    may_t: _Bools
    may_c: _Bools
    with_begin: _Int32
    with_: _Int32
    after_begin: _Int32
    after: _Int32


@compiled
def _holds(condition: int, segment: int, conditions: Conditions, segments: Segments) -> bool:
    if segments.traits[segment] & conditions.forbidden[condition]:
        return False
    for count in range(segments.counts.shape[1]):
        words = segments.counts[segment, count]
        if words < conditions.least[condition, count] or words > conditions.most[condition, count]:
            return False
    return True


@compiled
def fire_probes(
    turn: int,
    begin: _Int64,
    hits: _Int32,
    probes: Probes,
    conditions: Conditions,
    segments: Segments,
    fired_begin: _Int64,
    fired: _Int32,
) -> int:
    """Find which probes fire in the segments of the turns from one on, codes in their conditions left aside.

    Parameters
    ----------
    begin, hits
        By segment, the probes with patterns that match in it, each once.

    Returns
    -------
    The first turn for which there was no room in `fired`, or the number of turns.
    """
    where, over_turn, condition = probes.where, probes.over_turn, probes.condition
    bare_begin, bare, bare_quoted = probes.bare_begin, probes.bare, probes.bare_quoted
    turn_begin, opens, quoting = segments.begin, segments.opens, segments.quoting
    most = len(where)
    seen, over_seen = np.full(most, -1, dtype=np.int64), np.full(most, -1, dtype=np.int64)
    found, over = np.zeros(most, dtype=np.int32), np.zeros(most, dtype=np.int32)
    count = fired_begin[turn_begin[turn]]
    for row in range(turn, len(opens)):
        first, last = turn_begin[row], turn_begin[row + 1]
        if count + (last - first) * most > len(fired):
            return row
        whole = spread = 0  # looked for in the whole turn or in the one before; to be spread over the turn
        for segment in range(first if opens[row] else turn_begin[row - 1], last):
            looked_for = IN_TURN if segment >= first else IN_TURN_BEFORE
            for place in range(begin[segment], begin[segment + 1]):
                probe = hits[place]
                if where[probe] == looked_for and seen[probe] != row:
                    seen[probe] = row
                    found[whole] = probe
                    whole += 1
            for place in range(bare_begin[looked_for], bare_begin[looked_for + 1]):
                probe, wanted = bare[place], bare_quoted[place]
                if seen[probe] != row and (wanted == EITHER or wanted == quoting[segment]):
                    seen[probe] = row
                    found[whole] = probe
                    whole += 1
        for segment in range(first, last):
            candidates = whole
            for place in range(begin[segment], begin[segment + 1]):
                if where[hits[place]] == IN_SEGMENT:
                    found[candidates] = hits[place]
                    candidates += 1
            for place in range(bare_begin[IN_SEGMENT], bare_begin[IN_SEGMENT + 1]):
                wanted = bare_quoted[place]
                if wanted == EITHER or wanted == quoting[segment]:
                    found[candidates] = bare[place]
                    candidates += 1
            for place in range(candidates):
                probe = found[place]
                if over_turn[probe] and over_seen[probe] == row:
                    continue
                if not _holds(condition[probe], segment, conditions, segments):
                    continue
                if over_turn[probe]:
                    over_seen[probe] = row
                    over[spread] = probe
                    spread += 1
                else:
                    fired[count] = probe
                    count += 1
            fired_begin[segment + 1] = count
        if spread:
            _spread_over(first, last, over[:spread], fired_begin, fired)
            count = fired_begin[last]
    return len(opens)


@compiled
def _spread_over(first: int, last: int, over: _Int32, fired_begin: _Int64, fired: _Int32) -> None:
    """Put some probes behind those of each segment of a turn."""
    for segment in range(last - 1, first - 1, -1):
        moved = (segment - first) * len(over)
        end = fired_begin[segment + 1]
        for row in range(end - 1, fired_begin[segment] - 1, -1):
            fired[row + moved] = fired[row]
        fired[end + moved : end + moved + len(over)] = over
    for segment in range(first, last):
        fired_begin[segment + 1] += (segment - first + 1) * len(over)


@compiled
def name_codes(
    fired_begin: _Int64, fired: _Int32, named: Named, base: _Floats, segments: Segments, near: _Floats
) -> tuple[_Int64, _Floats]:
    """The log-odds of named codes in the segments whose speaker may carry them.

    Parameters
    ----------
    base
        By code: the probability of its prior.
    near
        Axes (turn, code): `base` is written where a segment has no more of a code than its prior.

    Returns
    -------
    For the other segments: the place in `near`, flat; the log-odds.
    """
    prior, begin, weight, said, turn = named.prior, named.begin, named.weight, segments.said, segments.turn
    code_begin, code_of, place_of = named.code_begin, named.code, named.place
    codes, widest, most = len(prior), 1, 0
    for code in range(codes):
        widest = max(widest, ((begin[code + 1] - begin[code]) >> _SHIFT) + 1)
    for row in range(len(fired)):
        most += code_begin[fired[row] + 1] - code_begin[fired[row]]
    places, scores = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.float64)
    bits, touched = np.zeros((codes, widest), dtype=np.int64), np.full(codes, -1, dtype=np.int64)
    count = 0
    for segment in range(len(turn)):
        if not said[segment]:
            continue
        for row in range(fired_begin[segment], fired_begin[segment + 1]):
            for pair in range(code_begin[fired[row]], code_begin[fired[row] + 1]):
                touched[code_of[pair]] = segment
                bits[code_of[pair], place_of[pair] >> _SHIFT] |= 1 << (place_of[pair] & _LOW)
        may = named.may_t if segments.therapist[segment] else named.may_c
        for code in range(codes):
            if touched[code] != segment:
                if may[code]:
                    near[turn[segment], code] = base[code]
                continue
            score = prior[code]
            for word in range(widest):  # in the order of the code's cues, whose sum is the same to the last bit
                left = bits[code, word]
                while left:
                    score += weight[begin[code] + (word << _SHIFT) + _BIT_OF[((left & -left) * _SPREAD) >> 58 & _LOW]]
                    left &= left - 1
                bits[code, word] = 0
            if may[code]:
                places[count] = turn[segment] * codes + code
                scores[count] = score
                count += 1
    return places[:count], scores[:count]


@compiled
def take_most(near: _Floats, places: _Int64, probabilities: _Floats) -> None:
    """Raise numbers to others where they are lower."""
    for row in range(len(places)):
        near[places[row]] = max(near[places[row]], probabilities[row])


@compiled
def _most_probable(near: _Floats, turn: int, codes: _Int32, begin: int, end: int) -> float:
    most = 0.0
    for row in range(begin, end):
        most = max(most, near[turn, codes[row]])
    return most


@compiled
def as_rows(
    fired_begin: _Int64, fired: _Int32, columns: Columns, near: _Floats, segments: Segments, speakers: bool
) -> tuple[_Int64, _Int32, _Floats]:
    """A matrix, axes (segment, column), as scipy's CSR: `indptr`, `indices` (sorted), `data`.

    Parameters
    ----------
    speakers
        Whether speaker rules are applied.
    """
    column_begin, columns_of, opens, turns = columns.begin, columns.column, segments.opens, segments.turn
    with_begin, with_, after_begin, after = columns.with_begin, columns.with_, columns.after_begin, columns.after
    said, therapist, may_t, may_c = segments.said, segments.therapist, columns.may_t, columns.may_c
    most = 0
    for row in range(len(fired)):
        most += column_begin[fired[row] + 1] - column_begin[fired[row]]
    indptr = np.zeros(len(turns) + 1, dtype=np.int64)
    indices, data = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.float64)
    row_values, bits = np.zeros(len(may_t)), np.zeros((len(may_t) >> _SHIFT) + 1, dtype=np.int64)
    count = 0
    for segment in range(len(turns)):
        turn = turns[segment]
        for row in range(fired_begin[segment], fired_begin[segment + 1]):
            probe = fired[row]
            value = 1.0
            begin, end = with_begin[probe], with_begin[probe + 1]
            if end > begin:
                value *= _most_probable(near, turn, with_, begin, end)
            begin, end = after_begin[probe], after_begin[probe + 1]
            if end > begin:
                value *= 0.0 if opens[turn] else _most_probable(near, turn - 1, after, begin, end)
            if value == 0.0:
                continue
            for place in range(column_begin[probe], column_begin[probe + 1]):
                column = columns_of[place]
                may = may_t[column] if therapist[segment] else may_c[column]
                if not speakers or (said[segment] and may):
                    row_values[column] = value
                    bits[column >> _SHIFT] |= 1 << (column & _LOW)
        for word in range(len(bits)):
            left = bits[word]
            while left:
                column = (word << _SHIFT) + _BIT_OF[((left & -left) * _SPREAD) >> 58 & _LOW]
                indices[count] = column
                data[count] = row_values[column]
                count += 1
                left &= left - 1
            bits[word] = 0
        indptr[segment + 1] = count
    return indptr, indices[:count], data[:count]
