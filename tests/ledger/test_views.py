"""What holds now, whatever was written and in whatever order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.ledger import RECODE, Event, Ledger, NewEvent, views


def span(start: int, code: str = "TSI", session_id: str = "S1") -> dict[str, Any]:
    return {"session_id": session_id, "turn": 1, "start": start, "end": start + 2, "text": "ab", "code": code}


def event(kind: str, payload: dict[str, Any]) -> Event:
    return Event(0, "", kind, "test", payload, "", "")


def label(kind: str, coder: str, batch: str, page: str, start: int, code: str = "TSI") -> Event:
    provenance = "added" if kind == "label" else "removed"
    payload = {"page": page, "batch": batch, "coder": coder, "span": span(start, code), "provenance": provenance}
    return event(kind, payload)


LABEL_EVENTS = st.lists(
    st.builds(
        label,
        st.sampled_from(["label", "unlabel"]),
        st.sampled_from(["A", "B"]),
        st.sampled_from(["b1", "b2"]),
        st.sampled_from(["p1", "p2"]),
        st.integers(0, 3),
        st.sampled_from(["TSI", "META"]),
    ),
    max_size=40,
)


@given(LABEL_EVENTS, st.sampled_from(["A", "B"]), st.sampled_from([None, "b1", "b2"]))
def test_current_labels_are_those_whose_last_word_was_label(events: list[Event], coder: str, batch: str | None) -> None:
    last: dict[tuple[object, ...], str] = {}
    for each in events:
        payload = each.payload
        if payload["coder"] == coder and (batch is None or payload["batch"] == batch):
            key = (payload["span"]["start"], payload["span"]["code"])
            last[(payload["batch"], payload["page"], *key)] = each.kind
    expected = {place[2:] for place, kind in last.items() if kind == "label"}
    labels = views.current_labels(events, coder, batch=batch)
    assert {(each.start, each.code) for each in labels} == expected
    assert len(labels) == len(expected)
    assert all(each.source == f"coder:{coder}" for each in labels)


@pytest.mark.slow
@given(LABEL_EVENTS)
def test_the_file_and_the_events_in_memory_give_the_same_labels(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.db")
        ledger.append([NewEvent(each.kind, "test", each.payload) for each in events])
        for coder in "AB":
            assert ledger.labels(coder) == views.current_labels(events, coder)


def test_labels_stand_in_the_order_in_which_they_were_set() -> None:
    events = [label("label", "A", "b1", "p1", start) for start in (3, 1, 2)]
    assert [each.start for each in views.current_labels(events, "A")] == [3, 1, 2]
    events += [label("unlabel", "A", "b1", "p1", 3), label("label", "A", "b1", "p1", 3)]
    assert [each.start for each in views.current_labels(events, "A")] == [1, 2, 3]


def test_a_rejected_suggestion_that_was_never_a_label_changes_nothing() -> None:
    assert views.current_labels([label("unlabel", "A", "b1", "p1", 1)], "A") == []


@given(st.lists(st.tuples(st.sampled_from(["confirm", "unconfirm"]), st.sampled_from(["p1", "p2"]))))
def test_a_page_is_confirmed_when_the_last_word_was_confirm(words: list[tuple[str, str]]) -> None:
    events = [event(kind, {"page": page, "batch": "b1", "coder": "A"}) for kind, page in words]
    last = {page: kind for kind, page in words}
    assert views.confirmed_pages(events, "A") == {page for page, kind in last.items() if kind == "confirm"}
    assert views.confirmed_pages(events, "B") == set()


@given(st.lists(st.tuples(st.sampled_from(["accept", "unaccept"]), st.integers(0, 3))))
def test_accepted_labels_are_those_not_taken_back(words: list[tuple[str, int]]) -> None:
    payload = {"decision": "kept", "reason": "", "coders": ["A"]}
    events = [event(kind, {**payload, "span": span(start)}) for kind, start in words]
    last = {start: kind for kind, start in words}
    accepted = views.current_accepted(events)
    assert {each.start for each in accepted} == {start for start, kind in last.items() if kind == "accept"}
    assert {each.source for each in accepted} <= {"accepted"}


def page(name: str, coder: str = "A", batch: str = "b1", shown: bool = True, **further: str) -> NewEvent:
    return NewEvent(
        "page",
        "relcode push",
        {
            "page": name,
            "batch": batch,
            "coder": coder,
            "session_id": "S1",
            "session_sha256": "0",
            "first_turn": 1,
            "last_turn": 9,
            "text_sha256": "1",
            "codebook": "relational-core@1.0.0",
            "suggestions": [],
            "shown": shown,
            **further,
        },
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def test_pages_can_be_asked_for_by_coder_and_batch(ledger: Ledger) -> None:
    ledger.append([page("p1"), page("p2", coder="B"), page("p3", batch="b2"), page("p1", shown=False)])
    assert [each["page"] for each in ledger.pages()] == ["p1", "p2", "p3"]
    assert [each["page"] for each in ledger.pages("A")] == ["p1", "p3"]
    assert [each["page"] for each in ledger.pages(batch="b1")] == ["p1", "p2"]
    assert [each["page"] for each in ledger.pages("B", "b2")] == []
    assert ledger.pages()[0]["shown"] is False
    assert ledger.coders() == ["A", "B"]


def test_pages_and_labels_of_another_role_are_read_by_that_role_alone(ledger: Ledger) -> None:
    ledger.append([page("p1"), page("p2", batch="b2", role=RECODE)])
    given_now = [label("label", "A", "b1", "p1", 1), label("label", "A", "b2", "p2", 3)]
    ledger.append([NewEvent(each.kind, "x", each.payload) for each in given_now])
    assert [each["page"] for each in ledger.pages()] == ["p1"]
    assert [each["page"] for each in ledger.pages(role=RECODE)] == ["p2"]
    assert [each["page"] for each in ledger.pages(role=None)] == ["p1", "p2"]
    assert [each.start for each in ledger.labels("A")] == [1]
    assert [each.start for each in ledger.labels("A", role=RECODE)] == [3]
    assert [each.start for each in ledger.labels("A", role=None)] == [1, 3]


def test_a_session_is_on_record_as_deidentified_in_that_text_alone(ledger: Ledger) -> None:
    ledger.append(
        [
            NewEvent("deid", "x", {"session_id": "S1", "session_sha256": "aa", "findings": 3, "mode": "tag"}),
            NewEvent("deid_override", "x", {"session_id": "S2", "session_sha256": "bb", "reason": "synthetic"}),
        ]
    )
    assert ledger.deid_record("S1", "aa")
    assert ledger.deid_record("S2", "bb")
    assert not ledger.deid_record("S1", "bb")
    assert not ledger.deid_record("S3", "aa")
