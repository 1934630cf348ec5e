"""De-identification: exact findings with a near miss beside each, replacement, offsets, the gate."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from relcode.deid import check_gate, deidentify, detect, known_names, override, record_deid
from relcode.errors import DeidError
from relcode.ledger import Ledger
from relcode.records import Session, Turn
from relcode.transcripts import read_sessions

DATA = Path(__file__).parents[1] / "data" / "deid"


def found(text: str) -> list[tuple[str, str]]:
    findings = detect(Session("S", (Turn(1, "C", text),)))
    return [(finding.label, finding.text) for finding in findings if finding.probability >= 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I saw Dr. Okafor on it.", [("NAME", "Okafor")]),
        ("I saw the doctor on it.", []),
        ("My name is Hope.", [("NAME", "Hope")]),
        ("Hope is not a plan.", []),
        ("He said that Casimir's late.", [("NAME", "Casimir")]),
        ("Mom and my sister were there.", []),
        ("It's S-A-R-A, with no H.", [("NAME", "S-A-R-A")]),
        ("We met in Toledo.", [("LOCATION", "Toledo")]),
        ("We met in Ohio.", []),
        ("I live at 2207 Tanager Court now.", [("LOCATION", "2207 Tanager Court")]),
        ("She teaches at Larkmoor Elementary.", [("ORG", "Larkmoor Elementary")]),
        ("She teaches at an elementary school.", []),
        ("It was in October.", [("DATE", "October")]),
        ("It was on a Tuesday.", []),
        ("Born May 2nd.", [("DATE", "May 2nd")]),
        ("You may second that.", []),
        ("The eleventh of March.", [("DATE", "eleventh of March")]),
        ("We marched eleven miles.", []),
        ("He is ninety-one.", [("AGE", "ninety-one")]),
        ("He is seventy-one.", []),
        ("Ring 260-555-0112.", [("PHONE", "260-555-0112")]),
        (
            "Two six oh, five five five, oh one eight three.",
            [("PHONE", "Two six oh, five five five, oh one eight three")],
        ),
        ("Two or three, maybe four.", []),
        ("It's a.b@mail.example, I think.", [("EMAIL", "a.b@mail.example")]),
        ("900-51-3387 is it.", [("SSN", "900-51-3387")]),
        ("My record there is MB-0048291.", [("MRN", "MB-0048291")]),
        ("It broke my record.", []),
        ("It was 2001:db8::8a2e, I think.", [("IP", "2001:db8::8a2e")]),
        ("And then [inaudible 00:02:32] at 10:15:20.", []),
        ("I asked J-Jake.", [("NAME", "J-Jake")]),
        ("I asked. I-I'll, I'll-I'll go. W-What?", []),
        ("[NAME_1] came from [LOCATION_2].", []),
    ],
)
def test_findings(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My number there is EV 447 20 19, it's on the bracelet.", [("MRN", "EV 447 20 19")]),
        ("Eve has the number there, it's on the bracelet.", [("NAME", "Eve")]),
        ("He had to post it. GARET 310127 M97KT.", [("LICENSE", "GARET 310127 M97KT")]),
        ("On the CB I was Idaho Turnip, and she was Mrs. Turnip.", [("OTHER_ID", "Idaho Turnip"), ("OTHER_ID", "Mrs. Turnip")]),
    ],
)  # fmt: skip
def test_what_holds_a_name_is_found_whole(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_an_age_is_found_in_the_whole_session_once_it_was_said_of_somebody() -> None:
    said = ("You forget things at ninety-six, I suppose.", "My nan is ninety-six.", "It cost ninety-six dollars.")
    turns = tuple(Turn(number, "C", text) for number, text in enumerate(said, 1))
    ages = [(one.turn, one.text) for one in detect(Session("S", turns)) if one.label == "AGE"]
    assert ages == [(1, "ninety-six"), (2, "ninety-six")]
    assert not [one for one in detect(Session("S", (turns[0], turns[2]))) if one.label == "AGE"]


@pytest.mark.parametrize(
    ("folder", "recall", "precision"),
    [
        (".", 0.97, 0.93),
        ("heldout/a", 0.97, 0.92),
        ("heldout/b", 0.97, 0.94),
        ("heldout/c", 0.97, 0.91),
        ("heldout/d", 0.94, 0.94),
    ],
)
def test_recall_and_precision_on_the_marked_sets_hold(folder: str, recall: float, precision: float) -> None:
    sessions = read_sessions([DATA / folder / "transcripts"])
    gold = [json.loads(line) for line in (DATA / folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    marked: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for mark in gold:
        marked.setdefault((mark["session_id"], mark["turn"]), []).append((mark["start"], mark["end"]))
    found: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for finding in deidentify(sessions).findings:
        found.setdefault((finding.session_id, finding.turn), []).append((finding.start, finding.end))
    covered = sum(
        sum(max(0, min(e, end) - max(s, start)) for s, e in found.get(place, ())) >= 0.9 * (end - start)
        for place, marks in marked.items()
        for start, end in marks
    )
    right = sum(
        any(s < end and start < e for start, end in marked.get(place, ()))
        for place, places in found.items()
        for s, e in places
    )
    assert covered / len(gold) >= recall
    assert right / sum(map(len, found.values())) >= precision


def test_one_person_is_one_tag_across_the_sessions_of_a_dyad(session_of: Callable[..., Session]) -> None:
    one = session_of("C: I told Casimir Dombrowski.", "T: And casimir said?", session_id="A", dyad="D1")
    two = session_of("C: Then Barbara rang, and Casimir.", session_id="B", dyad="D1")
    other = session_of("C: I told Priya.", session_id="C", dyad="D2")
    texts = [[turn.text for turn in session.turns] for session in deidentify([one, two, other]).sessions]
    assert texts == [
        ["I told [NAME_1].", "And [NAME_1] said?"],
        ["Then [NAME_2] rang, and [NAME_1]."],
        ["I told [NAME_1]."],
    ]


def test_names_known_from_a_dyad_are_found_in_any_case_but_words_are_not(session_of: Callable[..., Session]) -> None:
    names = known_names(detect(session_of("C: I told Casimir and then Dr. Penny.")))
    later = session_of("C: casimir and I found a penny, Penny did.")
    assert [finding.text for finding in detect(later, names=names)] == ["casimir", "Penny"]


def test_the_header_loses_text_with_names(session_of: Callable[..., Session]) -> None:
    session = session_of("C: Yes.", dyad="D1", note="synthetic", room="by Casimir Dombrowski", minutes=50)
    assert deidentify([session]).sessions[0].metadata == {"dyad": "D1", "note": "synthetic", "minutes": 50}


def test_the_gate_opens_for_exactly_the_text_on_record(tmp_path: Path, session_of: Callable[..., Session]) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    raw = session_of("C: I told Dr. Okafor.")
    with pytest.raises(DeidError, match="session S1: not on record"):
        check_gate([raw], ledger)
    result = deidentify([raw])
    assert record_deid(result, ledger) == 1
    assert record_deid(result, ledger) == 0
    check_gate(result.sessions, ledger)
    with pytest.raises(DeidError) as caught:
        check_gate([session_of("C: I told [NAME_1] it.")], ledger)
    assert "Okafor" not in str(caught.value)


def test_the_gate_still_looks_and_a_person_may_override(tmp_path: Path, session_of: Callable[..., Session]) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    session = session_of("C: Hm.", "C: I told Dr. Okafor.")
    record_deid(deidentify([session_of("C: Hm.")]), ledger)
    with pytest.raises(DeidError, match="not on record"):
        check_gate([session], ledger)
    override(session, ledger, reason="read by two people")
    check_gate([session], ledger)


def test_findings_never_show_words(session_of: Callable[..., Session]) -> None:
    (finding,) = detect(session_of("C: I told Dr. Okafor."))
    assert "Okafor" not in repr(finding)


@pytest.mark.slow
def test_the_command_writes_a_private_report_and_refuses_a_key_in_the_project(tmp_path: Path) -> None:
    def relcode(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "relcode", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert relcode("init", "study").returncode == 0
    report, key = tmp_path / "report.jsonl", tmp_path / "key.json"
    source = DATA / "transcripts" / "dev01_will.jsonl"
    done = relcode("deid", source, "--out", "study/transcripts", "--report", report, "--key", key)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(report.stat().st_mode) == stat.S_IMODE(key.stat().st_mode) == 0o600
    first = json.loads(report.read_text(encoding="utf-8").splitlines()[0])
    assert set(first) == {"session_id", "turn", "start", "end", "label", "text"}
    assert first["text"] not in done.stderr + done.stdout
    assert relcode("deid", "study/transcripts", "--check").returncode == 0
    assert relcode("deid", source, "--out", "study/transcripts", "--key", "study/key.json").returncode == 2
    assert relcode("deid", source).returncode == 2


def test_a_turn_of_very_many_addresses_is_read_to_its_end() -> None:
    text = "a.b@" * 20_000 + " and my name is Marisol Trent."
    findings = detect(Session("S", (Turn(1, "C", text),)))
    assert (findings[-1].label, findings[-1].text) == ("NAME", "Marisol Trent")
    assert all(one.end <= after.start for one, after in pairwise(findings))
