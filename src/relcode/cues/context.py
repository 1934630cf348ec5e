"""What surrounds a cue: question form, quoted speech, lengths, the turn before, place in the session.

All are arrays over tokens or segments of a `TokenTable`, computed once for a codebook's cues.
"""

from __future__ import annotations

import unicodedata
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
_WH = {"what", "how", "why", "when", "where", "who", "which"}
_INVERTED = (_QUESTION_OPENERS - _WH) | {"'s", "'re", "'d", "s"}
_PERSONS = {"i", "you", "he", "she", "it", "we", "they", "there"}
_SUBJECTS = _PERSONS | {
    "that", "this", "these", "those", "the", "a", "an", "my", "your", "our", "his", "her", "their", "any", "anyone",
    "anybody", "anything", "someone", "somebody", "something", "everything",
}  # fmt: skip
_THINGS = {"it", "that", "this", "these", "those", "a", "an", "any", "something"}  # "do it", "have a good week"
_LEAD_INS = {"and", "so", "but", "well", "ok", "okay", "um", "uh", "er", "yeah", "right", "mm"}
_DOUBLE_QUOTES = {'"', "“", "”", "``", "''"}
_REPORTING = {"said", "says", "saying", "told", "tells", "yelled", "screamed", "texted", "replied"}
_MOVING = {"goes", "went"}  # reporting only before words that speech begins with: "she goes no", not "she goes out"
_SPEECH_OPENERS = {"i", "you", "we", "oh", "hey", "no", "yes", "yeah", "ok", "okay", "what", "why", "how", "like"}
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
    "friend", "friends", "boyfriend", "girlfriend", "kids", "children", "team", "school", "everyone", "everybody",
    "people",
}  # fmt: skip
_WORKPLACE = {"at", "from", "after", "off", "my"}  # "at work" are others, "we work on it" are not
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
        """By segment: whether all that the condition asks of the segment holds; `quoted`, `after`, `with` and
        `features` are left to the engine."""
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

    def holds(tokens: Bools) -> Bools:
        found = np.zeros(len(table.segment_turn), dtype=np.bool_)
        found[table.segment_row[tokens]] = True
        return found

    work = _tokens(table, {"work"}) & _earlier(table, _tokens(table, _WORKPLACE), 1)
    filler = _tokens(table, {"you"}) & _next(table, _tokens(table, {"know", "see"}))
    we, room = holds(_tokens(table, _WE)), holds(_tokens(table, _ROOM))
    others, you = holds(_tokens(table, _OTHERS) | work), holds(_tokens(table, {"you", "your"}) & ~filler)
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
    said = np.flatnonzero(table.is_spoken)
    edges = np.searchsorted(said, np.append(table.first_token, len(table.word)))
    for row in np.flatnonzero(_is_unpunctuated(table, said) & ~asked):
        opening = [lower[table.word[token]] for token in said[edges[row] : min(edges[row + 1], edges[row] + 6)]]
        while opening[:1] and opening[0] in _LEAD_INS and len(opening) > 3:
            del opening[0]
        asked[row] = bool(opening) and _opens_question(opening[0], [*opening[1:4], "", "", ""])
    return asked


def _is_unpunctuated(table: TokenTable, said: Ints) -> Bools:
    """Segments whose last word no punctuation follows; a note (`[pause]`) or an emoji is none."""
    closes = np.array([unicodedata.category(word[0])[0] == "P" and word != "[" for word in table.words], dtype=np.bool_)
    last = np.full(len(table.segment_turn), -1, dtype=np.int64)
    last[table.segment_row[said]] = said  # of several, the one named last stays
    followed = _next(table, closes[table.word])
    unpunctuated: Bools = (last >= 0) & ~followed[last]
    return unpunctuated


def _opens_question(word: str, after: list[str]) -> bool:
    """Whether an opener asks, by the three words after it ("" where there is none).

    `what did you`, `how long have you`, `did you`, `is your mum`; not `what I said`, `when people are nice`, `which is
    why`, `didnt say`, `would be nice`, `have a good week`.
    """
    first, second, third = after[:3]
    if word in _WH:
        if first in _INVERTED:
            return word != "which" or second in _PERSONS
        if first in ("about", "if", "come", "not", "else"):
            return word in ("what", "how", "why") or (first == "else" and second in _INVERTED)
        return word in ("what", "how", "which") and second in _INVERTED and third in _PERSONS
    if word not in _QUESTION_OPENERS:
        return False
    if first in ("n't", "nt"):
        return second in _SUBJECTS | _OTHERS
    return first in _SUBJECTS | _OTHERS and not (word in ("do", "have") and first in _THINGS)


def _tokens(table: TokenTable, words: set[str]) -> Bools:
    """By token: whether it is one of these words, in lower case."""
    column = np.array([word in words for word in table.lower_words], dtype=np.bool_)
    return column[table.word] if len(column) else np.zeros(0, dtype=np.bool_)


def _earlier(table: TokenTable, column: Bools, steps: int) -> Bools:
    """By token: the value of the token so many steps before it in the same segment; False where there is none."""
    moved = np.zeros_like(column)
    moved[steps:] = column[:-steps] & (table.segment_row[steps:] == table.segment_row[:-steps])
    return moved


def _next(table: TokenTable, column: Bools) -> Bools:
    """By token: the value of the token after it in the same segment; False where there is none."""
    moved = np.zeros_like(column)
    moved[:-1] = column[1:] & (table.segment_row[1:] == table.segment_row[:-1])
    return moved


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


_STOPS = {".", "?", "!", ";", "...", "…", "—", "–", "--", "]"}


def _after_reporting(table: TokenTable) -> Bools:
    people = _tokens(table, _LIKE_TELLERS)
    reports = _tokens(table, _REPORTING) & _earlier(table, _tokens(table, _TELLERS), 1)
    # "I told you" speaks of the two in the room
    reports &= ~(_earlier(table, _tokens(table, {"i"}), 1) & _next(table, _tokens(table, {"you"})))
    moving = _tokens(table, _MOVING) & _earlier(table, people, 1)
    reports |= moving & _next(table, _tokens(table, _SPEECH_OPENERS))
    like = _tokens(table, {"like"}) & _earlier(table, _tokens(table, _LIKE_COPULAS), 1)
    reports |= like & _earlier(table, people, 2)
    seen: Ints = np.cumsum(reports)
    at_start: Ints = seen[table.first_token] - reports[table.first_token]
    # "he said I never listen and you don't care": the second clause of a sentence is reported too
    opens = ~_goes_on(table)
    sentence = np.maximum.accumulate(np.where(opens, np.arange(len(opens)), 0))
    after: Bools = (seen - reports - at_start[sentence][table.segment_row]) > 0
    return after


def _goes_on(table: TokenTable) -> Bools:
    """By segment: it begins with `and`, `but` or `or`, inside a sentence."""
    first = table.first_token
    before = np.maximum(first - 1, 0)
    same_turn = (table.turn_row[before] == table.turn_row[first]) & (first > 0)
    goes_on: Bools = (
        _tokens(table, {"and", "but", "or"})[first] & ~_tokens(table, _STOPS | _DOUBLE_QUOTES)[before] & same_turn
    )
    return goes_on


def _thirds(table: TokenTable) -> Ints:
    sessions = len(table.sessions)
    lengths = np.bincount(table.turn_session, minlength=sessions)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if sessions else np.zeros(0, dtype=np.int64)
    place: npt.NDArray[np.int64] = np.arange(len(table.turn_session)) - np.repeat(starts, lengths)
    return 1 + (3 * place) // np.maximum(np.repeat(lengths, lengths), 1)
