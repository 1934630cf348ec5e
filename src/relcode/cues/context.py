"""What surrounds a cue: question form, quoted speech, lengths, the turn before, place in the session.

All are arrays over tokens or segments of a `TokenTable`, computed once for a codebook's cues.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relcode.cues.context_loops import asks, quoted_tokens, who_we_are
from relcode.cues.context_words import word_marks
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable


@dataclass(frozen=True)
class Context:
    """Context features. Axis: token for `quoted`, segment for all others.

    `turn_words`, `before_words` count words said in the turn and in the turn before (0 at the start of a session).
    `share_of_median` is the turn's words over the median of its speaker's turns in the session. `third` is the third of
    the session, 1 to 3, by turns. `first`, `last` mark the edges of a turn. `we` is 1 where "we" are the two in the
    room, 2 where the speaker and others are, 0 without such a word.
    """

    quoted: Bools
    therapist: Bools
    question: Bools
    after_question: Bools
    turn_words: Ints
    before_words: Ints
    share_of_median: Floats
    first: Bools
    last: Bools
    third: Ints
    words: Ints
    we: Ints


def read_context(table: TokenTable) -> Context:
    """Compute the context features of a token table."""
    turns = len(table.turn_session)
    marks = word_marks(table.words)[table.word]
    within = (table.first_token, table.last_token)
    question = asks(marks, table.is_spoken, *within)
    turn_words = np.bincount(table.segment_turn, weights=table.spoken_words, minlength=turns).astype(np.int64)
    turn_asks = np.zeros(turns, dtype=np.bool_)
    turn_asks[table.segment_turn[question]] = True
    first_turn = np.diff(table.turn_session, prepend=-1) != 0
    before_words = np.where(first_turn, 0, np.append(0, turn_words[:-1])) if turns else turn_words
    before_asks = np.append(False, turn_asks[:-1]) & ~first_turn if turns else turn_asks
    changes = np.diff(table.segment_turn, prepend=-1, append=-1) != 0
    return Context(
        quoted=quoted_tokens(marks, table.segment_turn, *within),
        therapist=table.segment_is_therapist,
        question=question,
        after_question=before_asks[table.segment_turn],
        turn_words=turn_words[table.segment_turn],
        before_words=before_words[table.segment_turn],
        share_of_median=_share_of_median(table, turn_words)[table.segment_turn],
        first=changes[:-1],
        last=changes[1:],
        third=_thirds(table)[table.segment_turn],
        words=table.spoken_words,
        we=who_we_are(marks, *within, table.segment_is_therapist),
    )


def _share_of_median(table: TokenTable, turn_words: Ints) -> Floats:
    """By turn: its words over the median words of this speaker's turns in this session."""
    speakers = [turn.speaker for session in table.sessions for turn in session.turns]
    if not speakers:
        return np.zeros(0)
    numbers = {speaker: number for number, speaker in enumerate(dict.fromkeys(speakers))}
    speaker = table.turn_session * len(numbers) + np.fromiter(map(numbers.__getitem__, speakers), dtype=np.int64)
    order = np.lexsort((turn_words, speaker))
    starts = np.flatnonzero(np.diff(speaker[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    ranked = turn_words[order]
    medians = (ranked[starts + (sizes - 1) // 2] + ranked[starts + sizes // 2]) / 2
    share = np.empty(len(order))
    share[order] = ranked / np.repeat(np.maximum(medians, 1), sizes)
    return share


def _thirds(table: TokenTable) -> Ints:
    sessions = len(table.sessions)
    lengths = np.bincount(table.turn_session, minlength=sessions)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if sessions else np.zeros(0, dtype=np.int64)
    place: npt.NDArray[np.int64] = np.arange(len(table.turn_session)) - np.repeat(starts, lengths)
    return 1 + (3 * place) // np.maximum(np.repeat(lengths, lengths), 1)
