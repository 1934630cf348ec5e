"""The team's test must be able to fail: its oracle finds each way to lose or double a label, its harness counts hits alone."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from relcode.ledger import Ledger, NewEvent
from relcode.records import Span
from team.coder import note, read_journal
from team.kills import CLIENT, Harness, Task
from team.oracle import confirmed_labels, ledger_faults

PAGE = {"page": "p", "batch": "1", "coder": "ana"}
TSI, TSD = Span("S1", 1, 0, 3, "and", "TSI"), Span("S1", 1, 4, 7, "now", "TSD")
ENTRY = {
    "session_id": "S1",
    "session_sha256": "0",
    "first_turn": 1,
    "last_turn": 1,
    "text_sha256": "0",
    "codebook": "small@1.0.0",
    "suggestions": [],
    "shown": True,
}


def event(kind: str, span: Span | None = None, provenance: str = "added") -> NewEvent:
    body: dict[str, Any] = {}
    if kind == "page":
        body = ENTRY
    elif span is not None:
        body = {"span": {"session_id": "S1", **{n: getattr(span, n) for n in ("turn", "start", "end", "text", "code")}}}
        body["provenance"] = provenance
    return NewEvent(kind, "test", PAGE | body)


WHOLE = [event("page"), event("label", TSI), event("label", TSD), event("confirm")]


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        (WHOLE, None),
        ([*WHOLE, event("unlabel", TSI, "removed"), event("label", TSI)], None),
        ([*WHOLE, event("unlabel", Span("S1", 1, 0, 7, "and now", "TSD"), "rejected")], None),
        ([*WHOLE, event("unconfirm"), event("confirm")], None),
        ([*WHOLE, event("label", TSI)], "event 5, label: the label stands there already"),
        ([*WHOLE, event("confirm")], "event 5, confirm: it was so before"),
        ([*WHOLE, event("unlabel", Span("S1", 1, 0, 7, "and now", "TSD"), "removed")], "event 5, unlabel: there is no"),
        ([*WHOLE, event("unlabel", TSI, "removed")], "page p: 1 confirmed label(s) are not in the ledger"),
        (
            [*WHOLE, event("label", Span("S1", 1, 0, 7, "and now", "TSD"))],
            "page p: 1 label(s) in the ledger that nobody",
        ),
        ([*WHOLE, event("unconfirm")], "page p: confirmed, and not so in the ledger"),
        (WHOLE[:3], "page p: confirmed, and not so in the ledger"),
        ([event("page"), *WHOLE], "page p: 2 times in the manifest"),
    ],
)
def test_the_oracle_finds_what_the_ledger_holds_otherwise(
    tmp_path: Path, events: Sequence[NewEvent], fault: str | None
) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.append(events)
    faults = ledger_faults(ledger.events(), {"p": {TSI.key, TSD.key}})
    assert [found[: len(fault or "")] for found in faults] == ([] if fault is None else [fault])


def test_the_journal_says_what_was_confirmed_last(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    assert read_journal(journal) == []
    for round_, spans in enumerate(([TSI], [TSI, TSD], [TSD])):
        note(journal, PAGE, round_, spans)
    assert confirmed_labels(journal) == {"p": {TSD.key}}


def sleeping(seconds: float, program: str, *, status: int = 0) -> Task:
    code = f"import sys, time; time.sleep({seconds}); sys.exit({status})"
    return Task(program, (sys.executable, "-c", code), max(seconds, 0.001))


def harness(folder: Path) -> Harness:
    return Harness(folder, random.Random(1), server_pids=lambda: (0, 0), start_server=sleeping(0, "up"))


def test_each_command_ends_well_though_they_are_killed(tmp_path: Path) -> None:
    running = harness(tmp_path)
    running.run("work", lambda round_: [sleeping(0.1, "a"), sleeping(0.2, "b")], 5, targets=False)
    assert running.tally.total == 5
    assert {(phase, target) for phase, _, target in running.tally.kills} == {("work", CLIENT)}
    assert running.tally.faults == []


def test_a_kill_that_comes_too_late_does_not_count(tmp_path: Path) -> None:
    running = harness(tmp_path)
    late = Task("late", (sys.executable, "-c", ""), 0.0)
    process = running._start(late, False)
    process.process.wait()
    assert not running._kill_client("work", process)
    assert running.tally.total == 0


@pytest.mark.parametrize(("status", "fault"), [(1, "failed though nothing had been killed"), (2, "broke down")])
def test_a_command_that_fails_undisturbed_is_a_fault(tmp_path: Path, status: int, fault: str) -> None:
    running = harness(tmp_path)
    with pytest.raises(AssertionError, match="does not end well any more"):
        running.run("work", lambda round_: [sleeping(0, "a", status=status)], 0)
    assert any(fault in found for found in running.tally.faults)
