"""What must be true at the end: the ledger and the server against the journal of what coders know to have confirmed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from relcode.doccano.projects import find_project
from relcode.doccano.session import DoccanoSession
from relcode.ledger import Event, Ledger
from team.coder import read_journal

Key = tuple[str, int, int, int, str]


def confirmed_labels(journal: Path) -> dict[str, set[Key]]:
    """Page -> the labels with which its coder confirmed it last."""
    return {entry["page"]: {(*label,) for label in entry["labels"]} for entry in read_journal(journal)}


def ledger_faults(events: Iterable[Event], expected: Mapping[str, set[Key]]) -> list[str]:
    """What the ledger's events say otherwise than the journal, read here anew and not by the ledger's own views."""
    faults: list[str] = []
    pages: Counter[str] = Counter()
    labels: dict[str, set[Key]] = defaultdict(set)
    ticked: set[str] = set()
    for event in events:
        if event.kind not in ("page", "label", "unlabel", "confirm", "unconfirm"):
            continue
        page, said = event.payload["page"], f"event {event.seq}, {event.kind}"
        if event.kind == "page":
            pages[page] += 1
        elif event.kind == "label":
            if (key := span_key(event)) in labels[page]:
                faults.append(f"{said}: the label stands there already")
            labels[page].add(key)
        elif event.kind == "unlabel":
            if event.payload["provenance"] != "rejected" and span_key(event) not in labels[page]:
                faults.append(f"{said}: there is no such label")
            labels[page].discard(span_key(event))
        elif (page in ticked) == (event.kind == "confirm"):
            faults.append(f"{said}: it was so before")
        else:
            (ticked.add if event.kind == "confirm" else ticked.discard)(page)
    faults += [f"page {page}: {count} times in the manifest" for page, count in pages.items() if count > 1]
    faults += [f"page {page}: in the manifest, and nobody confirmed it" for page in pages.keys() - expected.keys()]
    for page, wanted in expected.items():
        if page not in ticked:
            faults.append(f"page {page}: confirmed, and not so in the ledger")
        if missing := wanted - labels[page]:
            faults.append(f"page {page}: {len(missing)} confirmed label(s) are not in the ledger")
        if other := labels[page] - wanted:
            faults.append(f"page {page}: {len(other)} label(s) in the ledger that nobody confirmed")
    return faults


def server_faults(admin: DoccanoSession, ledger: Ledger, expected: Mapping[str, set[Key]]) -> list[str]:
    """Each page once on the server, confirmed, with exactly the labels of the journal; asked page by page."""
    faults: list[str] = []
    by_project: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for entry in ledger.pages(role=None):
        by_project[entry["batch"], entry["coder"]][entry["page"]] = entry
    for (batch, coder), entries in by_project.items():
        project_id = find_project(admin, batch, coder)
        base = f"projects/{project_id}"
        examples = admin.get(f"{base}/examples", limit=1000)["results"]
        codes = {each["id"]: each["text"] for each in admin.get(f"{base}/span-types")}
        if Counter(example["meta"]["relcode"]["page"] for example in examples) != Counter(entries.keys()):
            faults.append(f"project of {coder}, batch {batch}: not each page of the manifest once")
        for example in examples:
            page = example["meta"]["relcode"]["page"]
            spans = admin.get(f"{base}/examples/{example['id']}/spans")
            found = Counter((each["start_offset"], each["end_offset"], codes[each["label"]]) for each in spans)
            if found != _as_on_server(entries[page], example["text"], expected[page]):
                faults.append(f"page {page}: other labels on the server than its coder set")
            if not example["is_confirmed"]:
                faults.append(f"page {page}: its confirmation is lost")
    return faults


def _as_on_server(entry: Mapping[str, Any], text: str, labels: Iterable[Key]) -> Counter[tuple[int, int, str]]:
    """Labels in UTF-16 units of a page's text."""
    starts = {turn: start for turn, _, start, *_ in entry["turns"]}

    def units(turn: int, offset: int) -> int:
        return len(text[: starts[turn] + offset].encode("utf-16-le")) // 2

    return Counter((units(turn, start), units(turn, end), code) for _, turn, start, end, code in labels)


def accepted_faults(
    ledger: Ledger, sessions: Iterable[str], coders: Iterable[str], expected: Mapping[str, set[Key]]
) -> list[str]:
    """The accepted labels against what the adjudicator confirmed, elsewhere against what all coders gave."""
    faults: list[str] = []
    pages = ledger.pages()
    judged_turns = {(p["session_id"], turn) for p in pages if p["coder"] == "consensus" for turn, *_ in p["turns"]}
    given: dict[str, set[Key]] = defaultdict(set)
    for page in pages:
        given[page["coder"]] |= expected[page["page"]]
    judged = given.pop("consensus", set())
    held, settled = _accepted(ledger, faults)
    elsewhere = {key for key in held if key[:2] not in judged_turns}
    if held.keys() - elsewhere != judged:
        faults.append(f"{len((held.keys() - elsewhere) ^ judged)} accepted label(s) other than the adjudicator's")
    wanted = set.intersection(*({_place(key) for key in given[coder]} for coder in coders))
    if {_place(key) for key in elsewhere} != {place for place in wanted if place[:2] not in judged_turns}:
        faults.append("accepted labels beside the consensus pages are not those that all coders gave")
    faults += [f"session {name}: settled {settled[name]} times" for name in sessions if settled[name] != 1]
    for key, payload in held.items():
        by = {coder for coder in coders if _place(key) in {_place(own) for own in given[coder]}}
        if payload["decision"] not in ("agreed", "adjudicated") or not set(payload["coders"]) <= by:
            faults.append(f"session {key[0]}, turn {key[1]}: an accepted label with a wrong chain")
    return faults


def _accepted(ledger: Ledger, faults: list[str]) -> tuple[dict[Key, Mapping[str, Any]], Counter[str]]:
    """The chains of the labels that are accepted, and how often each session was settled."""
    decided: dict[Key, Event] = {}
    settled: Counter[str] = Counter()
    for event in ledger.events("accept", "reject", "unaccept", "adjudicated"):
        if event.kind == "adjudicated":
            settled[event.payload["session_id"]] += 1
        elif (event.kind == "unaccept") != (span_key(event) in decided):
            faults.append(f"event {event.seq}, {event.kind}: it was so before")
        elif event.kind == "unaccept":
            del decided[span_key(event)]
        else:
            decided[span_key(event)] = event
    return {key: event.payload for key, event in decided.items() if event.kind == "accept"}, settled


def span_key(event: Event) -> Key:
    """The label that an event is about, without who gave it."""
    span = event.payload["span"]
    return span["session_id"], span["turn"], span["start"], span["end"], span["code"]


def _place(key: Key) -> tuple[str, int, str]:
    return key[0], key[1], key[4]
