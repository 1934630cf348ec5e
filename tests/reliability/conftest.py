"""Small studies to measure: pages, coders and texts, all invented."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from relcode.codebook import Code, Codebook, Rule
from relcode.provenance import hash_session
from relcode.records import Session, Span, Turn
from relcode.reliability import CodedPage

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LINE = "I feel close to you now."


def session(session_id: str = "S1", turns: int = 4, text: str = LINE) -> Session:
    """Turns of one segment each, the therapist's first."""
    return Session(session_id, tuple(Turn(n, "TC"[(n + 1) % 2], text) for n in range(1, turns + 1)))


def span(turn: int, code: str, *, session_id: str = "S1", start: int = 0, end: int = 6, **more: Any) -> Span:
    return Span(session_id, turn, start, end, LINE[start:end], code, **more)


def page(coder: str, first: int, last: int, spans: Iterable[Span] = (), **more: Any) -> CodedPage:
    """A confirmed page of session S1, on the first day, unless told otherwise (`day`)."""
    day = more.pop("day", 0)
    values: dict[str, Any] = {
        "page": f"{coder}-{first}",
        "coder": coder,
        "batch": "1",
        "role": "code",
        "session_id": "S1",
        "session_sha256": "",
        "first_turn": first,
        "last_turn": last,
        "codebook": "small@1.0.0",
        "shown": True,
        "confirmed": START + timedelta(days=day),
        "suggestions": (),
        "spans": tuple(spans),
    }
    return CodedPage(**{**values, **more})


def hashed(pages: Iterable[CodedPage], sessions: Iterable[Session]) -> list[CodedPage]:
    """The pages as pages of these very texts."""
    texts = {each.session_id: hash_session(each) for each in sessions}
    return [msgspec.structs.replace(each, session_sha256=texts[each.session_id]) for each in pages]


def codebook() -> Codebook:
    """TSI and TSD have a rule against each other, REFL is told from the family INT, CW is the client's."""
    against = {"TSI": [Rule(against="TSD", ask="About whom?")], "REFL": [Rule(against="INT", ask="Whose frame?")]}
    speakers = {"TSI": ["T"], "TSD": ["T"], "REFL": ["T"], "INT": ["T"], "INT.dynamic": ["T"], "CW": ["C"]}
    codes = [
        Code(id=code, name=f"name of {code}", speakers=who, definition="", prior=0.1, rules=against.get(code, []))  # type: ignore[arg-type]
        for code, who in speakers.items()
    ]
    return Codebook(id="small", version="1.0.0", title="", authors=[], codes=codes)


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """The makers of this file."""
    return SimpleNamespace(session=session, span=span, page=page, hashed=hashed, codebook=codebook, start=START)
