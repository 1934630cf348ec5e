"""`relcode preannotate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.named_model import HELP, model_folder, open_store
from relcode.cli.output import emit_json, say
from relcode.cli.suggesting import Asked, suggested, write_suggested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relcode.codebook import Codebook
    from relcode.project import Project
    from relcode.records import Session
    from relcode.suggesters import Suggested

app = typer.Typer()


@app.command()
def preannotate(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders or globs of transcripts.")],
    out: Annotated[Path, typer.Option("--out", help="File for the suggestions.")],
    codebook: Annotated[
        list[str] | None, typer.Option("--codebook", help="Id or file; may be repeated. In a project: its own.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help=f"{HELP}. In a project: the promoted one, where there is one.")
    ] = None,
    cues: Annotated[bool, typer.Option("--cues", help="The cues alone, also where a model is promoted.")] = False,
    threshold: Annotated[
        float | None,
        typer.Option("--threshold", help="Of the cues alone: probability (0 to 1) from which a code is offered."),
    ] = None,
    suggester: Annotated[
        str | None, typer.Option("--suggester", help="A plug-in: NAME or NAME:OPTIONS (`relcode plugins` lists them).")
    ] = None,
    pipeline: Annotated[
        str | None,
        typer.Option("--spacy", help="A spaCy pipeline that writes span groups: folder, .cfg file or installed name."),
    ] = None,
    spans_key: Annotated[
        str | None, typer.Option("--spans-key", help="With --spacy: its span group; sc by default.")
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(
            "--llm", metavar="URL", help="A language model on this machine, such as http://127.0.0.1:11434/v1 (Ollama)."
        ),
    ] = None,
    llm_model: Annotated[
        str | None, typer.Option("--llm-model", help="With --llm: the model, as the server calls it.")
    ] = None,
    llm_seconds: Annotated[
        float | None,
        typer.Option("--llm-seconds", min=1, help="With --llm: longest time for one answer; 300 by default."),
    ] = None,
    llm_parallel: Annotated[
        int | None,
        typer.Option("--llm-parallel", min=1, max=64, help="With --llm: pages asked about at once; 4 by default."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Suggest spans, with probability and reasons: by the project's promoted model, else by the codebook's cues.

    Or by a plug-in, a spaCy pipeline, or a language model on this machine: checked against turns and codebook, marked with
    their source, and compared with coders by `relcode agreement --suggestions`.

    Example: relcode preannotate transcripts/ --codebook relational-core --out suggestions/cues.jsonl
    """
    from collections import Counter

    from relcode.codebook import load_codebooks
    from relcode.errors import UsageError
    from relcode.project import Project
    from relcode.transcripts import read_sessions

    asked = Asked(suggester, pipeline, llm, spans_key, llm_model, llm_seconds, llm_parallel)
    asked.check(others=model is not None or cues or threshold is not None)
    if threshold is not None and not 0 <= threshold <= 1:
        raise UsageError(f"--threshold {threshold}: expected a probability from 0 to 1.")
    if model is not None and threshold is not None:
        raise UsageError("--threshold goes with --codebook or --cues; a model brings its own thresholds.")
    if model is not None and cues:
        raise UsageError("--cues goes without --model: it asks for the cues alone.")
    project = Project.around(out)
    names = codebook or ([project.codebook] if project else [])
    if not names and model is None:
        raise UsageError("relcode preannotate needs --codebook ID (or --model MODEL).")
    sessions = read_sessions(sources)
    book = load_codebooks(names, [project.codebooks] if project else []) if names else None
    if asked.anything:
        if book is None:
            raise UsageError("Name the codebook with --codebook: it says which codes there are.")
        found = suggested(asked, sources, sessions, book, project)
        by = found.source
    elif book is None or model is not None:
        found, by = _of_model(sessions, model_folder(model or ""), book)
    elif project is None or cues or threshold is not None:
        found, by = _of_cues(sessions, book, threshold)
    else:
        found, by = _of_promoted(sessions, book, project)
    record = write_suggested(out, found, sessions)
    counts = Counter(span.session_id for span in found.spans)
    if json:
        by_session = {session.session_id: counts[session.session_id] for session in sessions}
        told = {"record": str(record), "left_out": found.left_out, "notes": found.notes}
        emit_json({"out": str(out), "by": by, "suggestions": by_session, **told})
    for session in sessions:
        say(f"{session.session_id}: {counts[session.session_id]} suggestion(s)")
    say(f"{out}: {counts.total()} suggestion(s) of {len(sessions)} session(s), by {by}")


def _of_cues(sessions: Sequence[Session], codebook: Codebook, threshold: float | None) -> tuple[Suggested, str]:
    """The cues' suggestions, and by what they are."""
    from relcode.cues import preannotate as suggest
    from relcode.suggesters import Suggested

    settings = {"codebook": codebook.reference} | ({} if threshold is None else {"threshold": threshold})
    found = Suggested("cues", suggest(sessions, codebook, threshold=threshold), settings=settings)
    return found, f"the cues of {codebook.reference}"


def _of_promoted(sessions: Sequence[Session], codebook: Codebook, project: Project) -> tuple[Suggested, str]:
    """Suggestions of the project's promoted model of a codebook; of the cues, where none was promoted.

    Raises
    ------
    ModelError
        The model is refused; the message names the way on.
    """
    from relcode.errors import ModelError

    store = open_store(project.models)
    try:
        if store.promotions(codebook.id).present is None:
            return _of_cues(sessions, codebook, None)
        return _of_model(sessions, store.promoted(codebook.id), codebook)
    except ModelError as error:
        raise ModelError(f"{error.message} With --cues the cues alone suggest.", error.faults) from error


def _of_model(sessions: Sequence[Session], folder: Path, codebook: Codebook | None) -> tuple[Suggested, str]:
    """A model's suggestions, and by what they are."""
    from relcode.learning.load import load_model
    from relcode.learning.suitability import check_suits
    from relcode.scoring.score import suggest_spans
    from relcode.suggesters import Suggested

    model = load_model(folder)
    for note in check_suits(model, codebook or model.codebook, sessions):
        say(note)
    settings = {"codebook": model.codebook.reference}
    found = Suggested(f"model:{model.id}", suggest_spans(sessions, model), settings=settings)
    return found, f"the model {model.id}, with the cues as its reasons (--cues: the cues alone)"
