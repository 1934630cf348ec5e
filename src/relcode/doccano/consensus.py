"""The consensus project: pages in dispute, shown to an adjudicator who does not learn who gave which label.

The page shows agreed and disputed labels alike, each under its code; where boundaries are in dispute it shows the spans of
all coders. A line beneath the turn says what each coder gave, with the coders as numbers drawn anew for every page. The
adjudicator deletes, keeps or adds labels, draws a reason (`why.*`) over the words, and confirms the page: what stands is
accepted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from relcode.codebook import Code, Codebook, load_reference
from relcode.codebook.manual import as_markdown
from relcode.doccano.addresses import Admins, Servers
from relcode.doccano.dispute_lines import Compared, dispute_lines, draw_numbers
from relcode.doccano.journal import one_at_a_time
from relcode.doccano.layout import open_frames
from relcode.doccano.listing import list_examples
from relcode.doccano.pages import build_page, make_pages, manifest_entry
from relcode.doccano.projects import ensure_project
from relcode.doccano.pull import CoderPull, PullReport, pull_project
from relcode.doccano.session import DoccanoSession
from relcode.doccano.upload import CoderPush, Planned, upload_pages
from relcode.errors import DoccanoError
from relcode.ledger import CONSENSUS, REASONS, WHY, Ledger, NewEvent
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session

ACTOR = "relcode adjudicate push"
ADJUDICATOR = "adjudicator"
HEADER = (
    "— decide each dispute named beneath its turn: delete, keep or add labels. Why: press the key of a why.*, then draw over "
    "the words. Then confirm —"
)
_GREY = "#9aa5b1"


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
    """`pushes`: one a batch. `outdated`: pages whose labels the coders have changed since they were sent: sent anew where
    that was asked for, else left."""

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
    renew: bool = False,
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
    renew
        Replace pages on which the coders' labels have changed since; what the adjudicator decided there is to be decided
        again (the ledger keeps it).

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
        recorded = {entry["page"]: entry for entry in ledger.pages(CONSENSUS, batch)}
        planned: list[Planned] = []
        for session in own:
            planned += _disputed_pages(
                texts[session.session_id], session, findings[session.session_id], recorded, adjudicator
            )
        if not planned:
            continue
        codebook = load_reference(reference, [project.codebooks])
        project_id = ensure_project(
            admin, CONSENSUS, with_reasons(codebook), batch, member=adjudicator, guideline=adjudicators_guide(codebook)
        )
        changed = {page.uid for page, entry in planned if _is_outdated(entry, recorded)}
        outdated += len(changed)
        kept = planned if renew else [pair for pair in planned if pair[0].uid not in changed]
        if renew:
            _delete_pages(admin, project_id, changed)
        if kept:
            _record(ledger, kept, recorded, changed)
            pushes.append(upload_pages(admin, project_id, kept, project.folder))
    disputes = sum(finding.disputed for session in coded for finding in findings[session.session_id])
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
        reference = str(pages[0]["codebook"])
        codebooks = {reference: with_reasons(load_reference(reference, [project.codebooks]))}
        pulled.append(pull_project(admin, ledger, project, pages, codebooks=codebooks))
    return PullReport(pulled)


def adjudicators_guide(codebook: Codebook) -> str:
    """The guideline of the project: what the reasons mean, then the codebook's manual (Markdown)."""
    lines = [
        "# Reasons",
        "Press the key of a reason, then draw over the words that were decided. A reason is no code.",
        "",
    ]
    lines += [f"- `{WHY}{name}`: {meaning}" for name, meaning in REASONS.items()]
    return "\n".join([*lines, "", as_markdown(codebook)])


def with_reasons(codebook: Codebook) -> Codebook:
    """The codebook with the reasons as further label types (`why.rule` ...), on the keys 1, 2, 3 ... where these are free.

    Reasons are label types because that is what Doccano offers with two gestures (draw, key) and with offsets; a
    comment there belongs to a page, not to words, and must be typed.
    """
    reasons = [
        Code(
            id=WHY + name,
            name=f"reason: {name}",
            speakers=["T", "C"],
            definition=meaning,
            prior=0.5,
            color=_GREY,
            key=str(number),
        )
        for number, (name, meaning) in enumerate(REASONS.items(), start=1)
    ]
    return msgspec.structs.replace(codebook, codes=[*codebook.codes, *reasons])


def _check_texts(coded: Sequence[CodedSession], texts: Mapping[str, Session]) -> None:
    faults = []
    for session in coded:
        if session.session_id not in texts:
            faults.append(f"session {session.session_id}: its transcript is not among those given")
        elif hash_session(texts[session.session_id]) != session.session_sha256:
            faults.append(f"session {session.session_id}: its transcript is not the one that was coded")
    if faults:
        raise DoccanoError("The disputes cannot be shown in their context; nothing was sent:", faults)


def _disputed_pages(
    session: Session,
    coded: CodedSession,
    findings: Sequence[Compared],
    recorded: Mapping[str, Mapping[str, Any]],
    adjudicator: str,
) -> list[Planned]:
    # What stands around a page in dispute is settled or has a page of its own: either way it is not decided here.
    frames = open_frames(session)
    planned: list[Planned] = []
    for plain in make_pages(session, batch=coded.batch, coder=CONSENSUS):
        numbers = {turn.turn for turn in plain.turns}
        here = [finding for finding in findings if finding.turn in numbers]
        disputed = [finding for finding in here if finding.disputed]
        if not disputed:
            continue
        first, last = plain.turns[0].turn, plain.turns[-1].turn
        coders = {coder for finding in disputed for coder in finding.asked}
        numbered = draw_numbers(coders, recorded.get(plain.uid, {}).get("numbered"))
        page = build_page(
            session,
            (first, last),
            frames[first],
            batch=coded.batch,
            coder=CONSENSUS,
            session_sha256=coded.session_sha256,
            header=[HEADER],
            notes=dispute_lines(numbered, disputed),
        )
        shown = list({span.key: span for finding in here for span in finding.visible}.values())
        entry = manifest_entry(page, coded.codebook, shown, shown=True, frame=frames[first])
        entry |= {"findings": [finding.signature for finding in here], "numbered": numbered, "adjudicator": adjudicator}
        planned.append((page, entry))
    return planned


def _is_outdated(entry: Mapping[str, Any], recorded: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a page is on record as sent with other labels of the coders, or with another text."""
    before = recorded.get(entry["page"])
    keys = ("text_sha256", "findings")
    return before is not None and any(before.get(key) != entry[key] for key in keys)


def _record(
    ledger: Ledger, planned: Sequence[Planned], recorded: Mapping[str, Mapping[str, Any]], changed: set[str]
) -> None:
    """Write the manifest of new and renewed pages; what is renewed is no longer confirmed."""
    events = []
    for page, entry in planned:
        if page.uid not in recorded or page.uid in changed:
            events.append(NewEvent("page", ACTOR, entry))
        if page.uid in changed:
            where = {key: entry[key] for key in ("page", "batch", "coder")}
            events.append(NewEvent("unconfirm", ACTOR, where | {"at": None}))
    ledger.append(events)


def _delete_pages(admin: DoccanoSession, project_id: int, uids: set[str]) -> None:
    doomed = [example.example_id for example in list_examples(admin, project_id) if example.page in uids]
    if doomed:  # an empty list would delete every example of the project
        admin.delete(f"projects/{project_id}/examples", {"ids": doomed})
