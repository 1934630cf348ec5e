"""Context features of cues: what is a question, what is quoted, what came before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.codebook.schema import Code, Codebook, Condition, Cue
from relcode.cues import CueEngine
from relcode.cues.context import Context, read_context
from relcode.records import Session, Turn
from relcode.transcripts.tokens import Bools, TokenTable, tokenize


def holds(table: TokenTable, condition: Condition) -> list[bool]:
    """By segment: whether a cue fires that asks for nothing else."""
    code = Code(
        id="X", name="x", speakers=["T", "C"], definition="d", prior=0.1, cues=[Cue(id="x", weight=1, when=condition)]
    )
    book = Codebook(id="small", version="1.0.0", title="small", authors=["A"], lexicons={}, codes=[code])
    return [bool(value) for value in CueEngine(book).probe(table, read_context(table)).toarray()[:, 0]]


def one_by_one(context: Context, condition: Condition) -> Bools:
    """By segment: all that a condition asks, one thing after the other."""
    mask = np.ones(len(context.question), dtype=np.bool_)
    flags = ("question", "after_question", "first", "last")
    for wanted, feature in (
        (None if condition.speaker is None else condition.speaker == "T", context.therapist),
        *((getattr(condition, name), getattr(context, name)) for name in flags),
        (condition.brief, context.share_of_median < 1 / 3),
        (condition.lengthy, context.share_of_median > 2),
    ):
        mask &= True if wanted is None else feature == wanted
    for name, count in (("", context.words), ("turn_", context.turn_words), ("after_", context.before_words)):
        least, most = getattr(condition, f"{name}words_min"), getattr(condition, f"{name}words_max")
        mask &= (count >= (0 if least is None else least)) & (count <= (10**6 if most is None else most))
    if condition.thirds is not None:
        mask &= np.isin(context.third, condition.thirds)
    if condition.we is not None:
        mask &= context.we == (1 if condition.we == "dyad" else 2)
    return mask


MAYBE = st.sampled_from([None, None, None, True, False])
WORDS = st.sampled_from([None, None, None, 0, 1, 2, 4])
CONDITION = st.builds(
    Condition,
    speaker=st.sampled_from([None, None, "T", "C"]),
    **dict.fromkeys(("question", "first", "last", "brief", "lengthy", "after_question"), MAYBE),
    **{f"{of}words_{edge}": WORDS for of in ("", "turn_", "after_") for edge in ("min", "max")},
    thirds=st.sampled_from([None, None, [], [1], [2], [1, 3], [2, 3]]),
    we=st.sampled_from([None, None, None, "dyad", "others"]),
)
TURN = st.tuples(
    st.sampled_from(["T", "C", "C2"]),
    st.lists(st.sampled_from(["we", "you", "why", "?", ".", "they", "talk", "[pause]"]), max_size=9).map(" ".join),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TURN, min_size=1, max_size=8), CONDITION)
def test_all_that_a_condition_asks_must_hold(turns: list[tuple[str, str]], condition: Condition) -> None:
    said = tuple(Turn(number, speaker, text) for number, (speaker, text) in enumerate(turns, start=1))
    table = tokenize([Session("S", said)])
    assert holds(table, condition) == one_by_one(read_context(table), condition).tolist()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("How was it?", True),
        ("How it was.", False),
        ("and how were you", True),  # recogniser text
        ("you told me how you were", False),
        ("I wonder how it was.", False),
        ('"Why?" he said.', True),
        ("what did you do", True),
        ("what i said", False),
        ("What did you do.", False),  # punctuated: the full stop decides
        ("didnt say anything", False),
        ("didnt you say anything", True),
        ("didn't they know", True),
        ("when people are nice to me i freeze", False),
        ("when are you nice to people", True),
        ("how long have you been away", True),
        ("how long it has been", False),
        ("what time is it", True),
        ("which is why i left", False),
        ("which is it", True),
        ("what about you", True),
        ("who about you", False),
        ("would be nice", False),
        ("would you be nice", True),
        ("have a good week", False),
        ("have you a good week", True),
        ("do it again", False),
        ("does it hurt again", True),
        ("is your mum there", True),
        ("so, how was it", True),
        ("how are you [pause]", True),  # a note is no punctuation
        ("[pause] how are you", True),
        ("how are you 🙂", True),
        ("how are you …", False),
        ("[how are you]", False),
        ("yeah", False),
        ("what", False),
    ],
)
def test_question_form(text: str, asked: bool) -> None:
    assert read_context(tokenize([Session("S", (Turn(1, "T", text),))])).question.any() == asked


@pytest.mark.parametrize(
    ("text", "word", "quoted"),
    [
        ('I told him, "you never listen" and left', "never", True),
        ('I told him, "you never listen" and left', "i", False),
        ("she said you never listen", "never", True),
        ("you never listen", "never", False),
        ("I told you you never listen", "never", False),  # said in the room
        ("I told him you never listen", "never", True),
        ("you said you never listen", "never", False),
        ("you never said that she is sad", "sad", False),
        ("she goes you never listen", "never", True),
        ("I went out and you never listen", "never", False),
        ("it went well and I was sad", "sad", False),
        ("I went I am sad", "sad", True),
        ("She said no. You never listen.", "never", False),  # the next segment
        ("she said you never listen and you walk out", "walk", True),
        ("she said you never listen so you walk out", "walk", False),
        ('He said "no" and I was sad', "was", False),  # a unit of its own
        ('He said "no" because I was sad', "was", True),
        ('"No" and I was sad', "was", False),
        ("he was like you never listen", "never", True),
        ("it was like you never listen", "never", False),
        ('the so-called "fun was over', "over", False),  # an unpaired mark opens nothing
    ],
)
def test_quoted_and_reported_speech(text: str, word: str, quoted: bool) -> None:
    table = tokenize([Session("S", (Turn(1, "C", text),))])
    token = [table.lower_words[row] for row in table.word].index(word)
    assert bool(read_context(table).quoted[token]) == quoted


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("T: We seem to be stuck.", 1),
        ("T: We, you and your mother, were stuck.", 2),
        ("T: We never talk about your mother in here.", 1),
        ("T: You and your mother were stuck.", 0),
        ("T: We can work on that.", 1),
        ("T: So at work we is everyone.", 2),
        ("C: We fight a lot.", 2),
        ("C: We fight a lot, you know.", 2),
        ("C: We fight a lot, you and me.", 1),
        ("C: We talk in here.", 1),
        ("C: My husband and us in here.", 2),
        ("C: I went west.", 0),
        ("C: That is ours, yours too.", 2),
        ("C: That is ours, your point.", 1),
        ("C: We’re stuck here.", 1),
    ],
)
def test_who_we_are(line: str, who: int, session_of: Callable[..., Session]) -> None:
    table = tokenize([session_of(line)])
    assert read_context(table).we.tolist() == [who]
    assert holds(table, Condition(we="dyad")) == [who == 1]
    assert holds(table, Condition(we="others")) == [who == 2]


def test_what_is_said_does_not_reach_into_the_next_turn(session_of: Callable[..., Session]) -> None:
    reported = read_context(tokenize([session_of("C: and then she", "T: said you never listen")]))
    assert not reported.quoted.any()
    assert read_context(tokenize([session_of("C: and then she said you never listen")])).quoted.any()


def test_brief_and_lengthy_are_measured_by_the_speakers_own_median(session_of: Callable[..., Session]) -> None:
    lines = [
        *("C: one two three", "C: one two three", "C: one", "C: one two three four five six seven", "C: one two three"),
        *("C2: one", "C2: one", "C2: one two three", "C2: one"),
    ]
    table = tokenize([session_of(*lines)])
    assert holds(table, Condition(brief=True)) == [False] * 9  # one word of three is a third, not under it
    assert holds(table, Condition(lengthy=True)) == [False] * 3 + [True] + [False] * 3 + [True, False]
    longer = tokenize([session_of("C: one two three four", "C: one two three four", "C: one")])
    assert holds(longer, Condition(brief=True)) == [False, False, True]
    assert holds(longer, Condition(brief=False)) == [True, True, False]


def test_the_median_is_the_sessions_own(session_of: Callable[..., Session]) -> None:
    short = session_of("C: one", "C: one", "C: one two three", session_id="A")
    long = session_of("C: one two three four five six", session_id="B")
    assert holds(tokenize([short, long]), Condition(lengthy=True)) == [False, False, True, False]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(first=True), [True, False, False, True, True]),
        (Condition(last=True), [False, False, True, True, True]),
        (Condition(first=False, last=False), [False, True, False, False, False]),
        (Condition(turn_words_min=6), [True, True, True, False, False]),
        (Condition(turn_words_min=7), [False] * 5),
        (Condition(turn_words_max=3), [False, False, False, True, True]),
        (Condition(turn_words_max=1), [False, False, False, True, False]),
        (Condition(after_words_max=1), [True, True, True, False, True]),
        (Condition(after_words_max=0), [True, True, True, False, False]),
        (Condition(after_words_min=6), [False, False, False, True, False]),
        (Condition(speaker="T"), [True, True, True, False, False]),
        (Condition(speaker="C"), [False, False, False, True, True]),
        (Condition(thirds=[1, 3]), [True, True, True, False, True]),
    ],
)
def test_conditions_of_place_and_length(
    condition: Condition, expected: list[bool], session_of: Callable[..., Session]
) -> None:
    table = tokenize([session_of("T2: One two. [pause] Three. Four five six.", "C: Yes.", "C2: I do so.")])
    assert holds(table, condition) == expected


def test_the_turn_before_does_not_reach_over_sessions(session_of: Callable[..., Session]) -> None:
    one = session_of("T: How are you?", "C: Fine.", session_id="A")
    two = session_of("C: Fine.", session_id="B")
    context = read_context(tokenize([one, two]))
    assert context.after_question.tolist() == [False, True, False]
    assert context.before_words.tolist() == [0, 3, 0]


def test_after_a_question_is_after_a_turn_that_asks_one_anywhere(session_of: Callable[..., Session]) -> None:
    lines = ["T: How was it? Take your time.", "C: Good.", "T: Fine.", "C: Yes."]
    assert read_context(tokenize([session_of(*lines)])).after_question.tolist() == [False, False, True, False, False]


def test_conditions_combine(session_of: Callable[..., Session]) -> None:
    table = tokenize([session_of("T: Is it so?", "C: No.", "T: Well, that is quite a long one.")])
    assert holds(table, Condition(words_max=1)) == [False, True, False]
    assert holds(table, Condition(after_question=True, words_max=1)) == [False, True, False]
    assert holds(table, Condition(question=True, words_min=4)) == [False, False, False]
    assert holds(table, Condition(thirds=[3])) == [False, False, True]
    assert holds(table, Condition()) == [True, True, True]
