"""`relcode codebook fit`: the cues' weights from accepted labels, as a new version of the codebook."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.learning.fit import CueFit


HEADING = """\
{id}: {title}. Weights, base rates and thresholds of offer were estimated by `relcode codebook fit`; the cues
and their author's weights stand in the version before. Form of codes, cues and patterns: docs/codebooks.md."""


def fit(
    codebooks: Annotated[list[str], typer.Argument(metavar="CODEBOOK...", help="Ids or files; fitted together.")],
    transcripts: Annotated[list[str], typer.Option("--transcripts", help="Transcripts of the labelled sessions.")],
    labels: Annotated[list[Path], typer.Option("--labels", help="Accepted labels (a file of spans); may be repeated.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the new versions and the table of cues.")],
    keep: Annotated[
        int, typer.Option("--keep", min=0, help="Cues of other codes that a code takes over at most.")
    ] = 30,
    folds: Annotated[int, typer.Option("--folds", min=2, help="Folds of the held-out figures; no dyad is split.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Deals the dyads to the folds.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Fit the cues' weights, the codes' base rates and thresholds of offer to accepted labels; write new versions.

    Figures are of dyads that a fit did not see. cues.csv tells each cue's support, precision, recall and weight with
    interval, and which may be dropped.

    Example: relcode codebook fit rupture-repair --transcripts transcripts/ --labels accepted.jsonl --out codebooks/
    """
    from relcode.codebook import load_codebooks
    from relcode.codebook.write import write_codebook
    from relcode.errors import UsageError
    from relcode.learning.fit import fit_cues
    from relcode.provenance import write_text
    from relcode.spans import read_labels
    from relcode.transcripts import read_sessions

    book = load_codebooks(codebooks)
    targets = [out / f"{codebook_id}.yaml" for codebook_id in book.ids]
    taken = [path for path in targets if path.exists()]
    if taken:
        raise UsageError(f"{', '.join(map(str, taken))} is there already; choose another folder for --out.")
    sessions = read_sessions(transcripts)
    spans = [span for path in labels for span in read_labels(path, sessions)]
    found = fit_cues(book, sessions, spans, keep=keep, folds=folds, seed=seed, step=lambda line: say(f"  {line}"))
    for path, fitted in zip(targets, found.codebooks, strict=True):
        write_codebook(fitted, path, heading=HEADING.format(id=fitted.id, title=fitted.title.lower()))
        say(f"{path}: {fitted.reference}, {sum(len(code.cues) for code in fitted.codes)} cues")
    write_text(out / "cues.csv", _table(found))
    say(f"{out / 'cues.csv'}: {len(found.cues)} cues, {sum('drop' in cue.advice for cue in found.cues)} may be dropped")
    if json:
        emit_json({"cues": found.cues, "held_out": found.held_out, "before": found.author})
        return
    _print(found)


def _table(found: CueFit) -> str:
    made = io.StringIO()
    rows = csv.writer(made, lineterminator="\n")
    fields = found.cues[0].__struct_fields__ if found.cues else ()
    rows.writerow(fields)
    rows.writerows([getattr(cue, name) for name in fields] for cue in found.cues)
    return made.getvalue()


def _print(found: CueFit) -> None:
    """What is offered, before and after, on turns of held-out dyads."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="What is offered to coders: turns", box=None)
    for heading in ("code", "n", "before: P", "R", "F1", "fitted: P", "R", "F1 [95 %]"):
        table.add_column(heading, justify="left" if heading == "code" else "right", no_wrap=True)
    for before, after in zip(found.author.turn.codes, found.held_out.turn.codes, strict=True):
        interval = "" if after.f1_low is None else f" [{after.f1_low:.2f}, {after.f1_high:.2f}]"
        cells = [_shown(value) for value in (before.precision, before.recall, before.f1)]
        cells += [_shown(after.precision), _shown(after.recall), _shown(after.f1) + interval]
        table.add_row(after.code, str(after.instances), *cells)
    console = Console()
    Console(width=None if console.is_terminal else 120).print(table)
    turn, before_turn = found.held_out.turn, found.author.turn
    say(
        f"turn level: macro-F1 {_shown(before_turn.macro_f1)} before, {_shown(turn.macro_f1)} fitted (held-out dyads), over "
        f"{turn.macro_codes} codes with ten or more instances"
    )


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
