"""Bring coders' labels into the ledger: read each project, compare with the manifest, append what is new.

A page counts once its coder has confirmed it; a suggestion that stands on an unconfirmed page is no judgement, so
nothing of such a page is recorded. What cannot be used is set aside with its place and the rest goes through; a page
of which something was set aside is not recorded as confirmed until it was put right and pulled again.

What is appended follows from what the ledger held: it is appended only if nobody wrote meanwhile, else compared anew.
So two pulls at once, or one that was killed and repeated, record everything once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from relcode.codebook import Codebook, load_reference
from relcode.doccano.addresses import Admins, Servers
from relcode.doccano.changes import Reader, read_page, unchanged, unconfirm
from relcode.doccano.listing import Example, list_examples, with_details
from relcode.doccano.projects import find_project, project_name
from relcode.doccano.quarantine import Fault, payload_of, quarantine_events, quarantine_line
from relcode.doccano.recorded import Recorded
from relcode.doccano.repair import by_page
from relcode.doccano.session import DoccanoSession, ServerAway
from relcode.errors import DoccanoError
from relcode.ledger import CONSENSUS, Ledger, LedgerMoved, NewEvent
from relcode.project import Project
from relcode.provenance import hash_text

EVENTS_AT_ONCE = 2000  # so that a coder's large project does not keep others from writing
_PLACE = ("page", "batch", "coder", "session_id", "first_turn", "last_turn")
Entry = Mapping[str, Any]


class CoderPull(msgspec.Struct, frozen=True):
    """What one coder's project brought. `recorded`: new events by provenance; `set_aside`: a line a fault."""

    coder: str
    batch: str
    pages: int
    confirmed: int
    labels: int
    recorded: dict[str, int]
    set_aside: list[str]


class PullReport(msgspec.Struct, frozen=True):
    """The projects pulled, in the manifest's order. `missed`: a line for each that could not be pulled, with the reason."""

    projects: list[CoderPull]
    missed: list[str] = []

    @property
    def set_aside(self) -> list[str]:
        """Everything that could not be used, over all projects."""
        return [f"{pulled.coder}: {line}" for pulled in self.projects for line in pulled.set_aside]


def pull(project: Project, server: Servers, *, batch: str | None = None) -> PullReport:
    """Pull every coder's projects (of one batch) into the ledger; repeating it adds only what is new.

    What one server refuses does not keep the others' labels from being pulled: the report names it.

    Raises
    ------
    DoccanoError
        Nothing could be pulled, all for the same reason.
    """
    ledger = project.open_ledger()
    admins = Admins(server)
    recorded = Recorded(ledger)
    rounds = [
        (coder, of_batch) for of_batch, coder in recorded.pages if coder != CONSENSUS and batch in (None, of_batch)
    ]
    codebooks: dict[str, Codebook] = {}
    pulled: list[CoderPull] = []
    missed: dict[tuple[str, str], DoccanoError] = {}
    away: dict[str, ServerAway] = {}  # not asked again for each coder, which may last
    for coder, of_batch in rounds:
        url = ""
        try:
            url = server.of(coder).url
            if url in away:
                raise away[url]
            pages = list(recorded.pages[of_batch, coder].values())
            pulled.append(pull_project(admins.of(coder), ledger, project, pages, recorded, codebooks))
        except ServerAway as error:
            away[url] = missed[coder, of_batch] = error
        except DoccanoError as error:
            missed[coder, of_batch] = error
    if missed and not pulled and len({str(error) for error in missed.values()}) == 1:
        raise next(iter(missed.values()))
    return PullReport(pulled, [f"{coder} ({of_batch}): {error}" for (coder, of_batch), error in missed.items()])


def pull_project(
    admin: DoccanoSession,
    ledger: Ledger,
    project: Project,
    entries: Sequence[Entry],
    recorded: Recorded | None = None,
    codebooks: dict[str, Codebook] | None = None,
) -> CoderPull:
    """Pull the project to which the manifest's `entries`, of one coder and batch, were pushed.

    `recorded`, `codebooks`: what was read already for other projects; both are kept up to date.
    """
    batch, coder, reference = (str(entries[0][key]) for key in ("batch", "coder", "codebook"))
    # The codebook may have a newer version by now; what counts is whether it still has the code.
    codebooks = {} if codebooks is None else codebooks
    if reference not in codebooks:
        codebooks[reference] = load_reference(reference, [project.codebooks])
    reader = Reader(codebooks[reference], reference, admin.username)
    recorded = recorded or Recorded(ledger)
    entries = list(recorded.pages[batch, coder].values())
    project_id = find_project(admin, batch, coder)
    if project_id is None:
        missing = f"the project {project_name(batch, coder)!r} is not on the server {admin.url}"
        return CoderPull(coder, batch, len(entries), 0, 0, {}, [missing])
    examples = _fetch(admin, project_id, entries, recorded)
    if not {example.page for example in examples} <= recorded.pages[batch, coder].keys():
        recorded.refresh(ledger)  # a push may be at work, which writes its manifest first
        entries = list(recorded.pages[batch, coder].values())
    counts: dict[str, int] = {}
    while True:
        by_turns, faults = _compare(reader, entries, examples, recorded)
        try:
            for events in _batches(by_turns):
                ledger.append(events, after=recorded.seq)
                recorded.appended(events)
                _count(events, counts)
            break
        except LedgerMoved:
            moves = recorded.moves[batch, coder]
            recorded.refresh(ledger)
            if recorded.moves[batch, coder] != moves:  # by another pull, which may have seen a later state
                examples = _fetch(admin, project_id, entries, recorded)
    confirmed = sum((coder, entry["page"]) in recorded.ticked for entry in entries)
    labels = len(recorded.labels_of(batch, coder))
    set_aside = [quarantine_line(fault) for fault in faults]
    return CoderPull(coder, batch, len(entries), confirmed, labels, counts, set_aside)


def _fetch(admin: DoccanoSession, project_id: int, entries: Sequence[Entry], recorded: Recorded) -> list[Example]:
    """The project's pages, with who and when of those that have to be read."""
    examples = list_examples(admin, project_id, confirmed=True)
    if all(example.detailed for example in examples):
        return examples
    own = {entry["page"]: entry for entry in entries}
    due = {
        example.example_id
        for example in examples
        if example.page in own and example.confirmed and not _known(own[example.page], example, recorded)
    }
    detailed = with_details(admin, project_id, [example for example in examples if example.example_id in due])
    by_id = {example.example_id: example for example in detailed}
    return [by_id.get(example.example_id, example) for example in examples]


def _known(entry: Entry, example: Example, recorded: Recorded) -> bool:
    """Whether the ledger holds a confirmed page as it stands."""
    place = (entry["coder"], entry["page"])
    same_text = hash_text(example.text) == entry["text_sha256"]
    return place in recorded.ticked and same_text and unchanged(entry, example, recorded.held.get(place, {}))


def _compare(
    reader: Reader, entries: Sequence[Entry], examples: Sequence[Example], recorded: Recorded
) -> tuple[list[list[NewEvent]], list[dict[str, Any]]]:
    """The new events page by page, and everything that is at fault now."""
    there = by_page(examples)
    changes: list[list[NewEvent]] = []
    found: list[dict[str, Any]] = []
    for entry in entries:
        events, faults = _compare_page(reader, entry, there.get(entry["page"], ()), recorded)
        changes.append(events)
        found += [payload_of(fault, {key: entry[key] for key in _PLACE}) for fault in faults]
    batch, coder = entries[0]["batch"], entries[0]["coder"]
    own = {entry["page"] for entry in entries}
    for example in examples:
        if example.page not in own:
            why = "a page that was not pushed here; take it out of the project, or leave it: its labels are not read"
            place = {"page": f"example {example.example_id}", "batch": batch, "coder": coder}
            found.append(payload_of(Fault("page-foreign", why), place))
    already = [payload for payload in recorded.open.values() if (payload["batch"], payload["coder"]) == (batch, coder)]
    return [*changes, quarantine_events(found, already)], found


def _compare_page(
    reader: Reader, entry: Entry, examples: Sequence[Example], recorded: Recorded
) -> tuple[list[NewEvent], list[Fault]]:
    if fault := _page_fault(entry, examples):
        return [], [fault]
    place = (entry["coder"], entry["page"])
    ticked = place in recorded.ticked
    example, held = examples[0], recorded.held.get(place, {})
    if not example.confirmed:
        return [unconfirm(entry)] if ticked else [], []
    if ticked and unchanged(entry, example, held):
        return [], []
    return read_page(reader, entry, example, held, ticked=ticked)


def _page_fault(entry: Entry, examples: Sequence[Example]) -> Fault | None:
    if not examples:
        return Fault("page-missing", "the page is not on the server any more; push again to send it anew")
    if len(examples) > 1:
        why = f"the page is on the server {len(examples)} times; push again, or delete all but one"
        return Fault("page-twice", why)
    if hash_text(examples[0].text) != entry["text_sha256"]:
        why = "the page's text on the server is not the one that was sent; its offsets cannot be trusted"
        return Fault("text-changed", why)
    return None


def _batches(changes: Iterable[list[NewEvent]]) -> Iterator[list[NewEvent]]:
    """Events to be appended together; those of a page stay together."""
    batch: list[NewEvent] = []
    for events in changes:
        batch += events
        if len(batch) >= EVENTS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _count(events: Iterable[NewEvent], counts: dict[str, int]) -> None:
    for event in events:
        name = str(event.payload.get("provenance", event.kind))
        counts[name] = counts.get(name, 0) + 1
