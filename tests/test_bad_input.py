"""The clumsy user: for each wrong input one message that names the thing, no traceback, and nothing left behind."""

from __future__ import annotations

import http.server
import json
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from relcode.deid import deidentify, record_deid
from relcode.doccano.environment import versions
from relcode.ledger import Ledger, NewEvent
from relcode.project import Project
from relcode.transcripts import read_sessions, write_session

Run = Callable[..., Any]
SECRET = "zanzibar"  # stands in every file below; no message may repeat it
TRANSCRIPT = (
    '{"session_id": "S1", "dyad": "D1"}\n'
    f'{{"turn": 1, "speaker": "T", "text": "I feel sad with you, {SECRET}."}}\n'
    f'{{"turn": 2, "speaker": "C", "text": "You never listen, {SECRET}."}}\n'
)
LABEL = (
    '{"session_id": "S1", "turn": 1, "start": 0, "end": 10, "text": "I feel sad", "code": "TSI", '
    '"codebook": "relational-core@1.0.0", "source": "coder:A"}\n'
)
BINARY = bytes(range(256)) * 4 + SECRET.encode()
SCORES = {
    "session_id": ["S1"],
    "turn": [1],
    "segment": [1],
    "speaker": ["T"],
    "start": [0],
    "end": [10],
    "p_TSI": [0.9],
    "y_TSI": [True],
}

FILES: dict[str, str | bytes] = {
    "ok/S1.jsonl": TRANSCRIPT,
    "raw/S2.jsonl": TRANSCRIPT.replace('"S1"', '"S2"'),
    "file": f"{SECRET}",
    "empty.jsonl": "",
    "spaces.jsonl": " \n\n",
    "binary.jsonl": BINARY,
    "binary.dat": BINARY,
    "broken.docx": b"PK\x03\x04" + BINARY,
    "paper.pdf": f"%PDF-1.4 {SECRET}",
    "notes.txt": f"{SECRET} is a place",
    "latin.csv": "speaker,text\nC,café\nT,caf".encode() + f"\xe9 {SECRET}\n".encode("latin-1"),
    "columns.csv": f"a,b\n1,{SECRET}\n",
    "quotes.csv": f'speaker,text\nT,"{SECRET}\n',
    "nobody.csv": f"speaker,text\nMary,{SECRET}\nJoe,{SECRET}\n",
    "cues.vtt": f"WEBVTT\n\n{SECRET}\n",
    "broken.jsonl": TRANSCRIPT + f'{{"turn": 3, "speaker": "T", "text": "{SECRET}\n',
    "gap.jsonl": TRANSCRIPT.replace('"turn": 2', '"turn": 7'),
    "whisper.json": f'{{"segments": [{{"start": 0, "end": 1, "text": "{SECRET}"}}], "language": "en"}}',
    "other.json": f'{{"name": "{SECRET}"}}',
    "half.json": f'{{"segments": [\n{{"speaker": "T", "text": "{SECRET}"',
    "cut.cha": f"@UTF8\n@Begin\n@Participants:\tTHE Therapist\n*THE:\t{SECRET} .\n*MUM:\t{SECRET} .\n",
    "dtd.eaf": f'<!DOCTYPE a [<!ENTITY x "{SECRET}">]>\n<ANNOTATION_DOCUMENT/>\n',
    "list.jsonl": f'["{SECRET}"]\n',
    "deep.jsonl": '{"x":' * 100_000,
    "a.jsonl": LABEL,
    "b.jsonl": LABEL.replace("coder:A", "coder:B"),
    "outside.jsonl": LABEL.replace('"end": 10', '"end": 400'),
    "words.jsonl": LABEL.replace("I feel sad", SECRET),
    "turn.jsonl": LABEL.replace('"turn": 1', '"turn": 77'),
    "huge.jsonl": LABEL.replace('"turn": 1', '"turn": 99999999999'),
    "code.jsonl": LABEL.replace("TSI", "ZZZ"),
    "swapped.jsonl": LABEL.replace("TSI", f"I said {SECRET}"),
    "stranger.jsonl": LABEL.replace('"S1"', '"S9"').replace("coder:A", "coder:C"),
    "type.jsonl": LABEL + LABEL.replace('"turn": 1', f'"turn": "{SECRET}"'),
    "half.jsonl": LABEL + f"{{{SECRET}\n",
    "latin.jsonl": LABEL.encode() + f'{{"text": "caf\xe9 {SECRET}"}}\n'.encode("latin-1"),
    "wide.jsonl": LABEL.encode("utf-16"),
    "many.jsonl": f'{{"turn": 1, "text": "{SECRET}"}}\n' * 40,
    "metadata.csv": "x,y\n1,2\n",
    "yaml.yaml": "id: [\n",
    "binary.yaml": BINARY,
    "text.yaml": "words\n",
    "date.yaml": "id: 2024-99-99\n",
    "half.yaml": "id: x\nversion: 1\n",
    "model/SHA256SUMS": BINARY,
    "toml/relcode.toml": "name = ",
    "wide-toml/relcode.toml": b'name = "\xff"',
    "keys-toml/relcode.toml": 'nmae = "x"\ncoders = "A"\n',
    "codebook-toml/relcode.toml": 'name = "x"\ncodebook = "nosuch"\n',
    "elsewhere/relcode.toml": 'name = "x"\n[doccano]\nurl = "http://127.0.0.1:9"\n',
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one good transcript, a project (`study`), and everything that a clumsy user may name."""
    folder = tmp_path_factory.mktemp("clumsy")
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for name in ("folder", "folder.csv", "folder.yaml", "model2/SHA256SUMS"):
        (folder / name).mkdir(parents=True)
    for name, changed in {
        "columns": {"x": [1]},
        "types": {**SCORES, "turn": [SECRET]},
        "nulls": {**SCORES, "start": pa.array([None], pa.int32())},
        "marks": {**SCORES, "y_TSI": [SECRET]},
        "beyond": {**SCORES, "end": [900]},
    }.items():
        pq.write_table(pa.table(changed), folder / f"{name}.parquet")
    (folder / "cut.parquet").write_bytes((folder / "beyond.parquet").read_bytes()[:-30])
    with sqlite3.connect(folder / "other.db") as database:
        database.execute("CREATE TABLE somebodys (x)")
    database.close()
    project = Project.create(folder / "study", coders=["A", "B"])
    result = deidentify(read_sessions([folder / "ok"]))
    for session in result.sessions:
        write_session(session, project.transcripts)
    record_deid(result, Ledger(project.ledger_path))
    (folder / "cut.db").write_bytes(project.ledger_path.read_bytes()[:5000])
    Project.create(folder / "bare").transcripts.rmdir()
    return folder


@pytest.fixture
def place(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder, as the current one."""
    folder = tmp_path / "place"
    shutil.copytree(template, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("RELCODE_DOCCANO_USER", raising=False)
    monkeypatch.delenv("RELCODE_DOCCANO_PASSWORD", raising=False)
    return folder


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def refused(run: Run, place: Path, line: str, status: int, *fragments: str) -> None:
    """Run the command line; check code and message, and that nothing was written."""
    before = contents(place)
    done = run(*shlex.split(line))
    assert done.status == status, done.err
    messages = [row for row in done.err.splitlines() if row.startswith(("relcode: ", "Error: "))]
    assert len(messages) == 1, done.err
    assert [fragment for fragment in fragments if fragment not in done.err] == [], done.err
    assert SECRET not in done.out + done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert contents(place) == before


AUDIT = "audit ok --out r.html"
CODED = "--labels a.jsonl --codebook relational-core"
CUES = "preannotate ok --codebook relational-core"
TRAIN = "train --transcripts ok"
CASES: list[tuple[str, int, tuple[str, ...]]] = [
    # transcripts: whatever is given, by the verb that reads any format
    ("import missing.jsonl --out o", 1, ("missing.jsonl", "no such file")),
    ("import folder --out o", 1, ("folder: no file in it ends in",)),
    ("import '' --out o", 1, ("empty name",)),
    ("import empty.jsonl --out o", 1, ("empty.jsonl is empty", "nothing was imported")),
    ("import spaces.jsonl --out o", 1, ("spaces.jsonl is empty",)),
    ("import binary.jsonl --out o", 1, ("binary.jsonl", "binary file")),
    ("import broken.docx --out o", 1, ("broken.docx", "zip archive")),
    ("import paper.pdf notes.txt --out o", 1, ("paper.pdf is a PDF; export", "notes.txt", "--format")),
    ("import latin.csv --out o", 1, ("latin.csv:3", "save the file as UTF-8")),
    ("import columns.csv --out o", 1, ("columns.csv: no column for speaker", "columns.csv: no column for text")),
    ("import quotes.csv --out o", 1, ("quotes.csv:2", "quotation marks")),
    ("import nobody.csv --out o", 1, ("nobody.csv", "--therapist NAME")),
    ("import cues.vtt --out o", 1, ("cues.vtt:3", "belong to no cue")),
    ("import broken.jsonl --out o", 1, ("broken.jsonl:4", "expected a turn")),
    ("import gap.jsonl --out o", 1, ("gap.jsonl:3", "expected turn number 2")),
    ("import list.jsonl --out o", 1, ("list.jsonl", '{"session_id": ...}')),
    ("import deep.jsonl --out o", 1, ("deep.jsonl:1", "nested too deeply")),
    ("import whisper.json --therapist X --out o", 1, ("without diarisation", "--therapist cannot help")),
    (
        "import other.json half.json --out o",
        1,
        ("other.json holds no list of utterances", "half.json:2: not valid JSON"),
    ),
    ("import cut.cha --out o", 1, ("no line @End", "cut.cha:5: its speaker is not in @Participants")),
    ("import dtd.eaf --out o", 1, ("dtd.eaf:1: it has a document type",)),
    ("import a.jsonl --out o", 1, ("a.jsonl holds labels, not a transcript",)),
    ("import ok --metadata missing.csv --out o", 1, ("missing.csv", "No such file")),
    ("import ok --metadata metadata.csv --out o", 1, ("metadata.csv", "column session_id")),
    ("import ok --metadata folder --out o", 1, ("folder", "Is a directory")),
    ("import ok --format zzz --out o", 2, ("--format zzz", "vtt, srt")),
    ("import ok --format docx --out o", 1, ("ok/S1.jsonl is no Word",)),
    ("import ok", 2, ("--out",)),
    ("import --out o", 2, ("SRC",)),
    ("import ok --nonsense --out o", 2, ("--nonsense",)),
    ("import ok --out file", 1, ("file/S1.jsonl", "a file stands where a folder is expected")),
    ("import ok --out file/deep/er", 1, ("file/deep/er", "a file stands where a folder is expected")),
    ("import ok --out /proc/none", 1, ("Cannot write /proc/none/S1.jsonl", "Choose a folder")),
    # the other readers of transcripts
    ("deid missing --out o", 1, ("missing: there is no such file",)),
    ("deid broken.jsonl --out o", 1, ("broken.jsonl:4",)),
    ("deid ok", 2, ("--out FOLDER",)),
    ("deid ok --out file", 1, ("file/S1.jsonl",)),
    ("deid ok --out o --mode zzz", 2, ("--mode", "zzz")),
    ("deid ok --out o --report file/r.jsonl", 1, ("Cannot write file/r.jsonl",)),
    ("deid ok --out o --report folder", 1, ("Cannot write folder: it is a folder",)),
    ("deid ok --out o --key study/key.json", 2, ("study/key.json", "apart")),
    ("deid ok --out toml/transcripts", 1, ("relcode.toml is not valid TOML",)),
    ("deid ok --check", 2, ("project folder",)),
    ("deid ok --override S1", 2, ("--reason",)),
    ("deid study/transcripts --override S7 --reason x", 2, ("no session S7",)),
    ("preannotate empty.jsonl --codebook relational-core --out s.jsonl", 1, ("empty.jsonl is empty",)),
    ("preannotate ok --out s.jsonl", 2, ("--codebook ID",)),
    ("preannotate ok --codebook nosuch --out s.jsonl", 1, ("no codebook 'nosuch'", "relational-core")),
    ("preannotate ok --codebook relational-core@9.9.9 --out s.jsonl", 1, ("not 9.9.9",)),
    ("preannotate ok --codebook missing.yaml --out s.jsonl", 1, ("missing.yaml", "codebook list")),
    ("preannotate ok --out toml/suggestions/s.jsonl", 1, ("relcode.toml is not valid TOML",)),
    ("preannotate ok --model folder --out s.jsonl", 1, ("folder is no model folder", "relcode train")),
    ("preannotate ok --model folder --threshold 0.5 --out s.jsonl", 2, ("--threshold goes with --codebook",)),
    (f"{CUES} --threshold 7 --out s.jsonl", 2, ("--threshold 7.0",)),
    (f"{CUES} --out file/s.jsonl", 1, ("Cannot write file/s.jsonl",)),
    (f"{CUES} --out folder", 1, ("Cannot write folder: it is a folder",)),
    # codebooks
    ("codebook lint missing.yaml", 1, ("missing.yaml", "No such file")),
    ("codebook lint folder.yaml", 1, ("folder.yaml",)),
    ("codebook lint nosuch", 1, ("no codebook 'nosuch'",)),
    ("codebook lint yaml.yaml", 1, ("yaml.yaml, line 2, is not valid YAML",)),
    ("codebook lint binary.yaml", 1, ("binary.yaml is not valid YAML", "UTF-8")),
    ("codebook lint date.yaml", 1, ("date.yaml has", "codes: expected")),
    ("codebook lint text.yaml", 1, ("text.yaml holds no codebook",)),
    ("codebook lint half.yaml", 1, ("half.yaml has", "codes: expected")),
    ("codebook import file --out c.yaml", 1, ("file, line 1, is not XML", "REFI-QDA codebook (.qdc)")),
    ("codebook show relational-core --code ZZZ", 2, ("no code 'ZZZ'", "TSI")),
    ("codebook show", 2, ("codebook",)),
    # labels
    ("agreement missing.jsonl a.jsonl", 1, ("missing.jsonl", "No such file")),
    ("agreement folder a.jsonl", 1, ("folder", "Is a directory")),
    ("agreement a.jsonl empty.jsonl", 1, ("empty.jsonl holds no label",)),
    ("agreement a.jsonl binary.jsonl", 1, ("binary.jsonl is a binary file",)),
    ("agreement a.jsonl wide.jsonl", 1, ("wide.jsonl is a binary file, or text that is not UTF-8",)),
    ("agreement a.jsonl latin.jsonl", 1, ("latin.jsonl:2: not valid UTF-8",)),
    ("agreement a.jsonl half.jsonl", 1, ("half.jsonl:2", "JSON is malformed")),
    ("agreement a.jsonl type.jsonl", 1, ("type.jsonl:2", "`$.turn`")),
    ("agreement a.jsonl deep.jsonl", 1, ("deep.jsonl:1: nested too deeply",)),
    ("agreement a.jsonl many.jsonl", 1, ("many.jsonl is no file of labels: 40 lines",)),
    ("agreement a.jsonl huge.jsonl", 1, ("huge.jsonl:1", "no turn has this number")),
    ("agreement a.jsonl swapped.jsonl", 1, ("swapped.jsonl:1", "no id of a code")),
    ("agreement a.jsonl outside.jsonl --transcripts ok", 1, ("outside.jsonl:1", "outside the turn")),
    ("agreement a.jsonl words.jsonl --transcripts ok", 1, ("words.jsonl:1", "are not those")),
    ("agreement a.jsonl turn.jsonl --transcripts ok", 1, ("turn.jsonl:1", "no turn 77")),
    ("agreement a.jsonl stranger.jsonl", 1, ("S9: left out",)),
    ("agreement a.jsonl", 2, ("two coders",)),
    ("agreement a.jsonl b.jsonl --level zzz", 2, ("--level", "segment, turn, session")),
    ("agreement a.jsonl b.jsonl --out r.txt", 2, (".csv or .json",)),
    ("agreement a.jsonl b.jsonl --out file/r.csv", 1, ("Cannot write file/r.csv",)),
    ("agreement a.jsonl b.jsonl --out folder.csv", 1, ("Cannot write folder.csv: it is a folder",)),
    ("agreement a.jsonl b.jsonl --project nowhere", 1, ("nowhere lies in no relcode project",)),
    ("agreement a.jsonl b.jsonl --transcripts missing", 1, ("missing: there is no such file",)),
    ("agreement --project study", 1, ("confirmed pages of 0 coder(s)", "relcode pull")),
    ("agreement --project bare", 1, ("relcode pull",)),
    # the report
    ("audit ok", 2, ("--out report.html",)),
    (f"{AUDIT} --labels empty.jsonl", 1, ("empty.jsonl holds no label",)),
    (f"{AUDIT} --labels stranger.jsonl", 1, ("S9",)),
    (f"{AUDIT} {CODED}@3.0.0", 1, ("not 3.0.0",)),
    (f"{AUDIT} {CODED} --seed -1", 2, ("--seed",)),
    (f"{AUDIT} {CODED} --scores cut.parquet", 2, ("only one of",)),
    (f"{AUDIT} --scores missing.parquet", 1, ("missing.parquet: there is no such file", "relcode score")),
    (f"{AUDIT} --scores folder", 1, ("folder",)),
    (f"{AUDIT} --scores a.jsonl", 1, ("a.jsonl", "parquet")),
    (f"{AUDIT} --scores cut.parquet", 1, ("cut.parquet", "parquet")),
    (f"{AUDIT} --scores columns.parquet", 1, ("columns.parquet: no column session_id", "no column end")),
    (f"{AUDIT} --scores types.parquet", 1, ("types.parquet: column turn is string; expected int32",)),
    (f"{AUDIT} --scores nulls.parquet", 1, ("nulls.parquet", "column start: some rows are empty")),
    (f"{AUDIT} --scores marks.parquet", 1, ("marks.parquet: column y_TSI is string; expected bool",)),
    (f"{AUDIT} --scores beyond.parquet", 1, ("session S1", "lie outside")),
    (f"{AUDIT} --model folder", 1, ("folder is no model folder",)),
    ("audit ok --labels a.jsonl --out file/r.html", 1, ("Cannot write file/r.html",)),
    ("audit ok --labels a.jsonl --out folder", 1, ("Cannot write folder: it is a folder",)),
    # models
    (
        "score ok --model missing --out s.parquet",
        1,
        ("There is no model missing", "relational-synthetic", "relcode train"),
    ),
    ("score ok --model file --out s.parquet", 1, ("file is no model folder",)),
    (
        "train --transcripts ok --labels a.jsonl --codebook relational-core --out m --kind zzz",
        2,
        ("--kind zzz", "linear, spacy, encoder"),
    ),
    ("query --scores s.parquet --code TSI --at-least 7", 2, ("Invalid value for '--at-least'",)),
    ("compare missing missing --out c.html", 1, ("missing: No such file", "relcode audit --json")),
    ("score ok --model model --out s.parquet", 1, ("model",)),
    ("score ok --model model2 --out s.parquet", 1, ("model2",)),
    ("evaluate --model folder --transcripts ok --labels a.jsonl", 1, ("folder is no model folder",)),
    ("evaluate --model folder --transcripts ok --labels words.jsonl", 1, ("words.jsonl:1",)),
    (f"{TRAIN} --labels missing.jsonl --codebook relational-core --out m", 1, ("missing.jsonl",)),
    (f"{TRAIN} --labels a.jsonl --codebook nosuch --out m", 1, ("no codebook 'nosuch'",)),
    (f"{TRAIN} {CODED} --out m", 1, ("two dyads",)),
    (f"{TRAIN} {CODED} --out ok", 1, ("ok is there and is no model folder",)),
    # the project and its ledger
    ("init", 2, ("DIR",)),
    ("init file", 1, ("file", "a file stands where a folder is expected")),
    ("init file/sub", 1, ("file/sub", "a file stands where a folder is expected")),
    ("init /proc/none", 1, ("/proc/none", "Choose another folder")),
    ("init ok", 1, ("ok is not empty",)),
    ("init new --coder 'a b'", 1, ("coders: number 1",)),
    ("init new --codebook 'x y'", 1, ("codebook: expected",)),
    ("init new --doccano-url localhost", 1, ("doccano.url",)),
    ("init toml", 1, ("relcode.toml is not valid TOML",)),
    ("push --project toml", 1, ("relcode.toml is not valid TOML",)),
    ("push --project wide-toml", 1, ("relcode.toml is not valid TOML", "UTF-8")),
    ("push --project keys-toml", 1, ("nmae: there is no such key", "coders: expected a list")),
    ("push --project nowhere", 1, ("nowhere lies in no relcode project", "relcode init DIR")),
    ("push --project file", 1, ("file lies in no relcode project",)),
    ("pull", 1, ("lies in no relcode project",)),
    ("ledger verify", 1, ("lies in no relcode project",)),
    ("ledger verify missing.db", 1, ("no ledger missing.db",)),
    ("ledger verify folder", 1, ("no ledger folder",)),
    ("ledger verify file", 1, ("file is not a ledger",)),
    ("ledger verify empty.jsonl", 1, ("empty.jsonl is empty and no ledger",)),
    ("ledger verify binary.dat", 1, ("binary.dat", "not a ledger")),
    ("ledger verify other.db", 1, ("other.db is no ledger",)),
    ("ledger verify cut.db", 1, ("cut.db", "damaged")),
    ("ledger export study/ledger.db --out l.txt", 2, (".jsonl or .csv",)),
    ("ledger export study/ledger.db --out file/l.csv", 1, ("Cannot write file/l.csv",)),
    ("ledger export study/ledger.db --out folder.csv", 1, ("it is a folder",)),
    # coding, without a server
    ("push --project study", 1, ("No Doccano server was started", "relcode doccano up")),
    ("push ok --project study --suggestions missing.jsonl", 1, ("missing.jsonl",)),
    ("push --project bare", 1, ("transcripts: there is no such file or folder",)),
    ("pull --project study", 1, ("No Doccano server was started",)),
    ("adjudicate push --project study", 1, ("confirmed by two coders", "relcode pull")),
    ("adjudicate pull --project study", 1, ("coded wholly", "relcode pull")),
    ("adjudicate pull --project study --policy most", 2, ("no policy 'most'", "senior:CODER")),
    ("adjudicate pull --project study --policy senior:zoe", 2, ("no coder 'zoe'",)),
    ("adjudicate pull --project study --disputes distance:2", 2, ("--disputes", "distance:0.5")),
    ("adjudicate pull --project study --single maybe", 2, ("--single", "accept, leave")),
    ("adjudicate explain S1 1 --project study", 1, ("Nothing was decided in turn 1 of session S1",)),
    ("train-coder push zoe --project study", 1, ("No session is settled yet", "relcode adjudicate pull")),
    ("train-coder push zoe S9 --project study", 1, ("S9: not settled",)),
    ("train-coder report zoe --project study", 1, ("zoe has confirmed no calibration page", "train-coder push zoe")),
    ("push --project elsewhere ok", 1, ("elsewhere has lost its ledger", "Restore a copy")),
    ("deid ok --out elsewhere/transcripts", 1, ("elsewhere has lost its ledger",)),
    ("agreement --project elsewhere", 1, ("elsewhere has lost its ledger",)),
    ("pull --project elsewhere", 1, ("RELCODE_DOCCANO_USER",)),
    ("push broken.jsonl --project study", 1, ("broken.jsonl:4",)),
    ("push raw --project study", 1, ("session S2: not on record as de-identified",)),
    ("doccano up --project nowhere", 1, ("nowhere lies in no relcode project",)),
    ("doccano up --project study --port 99999", 2, ("--port",)),
    ("doccano up --project study --coder ../x", 2, ("letters, digits",)),
    ("doccano up --project elsewhere", 1, ("http://127.0.0.1:9", "none is started here")),
    ("doccano up --project codebook-toml", 1, ("no codebook 'nosuch'",)),
    ("doccano nonsense", 2, ("nonsense",)),
    ("nonsense", 2, ("nonsense",)),
]


@pytest.mark.parametrize(("line", "status", "fragments"), CASES, ids=[line for line, *_ in CASES])
def test_it_is_refused(relcode: Run, place: Path, line: str, status: int, fragments: tuple[str, ...]) -> None:
    refused(relcode, place, line, status, *fragments)


def test_the_good_files_are_imported_beside_the_broken_ones(relcode: Run, place: Path) -> None:
    done = relcode("import", "ok", "broken.jsonl", "--out", "made")
    assert done.status == 1
    assert "the other files were imported" in done.err
    assert [path.name for path in (place / "made").glob("[!.]*")] == ["S1.jsonl"]
    assert SECRET not in done.err


def test_what_stood_in_the_place_of_an_import_is_replaced_whatever_it_was(relcode: Run, place: Path) -> None:
    (place / "made").mkdir()
    (place / "made" / "S1.jsonl").write_bytes(BINARY)
    assert relcode("import", "ok", "--out", "made").status == 0
    assert (place / "made" / "S1.jsonl").read_bytes() != BINARY
    assert "unchanged" in relcode("import", "ok", "--out", "made").err


@pytest.mark.parametrize("session_id", ["x" * 400, "../../S1", "é" * 300])
def test_a_session_id_that_is_no_file_name_gets_a_file_of_the_folder(
    relcode: Run, place: Path, session_id: str
) -> None:
    (place / "odd.jsonl").write_text(TRANSCRIPT.replace("S1", session_id), encoding="utf-8")
    assert relcode("import", "odd.jsonl", "--out", "made").status == 0
    assert "unchanged" in relcode("import", "odd.jsonl", "--out", "made").err
    (made,) = (place / "made").glob("[!.]*")
    assert read_sessions([made])[0].session_id == session_id


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("line", ["codebook show relational-core", "codebook list --json"])
def test_a_full_disk_behind_the_output_is_said(line: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "relcode", *line.split()], stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"No space left" in done.stderr


class _NoDoccano(http.server.BaseHTTPRequestHandler):
    """A web server that is something else; what it answers stands in its class."""

    kind, body = "text/html", f"<html>{SECRET}</html>".encode()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", self.kind)
        self.end_headers()
        self.wfile.write(self.body)

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        pass


class _Json(_NoDoccano):
    kind, body = "application/json", f'["{SECRET}"]'.encode()


class _Object(_NoDoccano):
    kind, body = "application/json", b'{"is_superuser": true}'


class _NoJson(_NoDoccano):
    kind, body = "application/json", SECRET.encode()


@pytest.fixture
def serve() -> Iterator[Callable[[type], str]]:
    """Start a web server of some kind; gives its address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(handler: type[http.server.BaseHTTPRequestHandler]) -> str:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def write_server(place: Path, **changed: Any) -> None:
    """Write a server.json of `study`, as `doccano up` would."""
    values = {"url": "http://127.0.0.1:9", "port": 9, "admin": "admin", "secret_key": "x", "accounts": {"admin": "pw"}}
    folder = place / "study" / ".doccano"
    folder.mkdir(exist_ok=True)
    (folder / "server.json").write_text(json.dumps({**values, **changed}), encoding="utf-8")
    # a page on record: with none, there is nothing to pull, and no server is asked
    page = {"page": "p", "batch": "1", "coder": "A", "session_id": "S1", "session_sha256": "0", "text_sha256": "0"}
    page |= {"first_turn": 1, "last_turn": 1, "codebook": "relational-core@1.0.0", "suggestions": [], "shown": True}
    ledger = Project.load(place / "study").open_ledger()
    if not ledger.pages():
        ledger.append([NewEvent("page", "test", page)])


@pytest.mark.parametrize("verb", ["push", "pull"])
@pytest.mark.parametrize("handler", [_NoDoccano, _Json, _Object, _NoJson])
def test_another_server_on_the_port_is_told_from_a_doccano(
    relcode: Run, place: Path, serve: Callable[[type], str], handler: type, verb: str
) -> None:
    url = serve(handler)
    write_server(place, url=url)
    refused(relcode, place, f"{verb} --project study", 1, url, "Doccano 1.8.4 does not give", "check the address")


@pytest.mark.parametrize("verb", ["push", "pull"])
def test_a_server_that_is_down_is_said_with_the_remedy(relcode: Run, place: Path, verb: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        write_server(place, url=url)
        refused(relcode, place, f"{verb} --project study", 1, f"No Doccano server answers at {url}", "doccano up")


def test_an_address_that_is_none_is_said(relcode: Run, place: Path) -> None:
    write_server(place, url="not an address")
    refused(relcode, place, "push --project study", 1, "not an address")


@pytest.mark.parametrize("line", ["push", "pull", "doccano status", "doccano up"])
@pytest.mark.parametrize("content", [b"{", b"\xff\x00", b"[]", b'{"url": 1}'])
def test_a_damaged_server_file_is_named_with_the_remedy(
    relcode: Run, place: Path, monkeypatch: pytest.MonkeyPatch, line: str, content: bytes
) -> None:
    _environment_is_made(place, monkeypatch)
    (place / "study" / ".doccano").mkdir()
    (place / "study" / ".doccano" / "server.json").write_bytes(content)
    refused(relcode, place, f"{line} --project study", 1, "server.json", "Move it away", "relcode doccano up")


def test_down_needs_no_server_file(relcode: Run, place: Path) -> None:
    (place / "study" / ".doccano").mkdir()
    (place / "study" / ".doccano" / "server.json").write_bytes(b"{")
    done = relcode("doccano", "down", "--project", "study")  # it finds what runs by command line
    assert (done.status, done.err) == (0, "No Doccano server runs for this project.\n")


def test_a_server_file_without_the_administrator_is_refused(relcode: Run, place: Path) -> None:
    write_server(place, accounts={})
    refused(relcode, place, "push --project study", 1, "names no administrator's account", "Move it away")


def test_a_file_in_place_of_the_servers_folder_is_said(
    relcode: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _environment_is_made(place, monkeypatch)
    (place / "study" / ".doccano").write_text("")
    refused(relcode, place, "doccano up --project study", 1, "Cannot make", ".doccano", "Move it away")


def _environment_is_made(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doccano's environment counts as made, so that nothing is installed; none of these cases comes to use it."""
    folder = place.parent / "environment"
    folder.mkdir()
    (folder / ".complete").write_text(versions())
    monkeypatch.setenv("RELCODE_DOCCANO_ENV", str(folder))


@pytest.mark.parametrize(
    ("line", "fragment"),
    [
        ("push --project study --blind-share 3", "between 0 and 1"),
        ("push --project study --coder consensus", "'consensus'"),
        ("push --project study --coder A --coder A", "named twice"),
        ("push --project study --coder ../x", "letters, digits"),
        ("push --project study --batch ''", "--batch"),
    ],
)
def test_wrong_usage_of_push_is_said_before_the_server_is_asked(
    relcode: Run, place: Path, line: str, fragment: str
) -> None:
    write_server(place)
    refused(relcode, place, line, 2, fragment)


def test_suggestions_that_do_not_fit_are_refused_before_the_server_is_asked(relcode: Run, place: Path) -> None:
    write_server(place)
    refused(relcode, place, "push --project study --suggestions words.jsonl", 1, "words.jsonl:1")
    refused(relcode, place, "push --project study --suggestions code.jsonl", 1, "no code ZZZ", "nothing was sent")
