"""Enter labels as a coder does: the same calls that Doccano's page makes, through the coder's own account.

For the demonstration, which enters the labels of a published corpus, and for tests; people use the page itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from relcode.doccano.pages import page_from_manifest, sent_labels
from relcode.doccano.projects import label_types
from relcode.doccano.session import DoccanoSession
from relcode.errors import DoccanoError
from relcode.records import Span

THREADS = 4
_LISTED = 200  # examples a request; a longer list could outlast the server's limit


class Entered(msgspec.Struct, frozen=True):
    """What was done: pages confirmed now, labels added, kept and deleted."""

    pages: int
    confirmed: int
    added: int
    kept: int
    deleted: int


def enter_labels(
    session: DoccanoSession,
    project_id: int,
    pages: Iterable[Mapping[str, Any]],
    spans: Iterable[Span],
    *,
    confirm: bool = True,
) -> Entered:
    """Make the labels of pages equal to `spans`, then confirm each page once.

    Parameters
    ----------
    session
        The coder's own.
    pages
        Manifest entries (`Ledger.pages(coder, batch)`); other pages of the project are left as they are.
    spans
        All labels of these pages; a page without any loses its suggestions.
    confirm
        Tick the pages that are not ticked yet.

    Raises
    ------
    DoccanoError
        A page is not in the project, a code has no label type, or the server refuses.
    """
    codes = {code: type_id for type_id, code in label_types(session, project_id).items()}
    by_session: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_session[span.session_id].append(span)
    unknown = sorted({span.code for group in by_session.values() for span in group} - codes.keys())
    if unknown:
        raise DoccanoError(f"The project has no label types for: {', '.join(unknown)}.")
    there = _examples(session, project_id)
    entries = list(pages)
    if absent := [entry["page"] for entry in entries if entry["page"] not in there]:
        raise DoccanoError(f"{len(absent)} page(s) are not in the project; push them first.")

    def work(share: Sequence[Mapping[str, Any]]) -> list[Entered]:
        own = session.clone()
        return [
            _enter_page(own, project_id, entry, there[entry["page"]], by_session[entry["session_id"]], codes, confirm)
            for entry in share
        ]

    shares = [entries[number::THREADS] for number in range(min(THREADS, len(entries)))]
    with ThreadPoolExecutor(THREADS) as pool:
        done = [entered for part in pool.map(work, shares) for entered in part]
    return Entered(*(sum(getattr(entered, field) for entered in done) for field in Entered.__struct_fields__))


def _enter_page(
    session: DoccanoSession,
    project_id: int,
    entry: Mapping[str, Any],
    example: Mapping[str, Any],
    spans: Iterable[Span],
    codes: Mapping[str, int],
    confirm: bool,
) -> Entered:
    page = page_from_manifest(entry, example["text"])
    base = f"projects/{project_id}/examples/{example['id']}"
    own = [span for span in spans if page.place(span) is not None]
    wanted = {(start, end, codes[code]) for start, end, code in sent_labels(page, own)}
    kept: set[tuple[int, int, int]] = set()
    deleted = 0
    for label in session.get(f"{base}/spans"):
        place = (label["start_offset"], label["end_offset"], label["label"])
        if place in wanted and place not in kept:
            kept.add(place)
        else:
            session.delete(f"{base}/spans/{label['id']}")
            deleted += 1
    for start, end, type_id in sorted(wanted - kept):
        session.post(f"{base}/spans", {"label": type_id, "start_offset": start, "end_offset": end})
    ticked = confirm and not example["is_confirmed"]
    if ticked:
        session.post(f"{base}/states", {})
    return Entered(1, int(ticked), len(wanted - kept), len(kept), deleted)


def _examples(session: DoccanoSession, project_id: int) -> dict[str, dict[str, Any]]:
    """The project's examples as the coder may list them: page id -> id, text, is_confirmed."""
    found: dict[str, dict[str, Any]] = {}
    offset, total = 0, 1
    while offset < total:
        answer = session.get(f"projects/{project_id}/examples", limit=_LISTED, offset=offset)
        total = answer["count"]
        for example in answer["results"]:
            uid = (example["meta"].get("relcode") or {}).get("page")
            if uid is not None:
                found[uid] = example
        offset += _LISTED
    return found
