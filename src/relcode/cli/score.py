"""`relcode score`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.named_model import HELP, model_folder
from relcode.cli.output import emit_json, progress, say

app = typer.Typer()


@app.command()
def score(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs of transcripts.")],
    model: Annotated[str, typer.Option("--model", help=f"{HELP}.")],
    out: Annotated[Path, typer.Option("--out", help="Parquet file: a row a segment.")],
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes; the result is the same.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Score transcripts with a model: a row a segment. What stands in --out already and is unchanged is kept.

    Example: relcode score transcripts/ --model models/first --out scores.parquet
    """
    from relcode.errors import TranscriptError
    from relcode.scoring import score as score_files

    report = score_files(
        sources,
        model_folder(model),
        out,
        jobs=min(jobs, os.cpu_count() or 1),
        watch=lambda files: progress(files, what="scoring", total=len(files)),
    )
    if json:
        emit_json(report)
    say(
        f"{out}: {report.segments} segments of {report.scored} session(s) scored now and {report.kept} kept; {report.model}"
    )
    if report.removed:
        say(f"{out}: {report.removed} session(s) of the earlier file are not among the sources and stand in it no more")
    if report.faults:
        raise TranscriptError(f"{len(report.faults)} fault(s); the other sessions were scored:", report.faults)
