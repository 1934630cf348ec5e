"""`relcode train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.named_model import open_store
from relcode.cli.output import emit_json, say

app = typer.Typer()


@app.command()
def train(
    transcripts: Annotated[list[str], typer.Option("--transcripts", help="Transcripts of the labelled sessions.")],
    labels: Annotated[list[Path], typer.Option("--labels", help="Accepted labels (a file of spans); may be repeated.")],
    codebook: Annotated[
        list[str], typer.Option("--codebook", help="Id or file of the codebook; may be repeated: used together.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the model; by default models/CODEBOOK/ID/ in the store.")
    ] = None,
    folds: Annotated[int, typer.Option("--folds", min=2, help="Folds of the cross-validation; no dyad is split.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same model.")] = 0,
    ceiling: Annotated[
        Path | None, typer.Option("--ceiling", help="A second coder's labels, printed beside the model's figures.")
    ] = None,
    embeddings: Annotated[
        Path | None,
        typer.Option("--embeddings", help="Folder of a sentence encoder, as `relcode models convert` writes it."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Train a classifier on accepted labels; write it with its card. `relcode models promote` puts it to use.

    Example: relcode train --transcripts transcripts/ --labels accepted.jsonl --codebook relational-core --out models/first
    """
    from relcode.codebook import load_codebooks
    from relcode.learning import save_model
    from relcode.learning import train as train_model
    from relcode.learning.store import check_target
    from relcode.learning.vector_cache import vector_cache_file
    from relcode.spans import read_labels
    from relcode.transcripts import read_sessions

    book = load_codebooks(codebook)
    store = open_store()
    check_target(out or store.folder / book.id / "new")
    sessions = read_sessions(transcripts)
    spans = [span for path in labels for span in read_labels(path, sessions)]
    second = None if ceiling is None else read_labels(ceiling, sessions)
    model = train_model(
        sessions,
        spans,
        book,
        folds=folds,
        seed=seed,
        ceiling=second,
        embeddings=embeddings,
        cache=None if embeddings is None else vector_cache_file(),
        step=lambda line: say(f"  {line}"),
    )
    if out is None:
        out = store.put(model)
    else:
        save_model(model, out)
    passed_over = len(sessions) - len(model.card["training"]["sessions"])
    if passed_over:
        say(f"{passed_over} of {len(sessions)} transcript(s) have no label and are passed over")
    turn = model.card["cross_validation"]["turn"]
    if json:
        emit_json(model.card)
    macro = "undefined" if turn["macro_f1"] is None else f"{turn['macro_f1']:.2f}"
    interval = "" if turn["macro_f1_low"] is None else f" [{turn['macro_f1_low']:.2f}, {turn['macro_f1_high']:.2f}]"
    say(f"{out}: model {model.id}, {int(model.learned.sum())} of {len(model.learned)} codes learned.")
    say(
        f"Held-out dyads, turn level: macro-F1 {macro}{interval} over {turn['macro_codes']} codes. Card: {out / 'card.html'}"
    )
