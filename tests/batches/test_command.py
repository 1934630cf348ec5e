"""`relcode batch`, and what `relcode push` refuses of a planned batch before it talks to any server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.batches import find_plan
from relcode.deid import record_deid
from relcode.deid.replace import DeidResult
from relcode.project import Project
from relcode.records import Session, Turn
from relcode.transcripts import write_session

Run = Callable[..., Any]


@pytest.fixture
def study(tmp_path: Path, session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with two coders and four sessions of 45 turns on record as de-identified."""
    project = Project.create(tmp_path / "study", coders=["ana", "ben"], doccano_url="http://127.0.0.1:9")
    sessions = [session(number, 45) for number in range(1, 5)]
    for each in sessions:
        write_session(each, project.transcripts)
    record_deid(DeidResult(tuple(sessions), (), {}, {}), project.open_ledger())
    monkeypatch.chdir(project.folder)
    monkeypatch.setenv("RELCODE_DOCCANO_USER", "admin")
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", "x")
    return project


def test_a_plan_is_shown_recorded_and_listed(relcode: Run, study: Project) -> None:
    tried = relcode("batch", "pilot", "--sessions", 3, "--dry-run")
    assert (tried.status, "Nothing was recorded." in tried.err) == (0, True)
    assert find_plan(study.open_ledger(), "pilot") is None
    done = relcode("batch", "pilot", "--sessions", 3)
    assert done.status == 0
    assert done.out == tried.out
    assert [line.split() for line in done.out.splitlines()] == [
        ["pilot:", "3", "session(s),", "1", "of", "them", "for", "more", "than", "one", "coder"],
        ["coder", "sessions", "pages", "turns", "double", "blind", "re-codes", "calibration"],
        ["ana", "2", "6", "90", "3", "1", "0", "0"],
        ["ben", "2", "6", "90", "3", "1", "0", "0"],
        ["In", "common"],
        ["coders", "sessions", "pages", "blind", "for", "one"],
        done.out.splitlines()[-1].split(),
    ]
    assert "In no batch yet: 45 turn(s) of 1 session(s)." in done.err
    assert "`relcode push --batch pilot`" in done.err
    again = relcode("batch", "pilot", "--sessions", 3, "--coder", "ben", "--coder", "ana")
    assert (again.status, again.out) == (0, done.out)
    assert "was planned before, just so" in again.err
    listed = relcode("batch")
    assert [line.split() for line in listed.out.splitlines()[2:]] == [
        ["pilot", "ana", "6", "0", "0"],
        ["pilot", "ben", "6", "0", "0"],
    ]
    assert [each["planned"] for each in json.loads(relcode("batch", "--json").out)] == [6, 6]
    assert "words" not in done.out + done.err


def test_every_option_is_part_of_the_plan(relcode: Run, study: Project, tmp_path: Path) -> None:
    (tmp_path / "next.jsonl").write_text('{"session_id": "S002", "turn": 20}\n')
    options = "--unit page --coders-a-unit 1 --double-share 1 --blind-share 0.5 --recode-share 0.1 --recode-gap 3"
    more = f"--calibration-share 0.1 --chosen {tmp_path / 'next.jsonl'} --again --seed 7"
    done = relcode("batch", "pilot", "transcripts/S002.jsonl", *f"{options} {more}".split(), "--json")
    assert done.status == 0
    read = json.loads(done.out)
    assert read["new"] is True
    assert read["plan"]["arguments"] == {
        "unit": "page", "coders_a_unit": 1, "double_share": 1.0, "blind_share": 0.5, "recode_share": 0.1,
        "recode_gap_days": 3.0, "calibration": [], "calibration_share": 0.1, "sessions": None, "pages": None,
        "chosen": [{"session_id": "S002", "turn": 20}], "again": True, "seed": 7,
    }  # fmt: skip
    assert [(each["coder"], each["first_turn"], each["last_turn"]) for each in read["plan"]["assignments"]] == [
        ("ana", 16, 30), ("ben", 16, 30),
    ]  # fmt: skip
    pages = json.loads(relcode("batch", "two", "--unit", "page", "--pages", 4, "--dry-run", "--json").out)
    assert (pages["new"], pages["summary"]["units"]) == (False, 4)


def test_a_second_plan_of_a_batch_is_refused_with_the_way_out(relcode: Run, study: Project) -> None:
    assert relcode("batch", "pilot", "--sessions", 2).status == 0
    head = study.open_ledger().head()
    done = relcode("batch", "pilot", "--sessions", 3)
    assert done.status == 2
    assert "other values for: sessions" in done.err
    assert "relcode batch pilot-2" in done.err
    assert study.open_ledger().head() == head


def test_wrong_usage_is_named_at_once_and_nothing_is_recorded(relcode: Run, study: Project) -> None:
    wrong = ["--unit", "word", "--blind-share", 2, "--sessions", 9, "--calibration", "S001", "--coder", "a/b"]
    done = relcode("batch", "pilot", *wrong)
    assert done.status == 2
    for expected in (
        "--unit: expected session or page",
        "--blind-share",
        "--sessions 9: only 3",
        "S001 has no",
        "coders: number 1",
    ):
        assert sum(expected in line for line in done.err.splitlines()) == 1, expected
    assert relcode("batch", "pilot", "--chosen", "none.jsonl").status == 1
    assert find_plan(study.open_ledger(), "pilot") is None
    assert relcode("batch").err.startswith("There is no batch yet.")
    unnamed = relcode("batch", "--coder", "ana", "--seed", 0)
    assert (unnamed.status, "name it: relcode batch NAME ... (coder, seed)" in unnamed.err) == (2, True)


def test_a_session_that_may_not_be_sent_is_not_planned(
    relcode: Run, study: Project, session: Callable[..., Session]
) -> None:
    write_session(session(9, 20), study.transcripts)
    done = relcode("batch", "pilot")
    assert done.status == 1
    assert "S009" in done.err
    assert "may not be planned" in done.err
    assert find_plan(study.open_ledger(), "pilot") is None


def test_a_push_that_does_not_fit_the_plan_is_refused_with_all_that_is_wrong(relcode: Run, study: Project) -> None:
    assert relcode("batch", "pilot").status == 0
    head = study.open_ledger().head()
    done = relcode("push", "--batch", "pilot", "transcripts/S001.jsonl", *["--coder", "eva", "--blind-share", "0.5"])
    assert done.status == 2
    for expected in (
        "coder 'eva' is not in the plan; it has ana, ben",
        "session S002",
        "S003",
        "S004",
        "--blind-share",
    ):
        assert sum(expected in line for line in done.err.splitlines()) == 1, expected
    fits = relcode("push", "--batch", "pilot")
    assert (fits.status, "No Doccano server" in fits.err) == (1, True)
    assert study.open_ledger().head() == head


def test_a_session_whose_words_changed_since_it_was_planned_is_not_pushed(relcode: Run, study: Project) -> None:
    assert relcode("batch", "pilot").status == 0
    changed = Session("S002", (Turn(1, "T", "other"), Turn(2, "C", "words")))
    write_session(changed, study.transcripts)
    record_deid(DeidResult((changed,), (), {}, {}), study.open_ledger())
    done = relcode("push", "--batch", "pilot")
    assert done.status == 2
    assert "session S002: its words have changed since; plan it in another batch" in done.err
