"""Send pages with suggestions to each coder's project; repeatable, and to be resumed after a break.

The manifest goes into the ledger before anything is uploaded, so that whatever the server holds is accounted for.
What is already there is recognised by page id and text. A journal in the project's `.doccano/` names the pages under
way: an import that broke off may leave pages without their labels, or twice, and only such pages are ever replaced.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from relcode.codebook import Codebook, load_codebook
from relcode.doccano.listing import Example, list_examples
from relcode.doccano.offsets import Utf16Map
from relcode.doccano.pages import Page, build_page, make_pages, manifest_entry, page_from_manifest, suggestions_of
from relcode.doccano.projects import CONSENSUS, ensure_project, project_name
from relcode.doccano.session import DoccanoSession, ServerAddress, connect_admin
from relcode.errors import DoccanoError, LabelError, TranscriptError, UsageError
from relcode.ledger import Ledger, NewEvent
from relcode.project import Project
from relcode.provenance import hash_session, hash_text, write_text
from relcode.records import Session, Span
from relcode.spans import span_fault, turn_texts

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


class PushReport(msgspec.Struct, frozen=True):
    """`other_codebooks`: suggestions left out because they belong to another codebook than the project's."""

    batch: str
    codebook: str
    sessions: int
    coders: list[CoderPush]
    other_codebooks: int = 0


def push(
    project: Project,
    sessions: Sequence[Session],
    suggestions: Iterable[Span],
    *,
    coders: Sequence[str],
    batch: str = "1",
    server: ServerAddress,
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
    _check_call(sessions, coders, blind_share)
    codebook = load_codebook(project.codebook, [project.codebooks])
    own, others = _own_suggestions(suggestions, sessions, codebook)
    _check_texts(sessions)
    ledger = Ledger(project.ledger_path)
    admin = connect_admin(server)
    project_ids = {coder: ensure_project(admin, coder, codebook, batch) for coder in coders}
    done = []
    for coder, project_id in project_ids.items():
        planned = _plan(ledger, sessions, own, codebook, coder, batch, blind_share=blind_share, seed=seed)
        done.append(upload_pages(admin, project_id, planned, project.folder))
    return PushReport(batch, codebook.reference, len(sessions), done, others)


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
    known = {entry["page"]: entry["text_sha256"] for entry in ledger.pages(coder, batch)}
    ledger.append(
        [
            NewEvent("page", "relcode push", entry)
            for page, entry in planned
            if known.get(page.uid) != entry["text_sha256"]
        ]
    )


def _check_call(sessions: Sequence[Session], coders: Sequence[str], blind_share: float) -> None:
    if not sessions:
        raise UsageError("There is no session to push.")
    if not coders:
        raise UsageError("Name at least one coder: --coder NAME, or `coders` in relcode.toml.")
    if CONSENSUS in coders:
        raise UsageError(f"{CONSENSUS!r} names the project of adjudication; choose another name for the coder.")
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
        if span.codebook is not None and span.codebook.partition("@")[0] != codebook.id:
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
    for entry in ledger.pages(coder, batch):
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
