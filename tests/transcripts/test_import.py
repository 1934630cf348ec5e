"""An import as a whole: what a dry run shows, doubts, what a second run does, many files of which some are broken."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.records import Session, Turn
from relcode.transcripts import import_transcripts, read_sessions
from relcode.transcripts.doubts import doubt_of_name, doubts_of
from relcode.transcripts.manifest import NAME, Manifest, Output
from relcode.transcripts.roles import Cast, Utterance

Run = Callable[..., Any]
TALK = """Ada Brook: So what do you feel when you say that to me, and what is it like for you to be here?
Nell Varga: I think I just went home and I told my sister that I could not do my work any more.
"""


def put(folder: Path, name: str, content: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


def short(number: int) -> str:
    return f"T: Hello {number}.\nC: Well, it is {number}.\n"


# --- a second run


def test_a_second_run_reads_only_what_is_new_or_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    for number in range(5):
        put(source, f"s{number}.txt", short(number))
    put(source, "broken.txt", "no mark")
    read: list[str] = []
    from relcode.transcripts import asking

    whole = asking.read_whole
    monkeypatch.setattr(asking, "read_whole", lambda path, options: (read.append(path.stem), whole(path, options))[1])

    def second(**options: Any) -> list[str]:
        read.clear()
        report = import_transcripts([source], out, **options)
        assert len(report.imported) == 5 + (source / "new.txt").exists()
        assert len(report.faults) == 1
        return sorted(read)

    assert second() == ["broken", "s0", "s1", "s2", "s3", "s4"]
    assert second() == ["broken"]
    put(source, "s1.txt", short(9))
    put(source, "new.txt", short(7))
    (out / "s3.jsonl").unlink()
    (out / "s4.jsonl").write_text("changed by hand")
    assert second() == ["broken", "new", "s1", "s3", "s4"]
    assert second() == ["broken"]
    assert len(second(clients=["Nell"])) == 7
    assert len(second(metadata=put(tmp_path, "m.csv", "session_id,dyad\ns0,D1\n"))) == 7
    assert read_sessions([out])[1].metadata == {"dyad": "D1"}


def test_the_manifest_holds_neither_words_nor_names_of_files(tmp_path: Path) -> None:
    put(tmp_path / "in" / "Sarah Jones", "a.txt", short(1))
    import_transcripts([tmp_path / "in"], tmp_path / "out")
    stored = (tmp_path / "out" / NAME).read_text()
    assert not [word for word in ("Sarah", "Jones", "Hello", ".txt") if word in stored]
    assert list(next(iter(json.loads(stored).values()))) == ["a"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 1}', b"\xff"])
def test_a_manifest_that_cannot_be_read_costs_a_second_reading_only(tmp_path: Path, content: bytes) -> None:
    source = put(tmp_path / "in", "a.txt", short(1))
    import_transcripts([source], tmp_path / "out")
    (tmp_path / "out" / NAME).write_bytes(content)
    assert [fresh for *_, fresh in import_transcripts([source], tmp_path / "out").imported] == [False]


def test_a_session_stands_in_the_manifest_once(tmp_path: Path) -> None:
    manifest = Manifest.read(tmp_path)
    manifest.put("k1", {"a": Output("h1", 1), "b": Output("h2", 1)})
    manifest.put("k2", {"a": Output("h3", 1)})
    manifest.write()
    assert Manifest.read(tmp_path).entries == {"k1": {"b": Output("h2", 1)}, "k2": {"a": Output("h3", 1)}}


def test_two_files_of_one_session_are_both_named_every_time(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.txt", short(1))
    put(tmp_path / "in", "a.csv", "speaker,text\nT,a\nC,b\n")
    for _ in range(2):
        report = import_transcripts([tmp_path / "in"], tmp_path / "out")
        assert len(report.faults) == 1
        assert "a.txt" in report.faults[0]
        assert "a.csv" in report.faults[0]


def test_of_many_files_the_good_land_and_each_broken_one_says_why(tmp_path: Path) -> None:
    for number in range(60):
        put(tmp_path / "in", f"s{number:03}.txt", short(number))
    put(tmp_path / "in", "x1.docx", b"PK\x03\x04cut")
    put(tmp_path / "in", "x2.vtt", "WEBVTT\n\n00:05 -> 00:06\nT: secret\n")
    put(tmp_path / "in", "x3.csv", 'speaker,text\nT,"secret\n')
    report = import_transcripts([tmp_path / "in"], tmp_path / "out")
    assert len(report.imported) == len(list((tmp_path / "out").glob("*.jsonl"))) == 60
    assert [Path(fault.split(":")[0].split(" is ")[0]).name for fault in report.faults] == [
        "x1.docx",
        "x2.vtt",
        "x3.csv",
    ]
    assert "secret" not in str(report.faults)


def test_files_of_other_kinds_in_a_folder_are_counted_not_read(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.txt", short(1))
    for name in ("b.doc", "c.pdf", "noname", ".hidden"):
        put(tmp_path / "in", name, "T: secret\n")
    notes = import_transcripts([tmp_path / "in"], tmp_path / "out").notes
    assert [note.split(" were ")[0] for note in notes] == [
        "1 file(s) in the folders with .doc",
        "1 file(s) in the folders with .pdf",
        "1 file(s) in the folders with no suffix",
    ]


# --- doubts


def session(*turns: tuple[str, str, float | None]) -> Session:
    return Session("s", tuple(Turn(n, who, text, t0) for n, (who, text, t0) in enumerate(turns, start=1)))


def doubts(found: Session, utterances: list[Utterance] | None = None, **cast: str) -> list[str]:
    said = utterances or [Utterance(turn.speaker, turn.text) for turn in found.turns]
    return doubts_of(found, said, Cast(cast or {"t": "T", "c": "C"}))


@pytest.mark.parametrize(
    ("times", "doubt"),
    [
        ([0.0, 5.0, None], ["1 of 3 turns have no time"]),
        ([None, None, None], []),
        ([0.0, 9.0, 8.5], []),
        ([0.0, 9.0, 5.0], ["times run backwards once, first in turn 3"]),
        ([0.0, 1800.0, 2.0], ["times start anew once, first in turn 3"]),
        ([0.0, 100.0, 2.0], ["times run backwards once, first in turn 3"]),
        ([36000.0, 36002.0, 36003.0], ["the first time is later than an hour"]),
        ([0.0, 3000.0, 43000.0], ["the session would last 11.9 hours"]),
    ],
)
def test_doubts_on_times(times: list[float | None], doubt: list[str]) -> None:
    found = doubts(session(*(("TC"[n % 2], "a", time) for n, time in enumerate(times))))
    assert [text[: len(start)] for text, start in zip(found, doubt, strict=True)] == doubt


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ((1001, 900), ["1 turn(s) of more than 1000 words, the longest is turn 1 (1001)"]),
        ((1000, 900), []),
        ((900, 10), ["T has 99% of the words"]),
        ((100, 1), []),
        ((900, 90), []),
    ],
)
def test_doubts_on_turns_and_shares(words: tuple[int, int], doubt: list[str]) -> None:
    found = doubts(session(*((who, " ".join(["a"] * count), None) for who, count in zip("TC", words, strict=True))))
    assert [text[: len(start)] for text, start in zip(found, doubt, strict=True)] == doubt


def test_a_third_mark_with_one_utterance_may_be_words() -> None:
    said = [Utterance("T", "a"), Utterance("C", "b")] * 6 + [Utterance("Mother", "no")]
    found = session(*((utterance.mark[0], utterance.text, None) for utterance in said[:12]), ("C2", "no", None))
    cast = {"t": "T", "c": "C", "mother": "C2"}
    assert doubts(found, said, **cast) == ["the 3rd speaker mark (C2) has one utterance: words read as a mark?"]
    assert doubts(found, [*said, said[-1]], **cast) == []


def test_only_one_speaker_is_a_doubt() -> None:
    assert doubts(session(("T", "a", None))) == ["only T speaks"]


@pytest.mark.parametrize(
    ("stem", "is_doubted"),
    [
        ("Sarah Jones 3", True),
        ("Jones_Sarah", True),
        ("Sarah.Jones.final", True),
        ("D1-T01-s03", False),
        ("Session 3", False),
        ("Final Transcript March", False),
        ("Client Interview 12", False),
        ("sarah3", False),
        ("ABC Study", False),
    ],
)
def test_a_file_name_that_may_be_a_persons_is_doubted(stem: str, is_doubted: bool) -> None:
    doubt = doubt_of_name(Path(f"{stem}.docx"), stem)
    assert (doubt is not None) == is_doubted
    assert doubt is None or "Jones" not in doubt


# --- the command


def test_a_dry_run_shows_what_would_be_imported_and_writes_nothing(relcode: Run, tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", TALK * 5)
    done = relcode("import", path, "--dry-run", "--no-words")
    assert done.status == 1  # the roles are open
    for shown in ("plain text: 10 of 10 lines", "UTF-8", "10 turns, no times", "the 1st mark", "proposed: "):
        assert shown in done.out
    assert not [word for word in ("Ada", "Nell", "sister") if word in done.err + done.out]
    shown = relcode("import", path, "--dry-run", "--therapist", "Ada Brook")
    assert shown.status == 0
    assert "T: So what do you feel when you say that to me, and what is" in shown.out
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_dry_run_as_data(relcode: Run, tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "session,Interlocutor,text,start\n1,T,Hello there,0:01\n1,C,Hi,0:03\n")
    (data,) = json.loads(relcode("import", path, "--dry-run", "--json", "--no-words").out)["files"]
    assert (data["format"], data["why"], data["encoding"]) == ("table", "a header with Interlocutor and text", "UTF-8")
    assert [(column["what"], column["number"], column["header"]) for column in data["columns"]] == [
        *(("session", 1, "session"), ("speaker", 2, "Interlocutor"), ("text", 3, "text"), ("t0", 4, "start")),
    ]
    assert [(s["session_id"], s["turns"], s["t0"], s["t1"], s["first_turns"]) for s in data["sessions"]] == [
        ("a-1", 2, 1.0, 3.0, [])
    ]
    assert [(s["mark"], s["speaker"], s["utterances"]) for s in data["sessions"][0]["speakers"]] == [
        ("T", "T", 1),
        ("C", "C", 1),
    ]
    words = relcode("import", path, "--dry-run", "--json").out
    assert json.loads(words)["files"][0]["sessions"][0]["first_turns"] == ["T: Hello there", "C: Hi"]


def test_the_table_of_speakers_is_written_on_request_and_used(relcode: Run, tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", TALK * 5)
    table = tmp_path / "s.csv"
    assert relcode("import", path, "--write-speakers", table).status == 0
    assert "Ada Brook,T" in table.read_text()
    assert relcode("import", path, "--write-speakers", table).status == 2
    assert relcode("import", path, "--speakers", table, "--out", tmp_path / "out").status == 0
    assert relcode("import", path, "--accept-proposed-roles", "--out", tmp_path / "out").status == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--column", "speaker"], "expected WHAT=NAME"),
        (["--column", "who=Who"], "one of speaker, text"),
        ([], "--out FOLDER"),
    ],
)
def test_wrong_use_is_said(relcode: Run, tmp_path: Path, options: list[str], said: str) -> None:
    done = relcode("import", put(tmp_path, "a.txt", short(1)), *options)
    assert done.status == 2
    assert said in done.err


def test_options_for_tables_and_encodings_reach_the_readers(relcode: Run, tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "Wer;Was\nT;caf\xe9\nC;b\n".encode("latin-1"))
    options = ("--column", "speaker=Wer", "--column", "text=2", "--encoding", "latin-1")
    assert relcode("import", path, *options, "--out", tmp_path / "out").status == 0
    assert read_sessions([tmp_path / "out"])[0].turns[0].text == "café"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("typed", "speakers"), [("\n", "TC"), ("nonsense\nC,T\n", "CT"), ("skip\n", None)])
def test_on_a_terminal_the_roles_are_asked(tmp_path: Path, typed: str, speakers: str | None) -> None:
    path = put(tmp_path, "a.txt", TALK * 5)
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    command = [sys.executable, "-m", "relcode", "import", str(path), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, timeout=60)
    os.set_blocking(ours, False)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "Ada Brook: proposed T" in shown
    assert done.returncode == (0 if speakers else 1)
    if speakers:
        turns = read_sessions([tmp_path / "out"])[0].turns
        assert "".join(turn.speaker for turn in turns[:2]) == speakers
