"""How the labels on a page compare with what was sent and with what the ledger holds: the events between the two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from relcode.codebook import Codebook, part_of_reference
from relcode.doccano.listing import Example, Mark, Tick
from relcode.doccano.offsets import Utf16Map
from relcode.doccano.pages import Page, page_from_manifest, suggestions_of
from relcode.doccano.quarantine import ACTOR, Fault
from relcode.doccano.recorded import Held, Key
from relcode.ledger import WHY, NewEvent
from relcode.records import Span

_CODE = re.compile(r"\S{1,64}")  # names of label types stand in messages; words in their place must not


class Label(NamedTuple):
    """A label that stands on a page now, in its turn."""

    span: Span
    mark: Mark


class Reader(NamedTuple):
    """What is needed to read a project's pages. `pusher`: the account that brought the suggestions."""

    codebook: Codebook
    reference: str
    pusher: str


def unchanged(entry: Mapping[str, Any], example: Example, held: Held) -> bool:
    """Whether a page shows exactly the labels that the ledger holds of it."""
    page = page_from_manifest(entry, example.text)
    offsets = Utf16Map(page.text)
    now = {(offsets.to_utf16(place[0]), offsets.to_utf16(place[1]), span.code)
           for kind, span in held.values() if kind == "label" and (place := page.place(span))}  # fmt: skip
    return now == set(example.labels)


def read_page(
    reader: Reader, entry: Mapping[str, Any], example: Example, held: Held, *, ticked: bool
) -> tuple[list[NewEvent], list[Fault]]:
    """The events that a confirmed page brings, and what on it cannot be used.

    Of a page with faults the good labels are recorded; it counts as confirmed once nothing on it is at fault.
    """
    page = page_from_manifest(entry, example.text)
    tick = example.tick or Tick(None, None)
    labels, faults = _read_labels(reader, page, example)
    events = _changes(reader, entry, labels, held, tick)
    if faults and ticked:
        events.append(unconfirm(entry))
    elif not faults and not ticked:
        events.append(NewEvent("confirm", ACTOR, addressee(entry) | {"by": tick.by, "at": tick.at}))
    return events, faults


def unconfirm(entry: Mapping[str, Any]) -> NewEvent:
    """A tick taken back; the server does not say when."""
    return NewEvent("unconfirm", ACTOR, addressee(entry) | {"at": None})


def addressee(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The page, and whose it is."""
    return {key: entry[key] for key in ("page", "batch", "coder")}


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
    reader: Reader, entry: Mapping[str, Any], labels: Mapping[Key, Label], held: Held, tick: Tick
) -> list[NewEvent]:
    """The events that bring the ledger from what it holds of a page to what stands there now."""
    suggestions = {span.key: span for span in suggestions_of(entry)}
    gone = {key: span for key, span in suggestions.items() if key not in labels}
    left = dict(gone)  # not replaced by another label
    common = addressee(entry)
    events = []
    for key, label in labels.items():
        provenance, source = provenance_of(label.span, suggestions, left)
        if source is not None:
            del left[source]
        if held.get(key, ("", None))[0] != "label":
            body = {"span": msgspec.to_builtins(label.span), "provenance": provenance}
            events.append(NewEvent("label", ACTOR, common | body | _who(reader, label.mark, provenance, tick)))
    taken = {"by": tick.by, "at": tick.at}  # a deletion leaves no trace; it was before the page was confirmed
    for key, (kind, span) in held.items():
        if kind == "label" and key not in labels:
            provenance = "rejected" if key in suggestions else "removed"
            events.append(NewEvent("unlabel", ACTOR, common | _taken_back(span, provenance) | taken))
    for key, span in left.items():
        if key not in held:
            own = _as_coder(span, entry)
            events.append(NewEvent("unlabel", ACTOR, common | _taken_back(own, "rejected") | taken))
    return events


def _who(reader: Reader, mark: Mark, provenance: str, tick: Tick) -> dict[str, Any]:
    """By whom a label was given, and when. A suggestion belongs to the account that pushed it, even after a change of
    its code; whoever confirmed the page gave it."""
    if mark.by != reader.pusher:
        return {"by": mark.by, "at": mark.at}
    return {"by": tick.by, "at": tick.at if provenance == "accepted" else mark.at}


def _taken_back(span: Span, provenance: str) -> dict[str, Any]:
    return {"span": msgspec.to_builtins(span), "provenance": provenance}


def _as_coder(span: Span, entry: Mapping[str, Any]) -> Span:
    reference = span.codebook or entry["codebook"]
    return msgspec.structs.replace(span, codebook=reference, source=f"coder:{entry['coder']}", score=None, why=())


def _read_labels(reader: Reader, page: Page, example: Example) -> tuple[dict[Key, Label], list[Fault]]:
    """The labels of a page, each cut to its turn, and what could not be used."""
    offsets = Utf16Map(page.text)
    labels: dict[Key, Label] = {}
    faults: list[Fault] = []
    for mark in example.marks:
        found = _read_mark(reader, page, offsets, mark)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            for span in found:
                labels.setdefault(span.key, Label(span, mark))
    return labels, faults


def _read_mark(reader: Reader, page: Page, offsets: Utf16Map, mark: Mark) -> list[Span] | Fault:
    codebook, code = reader.codebook, mark.code
    who = {"by": mark.by, "at": mark.at}
    if code not in codebook.by_id:
        name = code if _CODE.fullmatch(code) else "(its name is no code)"
        why = f"a label of type {name!r}, which {reader.reference} does not have"
        return Fault("unknown-code", why, name, None, mark.start, mark.end, **who)
    try:
        start, end = offsets.to_code_points(mark.start), offsets.to_code_points(mark.end)
    except ValueError as error:
        why = f"{code} at an impossible {error}"
        return Fault("impossible-offset", why, code, None, mark.start, mark.end, **who)
    pieces = list(page.pieces(start, end))
    if not pieces:
        why = f"{code} at {start} to {end} of the page lies on no turn to be coded here (but on context, or a line of the page)"
        return Fault("no-turn", why, code, None, start, end, **who)
    allowed = [piece for piece in pieces if codebook.allows(code, piece[0].speaker)]
    if not allowed:
        turn, low, high = pieces[0]
        why = f"{code} in turn {turn.turn} at {low} to {high}: not for {turn.speaker} in this codebook"
        return Fault("wrong-speaker", why, code, turn.turn, low, high, **who)
    home = part_of_reference(reader.reference, codebook.reference_of(code).partition("@")[0])
    return [
        Span(
            page.session_id,
            turn.turn,
            low,
            high,
            page.turn_text(turn)[low:high],
            code,
            home,
            source=f"coder:{page.coder}",
        )
        for turn, low, high in allowed
    ]
