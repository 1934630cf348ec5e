"""The consensus project: pages in dispute, shown to an adjudicator who does not learn who gave which label.

The page shows agreed and disputed labels alike; lines above it name each dispute, with the coders as numbers drawn
anew for every page. The adjudicator deletes, keeps or adds labels and confirms the page: what stands is accepted.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from relcode.codebook import load_reference
from relcode.doccano.addresses import Admins, Servers
from relcode.doccano.journal import one_at_a_time
from relcode.doccano.layout import whole_frames
from relcode.doccano.listing import list_examples
from relcode.doccano.pages import Page, build_page, make_pages, manifest_entry
from relcode.doccano.projects import ensure_project
from relcode.doccano.pull import CoderPull, PullReport, pull_project
from relcode.doccano.upload import CoderPush, Planned, record_manifest, upload_pages
from relcode.errors import DoccanoError
from relcode.ledger import CONSENSUS
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session, Span

ADJUDICATOR = "adjudicator"
QUOTED_CHARACTERS = 40


class Compared(Protocol):
    """A label that at least one coder gave (`adjudication.Finding`)."""

    @property
    def turn(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def given(self) -> Mapping[str, tuple[Span, ...]]: ...
    @property
    def agreed(self) -> bool: ...
    @property
    def spans(self) -> tuple[Span, ...]: ...


class CodedSession(Protocol):
    """A session that several coders have coded wholly (`adjudication.Coded`)."""

    @property
    def session_id(self) -> str: ...
    @property
    def session_sha256(self) -> str: ...
    @property
    def codebook(self) -> str: ...
    @property
    def batch(self) -> str: ...
    @property
    def coders(self) -> tuple[str, ...]: ...


class ConsensusPush(msgspec.Struct, frozen=True):
    """`pushes`: one a batch. `outdated`: pages left as they were sent though the coders' labels have changed since."""

    sessions: int
    disputes: int
    pushes: list[CoderPush]
    outdated: int


@one_at_a_time
def push_consensus(
    project: Project,
    sessions: Sequence[Session],
    coded: Sequence[CodedSession],
    findings: Mapping[str, Sequence[Compared]],
    *,
    server: Servers,
    adjudicator: str = ADJUDICATOR,
) -> ConsensusPush:
    """Send the pages with at least one dispute to the consensus project of their batch; repeatable without effect.

    Parameters
    ----------
    sessions
        The transcripts, as they were when the coders got them.
    coded, findings
        From `adjudication.coded_sessions` and `adjudication.find_disputes`.
    adjudicator
        The account that is to decide.

    Raises
    ------
    DoccanoError
        A transcript is missing or has changed; or the server is down or refuses.
    """
    texts = {session.session_id: session for session in sessions}
    _check_texts(coded, texts)
    ledger = project.open_ledger()
    admin = Admins(server).of(CONSENSUS)
    pushes, outdated = [], 0
    for batch, reference in dict.fromkeys((session.batch, session.codebook) for session in coded):
        own = [session for session in coded if (session.batch, session.codebook) == (batch, reference)]
        planned: list[Planned] = []
        for session in own:
            planned += _disputed_pages(texts[session.session_id], session, findings[session.session_id])
        if not planned:
            continue
        codebook = load_reference(reference, [project.codebooks])
        project_id = ensure_project(admin, CONSENSUS, codebook, batch, member=adjudicator)
        there = {example.page: example for example in list_examples(admin, project_id)}
        kept = [pair for pair in planned if pair[0].uid not in there or there[pair[0].uid].text == pair[0].text]
        outdated += len(planned) - len(kept)
        if kept:
            record_manifest(ledger, kept)
            pushes.append(upload_pages(admin, project_id, kept, project.folder))
    disputes = sum(not finding.agreed for session in coded for finding in findings[session.session_id])
    return ConsensusPush(len(coded), disputes, pushes, outdated)


def pull_consensus(project: Project, server: Servers, *, batch: str | None = None) -> PullReport:
    """Pull the adjudicator's decisions into the ledger, under the coder `consensus`; repeatable."""
    ledger = project.open_ledger()
    entries = ledger.pages(CONSENSUS, batch)
    if not entries:
        return PullReport([])
    admin = Admins(server).of(CONSENSUS)
    pulled: list[CoderPull] = []
    for of_batch in dict.fromkeys(entry["batch"] for entry in entries):
        pages = [entry for entry in entries if entry["batch"] == of_batch]
        pulled.append(pull_project(admin, ledger, project, pages))
    return PullReport(pulled)


def dispute_lines(page: Page, coders: Sequence[str], findings: Sequence[Compared]) -> list[str]:
    """The lines above a page that name its disputes; which coder is which number is drawn anew for each page."""
    order = sorted(coders)
    random.Random(page.uid).shuffle(order)
    lines = ["— to decide: delete, keep or add labels below, then confirm —"]
    for finding in findings:
        words = " ".join(finding.spans[0].text.split())
        quoted = words if len(words) <= QUOTED_CHARACTERS else words[:QUOTED_CHARACTERS] + "…"
        said = "; ".join(
            f"coder {number} {finding.code if coder in finding.given else 'none'}"
            for number, coder in enumerate(order, start=1)
        )
        lines.append(f"— turn {finding.turn}, “{quoted}”: {said} —")
    return lines


def _check_texts(coded: Sequence[CodedSession], texts: Mapping[str, Session]) -> None:
    faults = []
    for session in coded:
        if session.session_id not in texts:
            faults.append(f"session {session.session_id}: its transcript is not among those given")
        elif hash_session(texts[session.session_id]) != session.session_sha256:
            faults.append(f"session {session.session_id}: its transcript is not the one that was coded")
    if faults:
        raise DoccanoError("The disputes cannot be shown in their context; nothing was sent:", faults)


def _disputed_pages(session: Session, coded: CodedSession, findings: Sequence[Compared]) -> list[Planned]:
    # What stands around a page in dispute is settled or has a page of its own: either way it is not decided here.
    frames = {
        turn: msgspec.structs.replace(frame, before="open", after="open")
        for turn, frame in whole_frames(session).items()
    }
    planned: list[Planned] = []
    for plain in make_pages(session, batch=coded.batch, coder=CONSENSUS):
        numbers = {turn.turn for turn in plain.turns}
        here = [finding for finding in findings if finding.turn in numbers]
        disputed = [finding for finding in here if not finding.agreed]
        if not disputed:
            continue
        first, last = plain.turns[0].turn, plain.turns[-1].turn
        page = build_page(
            session,
            (first, last),
            frames[first],
            batch=coded.batch,
            coder=CONSENSUS,
            session_sha256=coded.session_sha256,
            header=dispute_lines(plain, coded.coders, disputed),
        )
        shown = list({span.key: span for finding in here for span in finding.spans}.values())
        planned.append((page, manifest_entry(page, coded.codebook, shown, shown=True, frame=frames[first])))
    return planned
