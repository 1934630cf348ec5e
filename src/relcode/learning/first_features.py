"""Inner loops: the features of a run of tokens or segments, as the transformers of `learning.features` make them."""

from __future__ import annotations

import numpy as np

from relcode.compiled import compiled
from relcode.learning.features.classes import CLASS_COLUMNS
from relcode.learning.features.cues import HIGHEST, LOWEST
from relcode.learning.features.grams import GRAM_COLUMNS
from relcode.learning.features.hashing import EDGE, FACTORS
from relcode.learning.first_arrays import FREE, LONGEST, Cues, Found, Words
from relcode.learning.sights import EVIDENCE

_LOW_BITS = np.uint64(24)  # see `hashing.columns_of`
_MASKS = (np.uint64(GRAM_COLUMNS - 1), np.uint64(CLASS_COLUMNS - 1))  # both are powers of two
_FIRST_CUE = GRAM_COLUMNS + CLASS_COLUMNS
_SHORTEST = 1e-12  # of a row, see `hashing.unit_rows`
_EVIDENCE = np.float32(EVIDENCE)


@compiled
def find_runs(found: Found, words: Words, first: int, last: int) -> int:
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
def find_cues(found: Found, cues: Cues, first: int, last: int, end: int) -> int:
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
