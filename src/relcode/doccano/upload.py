"""Bring pages onto the server and make sure that they arrived: once each, with exact text and labels.

A journal in the project's `.doccano/` names the pages under way: an import that broke off may leave pages without
their labels, or twice, and only such pages are ever replaced.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from relcode.doccano.listing import Example, list_examples
from relcode.doccano.offsets import Utf16Map
from relcode.doccano.pages import Page, suggestions_of
from relcode.doccano.projects import project_name
from relcode.doccano.session import DoccanoSession
from relcode.errors import DoccanoError
from relcode.ledger import Ledger, NewEvent
from relcode.provenance import hash_text, write_text
from relcode.records import Span

ROWS_A_FILE = 1000  # the server commits an import by thousands; a longer file could be repeated from its middle
Planned = tuple[Page, dict[str, Any]]  # a page and its manifest entry


class CoderPush(msgspec.Struct, frozen=True):
    """What was done for one coder. `suggestions`: shown on the pages uploaded now; `blind`: of these, pages without."""

    coder: str
    project_id: int
    project_name: str
    url: str
    pages: int
    uploaded: int
    already_there: int
    repaired: int
    blind: int
    suggestions: int


def upload_pages(admin: DoccanoSession, project_id: int, planned: Sequence[Planned], folder: Path) -> CoderPush:
    """Bring the pages that a project lacks onto the server, verify each text and label; repeatable without effect."""
    first = planned[0][0]
    journal = folder / ".doccano" / f"uploading-{hash_text(f'{first.batch}/{first.coder}')[:12]}.json"
    under_way = set(json.loads(journal.read_text())) if journal.exists() else set()
    wanted = {page.uid: (page, entry) for page, entry in planned}
    repaired = _clear_half_made(admin, project_id, wanted, under_way)
    there = _by_page(list_examples(admin, project_id))
    missing = [pair for uid, pair in wanted.items() if uid not in there]
    if missing:
        write_text(journal, json.dumps(sorted({page.uid for page, _ in missing} | under_way)))
        for at in range(0, len(missing), ROWS_A_FILE):
            _import(admin, project_id, missing[at : at + ROWS_A_FILE])
        there = _by_page(list_examples(admin, project_id))
    _verify(wanted, there, {page.uid for page, _ in missing})
    journal.unlink(missing_ok=True)
    return CoderPush(
        first.coder,
        project_id,
        project_name(first.batch, first.coder),
        f"{admin.url}/projects/{project_id}",
        len(planned),
        len(missing),
        len(planned) - len(missing),
        repaired,
        sum(not entry["shown"] for _, entry in missing),
        sum(len(suggestions_of(entry)) for _, entry in missing),
    )


def record_manifest(ledger: Ledger, planned: Sequence[Planned]) -> None:
    """Write the manifest entries of pages that the ledger does not know yet, or knows with other text."""
    coder, batch = planned[0][0].coder, planned[0][0].batch
    known = {entry["page"]: entry["text_sha256"] for entry in ledger.pages(coder, batch, role=None)}
    ledger.append(
        [
            NewEvent("page", "relcode push", entry)
            for page, entry in planned
            if known.get(page.uid) != entry["text_sha256"]
        ]
    )


def _by_page(examples: Iterable[Example]) -> dict[str, list[Example]]:
    found: dict[str, list[Example]] = {}
    for example in examples:
        if example.page is not None:
            found.setdefault(example.page, []).append(example)
    return found


def _clear_half_made(admin: DoccanoSession, project_id: int, wanted: Mapping[str, Planned], under_way: set[str]) -> int:
    """Delete what a broken import left: of pages in the journal, those without any of their labels, and doubles."""
    if not under_way:
        return 0
    doomed: list[int] = []
    for uid, examples in _by_page(list_examples(admin, project_id)).items():
        if uid not in wanted or uid not in under_way:
            continue
        if suggestions_of(wanted[uid][1]):
            bare = [example.example_id for example in examples if not example.labels]
        else:
            bare = [example.example_id for example in examples[1:]]
        doomed += bare
        doomed += [example.example_id for example in examples if example.example_id not in bare][1:]
    doomed = sorted(set(doomed))
    if doomed:  # an empty list would delete every example of the project
        admin.delete(f"projects/{project_id}/examples", {"ids": doomed})
    return len(doomed)


def _import(admin: DoccanoSession, project_id: int, pairs: Sequence[Planned]) -> None:
    rows = [json.dumps(_row(page, entry)) for page, entry in pairs]
    upload_id = admin.upload("pages.jsonl", "\n".join(rows).encode("ascii"))
    body = {"uploadIds": [upload_id], "format": "JSONL", "task": "SequenceLabeling", "encoding": "utf_8"}
    body |= {"column_data": "text", "column_label": "label"}
    task = admin.post(f"projects/{project_id}/upload", body)["task_id"]
    result = admin.wait([task])[0]
    if not isinstance(result, dict) or result.get("error"):
        raise DoccanoError(
            f"The server at {admin.url} reported errors while it took in {len(rows)} page(s); push again to "
            "complete them."
        )


def _row(page: Page, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": page.text, "label": sent_labels(page, suggestions_of(entry)), "relcode": {"page": page.uid}}


def sent_labels(page: Page, spans: Iterable[Span]) -> list[tuple[int, int, str]]:
    """Spans as Doccano takes them: (start, end, code), UTF-16 code units of the page."""
    offsets = Utf16Map(page.text)
    labels = []
    for span in spans:
        place = page.place(span)
        assert place is not None, "a manifest entry holds spans of its own turns alone"
        labels.append((offsets.to_utf16(place[0]), offsets.to_utf16(place[1]), span.code))
    return sorted(labels)


def _verify(wanted: Mapping[str, Planned], there: Mapping[str, list[Example]], uploaded: set[str]) -> None:
    """Every page once and with its text; those uploaded now with exactly their labels."""
    faults = []
    for uid, (page, entry) in wanted.items():
        where = f"session {page.session_id}, turns {page.turns[0].turn} to {page.turns[-1].turn}"
        examples = there.get(uid, [])
        if len(examples) != 1:
            faults.append(f"{where}: on the server {len(examples)} times, expected once")
        elif examples[0].text != page.text:
            faults.append(f"{where}: the text on the server is not the one sent")
        elif uid in uploaded and sorted(examples[0].labels) != sent_labels(page, suggestions_of(entry)):
            faults.append(f"{where}: the labels on the server are not the ones sent")
    if faults:
        raise DoccanoError("The server holds other than was sent:", faults)
