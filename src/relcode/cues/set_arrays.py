"""What the automaton's compiled loops read and fill, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

NEXT, BEHIND_GAP = 0, 1  # kinds of steps: to the next word, to the word behind a gap of one or more
SETS_BITS, CLASS_BITS = 21, 20  # of a set, of a class of words: two sets, a kind and a class are 63 bits
FREE = -1  # a slot of a map
MOST_FILLED = 2  # a map has twice as many slots as keys, or more
PART, ASKED, MOST_ASKED, WIDTH = 3, 5, 4, 16  # of a row of `sets`: where what stands; 4 byte a number
ROOTS = 4  # sets in which patterns begin: by whether they name a bracket, and at a segment's first word or not
NEW_SETS = 3  # that one step makes at most: the set and its two parts
WAYS = 5  # that lead on from a set at most: the next word, and those behind a gap
SETS, MEMBERS, ENDS, STEPS, STAMP = range(5)  # in `counts`
UNKNOWN = -1
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Patterns(NamedTuple):
    """Places as arrays; see `Places`. `opening`: the places that the next word leads to from a beginning, sorted by the
    token dictionary that it has to match; `opening_begin`: by beginning and dictionary (one more), where they begin."""

    token: Int32
    begin: Int32
    target: Int32
    gap_begin: Int32
    gap_target: Int32
    ends_begin: Int32
    ends: Int32
    tied_begin: Int32
    tied: Int32
    opening_begin: Int32
    opening: Int32


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

    counts: Int64
    begin: Int32
    members: Int32
    numbers: Int64
    sets: Int32
    ends: Int32
    steps: Int64
    openings: Int32
    stamps: Int64
    owner_stamps: Int64
    chosen: Int32


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
    begin: Int32
    rows: Int32
    in_gap: Bools


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

    classes: Int32
    spoken: Bools
    passed_over: Bools
    quoted: Bools
    first_token: Int64
    last_token: Int64
    wanted: npt.NDArray[np.int8]


class Hits(NamedTuple):
    """By segment the owners of patterns that match in it, each once, in no order: from `begin` on in `owner`."""

    begin: Int64
    owner: Int32
