"""Reviewers' marks: checked against the transcripts, taken in once, a layer that no other overwrites."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relcode.errors import LabelError
from relcode.ledger import Ledger, NewEvent
from relcode.ledger.reviews import Mark, read_marks, standing_reviews, take_marks
from relcode.ledger.tables import write_tables
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session
from relcode.transcripts import write_session

TURN = "I felt 😀 moved by zebras."
Run = Callable[..., Any]


@pytest.fixture
def session(session_of: Callable[..., Session]) -> Session:
    return session_of(f"T: {TURN}", "C: Thanks.")


def line(session: Session, **changes: Any) -> dict[str, Any]:
    made = {
        "session_id": "S1",
        "turn": 1,
        "start": 7,
        "end": 14,
        "text": TURN[7:14],
        "code": "TSI",
        "codebook": "relational-core@1.1.0",
        "source": "review:wrong",
        "of": ["coder:ana"],
        "session_sha256": hash_session(session),
    }
    return {key: value for key, value in {**made, **changes}.items() if value is not None}


def written(path: Path, *lines: Any) -> Path:
    path.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines), encoding="utf-8")
    return path


def test_marks_are_read_with_their_words_and_who_is_judged(tmp_path: Path, session: Session) -> None:
    path = written(tmp_path / "m.jsonl", line(session), line(session, code="HN", source="review:right", remark="yes"))
    wrong, right = read_marks(path, [session])
    assert (wrong.judgement, wrong.span.text, wrong.of) == ("wrong", "😀 moved", ("coder:ana",))
    assert (right.judgement, right.remark) == ("right", "yes")
    assert "moved" not in repr(wrong)


def test_a_mark_from_a_report_without_words_gets_them_from_the_transcript_of_the_same_hash(
    tmp_path: Path, session: Session
) -> None:
    (mark,) = read_marks(written(tmp_path / "m.jsonl", line(session, text="")), [session])
    assert mark.span.text == "😀 moved"
    with pytest.raises(LabelError, match="not those in the span's text"):
        read_marks(written(tmp_path / "m.jsonl", line(session, text="", session_sha256=None)), [session])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"session_id": "S9"}, "the session is not among the transcripts"),
        ({"turn": 7}, "there is no turn 7"),
        ({"end": 99}, "offsets 7 to 99 lie outside the turn"),
        ({"text": "moved by"}, "not those in the span's text"),
        ({"source": "coder:ana"}, "expected review:wrong or review:right"),
        ({"source": "review:perhaps"}, "expected review:wrong or review:right"),
        ({"session_sha256": "0" * 64}, "another text of this session"),
        ({"code": "two words"}, "no id of a code"),
        ({"turn": "one"}, "Expected `int`"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(
    tmp_path: Path, session: Session, changes: dict[str, Any], said: str
) -> None:
    path = written(tmp_path / "m.jsonl", line(session), "", line(session, code="HN") | changes)
    with pytest.raises(LabelError) as refused:
        read_marks(path, [session])
    assert [fault.split(": ")[0] for fault in refused.value.faults] == [f"{path}:3"]
    assert said in str(refused.value)
    assert "zebras" not in str(refused.value)


def test_all_faults_of_a_file_are_listed_also_what_is_no_json_and_what_is_judged_twice(
    tmp_path: Path, session: Session
) -> None:
    path = written(
        tmp_path / "m.jsonl", line(session), line(session, source="review:right"), "no", line(session, turn=9)
    )
    with pytest.raises(LabelError) as refused:
        read_marks(path, [session])
    assert len(refused.value.faults) == 3
    assert "judged twice" in refused.value.faults[0]
    with pytest.raises(LabelError, match="holds no mark"):
        read_marks(written(tmp_path / "m.jsonl"), [session])


def test_a_file_is_taken_in_once_and_a_change_of_mind_replaces_the_own_mark_alone(
    tmp_path: Path, session: Session, ledger_url: str
) -> None:
    ledger = Ledger(ledger_url)
    path = written(tmp_path / "m.jsonl", line(session), line(session, code="HN"))
    marks = read_marks(path, [session])
    assert [take_marks(ledger, marks, reviewer="eva").new, take_marks(ledger, marks, reviewer="eva").known] == [2, 2]
    assert take_marks(ledger, marks[:1], reviewer="ben").new == 1
    assert ledger.head()[0] == 3
    changed = msgspec.structs.replace(marks[0], source="review:right")
    assert take_marks(ledger, [changed], reviewer="eva").changed == 1
    held = {(review.reviewer, review.span.code): review.judgement for review in standing_reviews(ledger)}
    assert held == {("eva", "TSI"): "right", ("eva", "HN"): "wrong", ("ben", "TSI"): "wrong"}
    assert {review.span.source for review in standing_reviews(ledger)} == {"review:eva", "review:ben"}
    assert ledger.verify() == []


def test_labels_and_decisions_leave_a_review_as_it_is_and_it_leaves_them(session: Session, ledger_url: str) -> None:
    ledger = Ledger(ledger_url)
    mark = msgspec.convert(line(session), Mark)
    span = msgspec.to_builtins(mark.span)
    coded = {"page": "p", "batch": "b", "coder": "ana", "span": span, "provenance": "added"}
    decided = {"span": span, "decision": "agreed", "reason": "", "coders": ["ana"]}
    ledger.append([NewEvent("label", "pull", coded), NewEvent("accept", "adjudicate", decided)])
    before = ledger.labels("ana"), ledger.accepted()
    take_marks(ledger, [mark], reviewer="eva")
    assert (ledger.labels("ana"), ledger.accepted()) == before
    ledger.append([NewEvent("unlabel", "pull", coded), NewEvent("unaccept", "adjudicate", decided)])
    assert [review.judgement for review in standing_reviews(ledger)] == ["wrong"]
    assert ledger.coders() == ["ana"]
    assert "S1" in ledger.sessions()


def test_reviews_are_a_table_of_the_ledger_and_can_leave_without_words(
    tmp_path: Path, session: Session, ledger_url: str
) -> None:
    ledger = Ledger(ledger_url)
    mark = msgspec.convert(line(session), Mark)
    take_marks(ledger, [mark], reviewer="eva")
    take_marks(ledger, [msgspec.structs.replace(mark, source="review:right")], reviewer="eva")
    assert write_tables(ledger, tmp_path / "all")["reviews"] == 2
    rows = (tmp_path / "all" / "reviews.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[4:6] for row in rows] == [["standing", "judgement"], ["false", "wrong"], ["true", "right"]]
    write_tables(ledger, tmp_path / "bare", words=False)
    assert "moved" not in (tmp_path / "bare" / "reviews.csv").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, session: Session) -> Project:
    project = Project.create(tmp_path / "study")
    write_session(session, project.transcripts)
    return project


def test_pull_takes_a_file_of_marks_in_and_status_shows_it(
    tmp_path: Path, relcode: Run, project: Project, session: Session
) -> None:
    path = written(tmp_path / "review.jsonl", line(session))
    asked = ("pull", "--review", path, "--project", project.folder)
    assert relcode(*asked).status == 2
    done = relcode(*asked, "--reviewer", "eva")
    assert done.status == 0, done.err
    assert "1 mark(s) by eva new" in done.err
    again = json.loads(relcode(*asked, "--reviewer", "eva", "--json").out)
    assert again == {"reviewer": "eva", "new": 0, "changed": 0, "known": 1}
    assert "eva: 1 code(s) marked as wrong" in relcode("status", "--project", project.folder).out
    span = json.loads(path.read_text(encoding="utf-8"))
    decided = {"span": span, "decision": "agreed", "reason": "", "coders": ["ana"]}
    project.open_ledger().append([NewEvent("accept", "adjudicate", decided)])
    assert "accepted are 1 of the wrong ones" in relcode("status", "--project", project.folder).out
    explained = relcode("adjudicate", "explain", "S1", 1, "--project", project.folder)
    assert "reviewed by eva: wrong" in explained.out


def test_a_faulty_file_is_refused_whole(tmp_path: Path, relcode: Run, project: Project, session: Session) -> None:
    path = written(tmp_path / "review.jsonl", line(session), line(session, turn=5))
    done = relcode("pull", "--review", path, "--reviewer", "eva", "--project", project.folder)
    assert done.status == 1
    assert "there is no turn 5" in done.err
    assert standing_reviews(project.open_ledger()) == []
