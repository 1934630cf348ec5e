"""Bring coders' labels into the ledger: read each project, compare with the manifest, append what is new.

A page counts once its coder has confirmed it; a suggestion that stands on an unconfirmed page is no judgement, so
nothing of such a page is recorded. What cannot be used is set aside with its place and the rest goes through; a page
of which something was set aside is not recorded as confirmed until it was put right and pulled again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from relcode.codebook import Codebook, load_reference, part_of_reference
from relcode.doccano.listing import Example, list_confirmed
from relcode.doccano.offsets import Utf16Map
from relcode.doccano.pages import Page, page_from_manifest, suggestions_of
from relcode.doccano.projects import find_project, label_types, project_name
from relcode.doccano.session import DoccanoSession, ServerAddress, connect_admin
from relcode.ledger import CONSENSUS, WHY, Ledger, NewEvent
from relcode.project import Project
from relcode.provenance import hash_text
from relcode.records import Span

ACTOR = "relcode pull"
Key = tuple[str, int, int, int, str]
Held = dict[str, dict[Key, tuple[str, Span]]]  # page -> label -> last event's kind, span


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
    """The projects pulled, in the manifest's order."""

    projects: list[CoderPull]

    @property
    def set_aside(self) -> list[str]:
        """Everything that could not be used, over all projects."""
        return [f"{pulled.coder}: {line}" for pulled in self.projects for line in pulled.set_aside]


class Label(NamedTuple):
    """A label that stands on a page now, in its turn, with the server's time."""

    span: Span
    at: str | None


def pull(project: Project, server: ServerAddress, *, batch: str | None = None) -> PullReport:
    """Pull every coder's projects (of one batch) into the ledger; repeating it adds only what is new.

    Raises
    ------
    DoccanoError
        The server is down or refuses. What earlier projects brought is in the ledger.
    """
    ledger = project.open_ledger()
    admin = connect_admin(server)
    entries: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for entry in ledger.pages(batch=batch, role=None):
        if entry["coder"] != CONSENSUS:
            entries[entry["batch"], entry["coder"]].append(entry)
    return PullReport([pull_project(admin, ledger, project, pages) for pages in entries.values()])


def pull_project(
    admin: DoccanoSession,
    ledger: Ledger,
    project: Project,
    entries: Sequence[Mapping[str, Any]],
    *,
    codebook: Codebook | None = None,
) -> CoderPull:
    """Pull the project to which the manifest's `entries`, of one coder and batch, were pushed; `codebook`: what its
    labels may be, by default those of the codebook that the entries name."""
    batch, coder, reference = (str(entries[0][key]) for key in ("batch", "coder", "codebook"))
    # The codebook may have a newer version by now; what counts is whether it still has the code.
    codebook = codebook or load_reference(reference, [project.codebooks])
    project_id = find_project(admin, batch, coder)
    if project_id is None:
        missing = f"the project {project_name(batch, coder)!r} is not on the server {admin.url}"
        return CoderPull(coder, batch, len(entries), 0, 0, {}, [missing])
    everything, confirmed = list_confirmed(admin, project_id)
    types = label_types(admin, project_id)
    found: dict[str, list[Example]] = defaultdict(list)
    for example in everything:
        found[example.page or ""].append(example)
    held, ticked = held_labels(ledger, coder), ledger.confirmed_pages(coder)
    events: list[NewEvent] = []
    set_aside: list[str] = []
    for entry in entries:
        if fault := _page_fault(entry, found[entry["page"]]):
            set_aside.append(f"{_place(entry)}: {fault}")
            continue
        example = found[entry["page"]][0]
        page = page_from_manifest(entry, example.text)
        if example.example_id not in confirmed:
            if page.uid in ticked:
                events.append(NewEvent("unconfirm", ACTOR, {**_addressee(entry), "at": None}))
            continue
        if page.uid in ticked and _unchanged(page, example, held[page.uid]):
            continue
        labels, faults = _read_labels(admin, project_id, page, example, types, codebook, reference)
        set_aside += [f"{_place(entry)}: {fault}" for fault in faults]
        events += _changes(entry, labels, held[page.uid])
        if page.uid not in ticked and not faults:
            at = _confirmed_at(admin, project_id, example.example_id)
            events.append(NewEvent("confirm", ACTOR, {**_addressee(entry), "at": at}))
        elif page.uid in ticked and faults:
            events.append(NewEvent("unconfirm", ACTOR, {**_addressee(entry), "at": None}))
    ledger.append(events)
    return CoderPull(
        coder,
        batch,
        len(entries),
        len(ledger.confirmed_pages(coder) & {entry["page"] for entry in entries}),
        len(ledger.labels(coder, batch=batch, role=None)),
        _count(events),
        set_aside,
    )


def held_labels(ledger: Ledger, coder: str) -> Held:
    """What the ledger last said of each label on each page of a coder."""
    held: Held = defaultdict(dict)
    for event in ledger.events("label", "unlabel"):
        if event.payload["coder"] == coder:
            span = msgspec.convert(event.payload["span"], Span)
            held[event.payload["page"]][span.key] = (event.kind, span)
    return held


def provenance_of(span: Span, suggestions: Mapping[Key, Span], gone: Mapping[Key, Span]) -> tuple[str, Key | None]:
    """How a label came about, and the suggestion that it replaces. A reason of the adjudicator is no label: `reason`.

    `accepted`: a suggestion as it was. `relabelled`: another code on the same words as a suggestion that is gone.
    `moved`: the same code on other words, overlapping those of a suggestion that is gone. `added`: all else.
    """
    if span.code.startswith(WHY):
        return "reason", None
    if span.key in suggestions:
        return "accepted", None
    if (same_words := next((key for key in gone if key[:4] == span.key[:4]), None)) is not None:
        return "relabelled", same_words
    for key, suggestion in gone.items():
        same = (suggestion.turn, suggestion.code) == (span.turn, span.code)
        if same and suggestion.start < span.end and span.start < suggestion.end:
            return "moved", key
    return "added", None


def _changes(
    entry: Mapping[str, Any], labels: Mapping[Key, Label], held: Mapping[Key, tuple[str, Span]]
) -> list[NewEvent]:
    """The events that bring the ledger from what it holds of a page to what stands there now."""
    suggestions = {span.key: span for span in suggestions_of(entry)}
    gone = {key: span for key, span in suggestions.items() if key not in labels}
    common = _addressee(entry)
    events, replaced = [], set()
    for key, label in labels.items():
        provenance, source = provenance_of(
            label.span, suggestions, {key: span for key, span in gone.items() if key not in replaced}
        )
        replaced |= {source} - {None}
        if held.get(key, ("", None))[0] != "label":
            body = {"span": msgspec.to_builtins(label.span), "provenance": provenance, "at": label.at}
            events.append(NewEvent("label", ACTOR, common | body))
    for key, (kind, span) in held.items():
        if kind == "label" and key not in labels:
            provenance = "rejected" if key in suggestions else "removed"
            events.append(NewEvent("unlabel", ACTOR, common | _unlabel(span, provenance)))
    for key, span in gone.items():
        if key not in held and key not in replaced:
            coder_span = _as_coder(span, entry)
            events.append(NewEvent("unlabel", ACTOR, common | _unlabel(coder_span, "rejected")))
    return events


def _unlabel(span: Span, provenance: str) -> dict[str, Any]:
    return {"span": msgspec.to_builtins(span), "provenance": provenance}


def _as_coder(span: Span, entry: Mapping[str, Any]) -> Span:
    reference = span.codebook or entry["codebook"]
    return msgspec.structs.replace(span, codebook=reference, source=f"coder:{entry['coder']}", score=None, why=())


def _page_fault(entry: Mapping[str, Any], examples: Sequence[Example]) -> str | None:
    if not examples:
        return "the page is not on the server any more; push again to send it anew"
    if len(examples) > 1:
        return f"the page is on the server {len(examples)} times; delete all but one"
    if hash_text(examples[0].text) != entry["text_sha256"]:
        return "the page's text on the server is not the one that was sent; its offsets cannot be trusted"
    return None


def _unchanged(page: Page, example: Example, held: Mapping[Key, tuple[str, Span]]) -> bool:
    """Whether the export shows exactly the labels that the ledger holds of a page."""
    offsets = Utf16Map(page.text)
    now = {(offsets.to_utf16(place[0]), offsets.to_utf16(place[1]), span.code)
           for kind, span in held.values() if kind == "label" and (place := page.place(span))}  # fmt: skip
    return now == set(example.labels)


def _read_labels(
    admin: DoccanoSession,
    project_id: int,
    page: Page,
    example: Example,
    types: Mapping[int, str],
    codebook: Codebook,
    reference: str,
) -> tuple[dict[Key, Label], list[str]]:
    """The labels of a page, each cut to its turn, and what could not be used, named by turn and offset."""
    offsets = Utf16Map(page.text)
    labels: dict[Key, Label] = {}
    faults: list[str] = []
    for raw in admin.get(f"projects/{project_id}/examples/{example.example_id}/spans"):
        code = types.get(raw["label"])
        if code is None or code not in codebook.by_id:
            faults.append(f"a label of type {code or raw['label']!r}, which {reference} does not have")
            continue
        try:
            start, end = offsets.to_code_points(raw["start_offset"]), offsets.to_code_points(raw["end_offset"])
        except ValueError as error:
            faults.append(f"{code} at an impossible {error}")
            continue
        pieces = list(page.pieces(start, end))
        allowed = [piece for piece in pieces if codebook.allows(code, piece[0].speaker)]
        if not pieces:
            faults.append(f"{code} at {start} to {end} of the page lies on no turn to be coded here")
        elif not allowed:
            turn = pieces[0][0]
            faults.append(f"{code} in turn {turn.turn} at {pieces[0][1]} to {pieces[0][2]}: not for {turn.speaker}")
        for turn, low, high in allowed:
            words = page.turn_text(turn)[low:high]
            home = part_of_reference(reference, codebook.reference_of(code).partition("@")[0])
            span = Span(page.session_id, turn.turn, low, high, words, code, home, source=f"coder:{page.coder}")
            labels.setdefault(span.key, Label(span, raw.get("updated_at")))
    return labels, faults


def _confirmed_at(admin: DoccanoSession, project_id: int, example_id: int) -> str | None:
    states = admin.get(f"projects/{project_id}/examples/{example_id}/states", limit=1)["results"]
    return str(states[0]["confirmed_at"]) if states else None


def _addressee(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in ("page", "batch", "coder")}


def _place(entry: Mapping[str, Any]) -> str:
    return f"session {entry['session_id']}, turns {entry['first_turn']} to {entry['last_turn']}"


def _count(events: Iterable[NewEvent]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for event in events:
        name = str(event.payload.get("provenance", event.kind))
        counts[name] = counts.get(name, 0) + 1
    return counts
