"""`relcode train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.named_model import model_folder, open_store
from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.learning.label_errors import LikelyError
    from relcode.learning.material import Lesson
    from relcode.learning.model import Model
    from relcode.records import Session

app = typer.Typer()


@app.command()
def train(
    transcripts: Annotated[
        list[str] | None,
        typer.Option("--transcripts", help="Transcripts of the coded sessions; by default the project's."),
    ] = None,
    labels: Annotated[
        list[Path] | None,
        typer.Option(
            "--labels", help="Labels (a file of spans); may be repeated. By default what the project has accepted."
        ),
    ] = None,
    codebook: Annotated[
        list[str] | None,
        typer.Option("--codebook", help="Id or file; may be repeated: used together. By default the project's."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the model; by default models/CODEBOOK/ID/ in the store.")
    ] = None,
    kind: Annotated[str, typer.Option("--kind", help="linear (fast, explains itself), spacy or encoder.")] = "linear",
    base: Annotated[
        Path | None, typer.Option("--base", help="With --kind encoder: folder of the encoder to begin from.")
    ] = None,
    embeddings: Annotated[
        Path | None,
        typer.Option("--embeddings", help="Folder of a sentence encoder, whose embeddings are features too."),
    ] = None,
    threshold: Annotated[
        str, typer.Option("--threshold", help="Where codes hold: f1, rate, or precision=0.8 (a wished precision).")
    ] = "f1",
    held_out: Annotated[
        list[str] | None,
        typer.Option("--held-out", help="Coded sessions (transcripts) that the finished model alone is judged by."),
    ] = None,
    teach: Annotated[
        str | None,
        typer.Option("--teach", help="A model whose probabilities of --unlabelled sessions are learned too."),
    ] = None,
    unlabelled: Annotated[
        list[str] | None, typer.Option("--unlabelled", help="Transcripts without labels, for --teach.")
    ] = None,
    start_from: Annotated[
        str | None,
        typer.Option("--start-from", help="A model of the same codebook and kind, of other dyads, to begin from."),
    ] = None,
    folds: Annotated[int, typer.Option("--folds", min=2, help="Folds of the cross-validation; no dyad is split.")] = 5,
    thorough: Annotated[
        bool | None,
        typer.Option(
            "--thorough/--quick", help="Nested folds and a learning curve, or neither; by default with --kind linear."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same model.")] = 0,
    ceiling: Annotated[
        Path | None,
        typer.Option(
            "--ceiling",
            help="A second coder's labels, shown beside the model; by default the project's pairs of coders.",
        ),
    ] = None,
    label_errors: Annotated[
        Path | None, typer.Option("--label-errors", help="A .jsonl file for likely label errors, to be coded again.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Train a model on accepted labels; write it with its card. `relcode models promote` puts it to use.

    In a project: relcode train. Elsewhere name what it learns from.

    Example: relcode train --transcripts transcripts/ --labels accepted.jsonl --codebook relational-core --out models/first
    """
    from relcode.cli.train_progress import steps_shown
    from relcode.cli.training_material import ceiling_from_ledger, labels_from_files, labels_from_ledger
    from relcode.codebook import load_codebooks
    from relcode.errors import UsageError
    from relcode.learning.kinds import KINDS
    from relcode.learning.label_errors import write_label_errors
    from relcode.learning.load import load_model
    from relcode.learning.model_folder import check_target
    from relcode.learning.recipe import Recipe
    from relcode.learning.thresholds import ThresholdRule
    from relcode.learning.train import train as train_model
    from relcode.learning.vector_cache import vector_cache_file
    from relcode.project import Project
    from relcode.spans import read_labels
    from relcode.transcripts import read_sessions

    rule = ThresholdRule.parse(threshold)
    project = Project.around()
    if kind not in KINDS:
        raise UsageError(f"--kind {kind}: expected {', '.join(KINDS)}.")
    if project is None and not (transcripts and labels and codebook):
        raise UsageError("Outside of a project, name --transcripts, --labels and --codebook.")
    folders = [project.codebooks] if project else []
    book = load_codebooks(codebook or [project.codebook if project else ""], folders)
    check_target(out or open_store().folder / book.id / "new")
    sessions = read_sessions(transcripts or [project.transcripts if project else ""])
    apart = _together(sessions, held_out)
    if labels or project is None:
        given = labels_from_files(labels or [], sessions, book, folders)
    else:
        given = labels_from_ledger(project, sessions, book)
    second: Any = None if ceiling is None else read_labels(ceiling, sessions)
    if ceiling is None and not labels and project is not None:
        second = ceiling_from_ledger(project, sessions, book)
    for note in given.notes:
        say(note)
    parent = None if start_from is None else load_model(model_folder(start_from))
    cache = None if embeddings is None else vector_cache_file()
    recipe = Recipe(kind, _of_kind(base=base, embeddings=embeddings, cache=cache), folds, seed, thorough, rule, parent)
    errors: list[LikelyError] = []
    with steps_shown() as step:
        model = train_model(
            sessions,
            given.spans,
            book,
            recipe=recipe,
            covered=given.covered,
            held_out=apart,
            ceiling=second,
            lesson=_lesson(teach, unlabelled),
            label_errors=errors.extend,
            step=step,
        )
    _keep(model, out)
    if label_errors is not None:
        write_label_errors(label_errors, errors)
        say(f"{label_errors}: {len(errors)} likely label error(s), the likeliest first")
    passed_over = len(sessions) - len(given.covered)
    if passed_over:
        say(f"{passed_over} of {len(sessions)} transcript(s) have no label and are passed over")
    if json:
        emit_json(model.card)


def _together(sessions: list[Session], held_out: list[str] | None) -> list[str]:
    """The ids of the sessions to be held out; those that are not among the sessions join them."""
    from relcode.transcripts import read_sessions

    if not held_out:
        return []
    known = {session.session_id for session in sessions}
    apart = read_sessions(held_out)
    sessions += [session for session in apart if session.session_id not in known]
    return [session.session_id for session in apart]


def _of_kind(**options: Path | None) -> dict[str, Any]:
    """The options of a kind that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _lesson(teach: str | None, unlabelled: list[str] | None) -> Lesson | None:
    from relcode.errors import UsageError
    from relcode.learning.load import load_model
    from relcode.learning.material import Lesson
    from relcode.transcripts import read_sessions

    if (teach is None) != (not unlabelled):
        raise UsageError("--teach MODEL and --unlabelled SRC belong together.")
    if teach is None:
        return None
    return Lesson(load_model(model_folder(teach)), read_sessions(unlabelled or []))


def _keep(model: Model, out: Path | None) -> None:
    """Write the model, and say what it can do."""
    from relcode.learning.card import interval_in_words
    from relcode.learning.save import put_model, save_model
    from relcode.learning.standing import gain_of_card

    if out is None:
        out = put_model(open_store(), model)
    else:
        save_model(model, out)
    turn = model.card["cross_validation"]["turn"]
    say(f"{out}: model {model.id}, {int(model.learned.sum())} of {len(model.learned)} codes learned.")
    say(
        f"Held-out dyads, turn level: macro-F1 {interval_in_words(turn, 'macro_f1')} over {turn['macro_codes']} codes. "
        f"Card: {out / 'card.html'}"
    )
    gain = gain_of_card(model.card)
    if gain is not None:
        said = gain.in_words
        say(f"{said[0].upper()}{said[1:]}.")
