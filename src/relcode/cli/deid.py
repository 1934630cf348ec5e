"""`relcode deid`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.default_command import DEFAULT, DefaultCommandGroup
from relcode.cli.deid_review import decisions_file, review
from relcode.cli.gate import project_of
from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.deid import Decision, DeidResult

app = typer.Typer(cls=DefaultCommandGroup)
app.command("review")(review)


class Replacement(StrEnum):
    """How identifiers are replaced."""

    tag = "tag"
    surrogate = "surrogate"


@app.command(DEFAULT)
def deid(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs of transcripts.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the de-identified transcripts.")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="A line a finding, with its words; readable by you alone.")
    ] = None,
    mode: Annotated[Replacement, typer.Option("--mode", help="[NAME_1], or an invented name.")] = Replacement.tag,
    key: Annotated[
        Path | None, typer.Option("--key", help="What each replacement stands for; outside any project folder.")
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option("--decisions", help="What persons decided in `relcode deid review`.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what would keep the sessions from being sent.")] = False,
    override: Annotated[
        list[str] | None, typer.Option("--override", help="A session that a person has read and lets pass.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why it may pass; stands in the ledger.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who lets it pass; stands in the ledger.")] = "person",
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Remove identifiers from transcripts. In a project's transcripts/, each session is put on record for the gate.

    Read what comes out: no detector finds everything; `relcode deid review SRC...` shows what was found and the doubts.

    Example: relcode deid raw/ --out study/transcripts --report deid-report.jsonl
    """
    from relcode.deid import deidentify, gate_faults, record_deid
    from relcode.errors import DeidError, UsageError
    from relcode.transcripts import read_sessions, write_session

    if override:
        _override(sources, override, reason, by)
        if json:
            emit_json({"overridden": override})
        return
    if not check and out is None:
        raise UsageError("relcode deid needs --out FOLDER (or --check, or --override).")
    sessions = read_sessions(sources)
    if check:
        project = project_of(Path(sources[0]))
        if project is None:
            raise UsageError("--check looks at transcripts of a project folder.")
        faults = gate_faults(sessions, project.open_ledger())
        if json:
            emit_json({"sessions": len(sessions), "faults": faults})
        if faults:
            raise DeidError("The gate is closed for:", faults)
        say(f"{len(sessions)} session(s): the gate is open.")
        return
    assert out is not None
    if key is not None and project_of(key) is not None:
        raise UsageError(f"--key {key} lies in a project folder; keep the key apart from the transcripts.")
    project = project_of(out)
    ledger = None if project is None else project.open_ledger()
    result = deidentify(sessions, mode=mode.value, decisions=_decided(decisions))
    with _private(report, _report_of(result)), _private(key, _key_of(result)):
        for session in result.sessions:
            write_session(session, out)
        if ledger is not None:
            record_deid(result, ledger)
    counts: dict[str, dict[str, int]] = {session.session_id: {} for session in sessions}
    for finding in result.findings:
        labels = counts[finding.session_id]
        labels[finding.label] = labels.get(finding.label, 0) + 1
    if json:
        emit_json({"sessions": counts, "recorded": project is not None, "not_applied": list(result.not_applied)})
    for name, labels in counts.items():
        found = ", ".join(f"{label} {number}" for label, number in sorted(labels.items())) or "nothing found"
        say(f"{name}: {found}")
    if project is None:
        say("note: --out is in no project folder, so nothing was put on record for the gate.")
    for line in result.not_applied:
        say(f"note: a decision was not applied: {line}")
    _say_of_decisions(sources, decisions)


def _override(sources: list[str], names: list[str], reason: str, by: str) -> None:
    from relcode.deid import override as record_override
    from relcode.errors import UsageError
    from relcode.transcripts import read_sessions

    if not reason.strip():
        raise UsageError("--override needs --reason TEXT; it stands in the ledger.")
    if not by.strip() or not by.isprintable():
        raise UsageError("--by: expected a name.")
    project = project_of(Path(sources[0]))
    if project is None:
        raise UsageError("--override takes transcripts of a project folder.")
    sessions = {session.session_id: session for session in read_sessions(sources)}
    unknown = [name for name in names if name not in sessions]
    if unknown:
        raise UsageError(f"There is no session {', '.join(unknown)} in {', '.join(sources)}.")
    for name in names:
        record_override(sessions[name], project.open_ledger(), reason=reason, actor=by)
        say(f"{name}: let pass by a person; recorded.")


@contextlib.contextmanager
def _private(path: Path | None, data: bytes) -> Iterator[None]:
    """Write a file for the caller's eyes alone; it takes its name when the block has ended well."""
    from relcode.provenance import written_beside

    if path is None:
        yield
        return
    with written_beside(path, mode=0o600) as beside:
        beside.write_bytes(data)
        yield


def _report_of(result: DeidResult) -> bytes:
    """A line a finding."""
    import msgspec

    fields = ("session_id", "turn", "start", "end", "label", "text")
    return msgspec.json.Encoder().encode_lines([{name: getattr(f, name) for name in fields} for f in result.findings])


def _key_of(result: DeidResult) -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(result.key)) + b"\n"


def _decided(path: Path | None) -> list[Decision]:
    from relcode.deid import read_decisions
    from relcode.errors import DeidError

    if path is None:
        return []
    decisions, faults = read_decisions(path)
    if faults:
        raise DeidError(f"{path} holds {len(faults)} line(s) that are no decision. Nothing was written.", faults)
    return decisions


def _say_of_decisions(sources: list[str], given: Path | None) -> None:
    """Point to decisions that lie where the review puts them, when none were given."""
    default = decisions_file(sources)
    if given is None and default.is_file():
        say(f"note: there are decisions in {default}; they count only with --decisions {default}.")
