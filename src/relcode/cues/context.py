"""What surrounds a cue: question form, quoted speech, lengths, the turn before, place in the session.

All are arrays over tokens or segments of a `TokenTable`, computed once for a codebook's cues.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relcode.codebook.schema import Condition
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable

_QUESTION_MARKS = {"?", "?!", "!?", "??", "???"}
_QUESTION_OPENERS = {
    "what", "how", "why", "when", "where", "who", "which", "do", "does", "did", "is", "are", "was", "were", "can",
    "could", "would", "will", "have", "has", "shall", "should",
}  # fmt: skip
_INVERTED = {
    "do", "does", "did", "is", "are", "was", "were", "can", "could", "would", "will", "have", "has", "shall", "should",
    "'s", "'re", "'d", "s", "about", "not", "if", "come",
}  # fmt: skip
_WH = {"what", "how", "why", "when", "where", "who", "which"}
_LEAD_INS = {"and", "so", "but", "well", "ok", "okay", "um", "uh", "er", "yeah", "right", "mm"}
_DOUBLE_QUOTES = {'"', "“", "”", "``", "''"}
_REPORTING = {"said", "says", "saying", "told", "tells", "goes", "went", "yelled", "screamed", "texted", "replied"}
_LIKE_COPULAS = {"was", "'s", "were", "is", "'m", "'re"}
# Not "you": what "you said" was said in the room.
_TELLERS = {"i", "he", "she", "they", "we", "it", "mum", "mom", "dad", "who", "him", "her", "them", "me"}
_WE = {"we", "us", "our", "ours", "ourselves"}
_ROOM = {
    "here", "room", "session", "sessions", "therapy", "therapist", "counselling", "counseling", "counsellor", "together",
    "between",
}  # fmt: skip
_OTHERS = {
    "he", "she", "they", "him", "her", "them", "his", "their", "mother", "mom", "mum", "mam", "father", "dad", "brother",
    "sister", "husband", "wife", "partner", "son", "daughter", "parents", "family", "gran", "grandma", "grandpa", "boss",
    "friend", "friends", "boyfriend", "girlfriend", "kids", "children", "work", "team", "school", "everyone", "everybody",
    "people",
}  # fmt: skip
_BRIEF, _LENGTHY = 1 / 3, 2.0
_LIKE_TELLERS = _TELLERS - {"it", "you"}  # "it's like", "you're like" compare; they do not report


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

    def holds(self, condition: Condition) -> Bools:
        """By segment: whether all that the condition asks of the segment holds; `quoted`, `after` and `with` are left
        to the engine."""
        mask = np.ones(len(self.question), dtype=np.bool_)
        for wanted, feature in (
            (None if condition.speaker is None else condition.speaker == "T", self.therapist),
            (condition.question, self.question),
            (condition.after_question, self.after_question),
            (condition.first, self.first),
            (condition.last, self.last),
            (condition.brief, self.share_of_median < _BRIEF),
            (condition.lengthy, self.share_of_median > _LENGTHY),
        ):
            if wanted is not None:
                mask &= feature == wanted
        for most, count in (
            (condition.words_max, self.words),
            (condition.turn_words_max, self.turn_words),
            (condition.after_words_max, self.before_words),
        ):
            if most is not None:
                mask &= count <= most
        for least, count in (
            (condition.words_min, self.words),
            (condition.turn_words_min, self.turn_words),
            (condition.after_words_min, self.before_words),
        ):
            if least is not None:
                mask &= count >= least
        if condition.thirds is not None:
            mask &= np.isin(self.third, condition.thirds)
        if condition.we is not None:
            mask &= self.we == (1 if condition.we == "dyad" else 2)
        return mask


def read_context(table: TokenTable) -> Context:
    """Compute the context features of a token table."""
    turns = len(table.turn_session)
    question = _questions(table)
    turn_words = np.bincount(table.segment_turn, weights=table.spoken_words, minlength=turns).astype(np.int64)
    turn_asks = np.zeros(turns, dtype=np.bool_)
    turn_asks[table.segment_turn[question]] = True
    first_turn = np.diff(table.turn_session, prepend=-1) != 0
    before_words = np.where(first_turn, 0, np.append(0, turn_words[:-1])) if turns else turn_words
    before_asks = np.append(False, turn_asks[:-1]) & ~first_turn if turns else turn_asks
    changes = np.diff(table.segment_turn, prepend=-1, append=-1) != 0
    return Context(
        quoted=_quoted(table),
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
        we=_who_we_are(table),
    )


def _share_of_median(table: TokenTable, turn_words: Ints) -> Floats:
    """By turn: its words over the median words of this speaker's turns in this session."""
    speakers: dict[tuple[int, str], int] = {}
    said_by = (
        (session, turn.speaker)
        for session, turn in zip(table.turn_session.tolist(), (t for s in table.sessions for t in s.turns), strict=True)
    )
    speaker = np.array([speakers.setdefault(key, len(speakers)) for key in said_by], dtype=np.int64)
    if not len(speaker):
        return np.zeros(0)
    order = np.lexsort((turn_words, speaker))
    starts = np.searchsorted(speaker[order], np.arange(len(speakers)))
    sizes = np.diff(np.append(starts, len(order)))
    ranked = turn_words[order]
    medians = (ranked[starts + (sizes - 1) // 2] + ranked[starts + sizes // 2]) / 2
    share: Floats = turn_words / np.maximum(medians, 1)[speaker]
    return share


def _who_we_are(table: TokenTable) -> Ints:
    """By segment with "we" or "us": 1 the two in the room, 2 the speaker and others; else 0.

    The therapist's "we" is the dyad's unless others are named in the segment; the client's is others' unless the room
    or the therapist ("you") is, and no one else.
    """
    segments = len(table.segment_turn)

    def holds(words: set[str]) -> Bools:
        column = np.array([word in words for word in table.lower_words], dtype=np.bool_)
        found = np.zeros(segments, dtype=np.bool_)
        if len(table.word):
            found[table.segment_row[column[table.word]]] = True
        return found

    we, room, others, you = holds(_WE), holds(_ROOM), holds(_OTHERS), holds({"you", "your"})
    dyad = np.where(table.segment_is_therapist, ~others | room, (room | you) & ~others)
    who: Ints = np.where(we, np.where(dyad, 1, 2), 0)
    return who


def _questions(table: TokenTable) -> Bools:
    """Segments that end with a question mark; without final punctuation, ones that open like a question."""
    marks = np.array([word in _QUESTION_MARKS for word in table.words], dtype=np.bool_)
    lower = table.lower_words
    asked = np.zeros(len(table.segment_turn), dtype=np.bool_)
    if not len(table.word):
        return asked
    asked[table.segment_row[marks[table.word]]] = True
    final = np.array([not any(character.isalnum() for character in word) for word in table.words], dtype=np.bool_)
    unpunctuated = ~final[table.word[table.last_token - 1]]
    for row in np.flatnonzero(unpunctuated & ~asked):
        for token in range(table.first_token[row], min(table.last_token[row], table.first_token[row] + 3)):
            word = lower[table.word[token]]
            if word in _QUESTION_OPENERS:
                after = [lower[table.word[place]] for place in range(token + 1, min(table.last_token[row], token + 3))]
                asked[row] = _opens_question(word, after)
            if word not in _LEAD_INS:
                break
    return asked


def _opens_question(word: str, after: list[str]) -> bool:
    """Whether an opener asks, by the two words after it: `what did you`, `did you`; not `what I said`, `didnt say`."""
    if word in _WH:
        return any(follower in _INVERTED for follower in after)
    return bool(after) and not (after[0] in ("n't", "nt") and not _SUBJECTS.intersection(after[1:2]))


def _quoted(table: TokenTable) -> Bools:
    """Tokens inside double quotation marks, or after a reporting verb with its teller in the same segment."""
    marks = np.array([word in _DOUBLE_QUOTES for word in table.words], dtype=np.bool_)[table.word]
    inside = np.zeros(len(table.word), dtype=np.bool_)
    if not len(table.word):
        return inside
    count = np.cumsum(marks)
    turn_start = np.flatnonzero(np.diff(table.turn_row, prepend=-1))
    before = np.concatenate([[0], count])[turn_start]
    lengths = np.diff(np.append(turn_start, len(table.word)))
    count = count - np.repeat(before, lengths)
    total = np.repeat(np.maximum.reduceat(count, turn_start), lengths)
    inside = (count % 2 == 1) & (count < total)  # an unpaired last mark opens nothing
    quoted: Bools = inside | _after_reporting(table)
    return quoted


def _after_reporting(table: TokenTable) -> Bools:
    lower = table.lower_words
    verb = np.array([word in _REPORTING for word in lower], dtype=np.bool_)[table.word]
    teller = np.array([word in _TELLERS for word in lower], dtype=np.bool_)[table.word]
    reports = verb & np.append(False, teller[:-1])
    # "I told you", "you said to me" speak of the two in the room
    two = np.array([word in ("i", "you") for word in lower], dtype=np.bool_)[table.word]
    to_them = np.array([word in ("you", "me") for word in lower], dtype=np.bool_)[table.word]
    reports[1:-1] &= ~(two[:-2] & to_them[2:])
    like = np.array([word == "like" for word in lower], dtype=np.bool_)[table.word]
    copula = np.array([word in _LIKE_COPULAS for word in lower], dtype=np.bool_)[table.word]
    like_teller = np.array([word in _LIKE_TELLERS for word in lower], dtype=np.bool_)[table.word]
    reports[2:] |= like[2:] & copula[1:-1] & like_teller[:-2]
    seen = np.cumsum(reports)
    at_start = seen[table.first_token] - reports[table.first_token]
    after: Bools = (seen - reports - at_start[table.segment_row]) > 0
    return after


def _thirds(table: TokenTable) -> Ints:
    sessions = len(table.sessions)
    lengths = np.bincount(table.turn_session, minlength=sessions)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if sessions else np.zeros(0, dtype=np.int64)
    place: npt.NDArray[np.int64] = np.arange(len(table.turn_session)) - np.repeat(starts, lengths)
    return 1 + (3 * place) // np.maximum(np.repeat(lengths, lengths), 1)
