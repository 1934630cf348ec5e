"""`relcode next`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.named_model import HELP, model_folder
from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.codebook import Codebook
    from relcode.learning.choosing import Choice
    from relcode.learning.model import Model
    from relcode.project import Project

app = typer.Typer()


@app.command(name="next")
def next_(
    out: Annotated[Path, typer.Option("--out", help="File for the pages, for `relcode batch --chosen`.")],
    pages: Annotated[int, typer.Option("--pages", help="How many pages (about 15 turns each) are chosen.")],
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="[SRC...]", help="Transcripts; by default the project's.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help=f"{HELP}. Without one the cues are looked at.")] = None,
    codebook: Annotated[
        list[str] | None, typer.Option("--codebook", help="Without --model: id or file; by default the project's.")
    ] = None,
    random_share: Annotated[
        float,
        typer.Option("--random-share", help="Share of the draw (above 0, up to 1) in which all pages count alike."),
    ] = 0.2,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed chooses the same pages.")] = 0,
    folder: Annotated[Path | None, typer.Option("--project", help="The project's folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Choose the pages to be coded next: where the model is in doubt, where rare codes may be, unlike ones together.

    Each page is drawn with a known probability, which stays with it. Pages that are in a batch, or settled, are left out.

    Example: relcode next --model models/first --pages 20 --out next.jsonl
    """
    from collections import Counter

    from relcode.batches import pages_left
    from relcode.codebook import split_labels
    from relcode.errors import UsageError
    from relcode.learning.choosing import choose_pages, write_choice
    from relcode.project import Project
    from relcode.transcripts import read_sessions

    if model is not None and codebook:
        raise UsageError("--codebook goes without --model; a model brings its own codebook.")
    project = Project.find(folder)
    sessions = read_sessions(sources or [project.transcripts])
    judge, book, trained = _judge(model, codebook, project)
    ledger = project.open_ledger()
    left = pages_left(ledger, sessions, coded_elsewhere=trained)
    accepted = Counter(span.code for span in split_labels(ledger.accepted(), book, [project.codebooks]).spans)
    choice = choose_pages(sessions, left, judge, accepted, count=pages, random_share=random_share, seed=seed)
    write_choice(out, choice)
    if json:
        emit_json(choice)
    else:
        _print_outlook(choice)
    _say_gain(choice, judge)
    say(f"{out}: {len(choice.pages)} page(s). Plan them with `relcode batch NAME --unit page --chosen {out}`.")


def _judge(
    model: str | None, codebook: list[str] | None, project: Project
) -> tuple[Model | Codebook, Codebook, set[str]]:
    """The model or else the codebook, the codebook either way, and the hashes of the sessions that a model knows."""
    if model is None:
        from relcode.codebook import load_codebooks

        book = load_codebooks(codebook or [project.codebook], [project.codebooks])
        return book, book, set()
    from relcode.learning.load import load_model

    loaded = load_model(model_folder(model, project.models))
    return loaded, loaded.codebook, {entry["sha256"] for entry in loaded.card["training"]["sessions"]}


def _print_outlook(choice: Choice) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"What {len(choice.pages)} of {choice.candidates} pages are expected to hold (segments)"
    table = Table(title=title, title_justify="left", box=None)
    for head in ("code", "accepted", "expected", "by chance", "left in all", "judged by"):
        table.add_column(head, justify="left" if head in ("code", "judged by") else "right", no_wrap=True)
    for row in sorted(choice.codes, key=lambda row: (row.accepted, row.code)):
        figures = (f"{value:.1f}" for value in (row.expected, row.by_chance, row.left))
        table.add_row(row.code, str(row.accepted), *figures, row.by)
    Console(width=None if Console().is_terminal else 120).print(table)


def _say_gain(choice: Choice, judge: Model | Codebook) -> None:
    from relcode.learning.model import Model
    from relcode.learning.standing import gain_in_words, gain_of_card

    if choice.expected_errors is None:
        say(
            f"Without a model nothing is known of doubt: pages were drawn by the cues of {choice.judge}, for rare codes."
        )
    else:
        say(
            f"Decisions that {choice.judge} is expected to get wrong on these pages: {choice.expected_errors:.1f}; on as "
            f"many pages drawn evenly: {choice.errors_by_chance:.1f}."
        )
    if isinstance(judge, Model):
        said = gain_in_words(gain_of_card(judge.card), judge.id)
        say(f"{said[0].upper()}{said[1:]}.")
    say(f"No page was less likely to be drawn than {choice.least_probability:.4f}.")
