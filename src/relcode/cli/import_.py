"""`relcode import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer()


@app.command()
def import_command(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the canonical transcripts.")] = None,
    metadata: Annotated[
        Path | None,
        typer.Option("--metadata", help="Table: session_id, dyad, therapist, client, session_number ..."),
    ] = None,
    therapist: Annotated[list[str] | None, typer.Option("--therapist", help="A therapist's mark in the files.")] = None,
    client: Annotated[list[str] | None, typer.Option("--client", help="A client's mark in the files.")] = None,
    speakers: Annotated[
        Path | None,
        typer.Option("--speakers", help="Table: mark, role (T, C, C2, none ...), session where they differ."),
    ] = None,
    write_speakers: Annotated[
        Path | None,
        typer.Option(
            "--write-speakers", help="Write that table for marks without a role, to be corrected (mode 0600)."
        ),
    ] = None,
    accept_proposed_roles: Annotated[
        bool, typer.Option("--accept-proposed-roles", help="Take roles that talk behaviour makes certain; noted.")
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="A table's column: speaker=Who, text=3, session=ID, t0=Start, t1, utterance."),
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="The sheet of a workbook: its name or number.")] = None,
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="jsonl, vtt, srt, docx, csv, xlsx, txt, jefferson, json, cha, eaf, salt, tei, qdpx, or a plug-in's; else told "
            "from the content.",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", help="The codings of a project (.qdpx): a file, .jsonl, or a folder, a file a coder."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="utf-8, cp1252, mac_roman ...; else told from the content.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be imported; write nothing.")] = False,
    words: Annotated[
        bool,
        typer.Option("--words/--no-words", help="Whether a dry run shows the first turns and the marks of speakers."),
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Read transcripts of any supported format; write canonical ones.

    Example: relcode import recordings/ --metadata sessions.csv --out raw
    """
    from relcode.cli.import_asking import ask_columns, ask_roles, is_answering
    from relcode.cli.import_progress import Progress
    from relcode.errors import UsageError
    from relcode.transcripts import import_transcripts
    from relcode.transcripts.readers import formats_known
    from relcode.transcripts.speakers import write_speakers as write_table

    columns = _columns(column or [])
    if out is None and not dry_run and write_speakers is None:
        raise UsageError("Give --out FOLDER for the transcripts, or --dry-run to see what would be imported.")
    if file_format is not None and file_format not in formats_known():
        raise UsageError(f"--format {file_format}: expected one of {', '.join(formats_known())}.")
    looks_only = dry_run or write_speakers is not None
    progress = Progress("Reading transcripts")
    asking = is_answering() and not looks_only and not json
    report = import_transcripts(
        sources,
        out or Path(),
        metadata=metadata,
        therapists=therapist or (),
        clients=client or (),
        speakers=speakers,
        file_format=file_format,
        labels=labels,
        encoding=encoding,
        columns=columns,
        sheet=sheet,
        accept_proposed=accept_proposed_roles,
        ask_roles=progress.paused(ask_roles) if asking else None,
        ask_columns=progress.paused(ask_columns) if asking else None,
        dry_run=looks_only,
        watch=progress.watch,
    )
    if write_speakers is not None:
        rows = write_table(write_speakers, report.asked)
        say(f"{write_speakers}: {rows} mark(s) to be checked; then import with --speakers {write_speakers}")
        return
    _tell(report, labels, dry_run=dry_run, words=words, as_json=json)


def _columns(given: list[str]) -> dict[str, str]:
    from relcode.errors import UsageError
    from relcode.transcripts.columns import CHOICES

    columns: dict[str, str] = {}
    for pair in given:
        what, _, name = pair.partition("=")
        if what not in CHOICES or not name.strip():
            raise UsageError(f"--column {what}: expected WHAT=NAME with WHAT one of {', '.join(CHOICES)}.")
        columns[what] = name.strip()
    return columns


def _tell(report: Any, labels: Path | None, *, dry_run: bool, words: bool, as_json: bool) -> None:
    from relcode.cli.import_preview import show_previews
    from relcode.errors import TranscriptError

    if as_json:
        data = {"imported": report.imported, "faults": report.faults, "notes": report.notes, "labels": report.labels}
        shown = report.previews if words else [preview.without_words() for preview in report.previews]
        emit_json(data | ({"files": shown} if dry_run else {}))
    if dry_run:
        if not as_json:
            show_previews(report.previews, words=words)
        # the doubts of each file stand with it already
        paths = tuple(f"{preview.path}: " for preview in report.previews)
        notes = [note for note in report.notes if not note.startswith(paths)]
    else:
        for source, session, turns, fresh in report.imported:
            say(f"{source}: {session}, {turns} turns{'' if fresh else ' (unchanged)'}")
        notes = report.notes
    if labels is not None and report.labels:
        say(f"{labels}: {report.labels} labels")
    for note in notes:
        say(f"note: {note}")
    if report.faults:
        rest = "nothing could be read" if dry_run else "nothing was imported"
        if report.imported:
            rest = "the other files can be read" if dry_run else "the other files were imported"
        raise TranscriptError(f"{len(report.faults)} fault(s); {rest}:", report.faults)
