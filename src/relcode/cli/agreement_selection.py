"""What `relcode agreement` compares: files of labels or pages of the ledger, a selection of them, and a model beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from relcode.errors import UsageError

if TYPE_CHECKING:
    from relcode.ledger import Ledger
    from relcode.records import Session
    from relcode.reliability import CodedPage, Coding, Machine, Selection


def selection_of(
    pair: str | None, batches: Sequence[str] | None, since: datetime | None, until: datetime | None, version: str | None
) -> Selection:
    """The options as a selection; a pair is two names with a comma between."""
    from relcode.reliability import Selection

    coders = tuple(name.strip() for name in (pair or "").split(",") if name.strip())
    if pair is not None and len(set(coders)) != 2:
        raise typer.BadParameter("expected two coders, such as anna,ben", param_hint="--pair")
    if since and until and since > until:
        raise typer.BadParameter("it lies after --until", param_hint="--since")
    return Selection(
        coders, tuple(batches or ()), since.date() if since else None, until.date() if until else None, version
    )


def from_files(
    files: Sequence[Path], sessions: Sequence[Session] | None, selection: Selection, *, machine: bool
) -> list[Coding]:
    """The codings of files, of the coders and the version selected."""
    from relcode.reliability import read_codings
    from relcode.reliability.versions import of_version

    if selection.batches or selection.since or selection.until:
        raise UsageError(
            "--batch, --since and --until choose pages of the ledger; files of labels do not say when and in which batch "
            "they were made. Leave the files out, or these options."
        )
    codings = read_codings(files, sessions, least=1 if machine else 2)
    known = [coding.coder for coding in codings]
    if missing := [name for name in selection.coders if name not in known]:
        raise UsageError(f"No file is of coder {', '.join(missing)}; there are: {', '.join(known)}.")
    if selection.coders:
        codings = [coding for coding in codings if coding.coder in selection.coders]
    return codings if selection.version is None else of_version(codings, selection.version)


def from_ledger(
    ledger: Ledger, selection: Selection, notes: list[str], *, machine: bool
) -> tuple[list[Coding], list[CodedPage]]:
    """The codings of the ledger's pages that a selection lets through, and these pages, re-codes included."""
    from relcode.reliability import codings_of_pages, read_pages, select_pages

    pages = select_pages(read_pages(ledger), selection, notes)
    return codings_of_pages(pages, least=1 if machine else 2), pages


def model_coding(folder: Path, sessions: Sequence[Session] | None, codings: Sequence[Coding]) -> tuple[Coding, Machine]:
    """A model's labels on what the coders coded, as one more coder, and which of it the model was trained on."""
    if sessions is None:
        raise UsageError("A model reads the transcripts: name them with --transcripts.")
    from relcode.learning.load import load_model
    from relcode.provenance import hash_session
    from relcode.reliability import Coding, Machine
    from relcode.scoring.score import score_spans

    model = load_model(folder)
    covered: dict[str, frozenset[int] | None] = {}
    for coding in codings:
        for session_id, turns in coding.covered.items():
            before = covered.get(session_id, frozenset())
            covered[session_id] = None if turns is None or before is None else before | turns
    coded = [session for session in sessions if session.session_id in covered]
    spans = score_spans(coded, model)
    trained = model.card["training"]["sessions"]
    hashes, dyads = {entry["sha256"] for entry in trained}, {entry["dyad"] for entry in trained}
    seen = tuple(session.session_id for session in coded if hash_session(session) in hashes)
    akin = tuple(s.session_id for s in coded if s.dyad in dyads and s.session_id not in seen)
    name = f"model:{model.id}"
    coding = Coding(name, tuple(spans), {session.session_id: covered[session.session_id] for session in coded})
    kept = [span for span in coding.spans if coding.covers(span.session_id, span.turn)]
    coding = Coding(name, tuple(kept), coding.covered)
    return coding, Machine(name, len(coded), seen, akin)


def with_suggestions(
    files: Sequence[Path],
    codings: Sequence[Coding],
    sessions: Sequence[Session] | None,
    pages: Sequence[CodedPage],
    notes: list[str],
) -> list[Coding]:
    """The codings, and behind them those of machines by their files of suggestions; what coders saw of these is noted.

    Raises
    ------
    UsageError
        Two are of one machine: which of them stands for it?
    """
    from relcode.reliability import read_suggestions

    people = [coding for coding in codings if not coding.is_machine]
    machines = [read_suggestions(path, people, sessions) for path in files]
    names = [coding.coder for coding in (*codings, *machines)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"{', '.join(twice)} stands twice among the coders; give one file of each.")
    for machine in machines:
        seen = sum(page.shown and any(span.source == machine.coder for span in page.suggestions) for page in pages)
        if seen:
            notes.append(
                f"{machine.coder}: its suggestions stood on {seen} of {len(pages)} page(s) when coders coded them, who may agree "
                "with it for that reason; see anchoring."
            )
    return [*codings, *machines]
