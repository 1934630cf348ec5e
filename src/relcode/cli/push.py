"""`relcode push`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer()


@app.command()
def push(
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="[SRC...]", help="Transcripts; by default the project's.")
    ] = None,
    suggestions: Annotated[
        list[Path] | None, typer.Option("--suggestions", help="A file of spans; by default all in suggestions/.")
    ] = None,
    coder: Annotated[
        list[str] | None, typer.Option("--coder", help="Who is to code; may be repeated. By default all.")
    ] = None,
    batch: Annotated[str, typer.Option("--batch", help="Name of this round of coding.")] = "1",
    blind_share: Annotated[
        float, typer.Option("--blind-share", help="Share of pages (0 to 1) sent without suggestions.")
    ] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="Draws the pages without suggestions.")] = 0,
    folder: Annotated[Path | None, typer.Option("--project", help="The project's folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Send pages with suggestions to each coder's Doccano project. Repeat it after a break: nothing is sent twice.

    Only sessions on record as de-identified are sent.

    Example: relcode push --coder A --coder B --batch pilot
    """
    from relcode.deid.gate import check_gate
    from relcode.doccano.push import push as push_sessions
    from relcode.doccano.session import find_server
    from relcode.project import Project
    from relcode.spans import read_spans
    from relcode.transcripts import read_sessions

    project = Project.find(folder)
    sessions = read_sessions(sources or [project.transcripts])
    check_gate(sessions, project.open_ledger())
    files = sorted(project.suggestions.glob("*.jsonl")) if suggestions is None else suggestions
    spans = [span for path in files for span in read_spans(path, sessions)]
    report = push_sessions(
        project,
        sessions,
        spans,
        coders=coder or project.coders,
        batch=batch,
        server=find_server(project),
        blind_share=blind_share,
        seed=seed,
    )
    if json:
        emit_json(report)
        return
    for done in report.coders:
        say(
            f"{done.coder}: {done.uploaded} page(s) sent ({done.blind} without suggestions), {done.suggestions} "
            f"suggestion(s); {done.already_there} page(s) were there before. {done.url}"
        )
    if report.other_codebooks:
        say(f"{report.other_codebooks} suggestion(s) of other codebooks than {report.codebook} were left out.")
