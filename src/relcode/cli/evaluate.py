"""`relcode evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.named_model import HELP, model_folder
from relcode.cli.output import emit_json, say

app = typer.Typer()


@app.command()
def evaluate(
    model: Annotated[str, typer.Option("--model", help=f"{HELP}.")],
    transcripts: Annotated[list[str], typer.Option("--transcripts", help="Transcripts of the labelled sessions.")],
    labels: Annotated[list[Path], typer.Option("--labels", help="Gold labels (a file of spans); may be repeated.")],
    allow_seen: Annotated[
        bool, typer.Option("--allow-seen", help="Also count sessions whose dyad was in training (too good to be true).")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Precision, recall, F1 and calibration against gold labels, per code, at segment and turn level.

    Example: relcode evaluate --model models/first --transcripts new/ --labels gold.jsonl
    """
    from relcode.errors import ModelError
    from relcode.learning.evaluate import evaluate as evaluate_model
    from relcode.learning.load import load_model
    from relcode.spans import read_labels
    from relcode.transcripts import read_sessions

    sessions = read_sessions(transcripts)
    spans = [span for path in labels for span in read_labels(path, sessions)]
    passed_over = len({session.session_id for session in sessions} - {span.session_id for span in spans})
    if passed_over:
        say(f"{passed_over} of {len(sessions)} transcript(s) have no label and are passed over")
    result = evaluate_model(load_model(model_folder(model)), sessions, spans)
    if result.seen and not allow_seen:
        raise ModelError(
            f"{len(result.seen)} of {result.sessions} session(s) are of dyads that the model was trained on; their figures "
            "say nothing of new dyads. Leave them out, or give --allow-seen.",
            [f"session {name}" for name in result.seen],
        )
    if result.others:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(result.others.items()))
        say(f"{sum(result.others.values())} label(s) of other codebooks are passed over ({listed})")
    for note in result.notes:
        say(f"note: {note}; where definitions were changed since, figures are too low")
    if json:
        emit_json(result)
        return
    from rich.console import Console
    from rich.table import Table

    for name, level in (("segment", result.segment), ("turn", result.turn)):
        table = Table(title=f"{name} level, {result.sessions} session(s)")
        for heading in ("code", "n", "precision", "recall", "F1 [95 %]", "PR area", "cal. error"):
            table.add_column(heading, justify="left" if heading == "code" else "right")
        for row in level.codes:
            interval = "" if row.f1_low is None else f" [{row.f1_low:.2f}, {row.f1_high:.2f}]"
            cells = [_shown(row.precision), _shown(row.recall), _shown(row.f1) + interval]
            table.add_row(
                row.code, str(row.instances), *cells, _shown(row.average_precision), _shown(row.calibration_error)
            )
        Console().print(table)
        say(
            f"{name} level: macro-F1 {_shown(level.macro_f1)} over {level.macro_codes} codes with ten or more instances"
        )


def _shown(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"
