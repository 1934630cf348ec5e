"""Who coded what: the spans of each coder, and which turns of which sessions the coder covered.

A turn that was covered and bears no span is coded as absent; a turn that was not covered is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from relcode.errors import LabelError, UsageError
from relcode.ledger import CONSENSUS, Ledger
from relcode.records import Session, Span
from relcode.spans import read_labels, sessions_named


class Coding(msgspec.Struct, frozen=True):
    """One coder's work.

    `covered`: session id -> the turns coded, or None for the whole session. `text_hashes`: session id -> hash of the
    text that the coder saw, where it is known.
    """

    coder: str
    spans: tuple[Span, ...]
    covered: dict[str, frozenset[int] | None]
    text_hashes: dict[str, str] = {}

    def covers(self, session_id: str, turn: int) -> bool:
        """Whether the coder coded this turn."""
        if session_id not in self.covered:
            return False
        turns = self.covered[session_id]
        return turns is None or turn in turns

    def __repr__(self) -> str:
        return f"Coding({self.coder!r}, {len(self.spans)} spans, {len(self.covered)} sessions)"


def read_codings(files: Sequence[Path], sessions: Iterable[Session] | None = None) -> list[Coding]:
    """The codings in files of spans; a file covers every turn of each session that it names.

    A coder is called as the file's spans say (`coder:A`), or like the file where they say nothing or several things.
    Files of one coder are one coding, unless they name a session twice: then each file is a coding of its own (one
    coder at two times).

    Raises
    ------
    LabelError
        A file holds no label, or lines cannot be used or do not fit `sessions`.
    UsageError
        Fewer than two coders come of it.
    """
    kept = None if sessions is None else list(sessions)
    read = [(path, tuple(read_labels(path, kept))) for path in files]
    by_coder: dict[str, list[tuple[Path, tuple[Span, ...]]]] = {}
    for path, spans in read:
        by_coder.setdefault(_coder_of(path, spans), []).append((path, spans))
    codings: list[Coding] = []
    for coder, parts in by_coder.items():
        named = [session_id for _, spans in parts for session_id in sessions_named(spans)]
        if len(named) == len(set(named)):
            codings.append(_whole(coder, tuple(span for _, spans in parts for span in spans)))
        else:
            codings += [_whole(path.stem, spans) for path, spans in parts]
    names = [coding.coder for coding in codings]
    if len(set(names)) < max(2, len(names)):
        raise UsageError(
            f"Agreement needs the files of two coders or more; here is only {', '.join(sorted(set(names))) or 'none'}. "
            "Coders are told apart by the source in their spans (coder:NAME) or by the names of the files."
        )
    return codings


def ledger_codings(ledger: Ledger) -> list[Coding]:
    """The codings of the ledger's coders (not the adjudicator): of each, the pages confirmed, and the labels on them.

    Raises
    ------
    LabelError
        Fewer than two coders have confirmed a page.
    """
    codings: list[Coding] = []
    for coder in ledger.coders():
        if coder == CONSENSUS:
            continue
        confirmed = ledger.confirmed_pages(coder)
        turns: dict[str, set[int]] = {}
        hashes: dict[str, str] = {}
        for page in ledger.pages(coder):
            if page["page"] in confirmed:
                turns.setdefault(page["session_id"], set()).update(range(page["first_turn"], page["last_turn"] + 1))
                hashes[page["session_id"]] = page["session_sha256"]
        if not turns:
            continue
        spans = [span for span in ledger.labels(coder) if span.turn in turns.get(span.session_id, ())]
        covered: dict[str, frozenset[int] | None] = {key: frozenset(value) for key, value in turns.items()}
        codings.append(Coding(coder, tuple(spans), covered, hashes))
    if len(codings) < 2:
        raise LabelError(
            f"The ledger holds confirmed pages of {len(codings)} coder(s); agreement needs two. "
            "Run `relcode pull` when they are done, or name files of labels."
        )
    return codings


def _whole(coder: str, spans: tuple[Span, ...]) -> Coding:
    return Coding(coder, spans, dict.fromkeys(sorted(sessions_named(spans))))


def _coder_of(path: Path, spans: Sequence[Span]) -> str:
    sources = {span.source for span in spans}
    source = sources.pop() if len(sources) == 1 else ""
    return source.removeprefix("coder:") or path.stem
