"""What a model is trained on: labels, and which turns of which sessions were coded. What was not coded is missing, never
empty. Labels that contradict each other, that no person gave, or that are of another version are refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from relcode.codebook import Codebook, load_codebook, split_labels
from relcode.codebook.diff import diff_codebooks
from relcode.errors import CodebookError, LabelError
from relcode.records import MACHINES, Span

Covered = dict[str, frozenset[int] | None]


@dataclass(frozen=True, repr=False)
class TrainingLabels:
    """Labels of a codebook.

    Attributes
    ----------
    spans
        Labels of the codebook alone.
    covered
        Session -> the turns that were coded; None: all of them.
    notes
        What was left out or taken though it is of another version, a line each.
    """

    spans: list[Span]
    covered: Covered
    notes: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"TrainingLabels({len(self.spans)} labels of {len(self.covered)} sessions)"


def labels_of_files(
    files: Mapping[str, Sequence[Span]], codebook: Codebook, folders: Sequence[Path] = ()
) -> TrainingLabels:
    """The labels of files (name -> labels) together; each file covers every turn of each session that it names.

    Parameters
    ----------
    folders
        Folders with codebooks of one's own, to look up former versions.

    Raises
    ------
    LabelError
        All faults: files that differ about a session, labels of several coders side by side, suggestions that nobody
        confirmed, labels of another version of the codebook whose codes were changed since.
    """
    spans: list[Span] = []
    others: dict[str, int] = defaultdict(int)
    coded_with: dict[str, set[str]] = defaultdict(set)
    for labels in files.values():
        own = split_labels(labels, codebook, folders)
        spans += own.spans
        for other, count in own.others.items():
            others[other] += count
        for session_id in own.sessions:
            coded_with[session_id] |= _books_of(labels, codebook)
    faults, notes = version_faults((span.codebook for span in spans), codebook, folders)
    faults = [*faults, *_unconfirmed(spans), *_several_coders(spans, codebook), *_contradictions(files, codebook)]
    if faults:
        raise LabelError(f"These labels cannot be learned from ({len(faults)} fault(s)):", faults)
    partly = sorted(name for name, books in coded_with.items() if not books >= set(codebook.ids))
    if partly:
        notes.append(f"{len(partly)} session(s) were not coded with all of {codebook.reference}: left out")
    if others:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(others.items()))
        notes.append(f"{sum(others.values())} label(s) of other codebooks ({listed}) are passed over")
    covered: Covered = {name: None for name in coded_with if name not in partly}
    kept = {(span.key, span.codebook): span for span in spans if span.session_id in covered}
    return TrainingLabels(list(kept.values()), covered, notes)


def version_faults(
    references: Iterable[str | None], codebook: Codebook, folders: Sequence[Path] = ()
) -> tuple[list[str], list[str]]:
    """Labels of other versions of a codebook: those that must be carried over first, and notes on those that need not be.

    Where nothing but weights and cues was changed between two versions, labels of one are labels of the other.

    Parameters
    ----------
    references
        What labels name (`a@1.0.0`), or pages (`a@1.0.0+b@1.0.0`).
    """
    members = {book.id: book for book in codebook.members or [codebook]}
    named = {part for reference in references if reference for part in reference.split("+")}
    faults, notes = [], []
    for reference in sorted(named - set(codebook.references)):
        member = members.get(reference.partition("@")[0])
        if member is None or "@" not in reference:
            continue
        if _same_codes(reference, member, folders):
            notes.append(
                f"labels of {reference} count for {member.reference}: between the two no code was changed, only weights and cues"
            )
        else:
            faults.append(
                f"labels of {reference}: the model is of {member.reference}, whose codes may mean something else. Train with "
                f"--codebook {reference}, or carry the labels over first: relcode codebook migrate LABELS --from {reference} "
                f"--to {member.reference} --out FILE (accepted labels of a ledger are written by `relcode adjudicate pull`)"
            )
    return faults, notes


def _same_codes(reference: str, member: Codebook, folders: Sequence[Path]) -> bool:
    """Whether every label of another version is one of this version as it stands, and nothing must be coded anew."""
    try:
        diff = diff_codebooks(load_codebook(reference, folders), member)
    except CodebookError:
        return False
    return not diff.review and not diff.recode and all(old == new for old, new in diff.carried.items())


def _books_of(labels: Sequence[Span], codebook: Codebook) -> set[str]:
    """With which of the codebook's members a file was coded: all, where labels do not say."""
    named = {(span.codebook or "").partition("@")[0] for span in labels}
    return set(codebook.ids) if "" in named else named & set(codebook.ids)


def _home(span: Span, codebook: Codebook) -> str:
    return codebook.reference_of(span.code).partition("@")[0] if span.code in codebook.by_id else ""


def _unconfirmed(spans: Iterable[Span]) -> list[str]:
    count = sum(span.source.partition(":")[0] in MACHINES for span in spans)
    said = "suggestions of cues or of a model, which no coder has confirmed: give the coders' or the accepted labels"
    return [f"{count} label(s) are {said}"] if count else []


def _several_coders(spans: Iterable[Span], codebook: Codebook) -> list[str]:
    """Sessions whose labels of one codebook are of several coders: together they are neither's."""
    coders: dict[tuple[str, str], set[str]] = defaultdict(set)
    for span in spans:
        kind = span.source.partition(":")[0]
        coders[span.session_id, _home(span, codebook)].add(span.source if kind == "coder" else kind)
    return [
        f"session {session_id}: labels of {', '.join(sorted(name or 'nobody named' for name in found))} stand side by "
        "side; adjudicate them, or give one of them"
        for (session_id, _), found in sorted(coders.items())
        if len(found) > 1 and any(name.startswith("coder:") for name in found)
    ]


def _contradictions(files: Mapping[str, Sequence[Span]], codebook: Codebook) -> list[str]:
    """Sessions that two files name with other labels: each says that it covers the session wholly."""
    held: dict[tuple[str, str], dict[str, set[tuple[object, ...]]]] = defaultdict(lambda: defaultdict(set))
    for name, labels in files.items():
        for span in split_labels(labels, codebook).spans:
            held[span.session_id, _home(span, codebook)][name].add(span.key)
    faults = []
    for (session_id, _), by_file in sorted(held.items()):
        (first, ours), *rest = by_file.items()
        faults += [
            f"session {session_id}: {first} and {other} differ in {len(ours ^ theirs)} label(s), and each covers it wholly; "
            "give one of them"
            for other, theirs in rest
            if ours != theirs
        ]
    return faults
