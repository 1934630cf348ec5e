"""`relcode deid`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.default_command import DEFAULT, DefaultCommandGroup
from relcode.cli.deid_review import decisions_file, review
from relcode.cli.gate import project_of
from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.deid import Decision, KeyFile

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
    mode: Annotated[
        Replacement, typer.Option("--mode", help="[NAME_1], or invented ones of the same kind.")
    ] = Replacement.tag,
    key: Annotated[
        Path | None,
        typer.Option("--key", help="What each replacement stands for; an existing one is used and extended."),
    ] = None,
    encrypt_key: Annotated[
        bool, typer.Option("--encrypt-key", help="Encrypt the key; the passphrase is asked for here.")
    ] = False,
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="Encrypt the key with the passphrase in this private file.")
    ] = None,
    offsets: Annotated[
        Path | None, typer.Option("--offsets", help="Where the characters went, a line a changed turn; no words.")
    ] = None,
    spans: Annotated[Path | None, typer.Option("--spans", help="Labels made before, to be moved.")] = None,
    spans_out: Annotated[
        Path | None, typer.Option("--spans-out", help="The labels where their words stand now.")
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option("--decisions", help="What persons decided in `relcode deid review`.")
    ] = None,
    entities: Annotated[
        str | None,
        typer.Option(
            "--entities", help="An installed spaCy pipeline with entities; else the project's, if it has one."
        ),
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
    from relcode.cli.deid_files import Outputs, write_deidentified
    from relcode.deid import gate_faults
    from relcode.errors import DeidError, UsageError
    from relcode.transcripts import read_sessions

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
    if (spans is None) != (spans_out is None):
        raise UsageError("--spans FILE and --spans-out FILE go together.")
    key_file = _key_file(key, out, encrypt=encrypt_key, passphrase_file=passphrase_file)
    project = project_of(out)
    ledger = None if project is None else project.open_ledger()
    outputs = Outputs(out, report, offsets, spans, spans_out)
    written = write_deidentified(
        sessions,
        outputs,
        mode=mode.value,
        key_file=key_file,
        ledger=ledger,
        decisions=_decided(decisions),
        entities=entities or (project.entities if project is not None else None),
    )
    if json:
        not_applied = list(written.not_applied)
        done = {"sessions": written.counts, "notes": written.notes, "recorded": project is not None}
        emit_json({**done, "not_applied": not_applied})
    for name, labels in written.counts.items():
        found = ", ".join(f"{label} {number}" for label, number in sorted(labels.items())) or "nothing found"
        say("; ".join([f"{name}: {found}", *filter(None, [written.notes.get(name)])]))
    if key is None and mode is Replacement.surrogate:
        say(
            "note: without --key, a later run invents other names and dates; give one to keep a client's sessions alike."
        )
    if project is None:
        say("note: --out is in no project folder, so nothing was put on record for the gate.")
    for line in written.not_applied:
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


def _key_file(key: Path | None, out: Path, *, encrypt: bool, passphrase_file: Path | None) -> KeyFile | None:
    from relcode.cli.passphrase import passphrase_for
    from relcode.deid import open_key
    from relcode.errors import UsageError

    if key is None:
        if encrypt or passphrase_file is not None:
            raise UsageError("--encrypt-key and --passphrase-file need --key FILE.")
        return None
    if project_of(key) is not None:
        raise UsageError(f"--key {key} lies in a project folder; keep the key apart from the transcripts.")
    if key.absolute().resolve().is_relative_to(out.absolute().resolve()):
        raise UsageError(f"--key {key} lies in --out {out}; keep the key apart from the transcripts.")
    return open_key(key, passphrase=passphrase_for(key, ask=encrypt, file=passphrase_file))


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
