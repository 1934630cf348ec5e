"""Labels out of a project's ledger, for verbs that otherwise read them from files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relcode.ledger import Ledger
    from relcode.records import Session, Span

ACCEPTED, CODERS, CODER = "accepted", "coders", "coder:"


def ledger_labels(
    sources: Sequence[str], sessions: Sequence[Session], whose: Sequence[str]
) -> tuple[list[Span], list[str]]:
    """The labels that the ledger of the project of `sources` holds, checked against `sessions`; notes on what is left out.

    Parameters
    ----------
    whose
        `accepted`: the accepted labels of settled sessions. `coder:NAME`: what this coder set, in the sessions that he or
        she has confirmed wholly. `coders`: the same of every coder.

    Raises
    ------
    UsageError
        The transcripts lie in no project folder or in several, or there is no such coder.
    LabelError
        Labels do not fit the transcripts: these have changed since they were coded.
    """
    from relcode.errors import LabelError
    from relcode.spans import span_fault, turn_texts

    ledger = _ledger_of(sources)
    spans: list[Span] = []
    notes: list[str] = []
    for name in _named(ledger, whose):
        own, partly = _labels_of(ledger, name)
        spans += own
        notes += [f"session {session_id}: {name} has not confirmed every page; left out" for session_id in partly]
    texts = turn_texts(sessions)
    faults = [
        f"session {span.session_id}, turn {span.turn}: {fault}" for span in spans if (fault := span_fault(span, texts))
    ]
    if faults:
        raise LabelError(f"{len(faults)} label(s) of the ledger do not fit the transcripts as they are now:", faults)
    return spans, notes


def _ledger_of(sources: Sequence[str]) -> Ledger:
    from relcode.cli.gate import project_of
    from relcode.errors import UsageError

    projects = {None if project is None else project.folder: project for project in map(project_of, sources)}
    (project,) = projects.values() if len(projects) == 1 else (None,)
    if project is None:
        raise UsageError("--ledger needs transcripts that lie in one project folder, such as study/transcripts.")
    return project.open_ledger()


def _named(ledger: Ledger, whose: Sequence[str]) -> list[str]:
    """Each source once; `coders` as the names."""
    from relcode.errors import UsageError
    from relcode.ledger import CONSENSUS

    coders = [f"{CODER}{name}" for name in ledger.coders() if name != CONSENSUS]
    named = [name for given in whose for name in (coders if given == CODERS else [given])]
    unknown = [name for name in named if name != ACCEPTED and name not in coders]
    if unknown:
        raise UsageError(
            f"--ledger {unknown[0]}: expected {', '.join([ACCEPTED, CODERS, *coders])}; the ledger has nobody else."
        )
    return list(dict.fromkeys(named))


def _labels_of(ledger: Ledger, name: str) -> tuple[list[Span], list[str]]:
    if name == ACCEPTED:
        from relcode.adjudication import accepted_labels

        return accepted_labels(ledger), []
    from relcode.doccano.labels import coder_labels

    labels, _, partly = coder_labels(ledger, name.removeprefix(CODER))
    return labels, partly
