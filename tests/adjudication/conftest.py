"""Spans, pages and ticks, as short calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relcode.ledger import Ledger, NewEvent
from relcode.records import Span


def span(turn: int, start: int, end: int, code: str = "TSI", session: str = "S1") -> Span:
    return Span(session, turn, start, end, "x" * (end - start), code, "c@1.0.0")


def page(coder: str, uid: str, first: int, last: int, batch: str = "1", session: str = "S1", **more: Any) -> NewEvent:
    payload = {"page": uid, "batch": batch, "coder": coder, "session_id": session, "session_sha256": "0"}
    payload |= {"first_turn": first, "last_turn": last, "text_sha256": "0", "codebook": "c@1.0.0"}
    return NewEvent("page", "test", {**payload, "suggestions": [], "shown": True, **more})


def tick(coder: str, uid: str, *spans: Span, batch: str = "1", provenance: str = "added") -> list[NewEvent]:
    where = {"page": uid, "batch": batch, "coder": coder}
    labels = [
        NewEvent("label", "test", {**where, "span": msgspec.to_builtins(own), "provenance": provenance})
        for own in spans
    ]
    return [*labels, NewEvent("confirm", "test", {**where, "at": None})]


@pytest.fixture(name="span", scope="session")
def _span() -> Callable[..., Span]:
    return span


@pytest.fixture(name="page", scope="session")
def _page() -> Callable[..., NewEvent]:
    return page


@pytest.fixture(name="tick", scope="session")
def _tick() -> Callable[..., list[NewEvent]]:
    return tick


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")
