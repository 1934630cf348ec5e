"""What earlier batches had: which turns were given to whom, what a coder has confirmed and when, what is settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from relcode.batches.plan import read_plans
from relcode.batches.runs import Run
from relcode.ledger import CODE, CONSENSUS, RECODE, Ledger

Text = tuple[str, str]  # session id and hash of its text: a session whose words changed is another text
Given = dict[Text, set[int]]  # turns


def turns_given(ledger: Ledger, *, coder: str | None = None, role: str | None = CODE) -> Given:
    """The turns that were planned for or pushed to a coder (None: to anyone) with a role (None: any)."""
    given: Given = defaultdict(set)
    planned = [each for plan in read_plans(ledger).values() for each in plan.assignments]
    for each in planned:
        if coder in (None, each.coder) and role in (None, each.role):
            given[each.session_id, each.session_sha256].update(range(each.first_turn, each.last_turn + 1))
    for entry in ledger.pages(coder, role=role):
        if entry["coder"] != CONSENSUS:
            given[text_of(entry)].update(turns_of(entry))
    return given


def turns_confirmed(ledger: Ledger, coder: str, *, other_than: str | None = None) -> Given:
    """The turns on pages that a coder has coded and confirmed, in batches other than one."""
    ticked = ledger.confirmed_pages(coder)
    given: Given = defaultdict(set)
    for entry in ledger.pages(coder):
        if entry["page"] in ticked and entry["batch"] != other_than:
            given[text_of(entry)].update(turns_of(entry))
    return given


def recodable(ledger: Ledger, coder: str, *, until: datetime) -> list[dict[str, Any]]:
    """The pages that a coder confirmed up to a time (with offset from UTC) and was not given again yet."""
    confirmed = confirmation_times(ledger, coder)
    again = {each.recode_of for plan in read_plans(ledger).values() for each in plan.of(coder, RECODE)}
    return [
        entry
        for entry in ledger.pages(coder)
        if entry["page"] not in again and (at := confirmed.get(entry["page"])) is not None and at <= until
    ]


def recoded_pairs(ledger: Ledger, coder: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The pages that a coder confirmed twice: the entry of the earlier page, and that of the re-code.

    Their labels: those of `Ledger.labels(coder, batch=entry["batch"], role=...)` in the page's turns.
    """
    ticked = ledger.confirmed_pages(coder)
    earlier = {entry["page"]: entry for entry in ledger.pages(coder) if entry["page"] in ticked}
    return [
        (earlier[entry["recode_of"]], entry)
        for entry in ledger.pages(coder, role=RECODE)
        if entry["page"] in ticked and entry.get("recode_of") in earlier
    ]


def confirmation_times(ledger: Ledger, coder: str) -> dict[str, datetime]:
    """When each page that a coder has ticked was ticked last: by the server's clock, else when it was recorded."""
    times: dict[str, datetime] = {}
    for event in ledger.events("confirm", "unconfirm"):
        if event.payload["coder"] != coder:
            continue
        if event.kind == "confirm":
            times[event.payload["page"]] = _time(event.payload.get("at")) or _time(event.at) or datetime.now(UTC)
        else:
            times.pop(event.payload["page"], None)
    return times


def settled_texts(ledger: Ledger) -> set[Text]:
    """The sessions, each with the hash of its text, whose accepted labels are settled."""
    return {text_of(event.payload) for event in ledger.events("adjudicated")}


def text_of(entry: Mapping[str, Any]) -> Text:
    """Which text a payload speaks of."""
    return entry["session_id"], entry["session_sha256"]


def text_of_run(run: Run) -> Text:
    """Which text a run is of."""
    return run.session_id, run.session_sha256


def turns_of(entry: Mapping[str, Any]) -> Iterable[int]:
    """The turns to be coded on a page, by its manifest entry."""
    return range(entry["first_turn"], entry["last_turn"] + 1)


def _time(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
