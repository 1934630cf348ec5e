"""Inner loops: the features of one segment or turn, column by column, as the transformers of `learning.features` make them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from relcode.compiled import compiled
from relcode.learning.features.classes import CLASS_COLUMNS
from relcode.learning.features.classes import LENGTHS as CLASS_LENGTHS
from relcode.learning.features.cues import HIGHEST, LOWEST
from relcode.learning.features.grams import GRAM_COLUMNS, LENGTHS
from relcode.learning.features.hashing import EDGE, FACTORS, Hashes
from relcode.learning.sights import EVIDENCE
from relcode.transcripts.tokens import Bools, Floats, Ints

Places = npt.NDArray[np.int32]
Values = npt.NDArray[np.float32]
_LOW_BITS = np.uint64(24)  # see `hashing.columns_of`
_MASKS = (np.uint64(GRAM_COLUMNS - 1), np.uint64(CLASS_COLUMNS - 1))  # both are powers of two
_LONGEST = (max(LENGTHS), max(CLASS_LENGTHS))
_FIRST_CUE = GRAM_COLUMNS + CLASS_COLUMNS
_EVIDENCE = np.float32(EVIDENCE)
_SHORTEST = 1e-12  # of a row, see `hashing.unit_rows`


class Words(NamedTuple):
    """By row of the vocabulary the hash of the word and of its class, axes (kind, row); by token, its row."""

    hashes: Hashes
    word: Ints


class Cues(NamedTuple):
    """What fires, axes (segment, cue), as compressed rows; by cue its weight and the column of its code; by code the
    log-odds of its prior; which codes a segment may carry, axes (segment, code)."""

    indptr: Places
    indices: Places
    data: Floats
    weights: Floats
    code_of: Ints
    priors: Floats
    allowed: Bools


class Found(NamedTuple):
    """Room for the features of one segment or turn.

    Attributes
    ----------
    columns, values
        The features so far.
    counts, slots, slot_of
        How often a run was found; by remainder of its column, its place among the features; by feature, its slot.
    strongest
        By cue: what it counts by.
    evidence
        By code: what the cues add up to (0 to 2).
    """

    columns: Places
    values: Values
    counts: Places
    slots: Places
    slot_of: Places
    strongest: Floats
    evidence: Floats


def room(words: int, cues: int, codes: int) -> Found:
    """Room for units of so many words, where so many cues and codes are."""
    most = (sum(_LONGEST) * words) + 4 + cues + codes
    slots = 1 << (2 * (max(_LONGEST) * words + 2)).bit_length()
    return Found(
        columns=np.zeros(most, dtype=np.int32),
        values=np.zeros(most, dtype=np.float32),
        counts=np.zeros(most, dtype=np.int32),
        slots=np.full(slots, -1, dtype=np.int32),
        slot_of=np.zeros(most, dtype=np.int32),
        strongest=np.zeros(cues),
        evidence=np.zeros(codes),
    )


@compiled
def find_runs(found: Found, words: Words, first: int, last: int) -> int:
    """Put the runs of words, then those of classes, of the tokens from `first` to before `last` into `found`: how many
    features there are then. Each kind has unit length."""
    end = 0
    offset = 0
    for kind in range(2):
        begin = end
        longest = _LONGEST[kind]
        mask = 1
        while mask < 2 * (longest * (last - first) + 2):
            mask *= 2
        mask -= 1
        for token in range(first, last + 2):
            if token < last:
                key = np.uint64(0)
                most = min(longest, last - token)
            elif token == last:
                key = EDGE ^ words.hashes[kind, words.word[first]] * FACTORS[1]
                most = 1
            else:
                key = words.hashes[kind, words.word[last - 1]] * FACTORS[0] ^ EDGE
                most = 1
            for length in range(most):
                if token < last:
                    key ^= words.hashes[kind, words.word[token + length]] * FACTORS[length]
                column = np.int64((key >> _LOW_BITS) & _MASKS[kind])
                slot = column & mask
                column += offset
                place = found.slots[slot]
                while place >= 0 and found.columns[place] != column:
                    slot = (slot + 1) & mask
                    place = found.slots[slot]
                if place >= 0:
                    found.counts[place] += 1
                else:
                    found.slots[slot] = end
                    found.columns[end] = column
                    found.counts[end] = 1
                    found.slot_of[end] = slot
                    end += 1
        squares = 0.0
        for place in range(begin, end):
            found.slots[found.slot_of[place]] = -1
            value = 1.0
            if found.counts[place] > 1:
                value += np.log(found.counts[place])
            found.values[place] = value
            squares += value * value
        scale = 1 / max(np.sqrt(squares), _SHORTEST)
        for place in range(begin, end):
            found.values[place] *= scale
        offset += GRAM_COLUMNS
    return end


@compiled
def find_cues(found: Found, cues: Cues, first: int, last: int, end: int) -> int:
    """Put the cues that fire in the segments from `first` to before `last`, each as where it is strongest, and what they
    add up to, into `found` after its first `end` features: how many there are then."""
    codes = len(cues.priors)
    begin = end
    evidence = found.evidence
    evidence[:] = 0.0
    odds = np.empty(codes)
    for segment in range(first, last):
        odds[:] = 0.0
        for place in range(cues.indptr[segment], cues.indptr[segment + 1]):
            cue = cues.indices[place]
            value = cues.weights[cue] * cues.data[place]
            odds[cues.code_of[cue]] += value
            value = abs(value)
            if value > 0:
                if found.strongest[cue] == 0:
                    found.columns[end] = cue
                    end += 1
                if value > found.strongest[cue]:
                    found.strongest[cue] = value
        for code in range(codes):
            if cues.allowed[segment, code]:
                raised = (min(max(cues.priors[code] + odds[code], LOWEST), HIGHEST) - LOWEST) / HIGHEST
                evidence[code] = max(evidence[code], raised)
    squares = 0.0
    for place in range(begin, end):
        squares += found.strongest[found.columns[place]] ** 2
    scale = 1 / max(np.sqrt(squares), _SHORTEST)
    for place in range(begin, end):
        cue = found.columns[place]
        found.values[place] = found.strongest[cue] * scale
        found.strongest[cue] = 0.0
        found.columns[place] = _FIRST_CUE + cue
    for code in range(codes):
        if evidence[code] > 0:
            found.columns[end] = _FIRST_CUE + len(cues.weights) + code
            found.values[end] = np.float32(evidence[code]) * _EVIDENCE
            end += 1
    return end
