"""What a project holds, read in one go: each page's text and labels, through the export that lists them all."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from typing import Any, NamedTuple

from relcode.doccano.offsets import Utf16Map
from relcode.doccano.session import DoccanoSession
from relcode.errors import DoccanoError


class Example(NamedTuple):
    """A page as the server holds it. `labels`: (start, end, code) in UTF-16 code units, unchecked."""

    example_id: int
    page: str | None
    text: str
    labels: tuple[tuple[int, int, str], ...]

    def __repr__(self) -> str:
        return f"Example({self.example_id}, page {self.page})"


def list_examples(session: DoccanoSession, project_id: int) -> list[Example]:
    """Every example of a project, in order of arrival."""
    return _export(session, project_id, (False,))[0]


def list_confirmed(session: DoccanoSession, project_id: int) -> tuple[list[Example], set[int]]:
    """Every example of a project, and the ids of those that are confirmed."""
    everything, confirmed = _export(session, project_id, (False, True))
    return everything, {example.example_id for example in confirmed}


def placed_labels(text: str, labels: tuple[tuple[int, int, str], ...]) -> Counter[tuple[int, int, str]]:
    """Labels with their offsets in code points; one at an impossible offset keeps -1, -1."""
    offsets = Utf16Map(text)
    placed: Counter[tuple[int, int, str]] = Counter()
    for start, end, code in labels:
        try:
            placed[offsets.to_code_points(start), offsets.to_code_points(end), code] += 1
        except ValueError:
            placed[-1, -1, code] += 1
    return placed


def _export(session: DoccanoSession, project_id: int, confirmed_only: tuple[bool, ...]) -> list[list[Example]]:
    if not session.get(f"projects/{project_id}/examples", limit=1)["count"]:
        return [[] for _ in confirmed_only]
    path = f"projects/{project_id}/download"
    tasks = [session.post(path, {"format": "JSONL", "exportApproved": only})["task_id"] for only in confirmed_only]
    session.wait(tasks)
    return [_decode(session.download(path, taskId=task)) for task in tasks]


def _decode(archive: bytes) -> list[Example]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            lines = [line for name in file.namelist() for line in file.read(name).split(b"\n") if line.strip()]
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
        examples = [
            Example(
                int(row["id"]),
                page
                if isinstance(meta := row.get("relcode"), dict) and isinstance(page := meta.get("page"), str)
                else None,
                row["text"],
                tuple((int(start), int(end), str(code)) for start, end, code in row["label"]),
            )
            for row in rows
        ]
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise DoccanoError("The server's export is not of the form that Doccano 1.8.4 gives.") from error
    return sorted(examples, key=lambda example: example.example_id)
