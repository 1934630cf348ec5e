"""Planned pages, without a server: what stands on them, and that a second call lays out the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from relcode.batches import Assignment, Plan, runs_of
from relcode.codebook import Code, Codebook
from relcode.doccano.layout import Frame
from relcode.doccano.pages import build_page, frame_of, manifest_entry, suggestions_of
from relcode.doccano.planning import Material, all_pages, plan_faults, planned_pages
from relcode.errors import DoccanoError
from relcode.ledger import CALIBRATION, CODE, RECODE, Ledger, NewEvent
from relcode.provenance import hash_session
from relcode.records import Session, Span, Turn

SESSION = Session("S1", tuple(Turn(number, "TC"[number % 2], f"number {number}") for number in range(1, 61)))
RUNS = runs_of(SESSION)
CODES = [Code(id=name, name=name, speakers=["T", "C"], definition=name, prior=0.1) for name in ("ANY", "NEW")]
BOOK = Codebook(id="b", version="1.0.0", title="b", authors=["t"], codes=CODES)


def span(turn: int, code: str = "ANY") -> Span:
    return Span("S1", turn, 0, 6, "number", code, "b@1.0.0", "cues")


MATERIAL = Material({"S1": SESSION}, {"S1": [span(turn, "NEW") for turn in (1, 16, 31, 46)]}, BOOK)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def plan(*assignments: Assignment) -> Plan:
    return Plan("two", ("ana",), assignments)


def record(ledger: Ledger, *entries: dict[str, Any], confirmed: bool = False) -> None:
    ledger.append([NewEvent("page", "test", entry) for entry in entries])
    if confirmed:
        keys = ("page", "batch", "coder")
        ledger.append([NewEvent("confirm", "test", {key: entry[key] for key in keys}) for entry in entries])


def pushed_before(number: int, frame: Frame | None, spans: list[Span], *, shown: bool = True) -> dict[str, Any]:
    """The entry of a page of an earlier batch."""
    run = RUNS[number - 1]
    page = build_page(SESSION, (run.first_turn, run.last_turn), frame, batch="one", coder="ana")
    return manifest_entry(page, "b@1.0.0", spans, shown=shown, frame=frame)


def test_pages_come_in_the_order_of_the_plan_with_role_probability_and_suggestions(ledger: Ledger) -> None:
    made = planned_pages(
        ledger,
        MATERIAL,
        plan(
            Assignment.of_run("ana", RUNS[2], probability=0.5),
            Assignment.of_run("ana", RUNS[0], probability=0.5, shown=False),
            Assignment.of_run("ana", RUNS[3], role=CALIBRATION, shown=False),
        ),
        "ana",
    )
    keys = ("first_turn", "role", "shown", "planned", "probability", "session_turns")
    assert [tuple(entry[key] for key in keys) for _, entry in made] == [
        (31, CODE, True, True, 0.5, 60),
        (1, CODE, False, True, 0.5, 60),
        (46, CALIBRATION, False, True, None, 60),
    ]
    assert [[each.turn for each in suggestions_of(entry)] for _, entry in made] == [[31], [], []]
    assert not any("recode_of" in entry for _, entry in made)


def test_context_is_marked_by_what_this_coder_has_in_this_batch_and_had_before(ledger: Ledger) -> None:
    record(ledger, pushed_before(1, Frame(1, 4), []), confirmed=True)
    record(ledger, pushed_before(4, Frame(4, 4), []))  # not confirmed
    code = [Assignment.of_run("ana", run) for run in RUNS[1:3]]
    made = planned_pages(ledger, MATERIAL, plan(*code), "ana")
    assert [frame_of(entry) for _, entry in made] == [
        Frame(2, 4, "earlier", "own"),
        Frame(3, 4, "own", "open"),
    ]
    # Calibration pages beside the coding are of another kind: what is coded there does not count as coded here.
    alone = planned_pages(ledger, MATERIAL, plan(Assignment.of_run("ana", RUNS[3], role=CALIBRATION), code[1]), "ana")
    assert frame_of(alone[0][1]) == Frame(4, 4, "open", "own")
    assert frame_of(alone[1][1]) == Frame(3, 4, "open", "open")


def test_a_page_that_comes_again_has_the_text_and_the_suggestions_of_then(ledger: Ledger) -> None:
    frame = Frame(2, 4, "own", "open")
    earlier = pushed_before(2, frame, [span(16), span(17, "GONE")])
    record(ledger, earlier, confirmed=True)
    again = Assignment.of_run("ana", RUNS[1], role=RECODE, recode_of=earlier["page"])
    ((page, entry),) = planned_pages(ledger, MATERIAL, plan(again), "ana")
    assert (entry["text_sha256"], frame_of(entry)) == (earlier["text_sha256"], frame)
    assert (entry["role"], entry["recode_of"], entry["page"] != earlier["page"]) == (RECODE, earlier["page"], True)
    assert [(each.turn, each.code) for each in suggestions_of(entry)] == [(16, "ANY")]  # there is no code GONE any more
    assert page.text.startswith("— page 2 of 4 of this session —")


def test_a_page_of_a_former_version_comes_again_in_the_look_of_today(ledger: Ledger) -> None:
    earlier = pushed_before(2, None, [])
    record(ledger, earlier, confirmed=True)
    again = Assignment.of_run("ana", RUNS[1], role=RECODE, recode_of=earlier["page"])
    ((page, entry),) = planned_pages(ledger, MATERIAL, plan(again), "ana")
    assert page.text.splitlines()[:2] == ["— page 2 of 4 of this session —", "— context, already coded —"]
    assert frame_of(entry) == Frame(2, 4, "own", "own")


def test_what_is_recorded_is_laid_out_again_as_it_was_whatever_has_happened_since(ledger: Ledger) -> None:
    two = plan(*(Assignment.of_run("ana", run) for run in RUNS[1:3]))
    first = planned_pages(ledger, MATERIAL, two, "ana")
    record(ledger, *(entry for _, entry in first))
    record(ledger, pushed_before(1, Frame(1, 4), []), confirmed=True)  # now there is more that was coded before
    other = Material(MATERIAL.sessions, {"S1": [span(20)]}, BOOK)
    assert planned_pages(ledger, other, two, "ana") == first


def test_pages_that_a_former_version_pushed_can_be_pushed_on(ledger: Ledger) -> None:
    former = [pushed_before(number, None, []) for number in range(1, 5)]
    record(ledger, *former)
    made = all_pages(ledger, MATERIAL, "ana", "one", blind_share=0.0, seed=0)
    assert [entry for _, entry in made] == former
    assert "of this session" not in made[1][0].text
    record(ledger, {**pushed_before(1, Frame(1, 4), []), "text_sha256": "0" * 64})
    with pytest.raises(DoccanoError, match="lays out"):
        all_pages(ledger, MATERIAL, "ana", "one", blind_share=0.0, seed=0)


def test_what_keeps_a_plan_from_being_pushed() -> None:
    made = plan(Assignment.of_run("ana", RUNS[0]), Assignment("ana", "S2", "0" * 64, 1, 9, 1, 1))
    changed = Session("S1", SESSION.turns[1:])
    assert hash_session(changed) != RUNS[0].session_sha256
    assert list(plan_faults(made, {"S1": SESSION, "S2": SESSION}, ["ana"])) == [
        "session S2: its words have changed since; plan it in another batch"
    ]
    assert list(plan_faults(made, {"S1": changed}, ["ben", "ana"])) == [
        "coder 'ben' is not in the plan; it has ana",
        "session S1: its words have changed since; plan it in another batch",
        "session S2: its transcript is not among those given",
    ]
