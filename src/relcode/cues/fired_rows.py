"""Compiled loops from the probes that fire to numbers: the log-odds of codes that conditions name, a matrix of columns."""

from __future__ import annotations

import numpy as np

from relcode.compiled import compiled
from relcode.cues.firing_arrays import Columns, Floats, Int32, Int64, Named, Segments

_SHIFT, _LOW = 6, 63  # 64 bits are a word
_SPREAD = 0x03F79D71B4CB0A89  # of de Bruijn: multiplied by a power of 2, its six upper bits are distinct
_BIT_OF = np.array([k for _, k in sorted(((_SPREAD << k) % 2**64 >> 58, k) for k in range(_LOW + 1))], dtype=np.int64)


@compiled
def name_codes(
    fired_begin: Int64, fired: Int32, named: Named, base: Floats, segments: Segments, near: Floats
) -> tuple[Int64, Floats]:
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
def take_most(near: Floats, places: Int64, probabilities: Floats) -> None:
    """Raise numbers to others where they are lower."""
    for row in range(len(places)):
        near[places[row]] = max(near[places[row]], probabilities[row])


@compiled
def _most_probable(near: Floats, turn: int, codes: Int32, begin: int, end: int) -> float:
    most = 0.0
    for row in range(begin, end):
        most = max(most, near[turn, codes[row]])
    return most


@compiled
def as_rows(
    fired_begin: Int64, fired: Int32, columns: Columns, near: Floats, segments: Segments, speakers: bool
) -> tuple[Int64, Int32, Floats]:
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
