"""Decisions of a review: what is replaced then, what is refused, the file, and what the gate passes over."""

from __future__ import annotations

import itertools
import json
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.deid import (
    Decision,
    DeidResult,
    Finding,
    append_decisions,
    check_gate,
    decisions_in_force,
    deidentify,
    gate_faults,
    new_decisions,
    override,
    read_decisions,
    record_deid,
)
from relcode.deid.decisions import places_of, plain_words
from relcode.deid.detect import REPLACE_AT
from relcode.errors import DeidError
from relcode.ledger import Ledger, NewEvent
from relcode.provenance import hash_text
from relcode.records import Session, Turn


def decide(
    session: Session, turn: int, words: str, decision: str, *, scope: str = "here", label: str = "NAME"
) -> Decision:
    """A decision about the first place of some words in a turn."""
    text = session.turns[turn - 1].text
    start = text.index(words)
    line = {
        "session_id": session.session_id,
        "turn": turn,
        "turn_sha256": hash_text(text),
        "start": start,
        "end": start + len(words),
        "label": label,
        "decision": decision,
        "scope": scope,
        "who": "anna",
        "when": "2026-01-02T03:04:05Z",
    }
    return msgspec.convert(line | ({"dyad": session.dyad, "text": words} if scope == "client" else {}), Decision)


def finding(session: Session, turn: int, words: str, probability: float = 0.9, label: str = "NAME") -> Finding:
    start = session.turns[turn - 1].text.index(words)
    return Finding(session.session_id, turn, start, start + len(words), label, probability, "rule", words)


def settled(session: Session, findings: list[Finding], *decisions: Decision) -> list[tuple[int, str, str]]:
    kept, _ = decisions_in_force(decisions, [session]).settle(session, findings)
    return [(f.turn, f.text, f.label) for f in kept]


@pytest.fixture
def session(session_of: Callable[..., Session]) -> Session:
    return session_of(
        "C: I told Rose Miller and Rose.",
        "T: And rose said?",
        "C: A rose is a rose. Rose's is red.",
        session_id="A",
        dyad="D",
    )


def test_without_decisions_findings_from_the_threshold_on_are_replaced(session: Session) -> None:
    findings = [finding(session, 1, "Rose Miller", REPLACE_AT), finding(session, 2, "rose", REPLACE_AT - 0.01)]
    assert settled(session, findings) == [(1, "Rose Miller", "NAME")]


@pytest.mark.parametrize(
    ("findings", "decisions", "expected"),
    [
        pytest.param("2:rose:0.3", "2:rose:accept:here", "2:rose", id="an accepted doubt"),
        pytest.param("2:rose:0.9", "2:rose:reject:here", "", id="a rejected finding"),
        pytest.param("1:Rose Miller:0.9", "1:Rose:reject:here", "1:Rose Miller", id="more than was rejected"),
        pytest.param("1:Miller:0.9", "1:Rose Miller:reject:here", "", id="less than was rejected"),
        pytest.param("", "1:told:add:here", "1:told", id="added words"),
        pytest.param("1:Miller:0.39", "1:told:add:here", "1:told", id="a doubt beside what was added"),
        pytest.param("1:Miller:0.9", "1:Rose Miller and:add:here", "1:Rose Miller and", id="added around"),
        pytest.param("1:Rose Miller:0.9", "1:Miller and:add:here", "1:Rose Miller and", id="added beside"),
        pytest.param("", "1:Rose:add:client", "1:Rose 1:Rose 3:Rose", id="everywhere, as written"),
        pytest.param("2:rose:0.3", "1:Rose:accept:client", "1:Rose 1:Rose 2:rose 3:Rose", id="a doubt in any case"),
        pytest.param("1:Rose:0.9;2:rose:0.9", "1:Rose:reject:client", "", id="rejected in any case"),
        pytest.param("1:Rose Miller:0.9", "1:Rose:reject:client", "1:Rose Miller", id="more than the rejected words"),
        pytest.param("2:rose:0.9", "1:Rose:reject:client;2:rose:accept:here", "2:rose", id="here before client"),
        pytest.param("", "3:Rose:reject:here;1:Rose:add:client", "1:Rose 1:Rose", id="here before client, added"),
        pytest.param("2:rose:0.9", "2:rose:reject:here;2:rose:accept:here", "2:rose", id="the later one holds"),
        pytest.param("2:rose:0.9", "2:rose:reject:here;2:rose:withdraw:here", "2:rose", id="taken back"),
        pytest.param("2:rose:0.3", "1:Rose:add:client;1:Rose:withdraw:client", "", id="taken back for the client"),
    ],
)
def test_what_is_replaced(session: Session, findings: str, decisions: str, expected: str) -> None:
    found, made = [], []
    for turn, words, probability in (line.split(":") for line in findings.split(";") if line):
        found.append(finding(session, int(turn), words, float(probability)))
    for turn, words, said, scope in (line.split(":") for line in decisions.split(";")):
        made.append(decide(session, int(turn), words, said, scope=scope))
    assert " ".join(f"{turn}:{words}" for turn, words, _ in settled(session, found, *made)) == expected


def test_the_persons_label_counts(session: Session) -> None:
    accepted = decide(session, 1, "Miller", "accept", label="ORG")
    assert settled(session, [finding(session, 1, "Miller")], accepted) == [(1, "Miller", "ORG")]


def test_words_of_a_client_count_in_that_clients_sessions_alone_and_in_later_ones(
    session: Session, session_of: Callable[..., Session]
) -> None:
    said = [decide(session, 1, "Rose", "reject", scope="client"), decide(session, 1, "told", "add", scope="client")]
    later = session_of("C: Rose told me.", session_id="B", dyad="D")
    other = session_of("C: Rose told me.", session_id="C", dyad="E")
    for one, expected in ((later, ["told"]), (other, ["Rose"])):
        kept, _ = decisions_in_force(said, [one]).settle(one, [finding(one, 1, "Rose")])
        assert [f.text for f in kept] == expected


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from(["accept", "reject", "finding"])), max_size=8
    )
)
def test_what_is_replaced_never_overlaps_and_covers_all_that_was_accepted(places: list[tuple[int, int, str]]) -> None:
    text = "abcdefghij" * 4
    one = Session("S", (Turn(1, "C", text),))
    decisions, findings = [], []
    for start, length, what in places:
        words = text[start : start + length]
        if what == "finding":
            findings.append(Finding("S", 1, start, start + length, "NAME", 0.9, "rule", words))
        else:
            base = decide(one, 1, "a", what)
            decisions.append(msgspec.structs.replace(base, start=start, end=start + length))
    kept, rejected = decisions_in_force(decisions, [one]).settle(one, findings)
    assert all(before.end <= after.start for before, after in itertools.pairwise(kept))
    assert all(f.text == text[f.start : f.end] for f in kept)
    held = {d.slot: d for d in decisions}.values()
    for decision in held:
        covered = any(f.start <= decision.start and decision.end <= f.end for f in kept)
        assert covered if decision.decision == "accept" else True
    assert all(r.end <= f.start or f.end <= r.start for r in rejected for f in kept)


@pytest.mark.parametrize(
    ("words", "text", "places"),
    [
        ("Rose", "Rose, Roses and Primrose; rose", [(0, 4)]),
        ("Rose's", "Rose's and Rose", [(0, 4), (11, 15)]),
        ("a.b", "a.b axb", [(0, 3)]),
        ("(x)", "say (x) now", [(4, 7)]),
        ("  ", "a  b", []),
        ("Zoë", "😀 Zoë", [(2, 5)]),
    ],
)
def test_places_of_words(words: str, text: str, places: list[tuple[int, int]]) -> None:
    assert places_of(words, text) == places


def test_plain_words() -> None:
    assert plain_words(" Rose  Miller’s ") == "rose miller"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"turn_sha256": hash_text("other")}, "text has changed"),
        ({"turn": 9}, "no such turn"),
        ({"end": 999}, "lie outside the turn"),
        ({"start": 4, "end": 4}, "no range"),
        ({"start": -1}, "no range"),
        ({"label": "Rose Miller"}, "the label is none"),
        ({"who": " "}, "who decided"),
        ({"scope": "client"}, "needs dyad and text"),
        ({"scope": "client", "dyad": "E", "text": "Rose Miller"}, "another dyad"),
        ({"scope": "client", "dyad": "D", "text": "Rose Mill"}, "are not those"),
    ],
)
def test_a_decision_that_does_not_fit_is_listed_without_words_and_not_applied(
    session: Session, change: dict[str, object], fault: str
) -> None:
    broken = msgspec.structs.replace(decide(session, 1, "Rose Miller", "reject"), **change)
    review = decisions_in_force([broken], [session])
    (line,) = review.not_applied
    assert fault in line
    assert "Rose" not in line
    assert not review.here
    assert not review.client
    fresh, faults = new_decisions([broken, decide(session, 2, "rose", "reject")], [], [session])
    assert [decision.turn for decision in fresh] == [2]
    assert faults == [line]


def test_only_what_is_new_is_taken(session: Session) -> None:
    first, other = decide(session, 1, "Rose", "accept"), decide(session, 2, "rose", "reject")
    relabelled = msgspec.structs.replace(first, label="ORG")
    back = msgspec.structs.replace(other, decision="withdraw")
    assert new_decisions([first, first], [], [session]) == ([first], [])
    assert new_decisions([first, relabelled], [first], [session]) == ([relabelled], [])
    assert new_decisions([back], [first], [session]) == ([], [])
    assert new_decisions([back, back], [other], [session]) == ([back], [])
    unknown = msgspec.structs.replace(first, session_id="Z")
    assert new_decisions([unknown], [], [session])[1][0].startswith("session Z, turn 1: no such session")


def test_decisions_come_back_from_their_private_file(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "decisions.jsonl"
    made = [decide(session, 1, "Rose", "accept"), decide(session, 1, "Rose", "reject", scope="client")]
    append_decisions(path, made[:1])
    append_decisions(path, made[1:])
    assert read_decisions(path) == (made, [])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert "text" not in first  # a decision about a place repeats no words


def test_a_line_that_a_crash_cut_off_spoils_no_other(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(b'{"session_id": "A", "tu')
    made = [decide(session, 1, "Rose", "accept")]
    append_decisions(path, made)
    decisions, faults = read_decisions(path)
    assert decisions == made
    assert [fault.split(": ")[0] for fault in faults] == [f"{path}:1"]


@pytest.mark.parametrize(
    "line", [b"[]", b"Rose", b"\xff", b"[" * 5000, b'{"session_id": "Rose"}', None, b'{"turn": "Rose"}']
)
def test_broken_lines_are_listed_without_their_words(tmp_path: Path, session: Session, line: bytes | None) -> None:
    path = tmp_path / "decisions.jsonl"
    append_decisions(path, [decide(session, 2, "rose", "accept")])
    if line is None:
        line = path.read_bytes().replace(b'"accept"', b'"Rose"').strip()
    path.write_bytes(b"\xef\xbb\xbf" + line + b"\n\n" + path.read_bytes())
    decisions, faults = read_decisions(path)
    assert len(decisions) == 1
    assert len(faults) == 1
    assert faults[0].startswith(f"{path}:1: ")
    assert "Rose" not in faults[0]


def test_neither_repr_shows_words(session: Session) -> None:
    made = decide(session, 1, "Rose", "reject", scope="client")
    assert "Rose" not in repr(made) + repr(decisions_in_force([made], [session]))


def test_decisions_change_what_deidentify_replaces(session_of: Callable[..., Session]) -> None:
    one = session_of("C: I told Casimir at Larkmoor Elementary.", "T: The lighthouse keeper?", dyad="D")
    made = [
        decide(one, 1, "Casimir", "reject", scope="client"),
        decide(one, 2, "lighthouse keeper", "add", label="OTHER_ID"),
        msgspec.structs.replace(decide(one, 1, "told", "reject"), turn_sha256=hash_text("other")),
    ]
    result = deidentify([one], decisions=made)
    assert [turn.text for turn in result.sessions[0].turns] == ["I told Casimir at [ORG_1].", "The [OTHER_ID_1]?"]
    assert [(r.turn, r.start, r.end, r.who) for r in result.rejected] == [(1, 7, 14, "anna")]
    assert len(result.not_applied) == 1


def test_a_name_that_was_added_is_then_known_in_all_sessions_of_the_client(session_of: Callable[..., Session]) -> None:
    one = session_of("C: I told Zorblax it.", session_id="A", dyad="D")
    two = session_of("C: zorblax said no.", session_id="B", dyad="D")
    text = deidentify([one, two], decisions=[decide(one, 1, "Zorblax", "add")]).sessions[1].turns[0].text
    assert text == "[NAME_1] said no."


def test_a_word_that_was_added_as_a_name_is_then_one_where_it_has_a_capital(session_of: Callable[..., Session]) -> None:
    one = session_of("C: Waffles rang.", session_id="A", dyad="D")
    two = session_of("C: I told Waffles so. Waffles are nice, we had waffles.", session_id="B", dyad="D")
    text = deidentify([one, two], decisions=[decide(one, 1, "Waffles", "add")]).sessions[1].turns[0].text
    assert text == "I told [NAME_1] so. Waffles are nice, we had waffles."


def reviewed(session_of: Callable[..., Session]) -> DeidResult:
    """Two names, the second (behind the first) rejected: its place moves in the output."""
    one = session_of("C: Hm.", "C: I told Dr. Halvorsen-Lindqvist, and Dr. Okafor.", dyad="D")
    return deidentify([one], decisions=[decide(one, 2, "Okafor", "reject")])


def test_the_gate_passes_over_what_a_person_rejected_and_names_the_person(
    tmp_path: Path, session_of: Callable[..., Session]
) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    result = reviewed(session_of)
    assert "Okafor" in result.sessions[0].turns[1].text
    assert record_deid(result, ledger) == 1
    check_gate(result.sessions, ledger)
    (event,) = ledger.events("deid")
    text = result.sessions[0].turns[1].text
    start = text.index("Okafor")
    assert event.actor == "anna"
    assert event.payload["rejected"] == [[2, start, start + 6]]
    assert "Okafor" not in json.dumps(event.payload)


def test_the_gate_stays_closed_for_anything_else_in_that_text(
    tmp_path: Path, session_of: Callable[..., Session]
) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    result = reviewed(session_of)
    elsewhere = msgspec.structs.replace(result.rejected[0], start=0, end=1)
    for rejected in ((), (elsewhere,)):
        record_deid(DeidResult(result.sessions, (), result.offset_maps, {}, rejected=rejected), ledger)
        assert gate_faults(result.sessions, ledger) == ["session S1: still something found in turn 2"]
    record_deid(result, ledger)
    assert gate_faults(result.sessions, ledger) == []
    assert record_deid(result, ledger) == 0


def test_what_was_found_by_other_detectors_is_looked_for_again(
    tmp_path: Path, session_of: Callable[..., Session]
) -> None:
    named = session_of("C: I told Dr. Okafor.")
    first = Ledger(tmp_path / "first.db")
    record_deid(DeidResult((named,), (), {}, {}), first)
    (event,) = first.events("deid")
    assert event.payload["found"] == [[1, 11, 17]]
    believed, older = Ledger(tmp_path / "believed.db"), Ledger(tmp_path / "older.db")
    believed.append([NewEvent("deid", "relcode", event.payload | {"found": []})])
    older.append([NewEvent("deid", "relcode", event.payload | {"found": [], "detectors": "older"})])
    assert gate_faults([named], believed) == []
    with pytest.raises(DeidError, match="turn 1"):
        check_gate([named], older)
    override(named, older, reason="read", actor="ben")
    check_gate([named], older)
    assert [event.actor for event in older.events("deid_override")] == ["ben"]
