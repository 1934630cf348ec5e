"""Features: the same for a segment wherever and whenever it is read, from the arrays alone."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.pipeline import make_pipeline, make_union

from relcode.codebook import Codebook
from relcode.learning.features import (
    CharacterGrams,
    ClassGrams,
    ContextFeatures,
    CueEvidence,
    CueFeatures,
    Neighbour,
    SegmentFeatures,
    TokenGrams,
)
from relcode.learning.logistic import OneVsRestLogistic
from relcode.learning.segments import Segments, segments_of
from relcode.records import Session, Turn

WORDS = st.sampled_from(["i", "you", "felt", "zebra", "mm-hm", ".", "?", "[pause]"])
TALK = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=5)


def same(one: sparse.csr_matrix, other: sparse.csr_matrix) -> bool:
    return one.shape == other.shape and (not one.shape[0] or bool(abs(one - other).max() < 1e-5))


def length(matrix: sparse.csr_matrix) -> np.ndarray:
    return np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())


def of(text: str, features: SegmentFeatures) -> sparse.csr_matrix:
    return features.transform(segments_of([Session("S", (Turn(1, "T", text),))]))


def all_features(book: Codebook) -> list[SegmentFeatures]:
    of_turns = [TokenGrams(unit="turn", lengths=(1, 3)), CueFeatures(book, unit="turn"), CueEvidence(book, unit="turn")]
    of_segments = [
        TokenGrams(),
        ClassGrams(book),
        CharacterGrams(),
        CueFeatures(book),
        CueEvidence(book),
        ContextFeatures(),
    ]
    nearby = [Neighbour(each, before=before) for each in of_turns for before in (1, -2)]
    return [*of_segments, *of_turns, *nearby]


def session_of_talk(name: str, talk: list[str]) -> Session:
    return Session(name, tuple(Turn(n, "TC"[n % 2], text) for n, text in enumerate(talk, start=1)))


@pytest.mark.slow
@given(TALK, TALK, TALK)
def test_rows_are_the_same_whatever_other_sessions_are_in_the_table(
    small: Codebook, before: list[str], talk: list[str], after: list[str]
) -> None:
    sessions = [session_of_talk(name, said) for name, said in (("A", before), ("B", talk), ("C", after))]
    together, alone = segments_of(sessions), segments_of(sessions[1:2])
    own = together[together.table.segment_session == 1]
    for features in all_features(small):
        assert same(features.transform(own), features.transform(alone)), features


@pytest.mark.slow
def test_rows_of_a_real_session_are_the_same_alone(real: Any, book: Codebook) -> None:
    together = segments_of(real.sessions)
    own, alone = together[together.table.segment_session == 1], segments_of(real.sessions[1:2])
    for features in all_features(book):
        assert same(features.transform(own), features.transform(alone)), features


def test_a_word_has_a_column_that_can_be_computed_by_hand() -> None:
    """The column of a token is a hash of its lower-case form: no vocabulary, no seed of the process."""
    word = int.from_bytes(hashlib.blake2b(b"zebra", digest_size=8).digest(), "little")
    column = ((word * 0x9E3779B97F4A7C15 % 2**64) >> 24) % 2**18
    found = [of(text, TokenGrams())[0, column] > 0 for text in ("Zebra", "Horse")]
    assert found == [True, False]


@pytest.mark.slow
def test_rows_are_the_same_in_another_process(session_of: Callable[..., Session]) -> None:
    code = (
        "import hashlib; from relcode.learning.features import CharacterGrams, TokenGrams\n"
        "from relcode.learning.segments import segments_of; from relcode.records import Session, Turn\n"
        "X = segments_of([Session('S', (Turn(1, 'T', 'I felt moved. Did you?'), Turn(2, 'C', 'Zebra, maybe.')))])\n"
        "for m in (TokenGrams().transform(X), CharacterGrams().transform(X)):\n"
        "    print(hashlib.sha256(m.indices.tobytes() + m.indptr.tobytes() + m.data.tobytes()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    X = segments_of([session_of("T: I felt moved. Did you?", "C: Zebra, maybe.")])
    here = [features.transform(X) for features in (TokenGrams(), CharacterGrams())]
    parts = [each.indices.tobytes() + each.indptr.tobytes() + each.data.tobytes() for each in here]
    assert other.stdout.split() == [hashlib.sha256(part).hexdigest() for part in parts]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("You hurt me.", "you HURT me.", True),
        ("You hurt me.", "Me hurt you.", False),  # the same words in another order
        ("You hurt me.", "You hurt me", False),
        ("You hurt me.", "You  hurt me.", True),  # white space carries nothing
    ],
)
def test_grams_are_of_words_in_order_without_case(one: str, other: str, equal: bool) -> None:
    assert same(of(one, TokenGrams()), of(other, TokenGrams())) is equal


@pytest.mark.parametrize(
    ("lengths", "one", "other", "equal"),
    [
        ((1,), "a b c d", "a c b d", True),  # the edges are the same, and so are the words
        ((1,), "a b c d", "b a c d", False),  # another word at the edge
        ((2,), "x a b a b y", "x a b a b y", True),
        ((3,), "x a b c y", "x a c b y", False),
    ],
)
def test_lengths_of_runs_are_those_asked_for(lengths: tuple[int, ...], one: str, other: str, equal: bool) -> None:
    assert same(of(one, TokenGrams(lengths=lengths)), of(other, TokenGrams(lengths=lengths))) is equal


def test_characters_bring_spellings_together_that_words_keep_apart() -> None:
    def likeness(features: SegmentFeatures, one: str, other: str) -> float:
        return float((of(one, features) @ of(other, features).T).toarray()[0, 0])

    assert likeness(TokenGrams(), "therapist", "therapists") == 0
    assert (
        likeness(CharacterGrams(), "therapist", "therapists")
        > 0.6
        > 0.1
        > likeness(CharacterGrams(), "therapist", "mum")
    )
    assert likeness(CharacterGrams(), "ab cd", "cd ab") == pytest.approx(1)  # never across words


def test_of_rare_words_their_class_counts(small: Codebook) -> None:
    classes = ClassGrams(small)
    assert same(of("I'm sad today", classes), of("I'm moved today", classes))  # of one lexicon of the codebook
    assert not same(of("I'm sad today", classes), of("You're sad today", classes))
    assert same(of("I was walking", classes), of("I was driving", classes))
    assert not same(of("I was walking", classes), of("I was walked", classes))
    X = segments_of([Session("S", (Turn(1, "T", "I'm sad"),))])
    assert "'m <feeling>" in classes.spell(X).values()


def test_a_cue_counts_by_its_weight(small: Codebook) -> None:
    found = of("I'm moved, am I?", CueFeatures(small))
    assert sorted(found.data.tolist()) == pytest.approx([4 / 41**0.5, 5 / 41**0.5])


def test_rows_of_grams_and_cues_have_unit_length(real: Any, book: Codebook) -> None:
    X = segments_of(real.sessions[:1])
    for features in (TokenGrams(), TokenGrams(unit="turn"), CharacterGrams()):
        assert length(features.transform(X)) == pytest.approx(np.ones(len(X)), abs=1e-5)
    cues = length(CueFeatures(book).transform(X))
    assert set(np.round(cues, 5)) == {0.0, 1.0}  # nothing fires, or something does


def test_neighbours_do_not_reach_over_sessions(session_of: Callable[..., Session]) -> None:
    X = segments_of(
        [session_of("T: Hello there.", "C: Fine.", session_id="A"), session_of("T: Hello.", "C: Fine.", session_id="B")]
    )
    words = TokenGrams(unit="turn")
    before, after = (Neighbour(words, before=distance).transform(X) for distance in (1, -1))
    assert (length(before) > 0).tolist() == [False, True, False, True]
    assert (length(after) > 0).tolist() == [True, False, True, False]
    assert same(before[1], words.transform(X)[0])
    assert same(before[3], words.transform(X)[2])
    assert Neighbour(words, before=2).transform(X).nnz == 0


def test_neighbours_are_turns_whatever_is_chosen(session_of: Callable[..., Session]) -> None:
    X = segments_of([session_of("T: How was it?", "C: Long. I slept.", "T: Good.")])
    before = Neighbour(TokenGrams(unit="turn"))
    assert X.shape == (4,)
    assert same(before.transform(X)[1], before.transform(X)[2])
    assert same(before.transform(X[[3]]), before.transform(X)[[3]])
    assert before.transform(X[[3]]).nnz > 0
    with pytest.raises(ValueError, match="unit='turn'"):
        Neighbour(TokenGrams()).transform(X)


def test_a_turn_after_an_empty_one_has_nothing_before_it() -> None:
    X = segments_of([Session("S", (Turn(1, "T", "Hello there."), Turn(2, "C", ""), Turn(3, "T", "Hello again.")))])
    assert Neighbour(TokenGrams(unit="turn")).transform(X).nnz == 0
    assert Neighbour(TokenGrams(unit="turn"), before=2).transform(X)[1].nnz > 0
    context = (
        ContextFeatures()
        .transform(X)
        .toarray()[:, list(ContextFeatures().get_feature_names_out()).index("before-words")]
    )
    assert context.tolist() == [0.0, 0.0]


def test_a_cue_stands_in_its_own_column_and_evidence_in_its_codes(
    session_of: Callable[..., Session], small: Codebook
) -> None:
    X = segments_of([session_of("T: I'm tall. I'm moved.", "C: Thank you.")])
    cues, evidence = CueFeatures(small), CueEvidence(small)
    column = list(cues.get_feature_names_out()).index("TSI:own-reaction")
    assert cues.transform(X)[:, [column]].toarray().ravel().tolist() == [0.0, 1.0, 0.0]
    of_turn = CueFeatures(small, unit="turn").transform(X)[:, [column]].toarray().ravel()
    assert of_turn.tolist() == [1.0, 1.0, 0.0]
    code = list(evidence.get_feature_names_out()).index("TSI")
    first, second, client = evidence.transform(X).toarray()[:, code]
    assert 0 < first < second
    assert client == 0
    assert CueEvidence(small, unit="turn").transform(X).toarray()[0, code] == second


def test_hashes_have_no_names_but_can_be_spelled(session_of: Callable[..., Session]) -> None:
    X = segments_of([session_of("T: Zebra crossing.", "C: No.")])
    words = TokenGrams()
    with pytest.raises(AttributeError, match="hashes"):
        words.get_feature_names_out()
    spelled = words.spell(X)
    assert set(words.transform(X).indices) == set(spelled)
    assert {"zebra", "zebra crossing", "(edge) zebra", "no"} <= set(spelled.values())
    assert "no" not in set(words.spell(X[[0]]).values())


def test_the_words_are_not_read_again(real: Any, small: Codebook) -> None:
    """Sessions whose texts are taken away after tokenizing give the same features."""
    table = segments_of(real.sessions[:1]).table
    emptied = tuple(
        Session(session.session_id, tuple(Turn(turn.turn, turn.speaker, "") for turn in session.turns))
        for session in table.sessions
    )
    for features in all_features(small):
        blind = features.transform(Segments(replace(table, sessions=emptied)))
        assert same(blind, features.transform(Segments(table)))


@pytest.mark.parametrize("sessions", [[], [Session("S", ())], [Session("S", (Turn(1, "T", ""), Turn(2, "C", " ")))]])
def test_nothing_said_gives_no_row(sessions: list[Session], small: Codebook) -> None:
    for features in all_features(small):
        assert features.transform(segments_of(sessions)).shape[0] == 0, features


def test_each_can_be_used_alone_in_a_pipeline(session_of: Callable[..., Session], small: Codebook) -> None:
    X = segments_of([session_of(*["T: I'm moved.", "C: Fine.", "T: Did you go?", "C: No."] * 3)])
    moved = np.tile([1, 0, 0, 0], 3)
    for features in (TokenGrams(), CharacterGrams(), CueEvidence(small), ContextFeatures()):
        assert make_pipeline(features, OneVsRestLogistic(C=50)).fit(X, moved).predict(X).tolist() == moved.tolist()
    union = make_union(CueFeatures(small), ContextFeatures())
    assert "cuefeatures__TSI:own-reaction" in union.fit(X).get_feature_names_out()
