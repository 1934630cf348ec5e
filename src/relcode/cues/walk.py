"""Compiled loops over the tokens of a table: which are notes, and from every token the sets of places that the words behind
it lead to."""

from __future__ import annotations

import numpy as np

from relcode.compiled import compiled
from relcode.cues.set_arrays import (
    ASKED,
    BEHIND_GAP,
    CLASS_BITS,
    FREE,
    MOST_ASKED,
    NEXT,
    PART,
    SETS_BITS,
    UNKNOWN,
    Bools,
    Classes,
    Hits,
    Int32,
    Int64,
    Known,
    Patterns,
    Text,
)
from relcode.cues.sets import lead, slot_of


@compiled
def mark_notes(opening: int, closing: int, words: Int64, turns: Int64, spoken: Bools) -> Bools:
    """By token: a bracketed note (`[pause]`, brackets included) or a bracket of a tag (`[NAME_1]`).

    Parameters
    ----------
    opening, closing
        Rows of the two brackets in the vocabulary, -1 where they do not come.
    """
    found = np.zeros(len(words), dtype=np.bool_)
    depth = 0
    for token in range(len(words)):
        if token == 0 or turns[token] != turns[token - 1]:
            depth = 0
        closes = words[token] == closing
        depth += (words[token] == opening) - closes
        found[token] = (depth > 0 or closes) and not spoken[token]
    return found


@compiled
def walk(
    segment: int,
    roots: Int32,
    text: Text,
    patterns: Patterns,
    known: Known,
    classes: Classes,
    hits: Hits,
    stack: Int64,
    gap: int,
) -> int:
    """Find what matches in the segments from one on; the first segment for which there was no room, or their number.

    Parameters
    ----------
    roots
        By whether patterns name a bracket: the sets that lead on at any word, and at a segment's first.
    stack
        For steps that are still to be taken.
    gap
        The most words that a gap reaches over.
    """
    tokens, spoken, passed_over, quoted, wanted = text.classes, text.spoken, text.passed_over, text.quoted, text.wanted
    steps, sets, ends, openings = known.steps, known.sets, known.ends, known.openings
    fits, in_gap, owners = classes.fits, classes.in_gap, hits.owner
    seen = np.full(len(wanted), -1, dtype=np.int64)  # by owner, the segment in which it was found last
    count = hits.begin[segment]
    for row in range(segment, len(text.first_token)):
        if count + len(seen) > len(owners):
            return row
        begin, end = text.first_token[row], text.last_token[row]
        first_word, last_word = end, -1
        for token in range(begin, end):
            if spoken[token]:
                first_word = min(first_word, token)
                last_word = token
        for bracket in range(2):
            for first in range(begin, end):
                root = 2 * bracket + (first == first_word)
                reached = openings[tokens[first], root]
                if reached == UNKNOWN:
                    reached = lead(roots[root], NEXT, tokens[first], patterns, known, classes)
                    if reached == UNKNOWN:
                        return row
                    openings[tokens[first], root] = reached
                token, depth = first, 0
                while True:
                    if reached:
                        both = quoted[first] and quoted[token]
                        for place in range(sets[reached, 0], sets[reached, 2 if token == last_word else 1]):
                            owner = ends[place]
                            if seen[owner] != row and (wanted[owner] == -1 or wanted[owner] == both):
                                seen[owner] = row
                                owners[count] = owner
                                count += 1
                        before, kind = token, NEXT
                        for _ in range(gap + 1 if sets[reached, PART + BEHIND_GAP] else 1):
                            after = before + 1
                            if not bracket and not passed_over[before]:
                                while after < end and passed_over[after]:
                                    after += 1
                            if after >= end or sets[reached, PART + kind] == 0:
                                break
                            of_kind = ASKED + kind * (1 + MOST_ASKED)
                            leads = sets[reached, of_kind] == UNKNOWN
                            for place in range(of_kind + 1, of_kind + 1 + sets[reached, of_kind]):
                                if fits[tokens[after], sets[reached, place] >> 3] >> (sets[reached, place] & 7) & 1:
                                    leads = True
                                    break
                            if leads:
                                stack[depth], stack[depth + 1] = sets[reached, PART + kind] * 2 + kind, after
                                depth += 2
                            if not in_gap[tokens[after]]:
                                break
                            before, kind = after, BEHIND_GAP
                    if depth == 0:
                        break
                    depth -= 2
                    step, token = stack[depth], stack[depth + 1]
                    key = step << CLASS_BITS | tokens[token]
                    slot = slot_of(key, len(steps))
                    while steps[slot, 0] >> SETS_BITS != key and steps[slot, 0] != FREE:
                        slot = (slot + 1) & (len(steps) - 1)
                    if steps[slot, 0] != FREE:
                        reached = steps[slot, 0] & ((1 << SETS_BITS) - 1)
                    else:
                        reached = lead(step >> 1, step & 1, tokens[token], patterns, known, classes)
                        if reached == UNKNOWN:
                            return row
        hits.begin[row + 1] = count
    return len(text.first_token)
