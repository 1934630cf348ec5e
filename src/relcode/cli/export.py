"""`relcode export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer()


class Format(StrEnum):
    """The formats that transcripts are written in."""

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


@app.command()
def export(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs of transcripts.")],
    to: Annotated[Format, typer.Option("--to", help="The format to write.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the files, one a session.")],
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Write transcripts in another format; each file is read back, and what the format cannot keep is said.

    Example: relcode export study/transcripts --to vtt --out captions
    """
    from relcode.cli.gate import check_text_may_leave
    from relcode.errors import DataError
    from relcode.exports import export_transcripts
    from relcode.transcripts import read_sessions

    sessions = read_sessions(sources)
    warning = check_text_may_leave(sources, sessions)
    report = export_transcripts(sessions, out, to=to.value)
    if json:
        emit_json(report)
    for session_id, file in report.exported:
        say(f"{session_id}: {file}")
    for note in [*filter(None, [warning]), *report.notes]:
        say(f"note: {note}")
    if report.faults:
        raise DataError(f"{len(report.faults)} session(s) cannot be written as {to.value}:", report.faults)
