"""Whether two audits can be compared, and what a reader must know before any difference."""

from __future__ import annotations

from collections.abc import Iterator

from relcode.audit.result import AuditResult

LEAST_CLIENTS = 8
FEW_SESSIONS = 10


def faults_between(first: AuditResult, second: AuditResult, names: tuple[str, str]) -> list[str]:
    """Why the two cannot be compared."""
    a, b = names
    faults: list[str] = []
    if first.codebook != second.codebook:
        faults.append(
            f"{a} was read with {first.codebook}, {b} with {second.codebook}: audit both with one codebook "
            "(`relcode codebook migrate` moves labels to another version)"
        )
    versions_named = [of.exposure.codebooks for of in (first, second)]
    if first.codebook == second.codebook and all(versions_named) and versions_named[0] != versions_named[1]:
        versions = [", ".join(named) for named in versions_named]
        faults.append(f"the codes of {a} were made with {versions[0]}, those of {b} with {versions[1]}")
    kinds = [_kind(of) for of in (first, second)]
    if kinds[0] != kinds[1]:
        faults.append(
            f"the codes of {a} come from {kinds[0]}, those of {b} from {kinds[1]}: a difference would be theirs, not the "
            "sessions'; use one source for both"
        )
    elif kinds[0] == "a machine" and first.exposure.coded_by != second.exposure.coded_by:
        models = [", ".join(of.exposure.coded_by) or "a machine not named" for of in (first, second)]
        faults.append(f"{a} was coded by {models[0]}, {b} by {models[1]}: score both with one model")
    both = {line.sha256: line.session_id for line in first.sessions}
    if same := sorted(both[line.sha256] for line in second.sessions if line.sha256 in both):
        listed = ", ".join(same[:12]) + (f" and {len(same) - 12} more" if len(same) > 12 else "")
        faults.append(f"{len(same)} session(s) are in both: {listed}")
    return faults


def _kind(result: AuditResult) -> str:
    return {"coded labels": "coders", "none": "nobody: no session is coded"}.get(result.source_kind, "a machine")


def notes_on(
    first: AuditResult, second: AuditResult, names: tuple[str, str], shared: int, *, paired: bool
) -> Iterator[str]:
    """What a reader must know before any difference."""
    for of, name in ((first, names[0]), (second, names[1])):
        coded = sum(line.coded for line in of.sessions)
        if coded < FEW_SESSIONS:
            yield f"{name} has {coded} coded session(s): with so few, intervals are narrower than they should be."
    for note in dict.fromkeys([*first.notes, *second.notes]):
        whose = [name for of, name in ((first, names[0]), (second, names[1])) if note in of.notes]
        yield f"{' and '.join(whose)}: {note}"
    if first.exposure.coded_by != second.exposure.coded_by:
        yield "Not the same coders coded both: a part of a difference may be theirs."
    if not first.exposure.coded_by:
        yield "The labels do not name their coders: a part of a difference may be theirs."
    if shared and not paired:
        why = f"they are fewer than {LEAST_CLIENTS}" if shared < LEAST_CLIENTS else "others are on one side alone"
        yield f"{shared} client(s) are on both sides; differences are not within clients, since {why}."
