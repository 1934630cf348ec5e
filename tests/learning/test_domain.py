"""Sessions unlike those of training: other languages, no order of words, no punctuation; and those that are like them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from relcode.learning.domain import Domain, fit_domain
from relcode.records import Session, Turn
from relcode.transcripts import read_sessions
from relcode.transcripts.tokens import tokenize

Corpus = Callable[[str], Sequence[Path]]
GERMAN = (
    "Guten Morgen, wie geht es Ihnen heute?",
    "Nicht so gut, ich habe kaum geschlafen und war die ganze Woche sehr traurig.",
    "Das tut mir leid. Was hat Sie denn wach gehalten?",
    "Meine Schwester hat angerufen, und wir haben wieder gestritten.",
)


@pytest.fixture(scope="module")
def domain(corpus: Corpus) -> Domain:
    found = fit_domain(tokenize(read_sessions(corpus("transcripts"))))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def others(corpus: Corpus) -> list[Session]:
    return read_sessions(corpus("transcripts3"))[:4]


def said(session: Session, change: Callable[[str], str]) -> Session:
    turns = tuple(Turn(turn.turn, turn.speaker, change(turn.text)) for turn in session.turns)
    return Session(session.session_id, turns, session.metadata)


def shuffled(text: str) -> str:
    words = text.split()
    random.Random(len(text)).shuffle(words)
    return " ".join(words)


def unlike(domain: Domain, *sessions: Session) -> list[tuple[str, ...]]:
    return [judgement.unlike for judgement in domain.judge(tokenize(sessions)) if judgement is not None]


def test_sessions_by_other_people_are_like_those_of_training(domain: Domain, others: list[Session]) -> None:
    assert unlike(domain, *others) == [()] * 4


def test_another_language_is_not(domain: Domain) -> None:
    turns = tuple(Turn(number + 1, "TC"[number % 2], text) for number, text in enumerate(GERMAN * 5))
    assert unlike(domain, Session("S1", turns)) == [("new words", "new pairs of words")]


def test_the_same_words_in_no_order_are_not(domain: Domain, others: list[Session]) -> None:
    for found in unlike(domain, *(said(session, shuffled) for session in others)):
        assert "new pairs of words" in found
        assert "new words" not in found


def test_a_session_without_punctuation_is_not(domain: Domain, others: list[Session]) -> None:
    bare = said(others[0], lambda text: "".join(letter for letter in text if letter.isalnum() or letter in " '"))
    assert "punctuation" in unlike(domain, bare)[0]


def test_a_session_of_one_monologue_is_not(domain: Domain, others: list[Session]) -> None:
    whole = " ".join(turn.text for turn in others[0].turns)
    assert "length of turns" in unlike(domain, Session("S1", tuple(Turn(n, "C", whole) for n in range(1, 30))))[0]


def test_of_few_words_nothing_is_said(domain: Domain, session_of: Callable[..., Session]) -> None:
    assert (
        domain.judge(tokenize([session_of("T: Guten Morgen."), session_of(*(["C: Ich weiß nicht."] * 20))]))[0] is None
    )


def test_a_judgement_does_not_depend_on_the_sessions_beside(domain: Domain, others: list[Session]) -> None:
    together = domain.judge(tokenize(others))
    assert [domain.judge(tokenize([session]))[0] for session in others] == together


def test_no_session_and_a_session_without_words_are_judged_too(domain: Domain) -> None:
    assert domain.judge(tokenize([])) == []
    assert domain.judge(tokenize([Session("S1", (Turn(1, "C", ""),))])) == [None]


def test_too_few_sessions_or_dyads_say_nothing(others: list[Session]) -> None:
    assert fit_domain(tokenize(others)) is None
    one_dyad = [replace_dyad(session, "D") for session in [*others, *others]]
    assert fit_domain(tokenize(one_dyad)) is None


def replace_dyad(session: Session, dyad: str) -> Session:
    return Session(session.session_id, session.turns, {**session.metadata, "dyad": dyad})


def test_what_is_written_is_read(domain: Domain, others: list[Session]) -> None:
    table = tokenize(others)
    read = Domain.read(domain.arrays())
    assert read is not None
    assert read.judge(table) == domain.judge(table)
    assert Domain.read({}) is None
    assert Domain.read({**domain.arrays(), "domain_measures": np.zeros((2, 3))}) is None
