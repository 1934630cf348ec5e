"""Text as it comes: very long, empty, without punctuation, of any script. No crash, and offsets that are right."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.codebook import load_codebook
from relcode.codebook.schema import Code, Codebook, Condition, Cue
from relcode.cues import CueEngine, preannotate, suggest
from relcode.records import Session, Span, Turn
from relcode.transcripts.tokens import tokenize

SMALL = Codebook(
    id="small",
    version="1.0.0",
    title="Small",
    authors=["A"],
    codes=[
        Code(
            id="X", name="x", speakers=["T", "C"], definition="d", prior=0.4,
            cues=[
                Cue(id="words", weight=3, patterns=["^ .. sad", "i .. feel|felt .. *", "sad $", "!you re:^[^a-z]"]),
                Cue(id="quoted", weight=2, patterns=["*"], when=Condition(quoted=True)),
                Cue(id="before", weight=1, patterns=["* *"], in_="before", when=Condition(brief=True)),
                Cue(id="with", weight=1, when=Condition(with_=["X"], after=["Y"], last=True)),
            ],
        ),
        Code(id="Y", name="y", speakers=["T", "C"], definition="d", prior=0.3,
             cues=[Cue(id="asks", weight=4, when=Condition(question=True)), Cue(use="X/words", weight=-2)]),
    ],
)  # fmt: skip


@cache
def engine(name: str) -> CueEngine:
    return CueEngine(SMALL if name == "small" else load_codebook(name))


PIECES = st.one_of(
    st.text(max_size=6),
    st.text(alphabet="\u0300\u0301\u20dd\ufe0f\u200d\u200b\ufeff\u00ad", max_size=3),  # combining, joiners, no width
    st.text(alphabet="שלוםمرحبا\u200f\u202e،؟", max_size=8),  # right to left, with its marks
    st.sampled_from(["🙂", "👩‍👩‍👧", "🏳️‍🌈", "é", "e\u0301", "ẞ", "İ", "ǅ", "ﬁ", "１", "。", "‽", "¿"]),
    st.sampled_from(["[", "]", "[pause]", "[NAME_1]", "(", ")", '"', "“", "”", "’", "--", "...", "?!", ".", ";", "\n", "\t"]),
    st.sampled_from(["I felt sad", "I’M SAD", "did you", "she said", "and i", "we", "sad", "because it", "didnt", "WHY"]),
)  # fmt: skip
TEXT = st.lists(PIECES, max_size=12).flatmap(
    lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces), " ".join(pieces).upper()])
)
TURNS = st.lists(st.tuples(st.sampled_from(["T", "C", "C2"]), TEXT), min_size=1, max_size=5)


def check(spans: list[Span], session: Session) -> None:
    texts = {turn.turn: turn.text for turn in session.turns}
    for span in spans:
        text = texts[span.turn]
        assert 0 <= span.start < span.end <= len(text)
        assert span.text == text[span.start : span.end]
        assert span.text == span.text.strip()
        assert span.score is not None
        assert 0 < span.score <= 1


def session_with(turns: list[tuple[str, str]]) -> Session:
    return Session("S", tuple(Turn(number, who, text) for number, (who, text) in enumerate(turns, start=1)))


@settings(max_examples=80, deadline=None)
@given(TURNS)
def test_any_text_gives_right_offsets(turns: list[tuple[str, str]]) -> None:
    session = session_with(turns)
    for threshold in (None, 0.001):
        check(suggest(tokenize([session]), engine("small"), threshold=threshold), session)


@settings(max_examples=8, deadline=None)
@given(st.lists(TEXT, min_size=10, max_size=40))
def test_any_text_gives_right_offsets_with_a_shipped_codebook(texts: list[str]) -> None:
    session = session_with([("TC"[number % 2], text) for number, text in enumerate(texts)])
    check(suggest(tokenize([session]), engine("relational-core"), threshold=0.02), session)


@settings(max_examples=80, deadline=None)
@given(TURNS)
def test_segments_cover_every_word_once_and_in_order(turns: list[tuple[str, str]]) -> None:
    session = session_with(turns)
    table = tokenize([session])
    texts = [text for _, text in turns]
    for row, start, end in zip(table.turn_row, table.start, table.end, strict=True):
        assert 0 <= start < end <= len(texts[row])
    for number, text in enumerate(texts, start=1):
        own = [segment for segment in table.segments if segment.turn == number]
        outside = [
            text[a:b] for a, b in zip([0, *(s.end for s in own)], [*(s.start for s in own), len(text)], strict=True)
        ]
        assert not "".join(outside).strip()  # between segments stands nothing but space
        assert [segment.segment for segment in own] == list(range(1, len(own) + 1))


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n", "🙂", "👩‍👩‍👧 🏳️‍🌈", "...", "[pause]", "[", '"', "\u0301", "שלום", "I FELT SAD", "\u200b", "?", "a\x00b"],
)  # fmt: skip
def test_odd_turns_neither_crash_nor_change_what_stands_beside(text: str) -> None:
    session = session_with([("T", text), ("C", "I felt sad"), ("T", text)])
    found = preannotate([session], SMALL)
    check(found, session)
    assert (2, "X", "I felt sad") in [(span.turn, span.code, span.text) for span in found]


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("I FELT SAD", True),
        ("I FELT BAD", False),
        ("🙂 i felt sad 🙂", True),
        ("so i felt\u00a0sad", True),
        ("שלום", False),
    ],
)
def test_capitals_and_emoji_match_like_other_words(text: str, hit: bool) -> None:
    session = session_with([("C", text)])
    small = Codebook(
        id="one", version="1.0.0", title="One", authors=["A"],
        codes=[Code(id="X", name="x", speakers=["C"], definition="d", prior=0.1,
                    cues=[Cue(id="sad", weight=5, patterns=["i felt sad"])])],
    )  # fmt: skip
    assert [span.text for span in preannotate([session], small)] == ([text] if hit else [])


LONG = 50_000


@pytest.mark.parametrize("name", ["small", "relational-core"])
@pytest.mark.parametrize(
    "words",
    [
        ("i", "felt", "so", "very", "sad", "and", "then", "she", "said", "you", "know"),  # a recogniser's
        ("sad",),
        ("and", "i"),
        ("what", "?", "no", "."),
        ("[", "pause", '"', ";"),
    ],
    ids=["recogniser", "one-word", "openers", "short", "marks"],
)
def test_a_turn_of_fifty_thousand_words(name: str, words: tuple[str, ...]) -> None:
    text = " ".join(words * (LONG // len(words)))
    session = session_with([("T", "So?"), ("C", text), ("T", "I felt sad.")])
    check(suggest(tokenize([session]), engine(name)), session)
