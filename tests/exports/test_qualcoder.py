"""QualCoder opens our REFI-QDA project and we open its: its own import and export, run for real, keep each text and coding.

RELCODE_QUALCODER names a checkout of https://github.com/ccbogel/QualCoder, RELCODE_QUALCODER_PYTHON an interpreter
that has PyQt6, pymupdf and Pillow.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from exports.qualcoder_run import CHECKOUT, PYTHON, coded_there
from relcode.codebook import load_codebook
from relcode.codebook.refiqda import write_qdc
from relcode.exports.labels import export_labels
from relcode.records import Session, Span, Turn
from relcode.spans import read_spans
from relcode.transcripts import import_transcripts, read_sessions

SCRIPT = Path(__file__).with_name("qualcoder_import.py")
BOOK = "relational-core@1.0.0"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CHECKOUT, reason="RELCODE_QUALCODER names no checkout of QualCoder, which is on no registry"
    ),
]


def imported(folder: Path, sessions: Sequence[Session], spans: Sequence[Span]) -> dict[str, Any]:
    """What QualCoder has after it has opened the export of these labels."""
    export_labels(sessions, spans, folder / "out", to="qdpx")
    command = [PYTHON, str(SCRIPT), str(CHECKOUT), str(folder / "out" / "labels.qdpx"), str(folder / "project.qda")]
    done = subprocess.run(
        command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def check(found: dict[str, Any], sessions: Sequence[Session], spans: Sequence[Span]) -> None:
    """Each session a text with a line a turn; each label a coding of its coder on its words, by code points."""
    texts = {name: text for _, name, text, _ in found["sources"]}
    assert texts.keys() == {session.session_id for session in sessions}
    starts: dict[tuple[str, int], int] = {}
    for session in sessions:
        lines = texts[session.session_id].split("\n")
        wanted = [f"{turn.speaker}: {_in_one_line(turn.text)}" for turn in session.turns]
        assert lines == [*wanted, ""]
        for at, turn in enumerate(session.turns):
            starts[session.session_id, turn.turn] = sum(len(line) + 1 for line in lines[:at]) + len(turn.speaker) + 2
    names = {row[0]: row[1] for row in found["sources"]}
    book = load_codebook(BOOK)
    here = Counter((names[text], *row) for text, *row in found["codings"])
    expected = Counter(
        (
            span.session_id,
            book.by_id[span.code].name,
            starts[span.session_id, span.turn] + span.start,
            starts[span.session_id, span.turn] + span.end,
            _in_one_line(span.text),
            span.source.removeprefix("coder:"),
        )
        for span in spans
    )
    assert here == expected


def _in_one_line(text: str) -> str:
    for line_end in "\r\n\x85\u2028":
        text = text.replace(line_end, " ")
    return text


def test_texts_and_offsets_are_intact_with_emoji_line_ends_and_two_coders(tmp_path: Path) -> None:
    texts = [
        f"I \U0001f642 felt {FAMILY} shut out.",
        f"e\u0301 Oh\r\n{FAMILY} really\nnow\u2028and\x85then\r\nso.",
        "  And now? ",
    ]
    session = Session("S1", tuple(Turn(n, "TC"[n % 2], text) for n, text in enumerate(texts, start=1)))
    spans = [
        Span("S1", turn, start, end, texts[turn - 1][start:end], code, BOOK, source)
        for turn, start, end, code in [
            (1, 0, 8, "TSI"),
            (1, 9, 23, "TSD"),
            (2, 4, 14, "TSI"),
            (2, 5, 31, "TSD"),
            (3, 2, 10, "TSI"),
        ]
        for source in ("coder:ana", "coder:ben", "accepted")
    ]
    check(imported(tmp_path, [session], spans), [session], spans)


def test_a_coded_corpus_arrives_whole(tmp_path: Path, corpus: Any) -> None:
    sessions = read_sessions(corpus("transcripts"))
    book = load_codebook(BOOK)
    spans = [
        span
        for name in ("coder_A", "coder_B", "accepted")
        for span in read_spans(Path(__file__).parents[2] / f"examples/corpus/labels/{name}.jsonl", sessions)
        if span.code in book.by_id
    ]
    found = imported(tmp_path, sessions, spans)
    check(found, sessions, spans)
    assert not [line for line in found["said"] if "Duplicated" in line or "Cannot" in line]
    assert len(found["codes"]) == len(book.codes)


def as_text(session: Session) -> tuple[str, dict[int, int]]:
    """A transcript as it is typed, and where the words of each turn begin in it."""
    text, starts = "", {}
    for turn in session.turns:
        starts[turn.turn] = len(text) + len(turn.speaker) + 2
        text += f"{turn.speaker}: {_in_one_line(turn.text)}\n"
    return text, starts


def test_what_two_people_coded_there_comes_back_as_the_labels_of_two_coders(tmp_path: Path, corpus: Any) -> None:
    sessions = [
        each for each in read_sessions(corpus("transcripts")) if each.session_id in ("D4-T03-s04", "D3-T01-s02")
    ]
    book = load_codebook(BOOK)
    texts, codings, wanted = {}, [], Counter[tuple[object, ...]]()
    for session in sessions:
        texts[f"{session.session_id}.txt"], starts = as_text(session)
        for number, name in enumerate(("coder_A", "coder_B"), start=1):
            for span in read_spans(Path(__file__).parents[2] / f"examples/corpus/labels/{name}.jsonl"):
                if span.session_id == session.session_id and span.code in book.by_id:
                    place = starts[span.turn]
                    codings.append(
                        (
                            f"{session.session_id}.txt",
                            place + span.start,
                            place + span.end,
                            book.by_id[span.code].name,
                            name,
                        )
                    )
                    wanted[(*span.key, span.text, f"coder:{number}")] += 1
    write_qdc(book, tmp_path / "book.qdc")
    project = coded_there(tmp_path, tmp_path / "book.qdc", texts, codings)
    report = import_transcripts([project], tmp_path / "raw", labels=tmp_path / "labels")
    assert report.faults == []
    assert read_sessions([tmp_path / "raw"]) == [Session(each.session_id, each.turns) for each in sessions]
    found = [read_spans(tmp_path / "labels" / f"coder-{number}.jsonl", sessions) for number in (1, 2)]
    assert Counter((*span.key, span.text, span.source) for spans in found for span in spans) == wanted


def test_codings_made_behind_emoji_and_line_ends_of_windows_lie_on_their_words(tmp_path: Path) -> None:
    text = (
        f"T: I \U0001f642 see {FAMILY}.\r\nC: Do you? It did not look like it.\r\nT: I was moved when you said so.\r\n"
    )
    loaded = text.replace("\r\n", "\n")
    chosen = ["Do you?", "It did not look like it.", "I was moved", "when you said so."]
    book = load_codebook(BOOK)
    write_qdc(book, tmp_path / "book.qdc")
    name = book.by_id["TSI"].name
    codings = [("s.txt", loaded.index(words), loaded.index(words) + len(words), name, "ana") for words in chosen]
    project = coded_there(tmp_path, tmp_path / "book.qdc", {"s.txt": text}, codings)
    report = import_transcripts([project], tmp_path / "raw", labels=tmp_path / "labels.jsonl")
    labels = read_spans(tmp_path / "labels.jsonl", read_sessions([tmp_path / "raw"]))
    assert [span.text for span in labels] == chosen
    assert any("UTF-16 units" in note for note in report.notes)
