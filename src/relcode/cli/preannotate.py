"""`relcode preannotate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.named_model import HELP, model_folder
from relcode.cli.output import emit_json, say

app = typer.Typer()


@app.command()
def preannotate(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs of transcripts.")],
    out: Annotated[Path, typer.Option("--out", help="File for the suggestions.")],
    codebook: Annotated[
        list[str] | None, typer.Option("--codebook", help="Id or file; may be repeated. In a project: its own.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help=f"A model's suggestions, with the cues as reasons. {HELP}.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option("--threshold", help="Probability (0 to 1) from which a code is offered.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Suggest spans from a codebook's cues, with probability and reasons.

    Example: relcode preannotate transcripts/ --codebook relational-core --out suggestions/cues.jsonl
    """
    from collections import Counter

    from relcode.codebook import load_codebooks
    from relcode.errors import UsageError
    from relcode.project import Project
    from relcode.spans import write_spans
    from relcode.transcripts import read_sessions

    if threshold is not None and not 0 <= threshold <= 1:
        raise UsageError(f"--threshold {threshold}: expected a probability from 0 to 1.")
    if model is not None and threshold is not None:
        raise UsageError("--threshold goes with --codebook; a model brings its own thresholds.")
    project = Project.around(out)
    names = codebook or ([project.codebook] if project else [])
    if not names and model is None:
        raise UsageError("relcode preannotate needs --codebook ID (or --model MODEL).")
    sessions = read_sessions(sources)
    if model is not None:
        from relcode.learning import load_model
        from relcode.scoring import score_spans

        spans = score_spans(sessions, load_model(model_folder(model)))
    else:
        from relcode.cues import preannotate as suggest_spans

        folders = [project.codebooks] if project else []
        spans = suggest_spans(sessions, load_codebooks(names, folders), threshold=threshold)
    write_spans(out, spans)
    counts = Counter(span.session_id for span in spans)
    if json:
        emit_json(
            {"out": str(out), "suggestions": {session.session_id: counts[session.session_id] for session in sessions}}
        )
    for session in sessions:
        say(f"{session.session_id}: {counts[session.session_id]} suggestion(s)")
    say(f"{out}: {counts.total()} suggestion(s) of {len(sessions)} session(s)")
