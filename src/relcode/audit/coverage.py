"""What a reader must know about the data before any figure: what is not covered, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from relcode.codebook import Codebook
from relcode.records import Session, Span, is_machine


def label_notes(
    sessions: Sequence[Session], codebook: Codebook, labels: Sequence[Span], ours: Sequence[Span]
) -> list[str]:
    """What to say of labels: sessions without any, strangers, unknown codes, wrong speakers, mixed sources."""
    ids = {session.session_id for session in sessions}
    notes = _coverage_notes(sessions, {label.session_id for label in ours}, "labels")
    strangers = Counter(label.session_id for label in labels if label.session_id not in ids)
    if strangers:
        notes.append(
            f"{strangers.total()} label(s) of {len(strangers)} session(s) that are not among the transcripts "
            f"were left out: {_listed(sorted(strangers))}."
        )
    unknown = Counter(label.code for label in ours if label.code not in codebook.by_id)
    if unknown:
        listed = _listed([f"{code} ({count})" for code, count in sorted(unknown.items())])
        notes.append(f"Label(s) with codes that {codebook.reference} does not have were left out: {listed}.")
    speakers = {(session.session_id, turn.turn): turn.speaker for session in sessions for turn in session.turns}
    misplaced = Counter(
        label.code
        for label in ours
        if label.code in codebook.by_id and not codebook.allows(label.code, speakers[label.session_id, label.turn])
    )
    if misplaced:
        listed = _listed([f"{code} ({count})" for code, count in sorted(misplaced.items())])
        notes.append(f"Label(s) on a speaker who may not carry the code were left out: {listed}.")
    return [*notes, *_version_notes(codebook, ours), *_source_notes(ours)]


def _version_notes(codebook: Codebook, ours: Sequence[Span]) -> list[str]:
    """Labels of several versions of a codebook, of another one than that of the audit, or of none that they name."""
    references = sorted({label.codebook for label in ours if label.codebook})
    if ours and not references:
        return [f"The labels do not name their codebook; they are read here with {codebook.reference}."]
    versions: dict[str, list[str]] = {}
    for reference in references:
        name, _, version = reference.partition("@")
        versions.setdefault(name, []).append(version)
    notes = [
        f"Labels were made with {len(found)} versions of {name} ({_listed(found)}): a code may not mean the same in each. "
        "`relcode codebook migrate` moves labels to one version."
        for name, found in versions.items()
        if len(found) > 1
    ]
    if foreign := [reference for reference in references if reference not in codebook.references]:
        notes.append(f"Labels were made with {_listed(foreign)}; they are read here with {codebook.reference}.")
    return notes


def _source_notes(ours: Sequence[Span]) -> list[str]:
    """Labels of several coders, or of coders and a machine."""
    sources = sorted({label.source for label in ours})
    if len(sources) < 2:
        return []
    by_session: dict[str, set[str]] = {}
    for label in ours:
        by_session.setdefault(label.session_id, set()).add(label.source)
    several = [name for name, found in sorted(by_session.items()) if len(found) > 1]
    notes = [f"Labels of {len(sources)} sources were put together ({_listed([s or 'not named' for s in sources])})."]
    if several:
        notes.append(
            f"{len(several)} session(s) have labels of more than one source: what any of them gave counts, which is more "
            f"than each gave: {_listed(several)}. Settle them first (`relcode adjudicate`), or audit the labels of one."
        )
    if any(is_machine(source) for source in sources) and not all(is_machine(source) for source in sources):
        notes.append("Labels of a machine are among them: all figures count as a machine's.")
    return notes


def score_notes(
    sessions: Sequence[Session], codebook: Codebook, scores: pd.DataFrame, columns: dict[str, str]
) -> list[str]:
    """What to say of scores; `columns`: code -> the column that holds its decision."""
    ids = {session.session_id for session in sessions}
    named = set(scores["session_id"])
    notes = _coverage_notes(sessions, named, "scores")
    made_with = (scores.attrs.get("codebook"), scores.attrs.get("codebook_version"))
    if "codebook" in scores.attrs and made_with != (codebook.id, codebook.version):
        notes.append(
            f"The scores were made with {made_with[0]}@{made_with[1]}; they are read here with {codebook.reference}."
        )
    strangers = sorted(set(scores["session_id"]) - ids)
    if strangers:
        notes.append(f"Scores of {len(strangers)} session(s) without a transcript were left out: {_listed(strangers)}.")
    absent = [code for code, name in columns.items() if name not in scores.columns]
    if absent:
        notes.append(f"The scores say nothing about these codes, which have no figure: {_listed(absent)}.")
    extra = sorted({str(name) for name in scores.columns if str(name).startswith("y_")} - set(columns.values()))
    if extra:
        notes.append(f"Scores for codes that {codebook.reference} does not have were left out: {_listed(extra)}.")
    return notes


def _coverage_notes(sessions: Sequence[Session], named: set[str], what: str) -> list[str]:
    bare = [session.session_id for session in sessions if session.session_id not in named]
    if not bare:
        return []
    return [f"{len(bare)} session(s) without {what} count for talk time only: {_listed(bare)}."]


def _listed(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
