"""`relcode audit`: the supervisor's report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.gate import check_text_may_leave
from relcode.cli.named_model import HELP, model_folder
from relcode.cli.output import emit_json, say
from relcode.errors import UsageError

if TYPE_CHECKING:
    from relcode.codebook import Codebook
    from relcode.records import Session

app = typer.Typer(add_completion=False)
_DEFAULT_CODEBOOK = "relational-core"


@app.command()
def audit(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Transcripts: files, folders or globs.")],
    out: Annotated[Path | None, typer.Option(help="The report, one HTML file (mode 0600).")] = None,
    labels: Annotated[Path | None, typer.Option(help="Labels as spans (.jsonl).")] = None,
    scores: Annotated[Path | None, typer.Option(help="Scores that `relcode score` wrote: a file or a folder.")] = None,
    model: Annotated[str | None, typer.Option(help=f"Score with this model first. {HELP}.")] = None,
    codebook: Annotated[
        str | None,
        typer.Option(help="Id or file, several joined with +; default: those that the labels or scores name."),
    ] = None,
    redact: Annotated[bool, typer.Option("--redact", help="Leave all words of the sessions out.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap and the permutations.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON on stdout.")] = False,
) -> None:
    """Make the supervisor's report: balance, ruptures and repairs, with uncertainty and excerpts.

    Without --labels, --scores and --model the sessions are scored with the model that relcode ships; every figure is
    then marked as uncorrected.

    Example: relcode audit transcripts/ --labels accepted.jsonl --out report.html
    """
    from relcode.audit import audit as make_audit
    from relcode.audit import render_report
    from relcode.provenance import write_text
    from relcode.transcripts import read_sessions

    if sum(given is not None for given in (labels, scores, model)) > 1:
        raise UsageError("Give only one of --labels, --scores and --model.")
    if out is None and not as_json:
        raise UsageError("Nothing to write: give --out report.html, or --json for the figures.")
    sessions = read_sessions(sources)
    not_on_record = check_text_may_leave(sources, sessions, what="stand in a report")
    if not_on_record:
        say(f"note: {not_on_record}")
    if labels is not None:
        evidence = _from_labels(sessions, labels, codebook)
    elif scores is not None:
        evidence = _from_scores(scores, codebook)
    else:
        evidence = _from_model(sessions, model, codebook)
    result = make_audit(sessions, **evidence, seed=seed)
    for line in result.sessions:
        say(f"{line.session_id}: {line.turns} turns{'' if line.coded else ', not coded'}")
    for note in result.notes:
        say(f"note: {note}")
    if out is not None:
        report = render_report(result, sessions, evidence["codebook"], redact=redact, not_on_record=not_on_record)
        write_text(out, report, mode=0o600)
        say(f"{out}: report of {len(result.sessions)} session(s), from {result.source}")
    if result.uncorrected:
        say("note: the codes come from a machine; every figure is marked as uncorrected.")
    if as_json:
        emit_json(result)


def _from_labels(sessions: list[Session], path: Path, codebook: str | None) -> dict[str, Any]:
    from relcode.codebook import codebooks_named
    from relcode.spans import read_labels

    labels = read_labels(path, sessions)
    named = codebooks_named(labels)
    made_by = ", ".join(sorted({span.source for span in labels if span.source})) or "source not named"
    book = _codebook(codebook or "+".join(named))
    return {"labels": labels, "codebook": book, "source": f"{path.name} ({made_by})"}


def _from_scores(path: Path, codebook: str | None) -> dict[str, Any]:
    from relcode.scoring import read_scores

    scores = read_scores(path)
    made_by = scores.attrs.get("model_id", "model not named")
    book = _codebook(codebook or scores.attrs.get("codebook"))
    return {"scores": scores, "codebook": book, "source": f"{path.name} (model {made_by})"}


def _from_model(sessions: list[Session], name: str | None, codebook: str | None) -> dict[str, Any]:
    """Score first; without `name`, with the model that relcode ships."""
    from relcode.learning import load_model
    from relcode.scoring import score_sessions
    from relcode.shipped import shipped_model

    if codebook is not None:
        raise UsageError("A model brings its own codebook: --codebook goes with --labels or --scores.")
    model = load_model(shipped_model() if name is None else model_folder(name))
    whose = "given" if name else "shipped with relcode, as neither labels nor scores were given"
    if name is None:
        say(f"Scoring with {model.id}, {whose}.")
    scores = score_sessions(sessions, model)
    scores.attrs.update(model_id=model.id, codebook=model.codebook.id, codebook_version=model.codebook.version)
    return {
        "scores": scores,
        "codebook": model.codebook,
        "source": f"model {model.id} ({whose})",
    }


def _codebook(name: str | None) -> Codebook:
    """A codebook by id or file; inside a project folder the project's own come first."""
    from relcode.codebook import load_codebook
    from relcode.project import Project

    project = Project.around()
    if project is None:
        return load_codebook(name or _DEFAULT_CODEBOOK)
    return load_codebook(name or project.codebook, [project.codebooks])
