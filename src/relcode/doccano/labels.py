"""Coders' labels out of the ledger, as files that cover whole sessions (contract form 2)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from relcode.batches import coverage
from relcode.ledger import CONSENSUS, Ledger
from relcode.records import Span
from relcode.spans import write_spans


class LabelFile(msgspec.Struct, frozen=True):
    """One coder's file. `partly`: sessions left out because not every turn of them was given to the coder and confirmed."""

    coder: str
    path: str
    labels: int
    sessions: int
    partly: list[str]


def write_labels(ledger: Ledger, folder: Path, *, batch: str | None = None) -> list[LabelFile]:
    """Write each coder's labels of the sessions that he or she has confirmed wholly to `folder/<coder>.jsonl`.

    A session coded in several batches stands as in the last one that has all of it, unless `batch` names one; one of which
    no batch has all is put together from several (`batches.coverage`).
    """
    written = []
    for coder in ledger.coders():
        if coder == CONSENSUS or not ledger.pages(coder, batch):  # who is in training has coded no session
            continue
        labels, whole, partly = coder_labels(ledger, coder, batch=batch)
        path = folder / f"{coder}.jsonl"
        written.append(LabelFile(coder, str(path), write_spans(path, labels), len(whole), partly))
    return written


def coder_labels(ledger: Ledger, coder: str, *, batch: str | None = None) -> tuple[list[Span], list[str], list[str]]:
    """One coder's labels in the order of the transcripts; the sessions coded wholly; those coded partly.

    A session of which the coder got only some pages is coded partly, however many of these are confirmed.
    """
    covered = coverage(ledger.pages(coder, batch), ledger.confirmed_pages(coder))
    whole = {session_id: each.batches for session_id, each in covered.items() if each.whole}
    labels = [
        span
        for of_batch in sorted({of_batch for batches in whole.values() for of_batch in batches.values()})
        for span in ledger.labels(coder, batch=of_batch)
        if whole.get(span.session_id, {}).get(span.turn) == of_batch
    ]
    return sorted(labels, key=lambda span: span.key), sorted(whole), sorted(covered.keys() - whole.keys())
