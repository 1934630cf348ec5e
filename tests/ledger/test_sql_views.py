"""The views in the database say what `views.py` says, whatever was written and in whatever order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from postgres import PostgresServer
from relcode.ledger import CODE, RECODE, Event, Ledger, NewEvent, views
from relcode.ledger.events import role_of

CODERS, BATCHES, PAGES = ("A", "B"), ("b1", "b2"), ("p1", "p2")
on_a_page = st.fixed_dictionaries(
    {"coder": st.sampled_from(CODERS), "batch": st.sampled_from(BATCHES), "page": st.sampled_from(PAGES)}
)
spans = st.fixed_dictionaries(
    {
        "session_id": st.sampled_from(["S1", "S2"]),
        "turn": st.just(3),
        "start": st.integers(0, 2),
        "end": st.just(9),
        "text": st.sampled_from(["ab", "nul \0", "half \ud800"]),
        "code": st.sampled_from(["TSI", "META"]),
        "score": st.sampled_from([0.25, 0.5]),
    }
)


def _page(place: dict[str, str], role: str | None) -> NewEvent:
    payload: dict[str, Any] = {
        **place,
        "session_id": "S1",
        "session_sha256": "0",
        "first_turn": 1,
        "last_turn": 9,
        "text_sha256": "1",
        "codebook": "relational-core@1.0.0",
        "suggestions": [],
        "shown": True,
    }
    return NewEvent("page", "test", payload if role is None else {**payload, "role": role})


def _label(kind: str, place: dict[str, str], span: dict[str, Any]) -> NewEvent:
    return NewEvent(kind, "test", {**place, "span": span, "provenance": "added"})


def _decision(kind: str, span: dict[str, Any]) -> NewEvent:
    return NewEvent(kind, "test", {"span": span, "decision": "kept", "reason": "", "coders": ["A"]})


HISTORIES = st.lists(
    st.one_of(
        st.builds(_page, on_a_page, st.sampled_from([None, CODE, RECODE])),
        st.builds(_label, st.sampled_from(["label", "unlabel"]), on_a_page, spans),
        st.builds(NewEvent, st.sampled_from(["confirm", "unconfirm"]), st.just("test"), on_a_page),
        st.builds(_decision, st.sampled_from(["accept", "unaccept"]), spans),
    ),
    min_size=1,
    max_size=60,
)


def in_sql(url: str, view: str, *columns: str) -> list[tuple[Any, ...]]:
    """What a view of the database shows, read by a plain client."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+pg8000:"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        query = f"SELECT {', '.join(columns)} FROM {view} ORDER BY seq"
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def place(event: Event) -> tuple[str, ...]:
    return tuple(event.payload[key] for key in ("coder", "batch", "page"))


def check(url: str, history: list[NewEvent]) -> None:
    ledger = Ledger(url)
    ledger.append(history)
    events = list(ledger.events())
    roles = {place(event): role_of(event.payload) for event in views.standing_pages(events)}
    on_page = ("seq", "coder", "batch", "page", "role")
    assert sorted(in_sql(url, "pushed_pages", *on_page)) == sorted(
        (event.seq, *place(event), role_of(event.payload)) for event in views.standing_pages(events)
    )
    assert in_sql(url, "confirmed_pages", *on_page) == [
        (event.seq, *place(event), roles.get(place(event), CODE))
        for event in sorted(views.standing_ticks(events), key=lambda event: event.seq)
    ]
    span_columns = ("session_id", "turn", "span_start", "span_end", "code")
    assert in_sql(url, "current_labels", *on_page, *span_columns, "provenance") == [
        (event.seq, *place(event), roles.get(place(event), CODE), *span.key, "added")
        for event, span in views.standing_labels(events, role=None)
    ]
    assert in_sql(url, "current_accepted", "seq", *span_columns, "decision") == [
        (event.seq, *span.key, "kept") for event, span in views.standing_accepted(events)
    ]
    check_reading(ledger, events)
    assert ledger.verify() == []


def check_reading(ledger: Ledger, events: list[Event]) -> None:
    """What the ledger reads through its views is what follows from all of its events."""
    assert ledger.accepted() == views.current_accepted(events)
    assert ledger.coders() == views.coders_named(events)
    for coder in CODERS:
        assert ledger.confirmed_pages(coder) == views.confirmed_pages(events, coder)
        assert list(ledger.events("label", coder=coder)) == [
            event for event in events if event.kind == "label" and event.payload["coder"] == coder
        ]
        for batch in (None, *BATCHES):
            for role in (None, CODE, RECODE):
                wanted = {"batch": batch, "role": role}
                assert ledger.labels(coder, **wanted) == views.current_labels(events, coder, **wanted)
                assert ledger.pages(coder, **wanted) == views.pushed_pages(events, coder=coder, **wanted)


@pytest.mark.slow
@settings(max_examples=20)
@given(HISTORIES)
def test_the_views_of_a_file_say_what_the_events_say(history: list[NewEvent]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(f"sqlite:///{Path(folder)}/ledger.db", history)


@pytest.mark.server
@settings(max_examples=15)
@given(HISTORIES)
def test_the_views_of_a_database_say_what_the_events_say(postgres: PostgresServer, history: list[NewEvent]) -> None:
    postgres.psql("postgres", "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    check(postgres.url(), history)


def test_a_page_pushed_again_with_another_role_takes_its_labels_along(ledger_url: str) -> None:
    ledger, on = Ledger(ledger_url), {"coder": "A", "batch": "b1", "page": "p1"}
    span = {"session_id": "S1", "turn": 1, "start": 0, "end": 2, "text": "ab", "code": "TSI"}
    ledger.append([_page(on, None), _label("label", on, span)])
    assert [len(ledger.labels("A")), len(ledger.labels("A", role=RECODE))] == [1, 0]
    ledger.append([_page(on, RECODE)])
    assert [len(ledger.labels("A")), len(ledger.labels("A", role=RECODE))] == [0, 1]
