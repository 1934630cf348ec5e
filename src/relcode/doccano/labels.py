"""Coders' labels out of the ledger, as files that cover whole sessions (contract form 2)."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import msgspec

from relcode.ledger import CONSENSUS, Ledger
from relcode.records import Span
from relcode.spans import write_spans


class LabelFile(msgspec.Struct, frozen=True):
    """One coder's file. `partly`: sessions left out because not every page of them is confirmed yet."""

    coder: str
    path: str
    labels: int
    sessions: int
    partly: list[str]


def write_labels(ledger: Ledger, folder: Path, *, batch: str | None = None) -> list[LabelFile]:
    """Write each coder's labels of the sessions that he or she has confirmed wholly to `folder/<coder>.jsonl`.

    A session coded in several batches stands as in the last one, unless `batch` names one.
    """
    written = []
    for coder in ledger.coders():
        if coder == CONSENSUS:
            continue
        labels, whole, partly = coder_labels(ledger, coder, batch=batch)
        path = folder / f"{coder}.jsonl"
        written.append(LabelFile(coder, str(path), write_spans(path, labels), len(whole), partly))
    return written


def coder_labels(
    ledger: Ledger, coder: str, *, batch: str | None = None
) -> tuple[list[Span], dict[str, str], list[str]]:
    """One coder's labels in the order of the transcripts; the sessions coded wholly with their batch; those partly."""
    pages: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in ledger.pages(coder, batch):
        pages[entry["session_id"], entry["batch"]].add(entry["page"])
    confirmed = ledger.confirmed_pages(coder)
    whole = {session_id: of_batch for (session_id, of_batch), uids in pages.items() if uids <= confirmed}
    partly = sorted({session_id for (session_id, _), uids in pages.items() if uids & confirmed} - whole.keys())
    labels = [
        span
        for of_batch in sorted(set(whole.values()))
        for span in ledger.labels(coder, batch=of_batch)
        if whole.get(span.session_id) == of_batch
    ]
    return sorted(labels, key=lambda span: span.key), whole, partly
