"""A plan gives every unit its coders, and says the same whatever the order in which things are named."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.batches import (
    Assignment,
    Chosen,
    Design,
    Plan,
    coders_by_place,
    find_plan,
    make_batch,
    plan_batch,
    recoded_pairs,
    runs_of,
)
from relcode.batches.chosen import read_chosen
from relcode.batches.summary import batch_states, summarise
from relcode.errors import DataError, UsageError
from relcode.ledger import CALIBRATION, CODE, RECODE, Ledger
from relcode.records import Session

NOW = datetime(2021, 1, 1, tzinfo=UTC)
NAMES = ("ana", "ben", "eva", "ida", "max")
Make = Callable[..., Session]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return Ledger(tmp_path_factory.mktemp("empty") / "ledger.db")


@pytest.fixture(scope="module")
def twelve(session: Make) -> list[Session]:
    return [session(number, 10 + 7 * number, f"T{number % 3}") for number in range(1, 13)]


def plan(ledger: Ledger, sessions: list[Session], coders: tuple[str, ...] = NAMES[:3], /, **design: Any) -> Plan:
    return plan_batch(ledger, sessions, coders, Design(**design), name="pilot", now=NOW)


DESIGNS = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(["session", "page"]),
        "double_share": st.sampled_from([None, 0.0, 0.3, 1.0]),
        "blind_share": st.sampled_from([0.0, 0.1, 0.5]),
        "seed": st.integers(0, 1000),
    }
)


# ---------------------------------------------------------------- who codes what


@settings(max_examples=40)
@given(DESIGNS, st.integers(2, 5))
def test_every_turn_has_its_coders_and_the_shares_hold(
    empty: Ledger, twelve: list[Session], design: dict[str, Any], coders: int
) -> None:
    made = plan(empty, twelve, NAMES[:coders], **design)
    by_place = coders_by_place(made.assignments)
    assert set(by_place) == {run.place for each in twelve for run in runs_of(each)}
    units = {place if design["unit"] == "page" else place[0]: of for place, of in by_place.items()}
    share = 0.2 if design["double_share"] is None else design["double_share"]
    double = sum(len(of) == 2 for of in units.values())
    assert abs(double - share * len(units)) < 1
    assert all(len(of) in (1, 2) for of in units.values())
    turns = Counter[str]()
    for each in made.assignments:
        turns[each.coder] += each.last_turn - each.first_turn + 1
    largest = 20 if design["unit"] == "page" else max(len(each.turns) for each in twelve)
    assert max(turns.values()) - min(turns.values()) <= largest
    for coder in made.coders:
        own = made.of(coder)
        blind = sum(not each.shown for each in own)
        assert abs(blind - design["blind_share"] * len(own)) < 1
    assert {each.probability for each in made.assignments} == {1.0}


@settings(max_examples=40)
@given(DESIGNS)
def test_the_order_of_sessions_and_coders_says_nothing(
    empty: Ledger, twelve: list[Session], design: dict[str, Any]
) -> None:
    made = plan(empty, twelve, **design)
    assert plan(empty, twelve[::-1], NAMES[2::-1], **design) == made


@settings(max_examples=40)
@given(DESIGNS)
def test_other_names_are_other_names_and_no_other_plan(
    empty: Ledger, twelve: list[Session], design: dict[str, Any]
) -> None:
    made, other = plan(empty, twelve, ("ana", "ben"), **design), plan(empty, twelve, ("u", "v"), **design)
    named = {"ana": "u", "ben": "v"}
    assert tuple(msgspec.structs.replace(each, coder=named[each.coder]) for each in made.assignments) == (
        other.assignments
    )


def test_another_seed_or_name_draws_anew(empty: Ledger, twelve: list[Session]) -> None:
    first = plan(empty, twelve)
    assert plan(empty, twelve).assignments == first.assignments
    assert plan(empty, twelve, seed=1).assignments != first.assignments
    assert plan_batch(empty, twelve, NAMES[:3], Design(), name="two").assignments != first.assignments


def test_several_coders_a_unit(empty: Ledger, twelve: list[Session]) -> None:
    made = plan(empty, twelve, NAMES, coders_a_unit=3)
    assert {len(of) for of in coders_by_place(made.assignments).values()} == {3}
    assert {len(of) for of in coders_by_place(plan(empty, twelve, NAMES[:1]).assignments).values()} == {1}


def test_a_coder_follows_a_session_from_its_first_page_to_its_last(empty: Ledger, twelve: list[Session]) -> None:
    made = plan(empty, twelve, NAMES[:1])
    order = [each.session_id for each in made.assignments]
    assert order != sorted(order)
    places = defaultdict(list)
    for at, each in enumerate(made.assignments):
        places[each.session_id].append((at, each.page))
    for found in places.values():
        assert [page for _, page in found] == list(range(1, len(found) + 1))
        assert found[-1][0] - found[0][0] == len(found) - 1  # without another session between


# ---------------------------------------------------------------- what is drawn


def test_sessions_are_drawn_by_therapist_and_know_how_likely_that_was(empty: Ledger, twelve: list[Session]) -> None:
    made = plan(empty, twelve, sessions=6)
    drawn = {each.session_id for each in made.assignments}
    therapists = Counter(each.therapist for each in twelve if each.session_id in drawn)
    assert set(therapists.values()) == {2}
    assert {each.probability for each in made.assignments} == {0.5}


def test_pages_are_drawn_from_the_sessions_drawn(empty: Ledger, twelve: list[Session]) -> None:
    made = plan(empty, twelve, unit="page", sessions=6, pages=10, double_share=0.0)
    assert len(made.assignments) == 10
    sessions = {each.session_id for each in plan(empty, twelve, unit="page", sessions=6).assignments}
    pages = sum(len(runs_of(each)) for each in twelve if each.session_id in sessions)
    assert {each.probability for each in made.assignments} == {0.5 * 10 / pages}


def test_what_is_chosen_is_taken_and_no_more(empty: Ledger, session: Make) -> None:
    sessions = [session(number, 45) for number in range(1, 4)]
    chosen = (Chosen("S001", 16, 0.25), Chosen("S001", 17, 0.5), Chosen("S001", 45), Chosen("S003", probability=0.1))
    made = plan(empty, sessions, NAMES[:1], unit="page", chosen=chosen)
    assert sorted((*each.place, each.probability) for each in made.assignments) == [
        ("S001", 16, 30, 0.5), ("S001", 31, 45, None),
        ("S003", 1, 15, 0.1), ("S003", 16, 30, 0.1), ("S003", 31, 45, 0.1),
    ]  # fmt: skip
    whole = plan(empty, sessions, NAMES[:1], chosen=chosen[:1])
    assert [each.place for each in whole.assignments] == [("S001", 1, 15), ("S001", 16, 30), ("S001", 31, 45)]


def test_a_batch_takes_what_no_earlier_one_had(ledger: Ledger, past: Any, session: Make, entry: Any) -> None:
    sessions = [session(number, 45) for number in range(1, 5)]
    past.push([entry("eva", "old", sessions[0], (1, 15))])  # pushed without a plan
    past.carry_out(plan_batch(ledger, sessions, ["ana"], Design(sessions=1), name="one"), sessions)
    taken = {each.session_id for each in find_plan(ledger, "one").assignments}  # type: ignore[union-attr]
    assert "S001" not in taken
    rest = plan(ledger, sessions)
    assert {each.session_id for each in rest.assignments} == {"S002", "S003", "S004"} - taken
    pages = plan(ledger, sessions, unit="page")
    assert {each.place for each in pages.assignments if each.session_id == "S001"} == {
        ("S001", 16, 30),
        ("S001", 31, 45),
    }
    assert {each.session_id for each in plan(ledger, sessions, again=True).assignments} == {
        "S001",
        "S002",
        "S003",
        "S004",
    }
    other = [session(1, 46), *sessions[1:]]  # its words have changed: another text
    assert "S001" in {each.session_id for each in plan(ledger, other).assignments}


# ---------------------------------------------------------------- coded again, and calibration


def test_only_pages_that_the_coder_confirmed_long_enough_ago_are_given_again(
    ledger: Ledger, past: Any, session: Make, entry: Any
) -> None:
    old, new = session(1, 75), [session(number, 60) for number in range(2, 8)]
    pages = [entry("ana", "one", old, (first, first + 14)) for first in (1, 16, 31, 46, 61)]
    hers, recent, open_, taken_back, changed = pages
    changed["session_sha256"] = "0" * 64
    others = entry("ben", "one", old, (1, 15))
    past.push([*pages, others])
    past.confirm([hers, taken_back, changed, others])
    past.confirm([recent], at="2020-12-31T08:00:00+00:00")
    past.confirm([taken_back], kind="unconfirm")
    made = plan(ledger, [old, *new], ("ana", "ben"), recode_share=0.1)
    again = [each for each in made.assignments if each.role == RECODE]
    assert [(each.coder, each.place, each.recode_of) for each in made.of("ana", RECODE)] == [
        ("ana", ("S001", 1, 15), hers["page"])
    ]
    assert [each.recode_of for each in made.of("ben", RECODE)] == [others["page"]]
    assert {(each.page, each.pages) for each in again} == {(1, 5)}
    assert len(made.notes) == 0 or all("re-code" in note for note in made.notes)
    soon = plan(ledger, [old, *new], ("ana", "ben"), recode_share=1.0, recode_gap_days=0.5)
    assert {each.recode_of for each in soon.of("ana", RECODE)} == {hers["page"], recent["page"]}
    assert soon.notes[0].startswith("ana: 2 re-code(s) instead of ")
    assert open_["page"] not in {each.recode_of for each in soon.assignments}


def test_a_page_is_given_again_once_and_as_it_was_shown(ledger: Ledger, past: Any, session: Make) -> None:
    sessions = [session(number, 45) for number in range(1, 7)]
    first = plan_batch(ledger, sessions, ["ana"], Design(sessions=3, blind_share=0.5), name="one")
    entries = past.carry_out(first, sessions)
    second = plan_batch(ledger, sessions, ["ana"], Design(sessions=1, recode_share=1.0), name="two", now=NOW)
    past.carry_out(second, sessions)
    third = plan_batch(ledger, sessions, ["ana"], Design(recode_share=1.0), name="three", now=NOW)
    shown = {each["page"]: each["shown"] for each in entries}
    again, more = second.of("ana", RECODE), third.of("ana", RECODE)
    assert len(again) == 3
    assert all(each.shown == shown[str(each.recode_of)] for each in again)
    assert not {each.recode_of for each in again} & {each.recode_of for each in more}
    pairs = recoded_pairs(ledger, "ana")
    assert {earlier["page"] for earlier, _ in pairs} == {each.recode_of for each in again}
    assert all(
        (earlier["batch"], later["batch"], later["role"]) == ("one", "two", RECODE)
        and earlier["first_turn"] == later["first_turn"]
        for earlier, later in pairs
    )
    assert recoded_pairs(ledger, "ben") == []


def test_a_page_of_this_batch_is_not_given_twice(ledger: Ledger, past: Any, session: Make) -> None:
    sessions = [session(1, 45)]
    past.carry_out(plan_batch(ledger, sessions, ["ana"], Design(), name="one"), sessions)
    made = plan(ledger, sessions, ("ana",), again=True, recode_share=1.0)
    assert made.of("ana", RECODE) == []


def test_calibration_pages_are_blind_the_same_for_all_and_new_to_each(
    ledger: Ledger, past: Any, session: Make, entry: Any
) -> None:
    sessions = [session(number, 45) for number in range(1, 5)]
    past.push([entry("eva", "one", sessions[0], (1, 15)), entry("old", "one", sessions[0], (16, 45))])
    past.settle(sessions[0], sessions[1])
    made = plan(ledger, sessions, ("ana", "eva"), calibration=("S001",))
    ana, eva = made.of("ana", CALIBRATION), made.of("eva", CALIBRATION)
    assert [each.place for each in ana] == [("S001", 1, 15), ("S001", 16, 30), ("S001", 31, 45)]
    assert [each.place for each in eva] == [("S001", 16, 30), ("S001", 31, 45)]
    assert not any(each.shown for each in (*ana, *eva))
    assert made.notes == ("eva: 1 calibration page(s) were left out; eva has seen them",)
    only = plan(ledger, sessions, ("ana",), calibration=("S001",), sessions=0)
    assert {each.role for each in only.assignments} == {CALIBRATION}
    drawn = plan(ledger, sessions[:1], ("ana", "eva"), calibration_share=0.5, unit="page", again=True, sessions=0)
    assert drawn.assignments == ()


def test_a_share_of_calibration_pages_is_drawn_from_what_no_coder_has_seen(
    ledger: Ledger, past: Any, session: Make, entry: Any
) -> None:
    sessions = [session(number, 60) for number in range(1, 8)]
    past.push([entry("old", "one", sessions[0], (1, 60)), entry("eva", "one", sessions[1], (1, 60))])
    past.settle(*sessions[:2])
    made = plan(ledger, sessions, ("ana", "eva"), calibration_share=0.2)
    pages = sum(each.role == CODE for each in made.assignments) / 2
    found = {coder: [each.place for each in made.of(coder, CALIBRATION)] for coder in ("ana", "eva")}
    assert sorted(found["ana"]) == sorted(found["eva"])
    assert len(found["ana"]) == round(0.2 * round(pages))
    assert {place[0] for place in found["ana"]} == {"S001"}
    assert {each.probability for each in made.of("ana", CALIBRATION)} == {len(found["ana"]) / 4}


# ---------------------------------------------------------------- what is refused


def test_all_faults_of_a_call_are_named_at_once(empty: Ledger, twelve: list[Session]) -> None:
    with pytest.raises(UsageError) as caught:
        plan(
            empty, twelve, ("ana", "b c", "consensus"),
            unit="word", double_share=2.0, blind_share=-1.0, recode_share=float("nan"), calibration_share=7.0,
            coders_a_unit=4, recode_gap_days=-1.0, sessions=-1, pages=3, chosen=(Chosen("S1"),), calibration=("S1",),
        )  # fmt: skip
    lines = str(caught.value).splitlines()
    assert lines[0] == "Batch 'pilot' cannot be planned:"
    for option in (
        "'consensus'", "coders: number 2", "--unit", "--double-share: expected", "--blind-share", "--recode-share",
        "--calibration-share: expected", "--recode-gap", "--sessions: expected", "--coders-a-unit 4", "--double-share is",
        "--pages is", "--chosen says", "--chosen and", "--calibration names",
    ):  # fmt: skip
        assert sum(line.startswith(f"  - {option}") for line in lines) == 1, option


@pytest.mark.parametrize("name", ["", " ", "a\nb", "transcripts/S1.jsonl"])
def test_a_batch_has_a_name(empty: Ledger, twelve: list[Session], name: str) -> None:
    with pytest.raises(UsageError, match="the batch's name"):
        plan_batch(empty, twelve, ["ana"], Design(), name=name)


def test_what_cannot_be_had_is_named_at_once(ledger: Ledger, past: Any, session: Make, entry: Any) -> None:
    sessions = [session(1, 30), session(2, 30), session(3, 30)]
    past.push([entry("eva", "one", sessions[0], (1, 30))])
    past.settle(session(2, 31))
    chosen = (Chosen("S001"), Chosen("S002", 31), Chosen("S009"), Chosen("S003", 30))
    with pytest.raises(UsageError) as caught:
        plan(ledger, sessions, chosen=chosen, calibration=("S002", "S008"))
    assert str(caught.value).splitlines()[1:] == [
        "  - --chosen and --calibration both name session S002",
        "  - --calibration: session S002 has no accepted labels in this text; run `relcode adjudicate`",
        "  - --calibration: session S008 is not among the transcripts",
        "  - --chosen: session S001 is in an earlier batch; --again takes it nevertheless",
        "  - --chosen: session S002, turn 31 does not exist",
        "  - --chosen: session S009 is not among the transcripts",
    ]
    with pytest.raises(UsageError, match=r"--sessions 3: only 2 session\(s\) are left.*--again"):
        plan(ledger, sessions, sessions=3)
    with pytest.raises(UsageError, match=r"--pages 9: only 4 page\(s\) are left"):
        plan(ledger, sessions, unit="page", pages=9)
    with pytest.raises(UsageError, match="nothing is left"):
        plan(ledger, sessions[:1])
    with pytest.raises(UsageError, match="pushed without a plan"):
        plan_batch(ledger, sessions, ["ana"], Design(), name="one")


# ---------------------------------------------------------------- once, and then it stands


def test_a_batch_is_planned_once(ledger: Ledger, session: Make) -> None:
    sessions = [session(number, 30) for number in range(1, 5)]
    first, new = make_batch(ledger, sessions, ["ben", "ana"], Design(), name="pilot")
    head = ledger.head()
    again, anew = make_batch(ledger, [*sessions, session(9, 30)], ["ana", "ben"], Design(), name="pilot")
    assert (new, anew) == (True, False)
    assert again == first
    with pytest.raises(UsageError, match=r"other values for: coders, unit, seed\..*pilot-2"):
        make_batch(ledger, sessions, ["ana"], Design(unit="page", seed=3), name="pilot")
    assert ledger.head() == head
    second, _ = make_batch(ledger, [*sessions, session(9, 30)], ["ana", "ben"], Design(), name="pilot-2")
    assert {each.session_id for each in second.assignments} == {"S009"}


def test_a_plan_in_numbers(ledger: Ledger, past: Any, session: Make) -> None:
    sessions = [session(number, 45) for number in range(1, 6)]
    made = plan(ledger, sessions, ("ana", "ben"), sessions=4, double_share=0.5, blind_share=0.34)
    found = summarise(made, ledger, sessions)
    assert (found.units, found.double_units, found.left_sessions, found.left_turns) == (4, 2, 1, 45)
    assert [(each.coder, each.sessions, each.pages, each.turns) for each in found.coders] == [
        ("ana", 3, 9, 135), ("ben", 3, 9, 135),
    ]  # fmt: skip
    assert [(each.double, each.blind) for each in found.coders] == [(6, 3), (6, 3)]
    (pair,) = found.pairs
    assert (pair.units, pair.pages, pair.one_blind) == (2, 6, 4)
    past.carry_out(made, sessions)
    states = batch_states(ledger)
    assert [(each.coder, each.planned, each.pushed, each.confirmed) for each in states] == [
        ("ana", 9, 9, 9), ("ben", 9, 9, 9),
    ]  # fmt: skip


def test_a_batch_without_a_plan_is_listed_too(ledger: Ledger, past: Any, session: Make, entry: Any) -> None:
    pages = [entry("eva", "old", session(1, 30), (1, 15)), entry("eva", "old", session(1, 30), (16, 30))]
    past.push(pages)
    past.confirm(pages[:1])
    (state,) = batch_states(ledger)
    assert (state.batch, state.coder, state.planned, state.pushed, state.confirmed) == ("old", "eva", None, 2, 1)


def test_a_file_of_choices(tmp_path: Path) -> None:
    path = tmp_path / "next.jsonl"
    path.write_text('{"session_id": "S1", "turn": 3, "probability": 0.5, "why": "unsure"}\n\n{"session_id": "S2"}\n')
    assert read_chosen(path) == (Chosen("S1", 3, 0.5), Chosen("S2"))
    path.write_text(
        '{"turn": 3}\n{"session_id": "S1", "turn": "secret"}\nsecret\n{"session_id": "S", "probability": 2}'
    )
    with pytest.raises(DataError) as caught:
        read_chosen(path)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [f"{path}:{number}" for number in (1, 2, 3, 4)]
    assert "secret" not in str(caught.value)
    path.write_text("\n")
    with pytest.raises(DataError, match="chooses nothing"):
        read_chosen(path)
    with pytest.raises(DataError, match="Cannot read"):
        read_chosen(tmp_path / "none.jsonl")


def test_an_assignment_holds_no_words(session: Make) -> None:
    made = Assignment.of_run("ana", runs_of(session(1, 15))[0])
    assert "words" not in repr(made)
