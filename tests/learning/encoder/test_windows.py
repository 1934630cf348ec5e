"""Word pieces and windows: every segment has its own pieces, and every piece is judged in exactly one window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.learning.encoder.pieces import Vocabulary, WordPieces, cut_pieces
from relcode.learning.encoder.windows import FRAME, Sizes, judging_windows, lay_out, learning_windows
from relcode.records import Session, Turn
from relcode.transcripts.tokens import TokenTable, tokenize

pytest.importorskip("tokenizers")

SIZES = Sizes(24, 6, 4)
WORDS = (
    "I am sad.",
    "Well, we drove home",
    "and then?",
    "😀",
    "e\u0301a\u0300 o",
    "שלום עולם",
    "[pause]",
    "\u200b",
    "x" * 40,
    "",
)
turns = st.lists(st.tuples(st.sampled_from("TC"), st.lists(st.sampled_from(WORDS), max_size=6)), max_size=7)
sessions = st.lists(turns, min_size=1, max_size=3)


def table_of(spoken: Sequence[Sequence[tuple[str, list[str]]]]) -> TokenTable:
    return tokenize(
        Session(f"S{n}", tuple(Turn(k, who, " ".join(words)) for k, (who, words) in enumerate(lines, start=1)))
        for n, lines in enumerate(spoken)
    )


def said(pieces: WordPieces, vocabulary: Vocabulary) -> list[str]:
    """By segment, its pieces put together."""
    names = {number: name for name, number in vocabulary.tokenizer.get_vocab().items()}
    found: dict[int, str] = {}
    for piece, segment in zip(pieces.piece.tolist(), pieces.segment.tolist(), strict=True):
        if segment >= 0:
            found[segment] = found.get(segment, "") + names[piece].removeprefix("##")
    return [found[row] for row in sorted(found)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am sad. Thank you!", ["iamsad.", "thankyou!"]),
        ("I am sad thank you!", ["iamsadthankyou!"]),
        ("😀😀 I am sad. Thank you.", ["[UNK]iamsad.", "thankyou."]),
        ("É\u0301a. Sad.", ["ea.", "sad."]),
        ("So sa\u0301d. Thank you.", ["sosad.", "thankyou."]),
        ("שלום. Sad.", ["[UNK].", "sad."]),
        ("", []),
    ],
)
def test_pieces_belong_to_the_segment_that_they_stand_in(
    text: str, expected: list[str], vocabulary: Vocabulary
) -> None:
    table = tokenize([Session("S", (Turn(1, "T", text),))])
    assert said(cut_pieces(table, vocabulary), vocabulary) == expected


def test_every_turn_opens_with_its_speakers_mark_also_an_empty_one(vocabulary: Vocabulary) -> None:
    table = tokenize([Session("S", (Turn(1, "T", "I am"), Turn(2, "C2", ""), Turn(3, "C", "Sad")))])
    pieces = cut_pieces(table, vocabulary)
    assert pieces.piece[pieces.segment < 0].tolist() == [vocabulary.therapist, vocabulary.client, vocabulary.client]
    assert pieces.turn.tolist() == [0, 0, 0, 1, 2, 2]


@settings(max_examples=40)
@given(spoken=sessions)
def test_every_segment_has_pieces_and_they_stand_in_order(
    vocabulary: Vocabulary, spoken: list[list[tuple[str, list[str]]]]
) -> None:
    table = table_of(spoken)
    pieces = cut_pieces(table, vocabulary)
    segments = pieces.segment[pieces.segment >= 0]
    assert np.unique(segments).tolist() == list(range(len(table.segment_turn)))
    assert (np.diff(segments) >= 0).all()
    assert (table.segment_turn[segments] == pieces.turn[pieces.segment >= 0]).all()
    assert (table.turn_session[pieces.turn] == pieces.session).all()


@settings(max_examples=40)
@given(spoken=sessions)
def test_every_piece_is_judged_once_in_its_own_session(
    vocabulary: Vocabulary, spoken: list[list[tuple[str, list[str]]]]
) -> None:
    table = table_of(spoken)
    pieces = cut_pieces(table, vocabulary)
    for windows in (judging_windows(pieces, SIZES), learning_windows(pieces, SIZES, np.random.default_rng(1))):
        judged = [row for window in windows for row in range(window.judged_first, window.judged_last)]
        assert sorted(judged) == list(range(len(pieces.piece)))
        for window in windows:
            assert len(set(pieces.session[window.first : window.last].tolist())) == 1
            assert window.first <= window.judged_first < window.judged_last <= window.last
            assert window.last - window.first + FRAME <= SIZES.length


@settings(max_examples=40)
@given(spoken=sessions)
def test_a_segment_that_fits_is_judged_in_one_window(
    vocabulary: Vocabulary, spoken: list[list[tuple[str, list[str]]]]
) -> None:
    pieces = cut_pieces(table_of(spoken), vocabulary)
    counts = np.bincount(pieces.segment[pieces.segment >= 0])
    homes: dict[int, set[int]] = {}
    for number, window in enumerate(judging_windows(pieces, SIZES)):
        for segment in pieces.segment[window.judged_first : window.judged_last].tolist():
            homes.setdefault(segment, set()).add(number)
    for segment, count in enumerate(counts.tolist()):
        assert (len(homes[segment]) == 1) or count > SIZES.judged - 1


def test_what_stands_before_and_behind_is_context_that_is_not_judged(vocabulary: Vocabulary) -> None:
    lines = [("T", ["I am sad."]), ("C", ["so we drove home"])] * 8
    table = table_of([lines])
    pieces = cut_pieces(table, vocabulary)
    windows = judging_windows(pieces, SIZES)
    batch = lay_out(pieces, windows, table.is_therapist, vocabulary)
    assert len(windows) > 2
    middle = windows[1]
    assert middle.judged_first - middle.first == SIZES.before
    assert middle.last - middle.judged_last == SIZES.behind
    row = batch.row[1]
    assert row[row >= 0].tolist() == list(range(middle.judged_first, middle.judged_last))
    assert batch.pieces[1][row >= 0].tolist() == pieces.piece[middle.judged_first : middle.judged_last].tolist()
    assert batch.pieces[1, 0] == vocabulary.begin
    assert batch.pieces[1, batch.mask[1].sum() - 1] == vocabulary.end
    assert (batch.pieces[batch.mask == 0] == vocabulary.blank).all()


def test_a_window_that_opens_within_a_turn_starts_with_its_speakers_mark(vocabulary: Vocabulary) -> None:
    table = table_of([[("C", ["so how are you today"] * 8), ("T", ["well"])]])
    pieces = cut_pieces(table, vocabulary)
    batch = lay_out(pieces, judging_windows(pieces, SIZES), table.is_therapist, vocabulary)
    assert batch.pieces[:, 0].tolist() == [vocabulary.begin] * len(batch.pieces)
    assert batch.pieces[:, 1].tolist() == [vocabulary.client] * len(batch.pieces)
    assert batch.pieces[1, 2] not in (vocabulary.client, vocabulary.therapist)
