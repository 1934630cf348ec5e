"""`relcode import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer()


@app.command()
def import_command(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the canonical transcripts.")],
    metadata: Annotated[
        Path | None,
        typer.Option("--metadata", help="Table: session_id, dyad, therapist, client, session_number ..."),
    ] = None,
    therapist: Annotated[list[str] | None, typer.Option("--therapist", help="A therapist's mark in the files.")] = None,
    client: Annotated[list[str] | None, typer.Option("--client", help="A client's mark in the files.")] = None,
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="jsonl, vtt, srt, docx, csv, xlsx, txt, jefferson, json, cha, eaf, salt, tei, qdpx; else told from the content.",
        ),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="File, .jsonl: the codings that come with a project (.qdpx).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report; write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Read transcripts of any supported format; write canonical ones.

    Example: relcode import recordings/ --metadata sessions.csv --out raw
    """
    from relcode.errors import TranscriptError, UsageError
    from relcode.transcripts import import_transcripts
    from relcode.transcripts.read import FORMATS

    if file_format is not None and file_format not in FORMATS:
        raise UsageError(f"--format {file_format}: expected one of {', '.join(FORMATS)}.")
    report = import_transcripts(
        sources,
        out,
        metadata=metadata,
        therapists=therapist or (),
        clients=client or (),
        file_format=file_format,
        labels=labels,
        dry_run=dry_run,
    )
    if json:
        emit_json(report)
    for source, session, turns, fresh in report.imported:
        say(f"{source}: {session}, {turns} turns{'' if fresh else ' (unchanged)'}")
    if labels is not None and report.labels:
        say(f"{labels}: {report.labels} labels")
    for note in report.notes:
        say(f"note: {note}")
    if report.faults:
        rest = "nothing could be read" if dry_run else "nothing was imported"
        if report.imported:
            rest = "the other files can be read" if dry_run else "the other files were imported"
        raise TranscriptError(f"{len(report.faults)} fault(s); {rest}:", report.faults)
