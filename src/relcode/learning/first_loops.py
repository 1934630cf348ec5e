"""Inner loops: what the first steps' weights add to the scores of segments and of turns.

No matrix of features is made: each turn's features are found, as the transformers of `learning.features` make them, and
what they weigh is added for all that read the turn. Sums are taken in the order of the session's words, so that they are the
same to the last bit whatever stands beside it.
"""

from __future__ import annotations

import numpy as np

from relcode.compiled import compiled
from relcode.learning.features.classes import CLASS_COLUMNS
from relcode.learning.features.cues import HIGHEST, LOWEST
from relcode.learning.features.grams import GRAM_COLUMNS
from relcode.learning.features.hashing import EDGE, FACTORS
from relcode.learning.first_arrays import FREE, LONGEST, Cues, Found, Sums, Talk, Words
from relcode.learning.packed_weights import Applied, Halves, Values
from relcode.learning.sights import BEFORE, CONTEXT, EVIDENCE
from relcode.transcripts.tokens import Floats, Ints

_LOW_BITS = np.uint64(24)  # see `hashing.columns_of`
_MASKS = (np.uint64(GRAM_COLUMNS - 1), np.uint64(CLASS_COLUMNS - 1))  # both are powers of two
_FIRST_CUE = GRAM_COLUMNS + CLASS_COLUMNS
_SHORTEST = 1e-12  # of a row, see `hashing.unit_rows`
_EVIDENCE, _CONTEXT = np.float32(EVIDENCE), np.float32(CONTEXT)
_MANTISSA = np.int32(13)  # how much longer it is in 32 bits than in 16
_NO_EXPONENT = np.int32(-1879048193)  # all bits of a float of 32 bits but the first three of its exponent
_SCALE = np.float32(2.0**112)  # by which a float of 16 bits, moved into 32, is too small


@compiled
def add_all(applied: Applied, talk: Talk, words: Words, cues: Cues, found: Found, result: Sums) -> None:
    """Fill `result` for the chosen segments and their turns."""
    lanes = applied.of_turns.dense.shape[1]
    sums = np.zeros(lanes, dtype=np.float32)
    own = np.zeros(applied.of_segments.dense.shape[1], dtype=np.float32)
    needed = np.zeros(2, dtype=np.bool_)
    for turn in range(len(talk.session)):
        begin, end = talk.first_segment[turn], talk.first_segment[turn + 1]
        needed[:] = False
        for before in BEFORE:
            reader = _reader(talk, result, turn, before)
            if reader >= 0:
                needed[(talk.side[reader] + before) % 2] = True
        if begin == end or not needed.any():
            continue
        count = 0
        for segment in range(begin, end):
            if talk.chosen[segment]:
                count = _find_runs(found, words, talk.first_token[segment], talk.first_token[segment + 1])
                count = _find_cues(found, cues, segment, segment + 1, count)
                own[:] = 0
                _add_weights(
                    applied, 0, talk.side[turn], found, _with_context(applied, talk, found, segment, count), own
                )
                _add_lanes(result.own[segment], own, talk.side[turn] * (len(own) // 2))
        if count == 0 or end - begin > 1:  # else the turn is its one segment, whose features are found
            count = _find_runs(found, words, talk.first_token[begin], talk.first_token[end])
            count = _find_cues(found, cues, begin, end, count)
        result.evidence[turn] = found.evidence
        sums[:] = 0
        for span in range(2):
            if needed[span]:
                _add_weights(applied, 1, span, found, count, sums)
        for place, before in enumerate(BEFORE):
            reader = _reader(talk, result, turn, before)
            if reader >= 0:
                for unit in range(2):
                    _add_lanes(result.near[unit, reader], sums, applied.starts[unit, talk.side[reader], place])
        if result.chosen[turn]:
            _add_context(applied, talk, turn, result.near[1, turn])


@compiled
def _reader(talk: Talk, result: Sums, turn: int, before: int) -> int:
    """The chosen turn of the same session that the turn is `before` turns before; -1 where there is none."""
    reader = turn + before
    if 0 <= reader < len(talk.session) and talk.session[reader] == talk.session[turn] and result.chosen[reader]:
        return reader
    return -1


@compiled
def _add_lanes(sums: Values, lanes: Values, start: int) -> None:
    """Add the lanes from `start` on, as many as there are sums (or lanes)."""
    for lane in range(min(len(sums), len(lanes) - start)):
        sums[lane] += lanes[start + lane]


@compiled
def _with_context(applied: Applied, talk: Talk, found: Found, segment: int, end: int) -> int:
    """Put a segment's context into `found` after its first `end` features: how many there are then."""
    first = len(applied.places) - talk.context.shape[1]
    for column in range(talk.context.shape[1]):
        found.columns[end] = first + column
        found.values[end] = talk.context[segment, column] * _CONTEXT
        end += 1
    return end


@compiled
def _add_context(applied: Applied, talk: Talk, turn: int, sums: Values) -> None:
    """Add what the context of a turn's first segment weighs."""
    weights = applied.of_contexts[talk.side[turn]]
    for column in range(talk.context.shape[1]):
        value = talk.context[talk.first_segment[turn], column] * _CONTEXT
        for lane in range(len(sums)):
            sums[lane] += weights[column, lane] * value


@compiled
def _add_weights(applied: Applied, unit: int, span: int, found: Found, end: int, sums: Values) -> None:
    """Add to the lanes of a span what the first `end` features weigh. `unit`: 0 of segments themselves, 1 of turns."""
    packed = applied.of_turns if unit else applied.of_segments
    width = packed.dense.shape[1] // 2
    dense, sparse = 0, 0
    for number in range(end):  # without a branch, which would have to wait for the memory each time
        place = applied.places[found.columns[number], unit]
        value = found.values[number] * _SCALE
        found.dense[dense], found.dense_values[dense] = place, value
        found.sparse[sparse], found.sparse_values[sparse] = place, value
        dense += place >= 0
        sparse += place < -1
    _add_dense(packed.dense, span * width, found, dense, sums[span * width : (span + 1) * width])
    for number in range(sparse):
        pairs = -2 * (found.sparse[number] + 2) + span
        for pair in range(packed.starts[pairs], packed.starts[pairs + 1]):
            sums[packed.lanes[pair]] += _moved(packed.weights[pair]) * found.sparse_values[number]


@compiled
def _add_dense(weights: Halves, start: int, found: Found, count: int, sums: Values) -> None:
    """Add the first `count` rows in `found.dense` from lane `start` on; four at once, so that sums are read and written a
    quarter as often."""
    rows, values, end = found.dense, found.dense_values, start + len(sums)
    for at in range(0, count - 3, 4):
        one, two = weights[rows[at], start:end], weights[rows[at + 1], start:end]
        three, four = weights[rows[at + 2], start:end], weights[rows[at + 3], start:end]
        a, b, c, d = values[at], values[at + 1], values[at + 2], values[at + 3]
        for lane in range(len(sums)):
            half = sums[lane] + _moved(one[lane]) * a + _moved(two[lane]) * b
            sums[lane] = half + _moved(three[lane]) * c + _moved(four[lane]) * d
    for at in range(count // 4 * 4, count):
        one, a = weights[rows[at], start:end], values[at]
        for lane in range(len(sums)):
            sums[lane] += _moved(one[lane]) * a


@compiled
def _moved(half: np.int16) -> np.float32:
    """A float of 16 bits as one of 32, smaller by `_SCALE`."""
    bits: np.float32 = np.int32((np.int32(half) << _MANTISSA) & _NO_EXPONENT).view(np.float32)
    return bits


@compiled
def spread_scores(
    applied: Applied, talk: Talk, result: Sums, segment_turn: Ints, scores: Floats, of_turns: Floats
) -> None:
    """Fill the scores of chosen segments, axes (segment, code), and those of their turns, axes (turn, code)."""
    for turn in range(len(talk.session)):
        if result.chosen[turn]:
            side = talk.side[turn]
            of_turns[turn] = applied.intercepts[1, side]
            for lane in range(applied.counts[side]):
                of_turns[turn, applied.codes[side, lane]] += result.near[1, turn, lane]
    for segment in range(len(segment_turn)):
        if talk.chosen[segment]:
            turn = segment_turn[segment]
            side = talk.side[turn]
            scores[segment] = applied.intercepts[0, side]
            for lane in range(applied.counts[side]):
                scores[segment, applied.codes[side, lane]] += result.own[segment, lane] + result.near[0, turn, lane]


@compiled
def _find_runs(found: Found, words: Words, first: int, last: int) -> int:
    """Put the runs of words, then those of classes, of the tokens from `first` to before `last` into `found`: how many
    features there are then. Each kind has unit length."""
    end = 0
    for kind in range(2):
        begin = end
        end = _count_runs(found, words, kind, first, last, begin)
        squares = 0.0
        for place in range(begin, end):
            found.slots[found.slot_of[place]] = FREE
            value = 1.0
            if found.counts[place] > 1:
                value += np.log(found.counts[place])
            found.values[place] = value
            squares += value * value
        scale = 1 / max(np.sqrt(squares), _SHORTEST)
        for place in range(begin, end):
            found.values[place] *= scale
    return end


@compiled
def _count_runs(found: Found, words: Words, kind: int, first: int, last: int, end: int) -> int:
    """Count the runs of one kind and the words at both edges: see `TokenGrams`. They stand in the order of their tokens."""
    offset = kind * GRAM_COLUMNS
    mask = 1
    while mask < 2 * (LONGEST[kind] * (last - first) + 2):
        mask *= 2
    mask -= 1
    hashes, word = words.hashes[kind], words.word
    for token in range(first, last + 2):
        key = np.uint64(0)
        most = 1
        if token < last:
            most = min(LONGEST[kind], last - token)
        elif token == last:
            key = EDGE ^ hashes[word[first]] * FACTORS[1]
        else:
            key = hashes[word[last - 1]] * FACTORS[0] ^ EDGE
        for length in range(most):
            if token < last:
                key ^= hashes[word[token + length]] * FACTORS[length]
            column = np.int64((key >> _LOW_BITS) & _MASKS[kind])
            slot = column & mask
            column += offset
            while found.slots[slot] != FREE and found.columns[found.slots[slot]] != column:
                slot = (slot + 1) & mask
            place = found.slots[slot]
            if place == FREE:
                found.slots[slot], found.slot_of[end] = end, slot
                found.columns[end], found.counts[end] = column, 1
                end += 1
            else:
                found.counts[place] += 1
    return end


@compiled
def _find_cues(found: Found, cues: Cues, first: int, last: int, end: int) -> int:
    """Put the cues that fire in the segments from `first` to before `last`, each as where it is strongest, and what they
    add up to, into `found` after its first `end` features: how many there are then."""
    begin = end
    end = _read_cues(found, cues, first, last, begin)
    squares = 0.0
    for place in range(begin, end):
        squares += found.strongest[found.columns[place]] ** 2
    scale = 1 / max(np.sqrt(squares), _SHORTEST)
    for place in range(begin, end):
        cue = found.columns[place]
        found.values[place] = found.strongest[cue] * scale
        found.strongest[cue] = 0.0
        found.columns[place] = _FIRST_CUE + cue
    for code in range(len(cues.priors)):
        if found.evidence[code] > 0:
            found.columns[end] = _FIRST_CUE + len(cues.weights) + code
            found.values[end] = np.float32(found.evidence[code]) * _EVIDENCE
            end += 1
    return end


@compiled
def _read_cues(found: Found, cues: Cues, first: int, last: int, end: int) -> int:
    """Fill `strongest` (the cues themselves go into `columns`) and `evidence`: see `CueFeatures` and `CueEvidence`."""
    found.evidence[:] = 0.0
    for segment in range(first, last):
        found.odds[:] = 0.0
        for place in range(cues.indptr[segment], cues.indptr[segment + 1]):
            cue = cues.indices[place]
            value = cues.weights[cue] * cues.data[place]
            found.odds[cues.code_of[cue]] += value
            if value != 0 and found.strongest[cue] == 0:
                found.columns[end] = cue
                end += 1
            found.strongest[cue] = max(found.strongest[cue], abs(value))
        for code in range(len(cues.priors)):
            if cues.allowed[segment, code]:
                raised = (min(max(cues.priors[code] + found.odds[code], LOWEST), HIGHEST) - LOWEST) / HIGHEST
                found.evidence[code] = max(found.evidence[code], raised)
    return end
