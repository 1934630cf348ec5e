"""`relcode export`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer()


def _formats(incomplete: str) -> list[str]:
    """For the shell's completion."""
    from relcode.exports.plugins import BUILT_IN, PLUGINS

    return [name for name in (*BUILT_IN, *PLUGINS.names()) if name.startswith(incomplete)]


@app.command()
def export(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs of transcripts.")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            autocompletion=_formats,
            help="jsonl, txt, vtt, srt, csv, tsv, xlsx, docx, json, cha, eaf, tei; of labels conll, csv, parquet, qdpx, docbin, "
            "convokit; or a plug-in's.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")],
    labels: Annotated[
        list[Path] | None,
        typer.Option("--labels", help="Labels of the sessions (a file of spans), to be written too; may be repeated."),
    ] = None,
    ledger: Annotated[
        list[str] | None,
        typer.Option(
            "--ledger", help="Labels out of the project's ledger: accepted, coders or coder:NAME; may be repeated."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Write transcripts, or with --labels or --ledger their codings, in another format; what it cannot keep is said.

    Files of transcripts are read back before they count. Codings go to conll, csv, parquet, qdpx, docbin or convokit.

    Example: relcode export study/transcripts --ledger accepted --ledger coders --to qdpx --out project
    """
    from relcode.cli.gate import check_text_may_leave
    from relcode.cli.ledger_labels import ledger_labels
    from relcode.errors import DataError
    from relcode.exports import export_transcripts
    from relcode.exports.labels import export_labels, read_label_files
    from relcode.transcripts import read_sessions

    _check_labels_fit(to, bool(labels or ledger))
    sessions = read_sessions(sources)
    spans = read_label_files(labels or [], sessions)
    held, notes = ledger_labels(sources, sessions, ledger) if ledger else ([], [])
    warning = check_text_may_leave(sources, sessions)
    write = (
        partial(export_labels, sessions, spans + held, folders=_codebooks(sources))
        if labels or ledger
        else partial(export_transcripts, sessions)
    )
    report = write(out, to=to)
    report.notes[:0] = [*filter(None, [warning]), *notes]
    if json:
        emit_json(report)
    for what, file in report.exported:
        say(f"{what}: {file}")
    for note in report.notes:
        say(f"note: {note}")
    if report.faults:
        raise DataError(f"{len(report.faults)} session(s) cannot be written as {to}:", report.faults)


def _codebooks(sources: list[str]) -> list[Path]:
    """The folders of own codebooks: those of the projects that the transcripts are in."""
    from relcode.cli.gate import project_of

    return list(dict.fromkeys(project.codebooks for source in sources if (project := project_of(source))))


def _check_labels_fit(to: str, labels: bool) -> None:
    from relcode.errors import UsageError
    from relcode.exports import WRITERS
    from relcode.exports.labels import LABEL_FORMATS
    from relcode.exports.plugins import BUILT_IN, PLUGINS

    if to not in BUILT_IN:
        if to not in PLUGINS.names():
            known = ", ".join((*BUILT_IN, *PLUGINS.names()))
            raise UsageError(
                f"--to {to}: expected one of {known}. `relcode plugins` says what is wrong with a plug-in."
            )
        return
    if labels and to not in LABEL_FORMATS:
        raise UsageError(f"--to {to} holds no labels. Labels are written as {', '.join(LABEL_FORMATS)}.")
    if not labels and to not in WRITERS:
        raise UsageError(f"--to {to} is a format for labels: name them with --labels FILE or --ledger WHOSE.")
