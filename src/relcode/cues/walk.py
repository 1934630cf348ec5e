"""The compiled loops of the automaton: from every token, the sets of places that the words behind it lead to.

All in one file, for the machine code of a loop is made again only when its own file changes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from relcode.compiled import compiled

NEXT, BEHIND_GAP = 0, 1  # kinds of steps: to the next word, to the word behind a gap of one or more
SETS_BITS, CLASS_BITS = 21, 20  # of a set, of a class of words: two sets, a kind and a class are 63 bits
FREE = -1  # a slot of a map
MOST_FILLED = 2  # a map has twice as many slots as keys, or more
PART, ASKED, MOST_ASKED, WIDTH = 3, 5, 4, 16  # of a row of `sets`: where what stands; 4 byte a number
ROOTS = 4  # sets in which patterns begin: by whether they name a bracket, and at a segment's first word or not
NEW_SETS = 3  # that one step makes at most: the set and its two parts
WAYS = 5  # that lead on from a set at most: the next word, and those behind a gap
SETS, _MEMBERS, _ENDS, STEPS, _STAMP = range(5)  # in `counts`
UNKNOWN = -1
_MIX, _POSITIVE = 0x1E3779B97F4A7C15, 0x7FFFFFFFFFFFFFFF
_Int32 = npt.NDArray[np.int32]
_Int64 = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


class Patterns(NamedTuple):
    """Places as arrays; see `Places`. `opening`: the places that the next word leads to from a beginning, sorted by the
    token dictionary that it has to match; `opening_begin`: by beginning and dictionary (one more), where they begin."""

    token: _Int32
    begin: _Int32
    target: _Int32
    gap_begin: _Int32
    gap_target: _Int32
    ends_begin: _Int32
    ends: _Int32
    tied_begin: _Int32
    tied: _Int32
    opening_begin: _Int32
    opening: _Int32


class Known(NamedTuple):
    """Sets of places by number (0 is the empty one), and steps from set to set.

    Maps have axes (slot, key and value), with open addressing: a key that finds its slot taken goes to the next one. The
    value of a slot that is free is -1.

    Attributes
    ----------
    counts
        How many sets, members, ends and steps there are; the last stamp that was used.
    begin, members
        By set, its places.
    numbers
        A map from what sets hash to, to their numbers.
    sets
        By set, all that a step to it needs, in one line of the processor's cache: where its owners are in `ends`; by
        kind (`NEXT`, `BEHIND_GAP`) the set of its places that lead further in this way (the first -1 before it was
        looked at); by kind how many token dictionaries lead on and which, or -1 where they are too many to list.
    ends
        By set, the owners of patterns that end in it: from the first number to the second anywhere, to the third tied.
    steps
        A map from a set, a kind and a class of words to the set that the class leads to, both in one number.
    openings
        By class of words and root, the set that it leads to; -1 before it was looked at.
    stamps, owner_stamps, chosen
        By place, by owner: the stamp of the list in which it came last. A list of places.
    """

    counts: _Int64
    begin: _Int32
    members: _Int32
    numbers: _Int64
    sets: _Int32
    ends: _Int32
    steps: _Int64
    openings: _Int32
    stamps: _Int64
    owner_stamps: _Int64
    chosen: _Int32


class Classes(NamedTuple):
    """Classes of words as arrays; there may be more rows than classes.

    Attributes
    ----------
    fits
        By class, whether words of the class match each token dictionary: a bit, eight dictionaries a byte.
    begin, rows
        By class, the rows of the token dictionaries that words of it match: from `begin` on in `rows`.
    in_gap
        By class, whether a gap passes over its words.
    """

    fits: npt.NDArray[np.uint8]
    begin: _Int32
    rows: _Int32
    in_gap: _Bools


class Text(NamedTuple):
    """A table as it is gone through.

    Attributes
    ----------
    classes, spoken, passed_over, quoted
        By token: its class of words; whether it was said, is a note that patterns pass over, is quoted speech.
    first_token, last_token
        By segment: its tokens, `last_token` exclusive.
    wanted
        By owner: 1 or 0 where both ends of a match have to be quoted speech, or not both; else -1.
    """

    classes: _Int32
    spoken: _Bools
    passed_over: _Bools
    quoted: _Bools
    first_token: _Int64
    last_token: _Int64
    wanted: npt.NDArray[np.int8]


class Hits(NamedTuple):
    """By segment the owners of patterns that match in it, each once, in no order: from `begin` on in `owner`."""

    begin: _Int64
    owner: _Int32


@compiled
def mark_notes(opening: int, closing: int, words: _Int64, turns: _Int64, spoken: _Bools) -> _Bools:
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
def refill(slots: _Int64, known: _Int64, steps: bool) -> None:
    """Put all of one map into another, empty one: that of steps, or that of sets."""
    for row in range(len(known)):
        if known[row, -1] != FREE:
            key = known[row, 0] >> SETS_BITS if steps else known[row, 0]
            slot = _slot(key, len(slots))
            while slots[slot, -1] != FREE:
                slot = (slot + 1) & (len(slots) - 1)
            slots[slot] = known[row]


@compiled
def _slot(key: int, slots: int) -> int:
    """Where a key is looked for first; the number of slots is a power of 2."""
    mixed = key * _MIX
    return (mixed ^ (mixed >> 32)) & (slots - 1)


@compiled
def number_of(count: int, known: Known) -> int:
    """The number of the set of the first places in `chosen`, which are distinct, in any order; a new one gets one."""
    if count == 0:
        return 0
    counts, chosen, stamps = known.counts, known.chosen, known.stamps
    counts[_STAMP] += 1
    key = count
    for row in range(count):
        stamps[chosen[row]] = counts[_STAMP]
        mixed = (chosen[row] + 1) * _MIX
        key += mixed ^ (mixed >> 29)
    key &= _POSITIVE
    numbers = known.numbers
    slot = _slot(key, len(numbers))
    while numbers[slot, 1] != FREE:
        number = numbers[slot, 1]
        begin, end = known.begin[number], known.begin[number + 1]
        if numbers[slot, 0] == key and end - begin == count:
            same = True
            for row in range(begin, end):
                if stamps[known.members[row]] != counts[_STAMP]:
                    same = False
                    break
            if same:
                return int(number)
        slot = (slot + 1) & (len(numbers) - 1)
    number = counts[SETS]
    numbers[slot, 0], numbers[slot, 1] = key, number
    for row in range(count):
        known.members[counts[_MEMBERS] + row] = chosen[row]
    counts[SETS] += 1
    counts[_MEMBERS] += count
    known.begin[number + 1] = counts[_MEMBERS]
    known.sets[number, PART] = UNKNOWN
    return int(number)


@compiled
def describe(number: int, patterns: Patterns, known: Known) -> None:
    """Say of a set which parts of it lead on, and what ends in it; once."""
    if known.sets[number, PART] != UNKNOWN:
        return
    counts, chosen = known.counts, known.chosen
    begin, end = known.begin[number], known.begin[number + 1]
    known.sets[number, 0] = counts[_ENDS]
    for tied in range(2):
        counts[_STAMP] += 1
        of_place = patterns.tied_begin if tied else patterns.ends_begin
        owners = patterns.tied if tied else patterns.ends
        for row in range(begin, end):
            for place in range(of_place[known.members[row]], of_place[known.members[row] + 1]):
                owner = owners[place]
                if known.owner_stamps[owner] != counts[_STAMP]:
                    known.owner_stamps[owner] = counts[_STAMP]
                    known.ends[counts[_ENDS]] = owner
                    counts[_ENDS] += 1
        known.sets[number, 1 + tied] = counts[_ENDS]
    for kind in range(2):
        of_place = patterns.gap_begin if kind == BEHIND_GAP else patterns.begin
        targets = patterns.gap_target if kind == BEHIND_GAP else patterns.target
        count = 0
        for row in range(begin, end):
            if of_place[known.members[row] + 1] > of_place[known.members[row]]:
                chosen[count] = known.members[row]
                count += 1
        asked = known.sets[number, ASKED + kind * (1 + MOST_ASKED) :][: 1 + MOST_ASKED]
        _list_asked(count, of_place, targets, patterns.token, chosen, asked)
        known.sets[number, PART + kind] = number if count == end - begin else number_of(count, known)


@compiled
def _list_asked(count: int, begin: _Int32, targets: _Int32, token: _Int32, chosen: _Int32, asked: _Int32) -> None:
    """The token dictionaries of which a word has to match one to lead on from the chosen places."""
    asked[0] = 0
    for row in range(count):
        for edge in range(begin[chosen[row]], begin[chosen[row] + 1]):
            known = False
            for place in range(asked[0]):
                known = known or asked[1 + place] == token[targets[edge]]
            if known:
                continue
            if asked[0] == len(asked) - 1:
                asked[0] = UNKNOWN
                return
            asked[0] += 1
            asked[asked[0]] = token[targets[edge]]


@compiled
def _lead(source: int, kind: int, word: int, patterns: Patterns, known: Known, classes: Classes) -> int:
    """Work out the set that a class of words leads to from a set; -1 where there is no room for it."""
    counts, stamps, chosen = known.counts, known.stamps, known.chosen
    if (
        (counts[STEPS] + 1) * MOST_FILLED > len(known.steps)
        or (counts[SETS] + NEW_SETS) * MOST_FILLED > len(known.numbers)
        or counts[SETS] + NEW_SETS > len(known.sets)
        or counts[SETS] + 1 + NEW_SETS > len(known.begin)
        or counts[_MEMBERS] + NEW_SETS * len(stamps) > len(known.members)
        or counts[_ENDS] + len(patterns.ends) + len(patterns.tied) > len(known.ends)
    ):
        return UNKNOWN
    of_place = patterns.gap_begin if kind == BEHIND_GAP else patterns.begin
    targets = patterns.gap_target if kind == BEHIND_GAP else patterns.target
    opening = patterns.opening_begin
    counts[_STAMP] += 1
    count = 0
    for row in range(known.begin[source], known.begin[source + 1]):
        member = known.members[row]
        if member < len(opening):  # thousands lead on from there, few by one word
            for place in range(classes.begin[word], classes.begin[word + 1]):
                asked = classes.rows[place]
                for edge in range(opening[member, asked], opening[member, asked + 1]):
                    target = patterns.opening[edge]
                    if stamps[target] != counts[_STAMP]:
                        stamps[target] = counts[_STAMP]
                        chosen[count] = target
                        count += 1
        else:
            for edge in range(of_place[member], of_place[member + 1]):
                target = targets[edge]
                asked = patterns.token[target]
                if classes.fits[word, asked >> 3] >> (asked & 7) & 1 and stamps[target] != counts[_STAMP]:
                    stamps[target] = counts[_STAMP]
                    chosen[count] = target
                    count += 1
    reached = number_of(count, known)
    describe(reached, patterns, known)
    steps, key = known.steps, (source * 2 + kind) << CLASS_BITS | word
    slot = _slot(key, len(steps))
    while steps[slot, 0] != FREE:
        slot = (slot + 1) & (len(steps) - 1)
    steps[slot, 0] = key << SETS_BITS | reached
    counts[STEPS] += 1
    return reached


@compiled
def walk(
    segment: int,
    roots: _Int32,
    text: Text,
    patterns: Patterns,
    known: Known,
    classes: Classes,
    hits: Hits,
    stack: _Int64,
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
                    reached = _lead(roots[root], NEXT, tokens[first], patterns, known, classes)
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
                    slot = _slot(key, len(steps))
                    while steps[slot, 0] >> SETS_BITS != key and steps[slot, 0] != FREE:
                        slot = (slot + 1) & (len(steps) - 1)
                    if steps[slot, 0] != FREE:
                        reached = steps[slot, 0] & ((1 << SETS_BITS) - 1)
                    else:
                        reached = _lead(step >> 1, step & 1, tokens[token], patterns, known, classes)
                        if reached == UNKNOWN:
                            return row
        hits.begin[row + 1] = count
    return len(text.first_token)
