"""Send pages with suggestions to each coder's project; repeatable, and to be resumed after a break.

The manifest goes into the ledger before anything is uploaded, so that whatever the server holds is accounted for.
What is already there is recognised by page id and text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from relcode.batches import Plan, find_plan
from relcode.codebook import Codebook, load_codebook
from relcode.configuration import coder_faults
from relcode.doccano.addresses import Admins, Servers
from relcode.doccano.journal import one_at_a_time
from relcode.doccano.planning import Material, all_pages, plan_faults, planned_pages
from relcode.doccano.projects import ensure_projects
from relcode.doccano.upload import CoderPush, record_manifest, upload_pages
from relcode.errors import LabelError, TranscriptError, UsageError
from relcode.ledger import CONSENSUS
from relcode.project import Project
from relcode.records import Session, Span
from relcode.spans import span_fault, turn_texts


class PushReport(msgspec.Struct, frozen=True):
    """`other_codebooks`: suggestions left out because they belong to another codebook than the project's."""

    batch: str
    codebook: str
    sessions: int
    coders: list[CoderPush]
    other_codebooks: int = 0


@one_at_a_time
def push(
    project: Project,
    sessions: Sequence[Session],
    suggestions: Iterable[Span],
    *,
    coders: Sequence[str] = (),
    batch: str = "1",
    server: Servers,
    blind_share: float | None = None,
    seed: int | None = None,
) -> PushReport:
    """Send `sessions` as pages to the project of each coder, with the suggestions shown on them.

    Where the batch has a plan (`batches`), what it says is sent and no more; else every coder gets every session.

    The caller has passed the sessions through the de-identification gate.

    Parameters
    ----------
    suggestions
        Spans against the sessions' turns; those of other codebooks than the project's are left out and counted.
    coders
        Names of accounts on the server; each gets a project of his or her own. With a plan: some of its coders, or none
        named for all.
    batch
        Names this round of coding. A session whose words have changed goes into another batch.
    blind_share
        Share of the new pages (0 to 1) that are pushed without suggestions, to measure anchoring; each coder gets
        other ones. Labels on them all count as added. Not with a plan, which has its own.
    seed
        Draws the blind pages. Not with a plan.

    Raises
    ------
    UsageError, LabelError, TranscriptError
        Nothing to push, or suggestions that do not fit; nothing was sent.
    DoccanoError
        The server is down, refuses, or holds other than was sent. The same call again takes up where this one stopped.
    """
    ledger = project.open_ledger()
    plan = find_plan(ledger, batch)
    sessions = planned_sessions(plan, sessions)
    coders = coders or (() if plan is None else plan.coders)
    _check_call(sessions, coders, batch, blind_share or 0.0)
    if plan is not None:
        _check_plan(plan, sessions, coders, blind_share, seed)
    codebook = load_codebook(project.codebook, [project.codebooks])
    own, others = _own_suggestions(suggestions, sessions, codebook)
    _check_texts(sessions)
    material = Material({session.session_id: session for session in sessions}, own, codebook)
    admins = Admins(server)
    if plan is not None:
        coders = [coder for coder in coders if plan.of(coder)]
    project_ids = ensure_projects(project.folder, admins, coders, codebook, batch)
    done = []
    for coder, project_id in project_ids.items():
        if plan is None:
            pages = all_pages(ledger, material, coder, batch, blind_share=blind_share or 0.0, seed=seed or 0)
        else:
            pages = planned_pages(ledger, material, plan, coder)
        record_manifest(ledger, pages)
        done.append(upload_pages(admins.of(coder), project_id, pages, project.folder))
    return PushReport(batch, codebook.reference, len(sessions), done, others)


def planned_sessions(plan: Plan | None, sessions: Sequence[Session]) -> list[Session]:
    """The sessions that a plan has pages of; all, where there is no plan."""
    if plan is None:
        return list(sessions)
    named = {each.session_id for each in plan.assignments}
    return [session for session in sessions if session.session_id in named]


def _check_plan(
    plan: Plan, sessions: Sequence[Session], coders: Sequence[str], blind_share: float | None, seed: int | None
) -> None:
    faults = list(plan_faults(plan, {session.session_id: session for session in sessions}, coders))
    if blind_share is not None or seed is not None:
        faults.append("its blind pages were drawn when it was planned; leave out --blind-share and --seed")
    if faults:
        raise UsageError("\n  - ".join([f"Batch {plan.batch!r} has a plan that does not fit this call:", *faults]))


def _check_call(sessions: Sequence[Session], coders: Sequence[str], batch: str, blind_share: float) -> None:
    if not sessions:
        raise UsageError("There is no session to push.")
    if not coders:
        raise UsageError("Name at least one coder: --coder NAME, or `coders` in relcode.toml.")
    if CONSENSUS in coders:
        raise UsageError(f"{CONSENSUS!r} names the project of adjudication; choose another name for the coder.")
    if faults := coder_faults(list(coders)):
        raise UsageError("; ".join(faults) + ".")
    if not batch.strip() or not batch.isprintable():
        raise UsageError("--batch: expected a name such as pilot.")
    if len(set(coders)) < len(coders):
        raise UsageError("A coder is named twice.")
    if not 0 <= blind_share <= 1:
        raise UsageError(f"The share of blind pages is between 0 and 1, not {blind_share}.")


def _own_suggestions(
    suggestions: Iterable[Span], sessions: Sequence[Session], codebook: Codebook
) -> tuple[dict[str, list[Span]], int]:
    """The suggestions of this codebook, by session, the same label once; and how many are of other codebooks."""
    texts = turn_texts(sessions)
    own: dict[tuple[str, int, int, int, str], Span] = {}
    others, faults = 0, []
    for span in suggestions:
        if span.session_id not in texts:
            continue
        if span.codebook is not None and span.codebook.partition("@")[0] not in codebook.ids:
            others += 1
            continue
        fault = span_fault(span, texts)
        if fault is None and span.code not in codebook.by_id:
            fault = f"there is no code {span.code} in {codebook.reference}"
        if fault is not None:
            faults.append(f"session {span.session_id}, turn {span.turn}: {fault}")
        elif span.key not in own or (own[span.key].score or 0) < (span.score or 0):
            own[span.key] = span
    if faults:
        raise LabelError(f"{len(faults)} suggestion(s) do not fit; nothing was sent:", faults)
    by_session: dict[str, list[Span]] = {session_id: [] for session_id in texts}
    for span in own.values():
        by_session[span.session_id].append(span)
    return by_session, others


def _check_texts(sessions: Iterable[Session]) -> None:
    faults = [
        f"session {session.session_id}, turn {turn.turn}: a NUL or half a surrogate pair"
        for session in sessions
        for turn in session.turns
        if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in turn.text)
    ]
    if faults:
        raise TranscriptError("Some turns hold characters that cannot be sent; nothing was sent:", faults)
