"""What a project holds: each page's text and labels, and where asked for who set them and when.

relcode's own server lists all of it at one address (`server_pages.py.txt`). Elsewhere the export gives texts and
labels; who and when is then asked page by page, for the pages where it matters.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import msgspec

from relcode.doccano.session import OWN, DoccanoSession
from relcode.errors import DoccanoError

THREADS = 4
_ADDRESS = OWN + "projects/{}/pages"


class Mark(NamedTuple):
    """A label as the server holds it: UTF-16 code units, unchecked. `by`, `at`: None where not asked for."""

    start: int
    end: int
    code: str
    by: str | None = None
    at: str | None = None


class Tick(NamedTuple):
    """Who confirmed a page, and when."""

    by: str | None
    at: str | None


class Example(NamedTuple):
    """A page as the server holds it. `detailed`: `tick`, `commented` and the marks' `by` and `at` are known."""

    example_id: int
    page: str | None
    text: str
    marks: tuple[Mark, ...]
    confirmed: bool = False
    tick: Tick | None = None
    commented: bool = False
    detailed: bool = False

    def __repr__(self) -> str:
        return f"Example({self.example_id}, page {self.page})"

    @property
    def labels(self) -> tuple[tuple[int, int, str], ...]:
        """(start, end, code) of each label, in UTF-16 code units."""
        return tuple(mark[:3] for mark in self.marks)


class _Line(msgspec.Struct):
    """A line of the own server's listing."""

    id: int
    page: str | None
    text: str
    marks: list[tuple[int, int, str, str | None, str]]
    states: list[tuple[str | None, str]]
    comments: bool


def list_examples(session: DoccanoSession, project_id: int, *, confirmed: bool = False) -> list[Example]:
    """Every example of a project, in order of arrival; `confirmed`: say also which are (always known on an own server).

    Raises
    ------
    DoccanoError
        The server is down, refuses, or gives a listing that is cut off or of another form.
    """
    if (own := session.lines(_ADDRESS.format(project_id))) is not None:
        return _from_lines(own)
    everything, *ticked = _export(session, project_id, (False, True) if confirmed else (False,))
    ids = {example.example_id for listed in ticked for example in listed}
    return [example._replace(confirmed=example.example_id in ids) for example in everything]


def with_details(session: DoccanoSession, project_id: int, examples: Sequence[Example]) -> list[Example]:
    """The examples with who and when; asks the server where that is not known yet, in a few threads."""
    if all(example.detailed for example in examples):
        return list(examples)
    users = {user["id"]: str(user["username"]) for user in session.get("users")}
    types = {entry["id"]: str(entry["text"]) for entry in session.get(f"projects/{project_id}/span-types")}

    def ask(share: Sequence[Example]) -> list[Example]:
        own = session.clone()
        return [_ask(own, project_id, example, users, types) for example in share]

    shares = [examples[number::THREADS] for number in range(min(THREADS, len(examples)))]
    with ThreadPoolExecutor(THREADS) as pool:
        found = {example.example_id: example for share in pool.map(ask, shares) for example in share}
    return [found[example.example_id] for example in examples]


def _from_lines(lines: Sequence[bytes]) -> list[Example]:
    decode = msgspec.json.Decoder(_Line).decode
    try:
        *pages, end = lines
        if json.loads(end) != {"pages": len(pages)}:
            raise ValueError("cut off")
        return [_from_line(decode(line)) for line in pages]
    except (ValueError, msgspec.DecodeError) as error:
        raise DoccanoError("The server's listing of a project was cut off on the way; repeat.") from error


def _from_line(line: _Line) -> Example:
    marks = tuple(Mark(*mark) for mark in line.marks)
    tick = Tick(*line.states[0]) if line.states else None
    return Example(line.id, line.page, line.text, marks, tick is not None, tick, line.comments, True)


def _ask(
    session: DoccanoSession, project_id: int, example: Example, users: dict[int, str], types: dict[int, str]
) -> Example:
    base = f"projects/{project_id}/examples/{example.example_id}"
    # states before labels, as the own listing does: a label that is changed meanwhile is then read as changed
    states: list[dict[str, Any]] = session.get(f"{base}/states", limit=1)["results"]
    spans: list[dict[str, Any]] = session.get(f"{base}/spans")
    comments = session.get(f"projects/{project_id}/comments", example=example.example_id, limit=1)["count"]
    marks = tuple(
        Mark(
            span["start_offset"],
            span["end_offset"],
            types.get(span["label"], str(span["label"])),
            users.get(span["user"]),
            span["updated_at"],
        )
        for span in sorted(spans, key=lambda span: int(span["id"]))
    )
    tick = Tick(users.get(states[0]["confirmed_by"]), str(states[0]["confirmed_at"])) if states else None
    return example._replace(marks=marks, confirmed=tick is not None, tick=tick, commented=comments > 0, detailed=True)


def _export(session: DoccanoSession, project_id: int, confirmed_only: Sequence[bool]) -> list[list[Example]]:
    if not session.get(f"projects/{project_id}/examples", limit=1)["count"]:
        return [[] for _ in confirmed_only]
    path = f"projects/{project_id}/download"

    def start(only: bool) -> str:
        body = {"format": "JSONL", "exportApproved": only}
        return str(session.post(path, body, repeatable=True)["task_id"])

    tasks = [start(only) for only in confirmed_only]
    session.wait(tasks)
    return [_decode(session.download(path, taskId=task)) for task in tasks]


def _decode(archive: bytes) -> list[Example]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            lines = [line for name in file.namelist() for line in file.read(name).split(b"\n") if line.strip()]
        examples = [_from_export(json.loads(line)) for line in lines]
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise DoccanoError("The server's export is not of the form that Doccano 1.8.4 gives.") from error
    return sorted(examples, key=lambda example: example.example_id)


def _from_export(row: dict[str, Any]) -> Example:
    meta = row.get("relcode")
    page = meta.get("page") if isinstance(meta, dict) else None
    marks = tuple(Mark(int(start), int(end), str(code)) for start, end, code in row["label"])
    return Example(int(row["id"]), page if isinstance(page, str) else None, row["text"], marks)
