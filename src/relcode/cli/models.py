"""`relcode models list|compare|promote|rollback|convert`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.named_model import model_folder, open_store
from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.learning.compared import Comparison
    from relcode.records import Session, Span

app = typer.Typer(no_args_is_help=True, help="List, compare and promote models; go back to the one before.")

_Store = Annotated[
    Path | None, typer.Option("--store", help="Folder of the models; by default the project's, or models/ here.")
]
_Transcripts = Annotated[
    list[str] | None,
    typer.Option("--transcripts", help="Transcripts of the labelled sessions; by default the project's."),
]
_Labels = Annotated[list[Path] | None, typer.Option("--labels", help="Gold labels (a file of spans); may be repeated.")]
_Seed = Annotated[int, typer.Option("--seed", min=0, help="Of the resampling of sessions.")]
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


@app.command("list")
def list_models(store: _Store = None, json: _Json = False) -> None:
    """List the models of the store, how each stands, and why.

    Example: relcode models list
    """
    models = open_store(store)
    entries = models.entries()
    if json:
        emit_json({"store": str(models.folder), "models": entries})
    elif entries:
        from rich.console import Console
        from rich.table import Table

        table = Table(title=str(models.folder))
        for heading in ("model", "kind", "sessions", "macro-F1 [95 %]", "standing", "reason"):
            table.add_column(heading, overflow="fold")
        for entry in entries:
            macro = "" if entry.macro_f1 is None else f"{entry.macro_f1:.2f}"
            if entry.macro_f1_low is not None:
                macro += f" [{entry.macro_f1_low:.2f}, {entry.macro_f1_high:.2f}]"
            table.add_row(entry.model, entry.kind, str(entry.sessions or ""), macro, entry.standing, entry.reason)
        Console().print(table)
    say(f"{models.folder}: {len(entries)} model(s)")


@app.command("compare")
def compare(
    present: Annotated[str, typer.Argument(metavar="PRESENT", help="A folder, an id of the store, or promoted.")],
    candidate: Annotated[str, typer.Argument(metavar="CANDIDATE", help="As PRESENT.")],
    transcripts: _Transcripts = None,
    labels: _Labels = None,
    store: _Store = None,
    seed: _Seed = 0,
    json: _Json = False,
) -> None:
    """Compare two models on labelled sessions that neither was trained on; record nothing.

    Example: relcode models compare promoted relational-core-0123456789 --labels labels/accepted.jsonl
    """
    from relcode.errors import UsageError
    from relcode.learning.comparison import compare as compare_models
    from relcode.learning.load import load_model

    if not labels:
        raise UsageError("To compare, give --labels of sessions that neither model was trained on.")
    before, after = (load_model(model_folder(name, store)) for name in (present, candidate))
    sessions, spans = _material(transcripts, labels)
    found = compare_models(before, after, sessions, spans, seed=seed)
    if json:
        emit_json(found)
    else:
        _show(found)
    _say_notes(found)
    say(f"{found.candidate} against {found.present}: {found.in_words}")


@app.command("promote")
def promote(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="An id of the store, or a folder: it is taken in.")],
    transcripts: _Transcripts = None,
    labels: _Labels = None,
    store: _Store = None,
    seed: _Seed = 0,
    json: _Json = False,
) -> None:
    """Promote a model if it is better than the promoted one on sessions that neither knows; else keep it aside (exit 1).

    The first model of a codebook is promoted as it is, without --labels.

    Example: relcode models promote relational-core-0123456789 --labels labels/accepted.jsonl
    """
    from relcode.errors import ModelError
    from relcode.learning.load import load_model
    from relcode.learning.promoting import promote as promote_model
    from relcode.learning.save import put_model

    models = open_store(store)
    folder = model_folder(model, store)
    if folder.exists() and not models.holds(folder):
        folder = put_model(models, load_model(folder))
        say(f"{folder}: taken into the store")
    sessions, spans = _material(transcripts, labels) if labels else ([], None)
    found = promote_model(models, folder.name, sessions, spans, seed=seed)
    if json:
        emit_json(found)
    if found.comparison is not None:
        _say_notes(found.comparison)
    if found.event != "promoted":
        raise ModelError(f"{found.model} is kept aside, {found.instead_of} stays: {found.reason}.")
    say(f"{found.model} is promoted for {found.codebook}: {found.reason}.")


@app.command("rollback")
def rollback(
    codebook: Annotated[
        str | None, typer.Argument(metavar="[CODEBOOK]", help="Id; by default the project's, or the only one.")
    ] = None,
    store: _Store = None,
    json: _Json = False,
) -> None:
    """Make the model that was promoted before the present one the promoted one again.

    Example: relcode models rollback relational-core
    """
    from relcode.learning.promoting import rollback as go_back

    models = open_store(store)
    found = go_back(models, codebook or _own_codebook() or models.only_codebook())
    if json:
        emit_json(found)
    now = f"{found.model} is promoted again" if found.model else "No model is promoted now"
    say(f"{now}: {found.reason}.")


def _own_codebook() -> str | None:
    from relcode.project import Project

    project = Project.around()
    return project.codebook if project else None


def _material(transcripts: list[str] | None, labels: list[Path]) -> tuple[list[Session], list[Span]]:
    from relcode.errors import UsageError
    from relcode.project import Project
    from relcode.spans import read_labels
    from relcode.transcripts import read_sessions

    project = None if transcripts else Project.around()
    if not transcripts and project is None:
        raise UsageError("Outside of a project, give --transcripts of the labelled sessions.")
    sources: list[Any] = list(transcripts or []) or [project.transcripts if project else ""]
    sessions = read_sessions(sources)
    return sessions, [span for path in labels for span in read_labels(path, sessions)]


def _show(found: Comparison) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"turn level, {len(found.sessions)} held-out session(s)")
    for heading in ("code", "n", "F1 present", "F1 candidate", "difference [95 %]"):
        table.add_column(heading, justify="left" if heading == "code" else "right")
    for row in found.codes:
        interval = "" if row.low is None else f" [{row.low:+.2f}, {row.high:+.2f}]"
        between = "undefined" if row.difference is None else f"{row.difference:+.2f}{interval}"
        table.add_row(row.code, str(row.instances), _shown(row.present_f1), _shown(row.candidate_f1), between)
    Console().print(table)


def _say_notes(found: Comparison) -> None:
    for name, why in found.left_out.items():
        say(f"session {name} is left out: {why}")
    if found.present_codebook != found.candidate_codebook:
        say(
            f"note: the models have different versions of the codebook ({found.present_codebook}, "
            f"{found.candidate_codebook}); the {len(found.codes)} codes of both are compared"
        )


def _shown(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"


@app.command("convert")
def convert(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A sentence-transformers folder with safetensors.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to be made.")],
    layer: Annotated[
        list[int] | None,
        typer.Option(
            "--layer", min=1, help="Take this layer's vectors; may be repeated. By default the middle and the last."
        ),
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8/--float", help="Weights in eight bits: a quarter of the size, faster.")
    ] = True,
) -> None:
    """Convert a sentence encoder to ONNX, once, for `relcode train --embeddings`. Needs the extra relcode[encoder].

    Example: relcode models convert all-MiniLM-L6-v2 --out encoders/minilm
    """
    from relcode.learning.onnx_export import convert_encoder

    say(f"{convert_encoder(folder, out, layers=layer or (), int8=int8)}: written")
