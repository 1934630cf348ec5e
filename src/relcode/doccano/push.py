"""Send pages with suggestions to each coder's project; repeatable, and to be resumed after a break.

The manifest goes into the ledger before anything is uploaded, so that whatever the server holds is accounted for.
What is already there is recognised by page id and text.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from relcode.codebook import Codebook, load_codebook
from relcode.doccano.journal import one_at_a_time
from relcode.doccano.pages import Page, build_page, make_pages, manifest_entry, page_from_manifest
from relcode.doccano.projects import ensure_project
from relcode.doccano.session import Admins, Servers
from relcode.doccano.upload import CoderPush, Planned, record_manifest, upload_pages
from relcode.errors import DoccanoError, LabelError, TranscriptError, UsageError
from relcode.ledger import CONSENSUS, Ledger
from relcode.project import Project, coder_faults
from relcode.provenance import hash_session, hash_text
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
    coders: Sequence[str],
    batch: str = "1",
    server: Servers,
    blind_share: float = 0.0,
    seed: int = 0,
) -> PushReport:
    """Send `sessions` as pages to the project of each coder, with the suggestions shown on them.

    The caller has passed the sessions through the de-identification gate.

    Parameters
    ----------
    suggestions
        Spans against the sessions' turns; those of other codebooks than the project's are left out and counted.
    coders
        Names of accounts on the server; each gets a project of his or her own.
    batch
        Names this round of coding. A session whose words have changed goes into another batch.
    blind_share
        Share of the new pages (0 to 1) that are pushed without suggestions, to measure anchoring; each coder gets
        other ones. Labels on them all count as added.
    seed
        Draws the blind pages.

    Raises
    ------
    UsageError, LabelError, TranscriptError
        Nothing to push, or suggestions that do not fit; nothing was sent.
    DoccanoError
        The server is down, refuses, or holds other than was sent. The same call again takes up where this one stopped.
    """
    _check_call(sessions, coders, batch, blind_share)
    codebook = load_codebook(project.codebook, [project.codebooks])
    own, others = _own_suggestions(suggestions, sessions, codebook)
    _check_texts(sessions)
    ledger = project.open_ledger()
    admins = Admins(server)
    project_ids = {coder: ensure_project(admins.of(coder), coder, codebook, batch) for coder in coders}
    done = []
    for coder, project_id in project_ids.items():
        planned = _plan(ledger, sessions, own, codebook, coder, batch, blind_share=blind_share, seed=seed)
        done.append(upload_pages(admins.of(coder), project_id, planned, project.folder))
    return PushReport(batch, codebook.reference, len(sessions), done, others)


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


def _plan(
    ledger: Ledger,
    sessions: Sequence[Session],
    suggestions: Mapping[str, Sequence[Span]],
    codebook: Codebook,
    coder: str,
    batch: str,
    *,
    blind_share: float,
    seed: int,
) -> list[Planned]:
    """The pages of this call with their manifest entries: the recorded one where there is one, else recorded now."""
    recorded: dict[str, list[dict[str, Any]]] = {}
    for entry in ledger.pages(coder, batch, role=None):
        recorded.setdefault(entry["session_id"], []).append(entry)
    planned: list[Planned] = []
    fresh: list[Page] = []
    for session in sessions:
        if entries := recorded.get(session.session_id):
            planned += _recorded_pages(session, entries)
        else:
            fresh += make_pages(session, batch=batch, coder=coder)
    drawn = random.Random(f"{seed}/{batch}/{coder}")
    blind = {page.uid for page in drawn.sample(fresh, round(blind_share * len(fresh)))}
    for page in fresh:
        spans = [span for span in suggestions[page.session_id] if page.place(span) is not None]
        planned.append((page, manifest_entry(page, codebook.reference, spans, shown=page.uid not in blind)))
    record_manifest(ledger, planned)
    return planned


def _recorded_pages(session: Session, entries: Sequence[dict[str, Any]]) -> list[Planned]:
    """Lay out again the pages that the manifest has; they must come out with the same text."""
    sha = hash_session(session)
    position = {turn.turn: at for at, turn in enumerate(session.turns)}
    planned = []
    for entry in entries:
        if entry["session_sha256"] != sha:
            raise DoccanoError(
                f"Session {session.session_id} has changed since it was pushed in batch {entry['batch']!r}; push it "
                "with another --batch, so that its labels stay apart."
            )
        low, high = position[entry["first_turn"]], position[entry["last_turn"]] + 1
        page = build_page(session, low, high, batch=entry["batch"], coder=entry["coder"], session_sha256=sha)
        if hash_text(page.text) != entry["text_sha256"]:
            raise DoccanoError(
                f"This version of relcode lays out the pages of session {session.session_id} otherwise than the one "
                "that pushed them; push with another --batch."
            )
        planned.append((page_from_manifest(entry, page.text), entry))
    return planned
