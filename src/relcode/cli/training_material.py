"""What `relcode train` learns from: files of labels, or what the project's ledger has accepted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relcode.codebook import Codebook
    from relcode.learning.material import Ceiling
    from relcode.learning.training_labels import TrainingLabels
    from relcode.project import Project
    from relcode.records import Session


def labels_from_files(
    files: Sequence[Path], sessions: Sequence[Session], book: Codebook, folders: Sequence[Path]
) -> TrainingLabels:
    """The labels of files; see `learning.training_labels`."""
    from relcode.learning.training_labels import labels_of_files
    from relcode.spans import read_labels

    return labels_of_files({str(path): read_labels(path, sessions) for path in files}, book, folders)


def labels_from_ledger(project: Project, sessions: Sequence[Session], book: Codebook) -> TrainingLabels:
    """What the ledger has accepted with a codebook of these sessions, turn by turn.

    Raises
    ------
    LabelError
        Nothing was accepted; a transcript has changed since it was coded; it was coded with another version of the
        codebook. All faults are listed.
    """
    from relcode.adjudication import accepted_parts
    from relcode.codebook import split_labels
    from relcode.errors import LabelError
    from relcode.learning.training_labels import TrainingLabels, version_faults
    from relcode.provenance import hash_session

    parts = accepted_parts(project.open_ledger(), book.ids, choices=project.adjudication)
    texts = {session.session_id: hash_session(session) for session in sessions}
    here = [part for part in parts if part.session_id in texts]
    faults, notes = version_faults(
        (reference for part in here for reference in (part.codebook, *(span.codebook for span in part.spans))),
        book,
        [project.codebooks],
    )
    faults += [
        f"session {part.session_id}: its transcript has changed since it was coded; import it as it was, or code it again"
        for part in here
        if part.session_sha256 != texts[part.session_id]
    ]
    if faults:
        raise LabelError(f"The ledger's labels cannot be learned from ({len(faults)} fault(s)):", faults)
    covered = {part.session_id: part.turns for part in here if part.turns is None or part.turns}
    if not covered:
        raise LabelError(
            f"The ledger has accepted nothing that was coded with {'+'.join(book.ids)}, of these transcripts. Code and "
            "adjudicate first (`relcode status` says where things stand), or name files with --labels."
        )
    if len(here) < len(parts):
        notes.append(f"{len(parts) - len(here)} coded session(s) are not among the transcripts: left out")
    notes += [
        f"session {part.session_id} is coded in part ({len(part.turns or ())} turns count): {'; '.join(part.missing)}"
        for part in here
        if part.turns is not None and part.missing
    ]
    own = split_labels((span for part in here for span in part.spans), book, [project.codebooks])
    return TrainingLabels(own.spans, covered, notes)


def ceiling_from_ledger(project: Project, sessions: Sequence[Session], book: Codebook) -> Ceiling | None:
    """One coder measured against another, on all turns that two coded; None where there are none."""
    from relcode.adjudication import double_codings
    from relcode.codebook import split_labels
    from relcode.learning.material import Ceiling
    from relcode.provenance import hash_session

    texts = {session.session_id: hash_session(session) for session in sessions}
    pairs = [
        pair
        for pair in double_codings(project.open_ledger(), book.ids)
        if texts.get(pair.session_id) == pair.session_sha256
    ]
    if not pairs:
        return None
    first, second = (
        split_labels((span for pair in pairs for span in getattr(pair, side)), book, [project.codebooks]).spans
        for side in ("first", "second")
    )
    covered = {pair.session_id: pair.turns for pair in pairs}
    return Ceiling(first, second, dict(covered), "one coder against another, on the turns that two coded")
