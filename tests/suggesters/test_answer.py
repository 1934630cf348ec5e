"""From what a model wrote to spans: words that stand in the turn, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.records import Turn
from relcode.suggesters.llm.answer import items_of, spans_of
from relcode.suggesters.llm.client import NoAnswerError
from relcode.suggesters.llm.prompt import Window

WINDOW = Window(
    "S1",
    (Turn(3, "T", "I was moved."),),
    (Turn(4, "T", "I’m sad 🙂 — and I’m sad again."), Turn(5, "C", "Oh. You are? “Sad”, you say.")),
)


def placed(*items: Any) -> tuple[list[tuple[int, int, int, str]], dict[str, int]]:
    spans, left_out = spans_of(items, WINDOW)
    return [(span.turn, span.start, span.end, span.text) for span in spans], dict(left_out)


def item(**fields: Any) -> dict[str, Any]:
    return {"turn": 4, "code": "TSI", "quote": "sad again"} | fields


@pytest.mark.parametrize(
    ("fields", "span"),
    [
        ({}, (4, 20, 29, "sad again")),
        ({"quote": "  sad again\n"}, (4, 20, 29, "sad again")),
        ({"quote": "I'm sad again"}, (4, 16, 29, "I’m sad again")),  # apostrophes straightened
        ({"quote": "sad 🙂 - and"}, (4, 4, 15, "sad 🙂 — and")),
        ({"turn": "5", "quote": '"Sad"'}, (5, 13, 18, "“Sad”")),
        ({"quote": "I'm sad", "occurrence": 2}, (4, 16, 23, "I’m sad")),
        ({"quote": "I'm sad", "occurrence": 1}, (4, 0, 7, "I’m sad")),
        ({"quote": "sad again", "occurrence": 7}, (4, 20, 29, "sad again")),  # they stand there once
    ],
)
def test_a_quote_becomes_the_span_of_its_words(fields: dict[str, Any], span: tuple[int, int, int, str]) -> None:
    assert placed(item(**fields)) == ([span], {})


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (item(quote="sad once more"), "the words do not stand in the turn"),
        (item(quote="Sad again"), "the words do not stand in the turn"),
        (item(quote="I'm sad"), "the words stand several times in the turn"),
        (item(quote="I'm sad", occurrence=3), "the words stand several times in the turn"),
        (item(quote="I'm sad", occurrence=0), "the words stand several times in the turn"),
        (item(quote="  "), "no words are quoted"),
        (item(turn=3, quote="I was moved."), "the turn was not asked for"),
        (item(turn=99), "the turn was not asked for"),
        ({"turn": 4, "code": "TSI"}, "not of the form asked for"),
        (item(quote=None), "not of the form asked for"),
        ("TSI", "not of the form asked for"),
        (None, "not of the form asked for"),
        (item(turn="four"), "not of the form asked for"),
    ],
)
def test_what_does_not_fit_is_counted_by_its_reason(wrong: Any, reason: str) -> None:
    assert placed(wrong, item()) == ([(4, 20, 29, "sad again")], {reason: 1})


def test_the_reason_is_one_short_line() -> None:
    (span,), _ = spans_of([item(reason="own \n feeling " + "x" * 500)], WINDOW)
    assert span.why[0].startswith("own feeling xx")
    assert len(span.why[0]) == 200


@pytest.mark.parametrize(
    "content",
    [
        '{"labels": []}',
        '```json\n{"labels": []}\n```',
        '```\n{"labels": []}```',
        '<think>\nHm {"labels": 1}\n</think>\n\n{"labels": []}',
    ],
)
def test_json_may_stand_in_a_fence_or_behind_thoughts(content: str) -> None:
    assert items_of(content) == []


@pytest.mark.parametrize(
    "content", ["", "None.", '{"labels": ', '{"codes": []}', "[]", '{"labels": {}}', "[" * 5000, '"\ud800"']
)
def test_what_is_no_list_of_labels_is_no_answer(content: str) -> None:
    with pytest.raises(NoAnswerError):
        items_of(content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["turn", "code", "quote", "occurrence"]) | st.text(), inner)
    ),
)


@given(st.lists(json_values | st.fixed_dictionaries({
    "turn": st.integers(3, 6), "code": st.text(max_size=4),
    "quote": st.sampled_from([WINDOW.turns[0].text[a:b] for a in range(8) for b in range(a, 20)]),
}, optional={"occurrence": st.integers(-1, 3) | st.none()})))  # fmt: skip
def test_whatever_comes_each_item_is_a_span_of_its_words_or_counted(items: list[Any]) -> None:
    items = json.loads(json.dumps(items))
    spans, left_out = spans_of(items, WINDOW)
    texts = {turn.turn: turn.text for turn in WINDOW.turns}
    assert len(spans) + left_out.total() == len(items)
    for span in spans:
        assert texts[span.turn][span.start : span.end] == span.text != ""
