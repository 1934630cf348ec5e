"""Small studies: sessions of a few therapists, and a ledger in which pages were pushed and confirmed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from relcode.batches import Plan, record_plan
from relcode.ledger import Ledger, NewEvent
from relcode.provenance import hash_session
from relcode.records import Session, Turn

LONG_AGO = "2020-01-01T08:00:00.000Z"


def make_session(number: int, turns: int, therapist: str = "T01") -> Session:
    words = tuple(Turn(turn, "TC"[turn % 2], f"words {number} {turn}") for turn in range(1, turns + 1))
    metadata = {"dyad": f"D{number}", "therapist": therapist, "session_number": 1}
    return Session(f"S{number:03}", words, metadata)


def page_entry(coder: str, batch: str, session: Session, turns: tuple[int, int], **further: Any) -> dict[str, Any]:
    """A manifest entry as a push records it; its page is called after its place."""
    return {
        "page": f"{batch}/{coder}/{session.session_id}/{turns[0]}",
        "batch": batch,
        "coder": coder,
        "session_id": session.session_id,
        "session_sha256": hash_session(session),
        "first_turn": turns[0],
        "last_turn": turns[1],
        "text_sha256": "",
        "codebook": "c@1.0.0",
        "suggestions": [],
        "shown": True,
        "session_turns": len(session.turns),
    } | further


class Past:
    """Writes the past of a study into its ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def push(self, entries: Iterable[dict[str, Any]]) -> None:
        self.ledger.append([NewEvent("page", "test", entry) for entry in entries])

    def confirm(self, entries: Iterable[dict[str, Any]], *, at: str = LONG_AGO, kind: str = "confirm") -> None:
        keys = ("page", "batch", "coder")
        self.ledger.append(
            [NewEvent(kind, "test", {key: entry[key] for key in keys} | {"at": at}) for entry in entries]
        )

    def carry_out(self, plan: Plan, sessions: Iterable[Session], *, at: str = LONG_AGO) -> list[dict[str, Any]]:
        """Record a plan, push its pages and confirm them all."""
        record_plan(self.ledger, plan)
        by_id = {session.session_id: session for session in sessions}
        entries = [
            page_entry(
                each.coder, plan.batch, by_id[each.session_id], (each.first_turn, each.last_turn),
                role=each.role, shown=each.shown, **({"recode_of": each.recode_of} if each.recode_of else {}),
            )
            for each in plan.assignments
        ]  # fmt: skip
        self.push(entries)
        self.confirm(entries, at=at)
        return entries

    def settle(self, *sessions: Session) -> None:
        """Say that the accepted labels of sessions stand."""
        self.ledger.append(
            [
                NewEvent(
                    "adjudicated",
                    "test",
                    {"session_id": each.session_id, "session_sha256": hash_session(each), "codebook": "c@1.0.0"},
                )
                for each in sessions
            ]
        )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


@pytest.fixture
def past(ledger: Ledger) -> Past:
    return Past(ledger)


@pytest.fixture(scope="session")
def session() -> Callable[..., Session]:
    return make_session


@pytest.fixture(scope="session")
def entry() -> Callable[..., dict[str, Any]]:
    return page_entry
