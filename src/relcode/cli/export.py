"""`relcode export`."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer()


class Format(StrEnum):
    """The formats that transcripts and labels are written in."""

    jsonl = "jsonl"
    txt = "txt"
    vtt = "vtt"
    srt = "srt"
    csv = "csv"
    tsv = "tsv"
    xlsx = "xlsx"
    docx = "docx"
    json = "json"
    cha = "cha"
    eaf = "eaf"
    tei = "tei"
    conll = "conll"
    parquet = "parquet"
    qdpx = "qdpx"
    docbin = "docbin"
    convokit = "convokit"


@app.command()
def export(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs of transcripts.")],
    to: Annotated[Format, typer.Option("--to", help="The format to write.")],
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
    report = write(out, to=to.value)
    report.notes[:0] = [*filter(None, [warning]), *notes]
    if json:
        emit_json(report)
    for what, file in report.exported:
        say(f"{what}: {file}")
    for note in report.notes:
        say(f"note: {note}")
    if report.faults:
        raise DataError(f"{len(report.faults)} session(s) cannot be written as {to.value}:", report.faults)


def _codebooks(sources: list[str]) -> list[Path]:
    """The folders of own codebooks: those of the projects that the transcripts are in."""
    from relcode.cli.gate import project_of

    return list(dict.fromkeys(project.codebooks for source in sources if (project := project_of(source))))


def _check_labels_fit(to: Format, labels: bool) -> None:
    from relcode.errors import UsageError
    from relcode.exports import WRITERS
    from relcode.exports.labels import LABEL_FORMATS

    if labels and to.value not in LABEL_FORMATS:
        raise UsageError(f"--to {to.value} holds no labels. Labels are written as {', '.join(LABEL_FORMATS)}.")
    if not labels and to.value not in WRITERS:
        raise UsageError(f"--to {to.value} is a format for labels: name them with --labels FILE or --ledger WHOSE.")
