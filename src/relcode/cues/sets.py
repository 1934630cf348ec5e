"""Compiled loops over sets of places: their numbers, what leads on from them, and the set that a word leads to.

A set or a step that was worked out once is looked up from then on: `Known` holds them.
"""

from __future__ import annotations

from relcode.compiled import compiled
from relcode.cues.set_arrays import (
    ASKED,
    BEHIND_GAP,
    CLASS_BITS,
    ENDS,
    FREE,
    MEMBERS,
    MOST_ASKED,
    MOST_FILLED,
    NEW_SETS,
    PART,
    SETS,
    SETS_BITS,
    STAMP,
    STEPS,
    UNKNOWN,
    Classes,
    Int32,
    Int64,
    Known,
    Patterns,
)

_MIX, _POSITIVE = 0x1E3779B97F4A7C15, 0x7FFFFFFFFFFFFFFF


@compiled
def refill(slots: Int64, known: Int64, steps: bool) -> None:
    """Put all of one map into another, empty one: that of steps, or that of sets."""
    for row in range(len(known)):
        if known[row, -1] != FREE:
            key = known[row, 0] >> SETS_BITS if steps else known[row, 0]
            slot = slot_of(key, len(slots))
            while slots[slot, -1] != FREE:
                slot = (slot + 1) & (len(slots) - 1)
            slots[slot] = known[row]


@compiled
def slot_of(key: int, slots: int) -> int:
    """Where a key is looked for first; the number of slots is a power of 2."""
    mixed = key * _MIX
    return (mixed ^ (mixed >> 32)) & (slots - 1)


@compiled
def number_of(count: int, known: Known) -> int:
    """The number of the set of the first places in `chosen`, which are distinct, in any order; a new one gets one."""
    if count == 0:
        return 0
    counts, chosen, stamps = known.counts, known.chosen, known.stamps
    counts[STAMP] += 1
    key = count
    for row in range(count):
        stamps[chosen[row]] = counts[STAMP]
        mixed = (chosen[row] + 1) * _MIX
        key += mixed ^ (mixed >> 29)
    key &= _POSITIVE
    numbers = known.numbers
    slot = slot_of(key, len(numbers))
    while numbers[slot, 1] != FREE:
        number = numbers[slot, 1]
        begin, end = known.begin[number], known.begin[number + 1]
        if numbers[slot, 0] == key and end - begin == count:
            same = True
            for row in range(begin, end):
                if stamps[known.members[row]] != counts[STAMP]:
                    same = False
                    break
            if same:
                return int(number)
        slot = (slot + 1) & (len(numbers) - 1)
    number = counts[SETS]
    numbers[slot, 0], numbers[slot, 1] = key, number
    for row in range(count):
        known.members[counts[MEMBERS] + row] = chosen[row]
    counts[SETS] += 1
    counts[MEMBERS] += count
    known.begin[number + 1] = counts[MEMBERS]
    known.sets[number, PART] = UNKNOWN
    return int(number)


@compiled
def describe(number: int, patterns: Patterns, known: Known) -> None:
    """Say of a set which parts of it lead on, and what ends in it; once."""
    if known.sets[number, PART] != UNKNOWN:
        return
    counts, chosen = known.counts, known.chosen
    begin, end = known.begin[number], known.begin[number + 1]
    known.sets[number, 0] = counts[ENDS]
    for tied in range(2):
        counts[STAMP] += 1
        of_place = patterns.tied_begin if tied else patterns.ends_begin
        owners = patterns.tied if tied else patterns.ends
        for row in range(begin, end):
            for place in range(of_place[known.members[row]], of_place[known.members[row] + 1]):
                owner = owners[place]
                if known.owner_stamps[owner] != counts[STAMP]:
                    known.owner_stamps[owner] = counts[STAMP]
                    known.ends[counts[ENDS]] = owner
                    counts[ENDS] += 1
        known.sets[number, 1 + tied] = counts[ENDS]
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
def _list_asked(count: int, begin: Int32, targets: Int32, token: Int32, chosen: Int32, asked: Int32) -> None:
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
def lead(source: int, kind: int, word: int, patterns: Patterns, known: Known, classes: Classes) -> int:
    """Work out the set that a class of words leads to from a set; -1 where there is no room for it."""
    counts, stamps, chosen = known.counts, known.stamps, known.chosen
    if (
        (counts[STEPS] + 1) * MOST_FILLED > len(known.steps)
        or (counts[SETS] + NEW_SETS) * MOST_FILLED > len(known.numbers)
        or counts[SETS] + NEW_SETS > len(known.sets)
        or counts[SETS] + 1 + NEW_SETS > len(known.begin)
        or counts[MEMBERS] + NEW_SETS * len(stamps) > len(known.members)
        or counts[ENDS] + len(patterns.ends) + len(patterns.tied) > len(known.ends)
    ):
        return UNKNOWN
    of_place = patterns.gap_begin if kind == BEHIND_GAP else patterns.begin
    targets = patterns.gap_target if kind == BEHIND_GAP else patterns.target
    opening = patterns.opening_begin
    counts[STAMP] += 1
    count = 0
    for row in range(known.begin[source], known.begin[source + 1]):
        member = known.members[row]
        if member < len(opening):  # thousands lead on from there, few by one word
            for place in range(classes.begin[word], classes.begin[word + 1]):
                asked = classes.rows[place]
                for edge in range(opening[member, asked], opening[member, asked + 1]):
                    target = patterns.opening[edge]
                    if stamps[target] != counts[STAMP]:
                        stamps[target] = counts[STAMP]
                        chosen[count] = target
                        count += 1
        else:
            for edge in range(of_place[member], of_place[member + 1]):
                target = targets[edge]
                asked = patterns.token[target]
                if classes.fits[word, asked >> 3] >> (asked & 7) & 1 and stamps[target] != counts[STAMP]:
                    stamps[target] = counts[STAMP]
                    chosen[count] = target
                    count += 1
    reached = number_of(count, known)
    describe(reached, patterns, known)
    steps, key = known.steps, (source * 2 + kind) << CLASS_BITS | word
    slot = slot_of(key, len(steps))
    while steps[slot, 0] != FREE:
        slot = (slot + 1) & (len(steps) - 1)
    steps[slot, 0] = key << SETS_BITS | reached
    counts[STEPS] += 1
    return reached
