"""A coder at work: sets labels page by page through the account's own session, and notes each page that is done.

    python coder.py STUDY ACCOUNT CODER BATCH ROUND LABELS JOURNAL

A page is noted after the server has acknowledged its confirmation, so that the journal holds what the coder knows to be
done. Started again, the coder goes on with the first page that is not noted, by what the server shows of it.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from relcode.doccano.coding import enter_labels
from relcode.doccano.projects import find_project
from relcode.doccano.server import read_server
from relcode.doccano.session import connect
from relcode.errors import RelcodeError
from relcode.project import Project
from relcode.records import Span
from relcode.spans import read_spans
from relcode.transcripts import read_sessions

REVISED_SHARE = 0.4  # of the pages that a coder has confirmed, in each later round


def main() -> None:
    study, account, coder, batch, round_, labels, journal = sys.argv[1:]
    project = Project.load(Path(study))
    server = read_server(project.folder)
    session = connect(server.url, account, server.accounts[account])
    project_id = find_project(session, batch, coder)
    if project_id is None:
        sys.exit(1)
    spans = read_spans(Path(labels), read_sessions([project.transcripts]))
    noted = {(entry["page"], entry["round"]) for entry in read_journal(Path(journal))}
    for page in pages_of_round(project.open_ledger().pages(coder, batch, role=None), int(round_)):
        if (page["page"], int(round_)) in noted:
            continue
        own = labels_on(page, spans)
        enter_labels(session, project_id, [page], own)
        note(Path(journal), page, int(round_), own)


def pages_of_round(pages: Sequence[Mapping[str, Any]], round_: int) -> list[Mapping[str, Any]]:
    """All pages to be coded first, then some of them to be gone over again."""
    rng = random.Random(f"{pages[0]['coder']}/{pages[0]['batch']}/{round_}")
    return [page for page in pages if not round_ or rng.random() < REVISED_SHARE]


def labels_on(page: Mapping[str, Any], spans: Sequence[Span]) -> list[Span]:
    """The labels in turns of a page."""
    turns = {number for number, *_ in page["turns"]}
    return [span for span in spans if span.session_id == page["session_id"] and span.turn in turns]


def note(journal: Path, page: Mapping[str, Any], round_: int, spans: Sequence[Span]) -> None:
    """Add a line to the journal, on disk before this returns; several coders write to it at once."""
    entry = {name: page[name] for name in ("page", "coder", "batch")} | {"round": round_}
    entry["labels"] = [list(span.key) for span in spans]
    descriptor = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, json.dumps(entry).encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_journal(journal: Path) -> list[dict[str, Any]]:
    """The entries in order."""
    return [json.loads(line) for line in journal.read_bytes().splitlines()] if journal.exists() else []


if __name__ == "__main__":
    try:
        main()
    except RelcodeError as error:
        print(f"coder: {error}", file=sys.stderr)
        sys.exit(1)
