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
        list[str] | None,
        typer.Option("--coder", help="Who is to code; may be repeated. By default all of the plan, or of the project."),
    ] = None,
    batch: Annotated[str, typer.Option("--batch", help="Name of this round of coding.")] = "1",
    blind_share: Annotated[
        float | None, typer.Option("--blind-share", help="Without a plan: share of pages (0 to 1) without suggestions.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Without a plan: draws these pages.")] = None,
    folder: Annotated[Path | None, typer.Option("--project", help="The project's folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Send pages with suggestions to each coder's Doccano project. Repeat it after a break: nothing is sent twice.

    A batch that `relcode batch` has planned is sent as planned; of any other, every coder gets every session.
    Only sessions on record as de-identified are sent.

    Example: relcode push --coder A --coder B --batch pilot
    """
    from relcode.batches import find_plan
    from relcode.deid.gate import check_gate
    from relcode.doccano.addresses import find_server
    from relcode.doccano.push import planned_sessions
    from relcode.doccano.push import push as push_sessions
    from relcode.project import Project
    from relcode.spans import read_spans
    from relcode.transcripts import read_sessions

    project = Project.find(folder)
    ledger = project.open_ledger()
    plan = find_plan(ledger, batch)
    sessions = planned_sessions(plan, read_sessions(sources or [project.transcripts]))
    check_gate(sessions, ledger)
    files = sorted(project.suggestions.glob("*.jsonl")) if suggestions is None else suggestions
    spans = [span for path in files for span in read_spans(path, sessions)]
    report = push_sessions(
        project,
        sessions,
        spans,
        coders=coder or (project.coders if plan is None else plan.coders),
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
