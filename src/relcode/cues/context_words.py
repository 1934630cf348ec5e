"""Words that say something of the context, as bits: which of the lists below a word stands in.

The lists are in the order of the bits in `context_loops`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from relcode.cues.context_loops import CLOSES, DOUBLE_QUOTE, QUESTION_MARK
from relcode.transcripts.tokens import Ints

_MOST_REMEMBERED = 500_000  # words: some 60 MB
_WH = {"what", "how", "why", "when", "where", "who", "which"}
_OPENERS = _WH | {
    "do", "does", "did", "is", "are", "was", "were", "can", "could", "would", "will", "have", "has", "shall", "should",
}  # fmt: skip
_PERSONS = {"i", "you", "he", "she", "it", "we", "they", "there"}
_SUBJECTS = _PERSONS | {
    "that", "this", "these", "those", "the", "a", "an", "my", "your", "our", "his", "her", "their", "any", "anyone",
    "anybody", "anything", "someone", "somebody", "something", "everything",
}  # fmt: skip
_OTHERS = {
    "he", "she", "they", "him", "her", "them", "his", "their", "mother", "mom", "mum", "mam", "father", "dad", "brother",
    "sister", "husband", "wife", "partner", "son", "daughter", "parents", "family", "gran", "grandma", "grandpa", "boss",
    "friend", "friends", "boyfriend", "girlfriend", "kids", "children", "team", "school", "everyone", "everybody",
    "people",
}  # fmt: skip
# Not "you": what "you said" was said in the room.
_TELLERS = {"i", "he", "she", "they", "we", "it", "mum", "mom", "dad", "who", "him", "her", "them", "me"}
_DOUBLE_QUOTES = {'"', "“", "”", "``", "''"}
_QUESTION_MARKS = {"?", "?!", "!?", "??", "???"}

_LISTS: tuple[set[str], ...] = (
    _WH,
    _OPENERS,
    _PERSONS,
    _SUBJECTS | _OTHERS,
    (_OPENERS - _WH) | {"'s", "'re", "'d", "s"},
    {"it", "that", "this", "these", "those", "a", "an", "any", "something"},  # "do it", "have a good week"
    {"do", "have"},
    {"n't", "nt"},
    {"which"},
    {"what", "how", "why"},
    {"what", "how", "which"},
    {"about", "if", "come", "not", "else"},
    {"else"},
    {"and", "so", "but", "well", "ok", "okay", "um", "uh", "er", "yeah", "right", "mm"},
    {"we", "us", "our", "ours", "ourselves"},
    {
        "here", "room", "session", "sessions", "therapy", "therapist", "counselling", "counseling", "counsellor",
        "together", "between",
    },
    _OTHERS,
    {"work"},
    {"at", "from", "after", "off", "my"},  # "at work" are others, "we work on it" are not
    {"you", "your"},
    {"you"},
    {"know", "see"},
    {"said", "says", "saying", "told", "tells", "yelled", "screamed", "texted", "replied"},
    _TELLERS,
    _TELLERS - {"it", "you"},  # "it's like", "you're like" compare; they do not report
    {"i"},
    {"goes", "went"},  # reporting only before words that speech begins with: "she goes no", not "she goes out"
    {"i", "you", "we", "oh", "hey", "no", "yes", "yeah", "ok", "okay", "what", "why", "how", "like"},
    {"like"},
    {"was", "'s", "were", "is", "'m", "'re"},
    {"and", "but", "or"},
    {".", "?", "!", ";", "...", "…", "—", "–", "--", "]"} | _DOUBLE_QUOTES,
)  # fmt: skip
_LOWER: dict[str, int] = {}
for _bit, _words in enumerate(_LISTS):
    for _word in _words:
        _LOWER[_word] = _LOWER.get(_word, 0) | 1 << _bit
_remembered: dict[str, int] = {}


def word_marks(words: Sequence[str]) -> Ints:
    """By word as written: the bits of the lists that it stands in, in lower case with straight apostrophes."""
    if len(_remembered) > _MOST_REMEMBERED:
        _remembered.clear()
    for word in words:
        if word not in _remembered:
            _remembered[word] = _marks(word)
    return np.fromiter(map(_remembered.__getitem__, words), dtype=np.int64, count=len(words))


def _marks(word: str) -> int:
    """`CLOSES`: punctuation that ends what is said; a note (`[pause]`) or an emoji does not."""
    marks = _LOWER.get(word.lower().replace("’", "'"), 0)
    if word in _QUESTION_MARKS:
        marks |= QUESTION_MARK
    if word in _DOUBLE_QUOTES:
        marks |= DOUBLE_QUOTE
    if unicodedata.category(word[0])[0] == "P" and word != "[":
        marks |= CLOSES
    return marks
