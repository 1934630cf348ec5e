"""Bring pages onto the server and make sure that they arrived: once each, with exact text and labels.

relcode's own server takes in a file of pages wholly or not at all, and passes over a page that is there. Another one
may leave pages without labels, or twice: a journal tells which files were under way, and only what they left is ever
deleted, and never a page that its coder has worked on.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from relcode.doccano.assignments import assign_pages
from relcode.doccano.journal import Attempt, Journal
from relcode.doccano.listing import Example, list_examples
from relcode.doccano.pages import Page, sent_labels, suggestions_of
from relcode.doccano.projects import project_name
from relcode.doccano.repair import Planned as Planned
from relcode.doccano.repair import by_page, surplus
from relcode.doccano.session import DoccanoSession, TaskLost
from relcode.errors import DoccanoError
from relcode.ledger import Ledger, NewEvent

ROWS_A_FILE = 1000  # the server commits an import by thousands; a longer file could be repeated from its middle
ROUNDS = 3  # a file that a killed push had left in the server's queue may bring pages twice after all


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
    """Bring the pages that a project lacks onto the server, verify each text and label; repeatable without effect.

    Raises
    ------
    DoccanoError
        The server is down or refuses, a task failed or was lost, or the server holds other than was sent. The journal
        stays, and the same call takes up where this one stopped.
    """
    first = planned[0][0]
    journal = Journal(folder, first.batch, first.coder)
    wanted = {page.uid: (page, entry) for page, entry in planned}
    uploaded: dict[str, Planned] = {}
    repaired = 0
    there = by_page(list_examples(admin, project_id))
    if journal.attempts and not admin.own:
        _await_earlier(admin, project_id, journal)
        there = by_page(list_examples(admin, project_id))
    for _ in range(ROUNDS):
        halves_of = [] if admin.own else journal.attempts  # an own server leaves no half
        doomed = surplus(admin, project_id, wanted, there, halves_of)
        _delete(admin, project_id, doomed)
        repaired += len(doomed)
        left = {uid: [e for e in examples if e.example_id not in doomed] for uid, examples in there.items()}
        missing = {uid: pair for uid, pair in wanted.items() if not left.get(uid)}
        if not missing:
            there = left
            break
        uploaded |= missing
        _import(admin, project_id, list(missing.values()), journal)
        there = by_page(list_examples(admin, project_id))
    _verify(wanted, there, set(uploaded))
    assign_pages(admin, project_id)
    journal.close()
    return CoderPush(
        first.coder,
        project_id,
        project_name(first.batch, first.coder),
        f"{admin.url}/projects/{project_id}",
        len(planned),
        len(uploaded),
        len(planned) - len(uploaded),
        repaired,
        sum(not entry["shown"] for _, entry in uploaded.values()),
        sum(len(suggestions_of(entry)) for _, entry in uploaded.values()),
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


def _await_earlier(admin: DoccanoSession, project_id: int, journal: Journal) -> None:
    """Wait until the files of a push that was killed are taken in, or nothing moves any more; note how they ended."""
    for attempt in journal.attempts:
        if attempt.task is not None and not attempt.whole:
            try:
                attempt.whole = _went_well(admin.wait([attempt.task], progress=_counter(admin, project_id))[0])
            except TaskLost:
                return  # so are those after it
            except DoccanoError:
                continue  # failed: what it left is looked at next


def _delete(admin: DoccanoSession, project_id: int, doomed: set[int]) -> None:
    if doomed:  # an empty list would delete every example of the project
        admin.delete(f"projects/{project_id}/examples", {"ids": sorted(doomed)})


def _import(admin: DoccanoSession, project_id: int, pairs: Sequence[Planned], journal: Journal) -> None:
    """Give the server all files, so that its worker never waits for the next one; then wait for all of them."""
    shares = [pairs[at : at + ROWS_A_FILE] for at in range(0, len(pairs), ROWS_A_FILE)]
    under_way = [_start(admin, project_id, share, journal) for share in shares]
    count = _counter(admin, project_id)
    for attempt in under_way:
        assert attempt.task is not None
        attempt.whole = _went_well(admin.wait([attempt.task], progress=count)[0])
        if not attempt.whole:
            raise DoccanoError(
                f"The server at {admin.url} reported errors while it took in {len(attempt.pages)} page(s); push again "
                "to complete them."
            )
    journal.save()


def _start(admin: DoccanoSession, project_id: int, pairs: Sequence[Planned], journal: Journal) -> Attempt:
    attempt = journal.begin(secrets.token_hex(8), [page.uid for page, _ in pairs])
    rows = [json.dumps(_row(page, entry)) for page, entry in pairs]
    upload_id = admin.upload(f"relcode-{attempt.attempt}.jsonl", "\n".join(rows).encode("ascii"))
    body = {"uploadIds": [upload_id], "format": "JSONL", "task": "SequenceLabeling", "encoding": "utf_8"}
    body |= {"column_data": "text", "column_label": "label"}
    attempt.task = str(admin.post(f"projects/{project_id}/upload", body)["task_id"])
    journal.save()
    return attempt


def _counter(admin: DoccanoSession, project_id: int) -> Any:
    return lambda: admin.get(f"projects/{project_id}/examples", limit=1)["count"]


def _went_well(result: Any) -> bool:
    return isinstance(result, dict) and not result.get("error")


def _row(page: Page, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": page.text, "label": sent_labels(page, suggestions_of(entry)), "relcode": {"page": page.uid}}


def _verify(wanted: Mapping[str, Planned], there: Mapping[str, Sequence[Example]], uploaded: set[str]) -> None:
    """Every page once and with its text; those uploaded now with exactly their labels."""
    faults = []
    for uid, (page, entry) in wanted.items():
        where = f"session {page.session_id}, turns {page.turns[0].turn} to {page.turns[-1].turn}"
        examples = there.get(uid, [])
        if not examples:
            faults.append(f"{where}: not on the server")
        elif len(examples) > 1:
            faults.append(
                f"{where}: on the server {len(examples)} times, each with work of the coder; delete all but one in Doccano"
            )
        elif examples[0].text != page.text:
            faults.append(f"{where}: the text on the server is not the one sent")
        elif uid in uploaded and sorted(examples[0].labels) != sent_labels(page, suggestions_of(entry)):
            faults.append(f"{where}: the labels on the server are not the ones sent")
    if faults:
        raise DoccanoError("The server holds other than was sent:", faults)
