"""`relcode explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from relcode.cli.output import emit_json

app = typer.Typer()


@app.command()
def explain(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs of transcripts.")],
    turn: Annotated[int, typer.Option("--turn", min=1, help="Number of the turn.")],
    session: Annotated[
        str | None, typer.Option("--session", help="Id of the session; needed if there are several.")
    ] = None,
    codebook: Annotated[
        list[str] | None, typer.Option("--codebook", help="Id or file; may be repeated. In a project: its own.")
    ] = None,
    code: Annotated[list[str] | None, typer.Option("--code", help="This code alone; may be repeated.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Say why a code is suggested in a turn, or is not: which cues fired, what they added, which code won.

    Example: relcode explain raw/D1-T01-s03.jsonl --turn 12 --codebook relational-core
    """
    from relcode.codebook import load_codebooks
    from relcode.cues import explain as read_turn
    from relcode.errors import UsageError
    from relcode.project import Project
    from relcode.transcripts import read_sessions

    project = Project.around()
    names = codebook or ([project.codebook] if project else [])
    if not names:
        raise UsageError("relcode explain needs --codebook ID.")
    book = load_codebooks(names, [project.codebooks] if project else [])
    unknown = [name for name in code or () if name not in book.by_id]
    if unknown:
        raise UsageError(f"{book.reference} has no code {', '.join(unknown)}. It has: {', '.join(book.code_ids)}.")
    sessions = read_sessions(sources)
    chosen = [each for each in sessions if session in (None, each.session_id)]
    if len(chosen) != 1:
        ids = ", ".join(each.session_id for each in sessions[:8])
        raise UsageError(f"Name one session with --session; there are: {ids}{' ...' if len(sessions) > 8 else ''}.")
    readings = read_turn(chosen[0], turn, book)
    if json:
        emit_json(readings)
        return
    words = next(each.text for each in chosen[0].turns if each.turn == turn)
    for reading in readings:
        print(f"{reading.session_id}, turn {turn} ({reading.speaker}), segment {reading.segment}:")
        print(f"  {words[reading.start : reading.end]}")
        for found in reading.codes:
            if code and found.code not in code:
                continue
            print(f"  {found.code}: {found.probability:.2f} ({found.outcome}; offered from {found.offer_at:.2f})")
            cues = ", ".join(f"{name} {value:+.1f}" for name, value in found.cues)
            print(f"    base rate {found.prior:+.1f}; {cues}")
