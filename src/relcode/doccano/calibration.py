"""Calibration pages: single pages of settled sessions for a coder to be trained, without suggestions and without labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from relcode.codebook import load_codebook
from relcode.doccano.addresses import Admins, Servers
from relcode.doccano.journal import one_at_a_time
from relcode.doccano.layout import open_frames
from relcode.doccano.pages import Page, make_pages, manifest_entry
from relcode.doccano.projects import ensure_project
from relcode.doccano.upload import CoderPush, upload_pages
from relcode.errors import DoccanoError
from relcode.ledger import CALIBRATION, Ledger, NewEvent
from relcode.project import Project
from relcode.provenance import hash_text
from relcode.records import Session

ACTOR = "relcode train-coder push"


def calibration_pages(sessions: Iterable[Session], *, coder: str, batch: str) -> list[Page]:
    """All pages of the sessions, of which some may be given."""
    return [
        page
        for session in sessions
        for page in make_pages(session, batch=batch, coder=coder, frames=open_frames(session))
    ]


@one_at_a_time
def push_calibration(
    project: Project,
    ledger: Ledger,
    pages: Sequence[Page],
    *,
    server: Servers,
    after: int,
) -> CoderPush:
    """Send pages of one coder and batch, in their order; repeatable without effect.

    Parameters
    ----------
    after
        Number of the last event by which the pages were chosen.

    Raises
    ------
    LedgerMoved
        Somebody wrote to the ledger meanwhile; choose again.
    DoccanoError
        The server is down or refuses, or the pages come out otherwise than they were sent before.
    """
    coder, batch = pages[0].coder, pages[0].batch
    codebook = load_codebook(project.codebook, [project.codebooks])
    recorded = {entry["page"]: entry for entry in ledger.pages(coder, batch, role=CALIBRATION)}
    _check_layout(pages, recorded)
    admin = Admins(server).of(coder)
    project_id = ensure_project(admin, coder, codebook, batch)
    planned = [(page, recorded.get(page.uid) or _entry(page, codebook.reference)) for page in pages]
    ledger.append([NewEvent("page", ACTOR, entry) for page, entry in planned if page.uid not in recorded], after=after)
    return upload_pages(admin, project_id, planned, project.folder)


def under_way(pages: Iterable[Page], recorded: Collection[str]) -> list[Page]:
    """Of all pages of the sessions those that were given in this batch before."""
    return [page for page in pages if page.uid in recorded]


def _entry(page: Page, reference: str) -> dict[str, Any]:
    return manifest_entry(page, reference, [], shown=False, role=CALIBRATION)


def _check_layout(pages: Sequence[Page], recorded: Mapping[str, Mapping[str, Any]]) -> None:
    changed = [
        page for page in pages if page.uid in recorded and recorded[page.uid]["text_sha256"] != hash_text(page.text)
    ]
    if changed:
        raise DoccanoError(
            f"This version of relcode lays out {len(changed)} calibration page(s) otherwise than the one that sent them; "
            "let the coder finish what is on the server, then push the next attempt."
        )
