"""Pages: how sessions are cut, and the way between a page's offsets and its turns'."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.batches.runs import LONG_TURN
from relcode.doccano.layout import Frame, frame_for
from relcode.doccano.pages import (
    build_page,
    frame_of,
    make_pages,
    manifest_entry,
    page_from_manifest,
    suggestions_of,
)
from relcode.records import Session, Span, Turn

LINES = st.lists(st.text(st.sampled_from("ab 🙂\n\u0301]:"), max_size=12), min_size=1, max_size=50)


def session_of_texts(texts: list[str]) -> Session:
    return Session("S1", tuple(Turn(n, "TC"[n % 2], text) for n, text in enumerate(texts, start=1)))


def span_of(page_text: str, turn: int, start: int, end: int) -> Span:
    return Span("S1", turn, start, end, page_text[start:end], "TSI")


@given(LINES)
def test_pages_cover_every_turn_once_and_in_order(texts: list[str]) -> None:
    session = session_of_texts(texts)
    placed = [turn for page in make_pages(session, batch="1", coder="a") for turn in page.turns]
    assert [turn.turn for turn in placed] == [turn.turn for turn in session.turns]


@given(LINES)
def test_the_way_to_the_page_and_back_is_the_identity(texts: list[str]) -> None:
    session = session_of_texts(texts)
    for page in make_pages(session, batch="1", coder="a"):
        for turn in page.turns:
            text = session.turns[turn.turn - 1].text
            assert page.turn_text(turn) == text
            if text.strip():
                start, end = page.place(span_of(text, turn.turn, 0, len(text))) or (-1, -1)
                assert [(piece[0].turn, *piece[1:]) for piece in page.pieces(start, end)] == [(turn.turn, 0, len(text))]


@pytest.mark.parametrize(("turns", "sizes"), [(1, [1]), (20, [20]), (21, [10, 11]), (45, [15, 15, 15]), (100, None)])
def test_pages_are_balanced_and_hold_at_most_twenty_turns(turns: int, sizes: list[int] | None) -> None:
    pages = make_pages(session_of_texts(["words"] * turns), batch="1", coder="a")
    found = [len(page.turns) for page in pages]
    assert sum(found) == turns
    assert max(found) <= 20
    if sizes is not None:
        assert sorted(found) == sizes
    if turns >= 45:
        assert min(found) >= 12


def test_a_very_long_turn_is_a_page_by_itself_and_is_not_split() -> None:
    long, short = "x" * LONG_TURN, "x" * (LONG_TURN - 1)
    pages = make_pages(session_of_texts(["a", long, "b"]), batch="1", coder="a")
    assert [[turn.turn for turn in page.turns] for page in pages] == [[1], [2], [3]]
    assert len(make_pages(session_of_texts(["a", short, "b"]), batch="1", coder="a")) == 1


def test_a_page_says_which_it_is_and_shows_context_on_both_sides_that_carries_no_label() -> None:
    texts = [f"words {n}" for n in range(1, 46)]
    first, second, third = make_pages(session_of_texts(texts), batch="1", coder="a")
    assert first.text.startswith("— page 1 of 3 of this session —\n[1] C: words 1\n")
    assert third.text.endswith("\n[45] C: words 45")
    own = range(second.turns[0].start, second.turns[-1].end)
    head, foot = second.text[: own.start], second.text[own.stop :]
    assert head == (
        "— page 2 of 3 of this session —\n— context, already coded —\n"
        "[14] T: words 14\n[15] C: words 15\n——— code from here ———\n[16] T: "
    )
    assert foot == ("\n——— code to here ———\n— context, has its own page —\n[31] C: words 31\n[32] T: words 32")
    assert list(second.pieces(0, own.start)) == list(second.pieces(own.stop, len(second.text))) == []


@pytest.mark.parametrize(
    ("own", "earlier", "before", "after"),
    [
        (range(1, 46), (), "own", "own"),
        (range(16, 31), (), "open", "open"),
        (range(1, 31), (), "own", "open"),
        (range(16, 31), range(1, 16), "earlier", "open"),
        (range(16, 31), range(31, 46), "open", "earlier"),
        ((*range(15, 31), 31), (14,), "earlier", "open"),  # one turn on another page, one coded before or not at all
    ],
)
def test_context_is_marked_by_what_the_coder_has_of_it(own: Any, earlier: Any, before: str, after: str) -> None:
    session = session_of_texts(["words"] * 45)
    assert frame_for(session, (16, 30), (2, 3), own, earlier) == Frame(2, 3, before, after)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("a" * 300 + "b" * 300, "… " + "a" * 100 + "b" * 300, "a" * 300 + "b" * 100 + " …"),
        ("one two " * 100, "… two " + "one two " * 49, "one two " * 49 + "one two …"),  # cut between words
        ("a" * 400, "a" * 400, "a" * 400),
    ],
)
def test_long_turns_of_the_context_keep_what_is_nearest(text: str, before: str, after: str) -> None:
    session = session_of_texts([text, "one", text])
    page = build_page(session, (2, 2), Frame(2, 3), batch="1", coder="a")
    lines = page.text.split("\n")
    assert (lines[2], lines[-1]) == (f"[1] C: {before}", f"[3] C: {after}")
    assert lines[4] == "[2] T: one"


def test_a_page_of_a_former_version_is_laid_out_as_it_was() -> None:
    session = session_of_texts([f"words {n}" for n in range(1, 6)])
    page = build_page(session, (4, 5), None, batch="1", coder="a")
    assert page.text == (
        "— context, already on the page before —\n[2] T: words 2\n[3] C: words 3\n— code from here —\n"
        "[4] T: words 4\n[5] C: words 5"
    )
    assert build_page(session, (1, 2), None, batch="1", coder="a").text == "[1] C: words 1\n[2] T: words 2"
    assert page.uid == build_page(session, (4, 5), Frame(2, 2), batch="1", coder="a").uid


def test_a_range_over_marks_and_turns_is_cut_to_the_turns_texts() -> None:
    (page,) = make_pages(session_of_texts(["one two", "three\nfour", " "]), batch="1", coder="a")
    assert page.text == "— page 1 of 1 of this session —\n[1] C: one two\n[2] T: three\nfour\n[3] C:  "
    found = [(turn.turn, start, end) for turn, start, end in page.pieces(0, len(page.text))]
    assert found == [(1, 0, 7), (2, 0, 10)]  # the third turn holds white space alone
    mark = page.text.index("[1]")
    assert list(page.pieces(0, mark + 7)) == []  # the mark `[1] C: `
    assert [(start, end) for _, start, end in page.pieces(mark + 4, mark + 10)] == [(0, 3)]


def test_the_page_id_follows_from_content_and_addressee() -> None:
    def uids(texts: list[str], batch: str = "1", coder: str = "a") -> list[str]:
        return [page.uid for page in make_pages(session_of_texts(texts), batch=batch, coder=coder)]

    texts = ["one", "two"]
    assert uids(texts) == uids(texts)
    others = [uids(["one", "two!"]), uids(texts, batch="2"), uids(texts, coder="b")]
    assert all(uids(texts) != other for other in others)


def test_a_page_comes_back_from_its_manifest_entry() -> None:
    (page,) = make_pages(session_of_texts(["one", "two"]), batch="1", coder="a")
    span = span_of("one", 1, 0, 3)
    entry = manifest_entry(page, "c@1.0.0", [span], shown=True, frame=Frame(1, 1))
    assert page_from_manifest(entry, page.text) == page
    assert frame_of(json.loads(json.dumps(entry))) == Frame(1, 1)
    assert frame_of(manifest_entry(page, "c@1.0.0", [], shown=True)) is None
    assert suggestions_of(manifest_entry(page, "c@1.0.0", [span], shown=True)) == [span]
    assert suggestions_of(manifest_entry(page, "c@1.0.0", [span], shown=False)) == []


def test_no_word_stands_in_a_repr() -> None:
    (page,) = make_pages(session_of_texts(["secret"]), batch="1", coder="a")
    assert "secret" not in repr(page)


def test_each_key_is_given_once_also_where_codebooks_are_used_together() -> None:
    from relcode.codebook import Code, Codebook
    from relcode.doccano.projects import label_keys

    def code(name: str, key: str | None) -> Code:
        return Code(id=name, name=name, speakers=["T"], definition=name, prior=0.1, key=key)

    book = Codebook(
        id="b", version="1.0.0", title="b", authors=["t"],
        codes=[code("A", "1"), code("B", "a"), code("C", "a"), code("D", None)],
    )  # fmt: skip
    assert label_keys(book) == {"A": "1", "B": "a", "C": "2", "D": "3"}
    many = Codebook(id="b", version="1.0.0", title="b", authors=["t"], codes=[code(f"C{n}", None) for n in range(40)])
    assert len(set(label_keys(many).values())) == len(label_keys(many)) == 36
