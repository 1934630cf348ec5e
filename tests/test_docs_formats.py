"""The page on formats: its files are read, its commands run in order on them, its tables of signs say what the readers do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from relcode.exports.labels.write import LABEL_FORMATS
from relcode.exports.transcripts import WRITERS
from relcode.records import Session
from relcode.spans import read_spans
from relcode.transcripts import chat_words, jefferson_words, read_sessions, salt_words

PAGE = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
PARTS = dict(part.split("\n", 1) for part in re.split(r"^##+ ", PAGE, flags=re.MULTILINE)[1:])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SUFFIX = re.compile(r"\(`\*(\.\w+)`")
# what a sign becomes depends on the words of a line: the reader's `readable` of one utterance
READABLE = {"CHAT": chat_words.readable, "Jefferson": jefferson_words.readable, "SALT": salt_words.readable}
ON_A_LINE = ": :03"  # without words, so that the whole reader is needed: tests/transcripts/test_salt.py


def examples() -> dict[str, str]:
    """The files that the page shows, by name: the heading's first word, or the session's name, with the format's suffix."""
    found = {}
    for title, part in PARTS.items():
        suffix = SUFFIX.search(title)
        if suffix and (blocks := [text for kind, text in BLOCK.findall(part) if kind != "sh"]):
            (text,) = blocks
            stem = "D1-T01-s03" if suffix[1] == ".jsonl" else re.sub(r"\W.*", "", title)
            found[stem + suffix[1]] = text
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`my-sessions` with all files of the page."""
    (tmp_path / "my-sessions").mkdir()
    for name, text in examples().items():
        (tmp_path / "my-sessions" / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_page_shows_every_format_that_is_text() -> None:
    assert sorted(examples()) == [
        "CHAT.cha", "D1-T01-s03.jsonl", "ELAN.eaf", "Jefferson.txt", "Plain.txt", "Recognisers.json", "SALT.slt", "SubRip.srt",
        "TEI.xml", "Tables.csv", "WebVTT.vtt",
    ]  # fmt: skip


@pytest.mark.parametrize("name", examples())
def test_a_file_is_read_as_the_two_turns_of_the_canonical_one(folder: Path, name: str) -> None:
    (canonical,) = read_sessions([folder / "my-sessions" / "D1-T01-s03.jsonl"])
    (session,) = read_sessions([folder / "my-sessions" / name])
    assert [(turn.speaker, turn.text) for turn in session] == [(turn.speaker, turn.text) for turn in canonical]
    for turn, meant in zip(session, canonical, strict=True):
        assert turn.t0 in (meant.t0, None)
        assert turn.t1 in (meant.t1, None)


def test_the_commands_run_as_they_stand(
    relcode: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (label,) = [text for kind, text in BLOCK.findall(PARTS["Labels"]) if kind == "json"]
    Path("spans.jsonl").write_text(label, encoding="utf-8")
    commands = [line for kind, text in BLOCK.findall(PAGE) if kind == "sh" for line in text.splitlines()]
    assert len(commands) == 4
    for command in commands:
        assert command.startswith("relcode ")
        done = relcode(*command.split()[1:])
        assert done.status == 0, f"{command}\n{done.err}"
    read: list[Session] = read_sessions(["raw"])
    assert len(read) == len(examples())
    assert len(list(Path("typed").glob("*.txt"))) == len(read)
    (span,) = read_spans(Path("spans.jsonl"), read)
    assert f"B-{span.code}" in Path("conll/D1-T01-s03.conll").read_text(encoding="utf-8")


class Sign(NamedTuple):
    """A row's pair: what stands in a file, and what it becomes."""

    format: str
    written: str
    read: str


def signs() -> Iterator[Sign]:
    """Of tables `in the file | as text`: the codes of both cells one by one; what comes behind a `;` or `:` explains."""
    for title, part in PARTS.items():
        name = re.sub(r"\W.*", "", title)
        for line in part.splitlines() if name in READABLE else ():
            if not line.startswith("| ") or line.startswith("| in the file"):
                continue
            left, right = (cell.replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1])
            written = re.findall(r"`([^`]+)`", left)
            read: list[str] = []
            for code, again, nothing, end in re.findall(r"`([^`]+)`|(the same)|(nothing)|(; |: )", right):
                if end:
                    break
                read.append(code or (read[-1] if again else nothing and ""))
            read = read * len(written) if len(read) == 1 else read
            if read:  # rows that say `left out` or `kept` name no text
                pairs = zip(written, read, strict=True)
                yield from (Sign(name, *pair) for pair in pairs if pair[0] != ON_A_LINE)


@pytest.mark.parametrize("sign", signs(), ids=lambda sign: f"{sign.format} {sign.written}")
def test_a_sign_becomes_what_its_row_says(sign: Sign) -> None:
    readable = READABLE[sign.format]
    alone, behind = readable(sign.written), readable(f"so {sign.written}")
    assert sign.read in (alone, behind.removeprefix("so"))  # an end mark has a word before it


def test_the_formats_of_export_are_those_that_it_has() -> None:
    (named,) = re.findall(r"`--to` writes transcripts as (.*?)\.", PARTS["Export"], re.DOTALL)
    assert re.findall(r"`(\w+)`", named) == list(WRITERS)
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PARTS["Labels"], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"\w+", row)} == set(LABEL_FORMATS)
