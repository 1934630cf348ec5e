"""The pages that coders have confirmed, as the ledger tells them: when, in which batch, with which codebook, shown what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from relcode.errors import UsageError
from relcode.ledger import CODE, CONSENSUS, Ledger
from relcode.records import Span


class CodedPage(msgspec.Struct, frozen=True):
    """A page that its coder has ticked as done.

    `shown`: whether its `suggestions` stood on it when the coder opened it. `spans`: the labels on it now. `confirmed`:
    when it was ticked, by the server's clock, else when the ledger learned of it.
    """

    page: str
    coder: str
    batch: str
    role: str
    session_id: str
    session_sha256: str
    first_turn: int
    last_turn: int
    codebook: str
    shown: bool
    confirmed: datetime
    suggestions: tuple[Span, ...]
    spans: tuple[Span, ...]

    @property
    def turns(self) -> range:
        """The numbers of its turns."""
        return range(self.first_turn, self.last_turn + 1)

    def __repr__(self) -> str:
        return f"CodedPage({self.coder!r}, {self.session_id!r}, turns {self.first_turn} to {self.last_turn})"


class Selection(msgspec.Struct, frozen=True):
    """Which pages count; what is empty lets all through.

    `coders`, `batches`: by name. `since`, `until`: the first and the last day of confirmation (UTC). `version`: of the
    codebook, as `1.0.0`, `relational-core@1.0.0` or the whole reference of codebooks used together.
    """

    coders: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    version: str | None = None

    def reason_against(self, page: CodedPage) -> str | None:
        """Why a page does not count, in words that several pages can share; None where it does."""
        if self.coders and page.coder not in self.coders:
            return "of other coders"
        if self.batches and page.batch not in self.batches:
            return "of other batches"
        day = page.confirmed.date()
        if (self.since and day < self.since) or (self.until and day > self.until):
            return "confirmed before or after these dates"
        if self.version and not has_version(page.codebook, self.version):
            return f"coded with another version ({page.codebook})"
        return None


def read_pages(ledger: Ledger) -> list[CodedPage]:
    """All confirmed pages of the ledger's coders (not the adjudicator's), of any role, in the order of confirmation."""
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    labels: dict[tuple[str, str], dict[Any, Span]] = defaultdict(dict)
    ticked: dict[tuple[str, str], tuple[datetime, int]] = {}
    for event in ledger.events("page", "label", "unlabel", "confirm", "unconfirm"):
        payload = event.payload
        key = (payload["coder"], payload["page"])
        if event.kind == "page":
            entries[key] = payload
        elif event.kind == "confirm":
            ticked[key] = (_moment(payload.get("at"), event.at), event.seq)
        elif event.kind == "unconfirm":
            ticked.pop(key, None)
        else:
            span = msgspec.convert(payload["span"], Span)
            if event.kind == "label":
                labels[key].setdefault(span.key, msgspec.structs.replace(span, source=f"coder:{payload['coder']}"))
            else:
                labels[key].pop(span.key, None)
    order = sorted((key for key in ticked if key in entries and key[0] != CONSENSUS), key=lambda key: ticked[key])
    return [_page(entries[key], labels[key].values(), ticked[key][0]) for key in order]


def select_pages(pages: Iterable[CodedPage], selection: Selection, notes: list[str]) -> list[CodedPage]:
    """The pages that a selection lets through; what is left out goes to the notes.

    Raises
    ------
    UsageError
        A coder or batch is named that no page has.
    """
    found = list(pages)
    known = {"coder": {page.coder for page in found}, "batch": {page.batch for page in found}}
    for what, names in (("coder", selection.coders), ("batch", selection.batches)):
        if missing := [name for name in names if name not in known[what]]:
            listed = ", ".join(sorted(known[what])) or "none"
            raise UsageError(f"No confirmed page is of {what} {', '.join(missing)}; there are: {listed}.")
    reasons: dict[str, int] = defaultdict(int)
    kept = []
    for page in found:
        reason = selection.reason_against(page)
        if reason is None:
            kept.append(page)
        elif page.role == CODE:
            reasons[reason] += 1
    notes += [f"{count} page(s) {reason} left out." for reason, count in sorted(reasons.items())]
    return kept


def has_version(reference: str, version: str) -> bool:
    """Whether a codebook's reference (`a@1.0.0+b@2.0.0`) is, or holds, this version (`1.0.0`, `a@1.0.0`)."""
    parts = reference.split("+")
    return version == reference or version in parts or version in {part.partition("@")[2] for part in parts}


def window_of(page: CodedPage, window: str) -> str:
    """The name of the stretch of time that a page belongs to: its `batch`, or the `day`, `week` or `month` of its tick.

    All but batches sort by time.
    """
    if window == "batch":
        return page.batch
    if window == "month":
        return page.confirmed.strftime("%Y-%m")
    if window == "week":
        year, week, _ = page.confirmed.isocalendar()
        return f"{year}-W{week:02}"
    return page.confirmed.strftime("%Y-%m-%d")


def windows_in_order(pages: Sequence[CodedPage], window: str) -> list[str]:
    """The windows of these pages in the order of time; batches by their first confirmation."""
    first: dict[str, datetime] = {}
    for page in pages:
        name = window_of(page, window)
        first[name] = min(first.get(name, page.confirmed), page.confirmed)
    return sorted(first, key=lambda name: (first[name], name))


def _page(entry: dict[str, Any], spans: Iterable[Span], confirmed: datetime) -> CodedPage:
    turns = range(entry["first_turn"], entry["last_turn"] + 1)
    own = [span for span in spans if span.session_id == entry["session_id"] and span.turn in turns]
    return CodedPage(
        page=entry["page"],
        coder=entry["coder"],
        batch=entry["batch"],
        role=str(entry.get("role", CODE)),
        session_id=entry["session_id"],
        session_sha256=entry["session_sha256"],
        first_turn=entry["first_turn"],
        last_turn=entry["last_turn"],
        codebook=entry["codebook"],
        shown=bool(entry["shown"]),
        confirmed=confirmed,
        suggestions=tuple(msgspec.convert(entry["suggestions"], list[Span])),
        spans=tuple(own),
    )


def _moment(at: Any, written: str) -> datetime:
    """The server's time where it is one, else when the event was written; in UTC."""
    for text in (at, written):
        try:
            moment = datetime.fromisoformat(text)
        except (TypeError, ValueError):
            continue
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.fromtimestamp(0, UTC)
