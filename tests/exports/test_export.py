"""Export to other formats: read back, the words, speakers and times are the same, or it is said what is not kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.exports import WRITERS, export_transcripts
from relcode.records import Session, Turn
from relcode.transcripts import read_file, read_sessions

TIMED = Session(
    "S-1",
    (
        Turn(1, "T", "Come on in. [pause] How was it?", 0.0, 1.4),
        Turn(2, "C", "Well [pause 1.5 seconds] [NAME_1] rang, I think... [clears throat] and -", 1.4, 5.25),
        Turn(3, "C2", 'He & she: 5 < 6, "so" [unintelligible] ang- 🙂 né?!', 5.25, 8.0),
        Turn(4, "T2", "Mother: said so; T: too - C: three", 8.0, 9.125),
        Turn(5, "C", "=1+1", 9.125, 10.0),
    ),
)
CANNOT_HOLD_TIMES = {"docx"}


def reader(to: str) -> str:
    return WRITERS[to][1]


@pytest.mark.parametrize("to", sorted(set(WRITERS) - {"cha"}))
def test_words_speakers_and_times_are_those_that_were_written(tmp_path: Path, to: str) -> None:
    report = export_transcripts([TIMED], tmp_path, to=to)
    assert (report.faults, report.exported) == ([], [("S-1", str(tmp_path / f"S-1.{to}"))])
    (read,) = read_file(tmp_path / f"S-1.{to}")
    if to in CANNOT_HOLD_TIMES:
        assert [(turn.speaker, turn.text) for turn in read] == [(turn.speaker, turn.text) for turn in TIMED]
        assert report.notes == ["session S-1: not kept: times"]
    else:
        assert read == TIMED
        assert report.notes == []


def test_chat_has_its_own_signs(tmp_path: Path, session_of: Callable[..., Session]) -> None:
    session = session_of(
        "T: Come in. [pause] [laughs] So:", "C: I [pause 1.5 seconds] [unintelligible] went... And -", "C2: No!"
    )
    report = export_transcripts([session], tmp_path, to="cha")
    assert (report.faults, report.notes) == ([], [])
    written = (tmp_path / "S1.cha").read_text(encoding="utf-8")
    assert written.splitlines()[3] == "@Participants:\tTHE Therapist, CLI Client, CL2 Client"
    assert written.splitlines()[7:-1] == [
        "*THE:\tCome in .",
        "*THE:\t(.) &=laughs So :",
        "*CLI:\tI (1.5) xxx went +...",
        "*CLI:\tAnd +/.",
        "*CL2:\tNo !",
    ]
    assert read_file(tmp_path / "S1.cha")[0].turns == session.turns


def test_what_chat_cannot_hold_is_refused_by_turn_and_leaves_no_file(
    tmp_path: Path, session_of: Callable[..., Session]
) -> None:
    good, bad = session_of("T: Yes."), session_of("T: Yes.", "T: Yes.", "C: (a) secret", session_id="S2")
    report = export_transcripts([bad, good], tmp_path, to="cha")
    assert report.faults == ["session S2: turn 3: its words or their order would not be the same when read again"]
    assert [path.name for path in tmp_path.iterdir()] == ["S1.cha"]


@pytest.mark.parametrize("to", ["vtt", "srt", "eaf"])
def test_captions_without_times_are_refused_by_turn(
    tmp_path: Path, session_of: Callable[..., Session], to: str
) -> None:
    report = export_transcripts([session_of("T: Yes.", "C: No.")], tmp_path, to=to)
    assert [fault.split(":")[1] for fault in report.faults] == [" turn 1, 2"]
    assert list(tmp_path.iterdir()) == []


def test_an_end_that_is_not_known_is_the_next_start_and_that_is_said(tmp_path: Path) -> None:
    session = Session("S1", (Turn(1, "T", "Yes.", 1.0), Turn(2, "C", "No.", 3.0, 4.0)))
    report = export_transcripts([session], tmp_path, to="vtt")
    assert report.notes == ["session S1: not kept: some times"]
    assert read_file(tmp_path / "S1.vtt")[0].turns[0].t1 == 3.0


def test_particulars_and_bounds_that_are_lost_are_said(tmp_path: Path, session_of: Callable[..., Session]) -> None:
    session = session_of("T: Yes.", "T: Indeed.", "C: No.", dyad="D1")
    lost = "the bounds of neighbouring turns of one speaker, the header's particulars"
    assert export_transcripts([session], tmp_path, to="txt").notes == [f"session S1: not kept: {lost}"]
    assert export_transcripts([session], tmp_path, to="jsonl").notes == []
    assert read_sessions([tmp_path / "S1.jsonl"]) == [session]


@pytest.mark.parametrize("to", ["xlsx", "docx", "eaf"])
def test_control_characters_are_refused_by_turn(tmp_path: Path, to: str) -> None:
    session = Session("S1", (Turn(1, "T", "Yes.", 0.0, 1.0), Turn(2, "C", "a\x01b", 1.0, 2.0)))
    assert len(export_transcripts([session], tmp_path, to=to).faults) == 1
    assert list(tmp_path.iterdir()) == []


TOKENS = """Well, yes. no? I'm [pause] [laughs] [NAME_2] 12 - T: Mother: "so" -->  <v a> &amp; # @you x,y =1 / ... é 👨‍👩‍👧 (my
    own) (laughs) 00:01 [00:02] {b} *c* WEBVTT NOTE 1. $5 % + | [?]"""
TURNS = st.lists(
    st.tuples(st.sampled_from(["T", "C", "C2"]), st.lists(st.sampled_from(TOKENS.split()), min_size=1, max_size=6))
)


@given(TURNS.filter(bool), st.sampled_from(sorted(WRITERS)))
def test_a_file_is_the_same_when_read_again_or_there_is_none(
    tmp_path_factory: pytest.TempPathFactory, spoken: list[tuple[str, list[str]]], to: str
) -> None:
    turns = tuple(Turn(n, who, " ".join(words), float(n), n + 0.5) for n, (who, words) in enumerate(spoken, start=1))
    folder = tmp_path_factory.mktemp("e")
    report = export_transcripts([Session("S1", turns)], folder, to=to)
    assert len(report.exported) + len(report.faults) == 1
    assert len(list(folder.iterdir())) == len(report.exported)
    if to in ("jsonl", "csv", "tsv", "xlsx", "json"):
        assert report.faults == []


def test_the_command_writes_says_and_refuses(tmp_path: Path, relcode: Any, session_of: Callable[..., Session]) -> None:
    from relcode.transcripts import write_session

    write_session(session_of("T: Yes.", "C: No."), tmp_path / "in")
    done = relcode("export", tmp_path / "in", "--to", "txt", "--out", tmp_path / "out")
    assert done.status == 0, done.err
    assert (tmp_path / "out" / "S1.txt").read_text(encoding="utf-8") == "T: Yes.\nC: No.\n"
    assert "S1.txt" in done.err
    refused = relcode("export", tmp_path / "in", "--to", "srt", "--out", tmp_path / "out")
    assert refused.status == 1
    assert "turn 1, 2" in refused.err
    assert not (tmp_path / "out" / "S1.srt").exists()
