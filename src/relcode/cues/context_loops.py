"""Compiled loops over segments: question form, quoted speech, who "we" are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from relcode.compiled import compiled

# Bits of the lists in `context_words`.
(
    WH,
    OPENER,
    PERSON,
    SUBJECT,
    INVERTED,
    THING,
    DO_HAVE,
    NOT,
    WHICH,
    WHAT_HOW_WHY,
    WHAT_HOW_WHICH,
    ABOUT,
    ELSE,
    LEAD_IN,
    WE,
    ROOM,
    OTHERS,
    WORK,
    WORKPLACE,
    YOU_YOUR,
    YOU,
    KNOW,
    REPORTING,
    TELLER,
    LIKE_TELLER,
    SELF,
    MOVING,
    SPEECH_OPENER,
    LIKE,
    LIKE_COPULA,
    JOINS,
    STOP,
    QUESTION_MARK,
    DOUBLE_QUOTE,
    CLOSES,
) = (1 << bit for bit in range(35))
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]
_OPENING = 6  # words of a segment that say whether it opens like a question
_DYAD, _WITH_OTHERS = 1, 2


@compiled
def asks(marks: _Ints, spoken: _Bools, first_token: _Ints, last_token: _Ints) -> _Bools:
    """Segments that hold a question mark; without final punctuation, ones that open like a question."""
    asked = np.zeros(len(first_token), dtype=np.bool_)
    opening = np.zeros(_OPENING + 3, dtype=np.int64)
    for segment in range(len(first_token)):
        found, last = 0, -1
        for token in range(first_token[segment], last_token[segment]):
            if marks[token] & QUESTION_MARK:
                asked[segment] = True
            if spoken[token]:
                last = token
                if found < _OPENING:
                    opening[found] = marks[token]
                    found += 1
        closed = 0 <= last < last_token[segment] - 1 and marks[last + 1] & CLOSES
        if asked[segment] or closed or not found:
            continue
        opening[found:] = 0
        begin = 0
        while opening[begin] & LEAD_IN and found - begin > 3:
            begin += 1
        asked[segment] = _opens_question(opening[begin], opening[begin + 1], opening[begin + 2], opening[begin + 3])
    return asked


@compiled
def _opens_question(word: int, first: int, second: int, third: int) -> bool:
    """Whether an opener asks, by the three words after it (no marks where there is none).

    `what did you`, `how long have you`, `did you`, `is your mum`; not `what I said`, `when people are nice`, `which is
    why`, `didnt say`, `would be nice`, `have a good week`.
    """
    if word & WH:
        if first & INVERTED:
            return not word & WHICH or second & PERSON != 0
        if first & ABOUT:
            return word & WHAT_HOW_WHY != 0 or (first & ELSE != 0 and second & INVERTED != 0)
        return word & WHAT_HOW_WHICH != 0 and second & INVERTED != 0 and third & PERSON != 0
    if not word & OPENER:
        return False
    if first & NOT:
        return second & SUBJECT != 0
    return first & SUBJECT != 0 and not (word & DO_HAVE != 0 and first & THING != 0)


@compiled
def who_we_are(marks: _Ints, first_token: _Ints, last_token: _Ints, therapist: _Bools) -> _Ints:
    """By segment with "we" or "us": 1 the two in the room, 2 the speaker and others; else 0.

    The therapist's "we" is the dyad's unless others are named in the segment; the client's is others' unless the room
    or the therapist ("you") is, and no one else.
    """
    who = np.zeros(len(first_token), dtype=np.int64)
    for segment in range(len(first_token)):
        seen = before = 0
        others = you = False
        for token in range(first_token[segment], last_token[segment]):
            mark = marks[token]
            after = marks[token + 1] if token + 1 < last_token[segment] else 0
            seen |= mark
            others |= mark & OTHERS != 0 or (mark & WORK != 0 and before & WORKPLACE != 0)
            you |= mark & YOU_YOUR != 0 and not (mark & YOU != 0 and after & KNOW != 0)
            before = mark
        if seen & WE:
            room = seen & ROOM != 0
            dyad = (not others or room) if therapist[segment] else (room or you) and not others
            who[segment] = _DYAD if dyad else _WITH_OTHERS
    return who


@compiled
def quoted_tokens(marks: _Ints, segment_turn: _Ints, first_token: _Ints, last_token: _Ints) -> _Bools:
    """Tokens inside double quotation marks, or after a reporting verb with its teller in the same sentence."""
    quoted = np.zeros(len(marks), dtype=np.bool_)
    quotes = total = reports = 0
    for segment in range(len(first_token)):
        begin, end = first_token[segment], last_token[segment]
        if segment == 0 or segment_turn[segment] != segment_turn[segment - 1]:
            quotes = total = reports = 0
            after = segment
            while after < len(first_token) and segment_turn[after] == segment_turn[segment]:
                for token in range(first_token[after], last_token[after]):
                    total += marks[token] & DOUBLE_QUOTE != 0
                after += 1
        elif not (marks[begin] & JOINS and not marks[begin - 1] & STOP):
            reports = 0  # "he said I never listen and you don't care": the second clause of a sentence is reported too
        one_before = two_before = 0
        for token in range(begin, end):
            mark = marks[token]
            quotes += mark & DOUBLE_QUOTE != 0
            # an unpaired last mark opens nothing
            quoted[token] = reports > 0 or (quotes % 2 == 1 and quotes < total)
            after = marks[token + 1] if token + 1 < end else 0
            reports += _reports(mark, one_before, two_before, after)
            one_before, two_before = mark, one_before
    return quoted


@compiled
def _reports(mark: int, one_before: int, two_before: int, after: int) -> bool:
    """Whether speech is reported from here on: "she said", "he goes no", "I was like"."""
    if mark & REPORTING and one_before & TELLER and not (one_before & SELF and after & YOU):
        return True  # "I told you" speaks of the two in the room
    if mark & MOVING and one_before & LIKE_TELLER and after & SPEECH_OPENER:
        return True
    return mark & LIKE != 0 and one_before & LIKE_COPULA != 0 and two_before & LIKE_TELLER != 0
