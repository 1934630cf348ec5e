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
    from relcode.audit import AuditResult
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
    hand: Annotated[
        list[Path] | None,
        typer.Option(
            "--hand",
            help="Labels coded by hand that correct a machine's rates; may be repeated. By default the project's ledger.",
        ),
    ] = None,
    sample: Annotated[
        str | None,
        typer.Option("--sample", help="How the sessions of --hand were chosen: random, or a file of probabilities."),
    ] = None,
    transcripts: Annotated[
        list[str] | None, typer.Option("--transcripts", help="Hand-coded sessions that are not among SRC.")
    ] = None,
    redact: Annotated[bool, typer.Option("--redact", help="Leave all words of the sessions out.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap and the permutations.")] = 0,
    table: Annotated[Path | None, typer.Option("--csv", help="Every figure as a row, a .csv file (mode 0600).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every figure as JSON on stdout.")] = False,
) -> None:
    """Make the supervisor's report: balance, ruptures and repairs, with uncertainty and excerpts.

    Without --labels, --scores and --model the sessions are scored with the model that relcode ships. A machine's rates
    are corrected with a hand-coded sample (--hand, or the project's ledger); every other figure of a machine is marked
    as uncorrected.

    Example: relcode audit transcripts/ --labels accepted.jsonl --out report.html
    """
    from relcode.audit import audit as make_audit
    from relcode.audit import render_report
    from relcode.audit.figure_table import write_figures
    from relcode.cli.audit_correction import Asked, find_corrections
    from relcode.provenance import write_text
    from relcode.transcripts import read_sessions

    if hand and labels is not None:
        raise UsageError("--hand corrects a machine's scores; with --labels there are none.")
    if (sample or transcripts) and not hand:
        raise UsageError("--sample and --transcripts say of --hand; give --hand.")
    if sum(given is not None for given in (labels, scores, model)) > 1:
        raise UsageError("Give only one of --labels, --scores and --model.")
    if out is None and table is None and not as_json:
        raise UsageError("Nothing to write: give --out report.html, or --csv or --json for the figures.")
    sessions = read_sessions(sources)
    not_on_record = check_text_may_leave(sources, sessions, what="stand in a report")
    if not_on_record:
        say(f"note: {not_on_record}")
    evidence = evidence_of(sessions, labels, scores, model, codebook)
    if "scores" in evidence:
        asked = Asked(hand or (), sample, transcripts or (), model)
        evidence["corrections"] = find_corrections(asked, sessions, evidence["scores"], evidence["codebook"])
    result = make_audit(sessions, **evidence, seed=seed)
    for line in result.sessions:
        say(f"{line.session_id}: {line.turns} turns{'' if line.coded else ', not coded'}")
    for note in result.notes:
        say(f"note: {note}")
    if out is not None:
        report = render_report(
            result,
            sessions,
            evidence["codebook"],
            labels=evidence.get("labels", ()),
            scores=evidence.get("scores"),
            redact=redact,
            not_on_record=not_on_record,
        )
        write_text(out, report, mode=0o600)
        say(f"{out}: report of {len(result.sessions)} session(s), from {result.source}")
    if table is not None:
        write_figures(table, result)
        say(f"{table}: every figure as a row")
    if result.uncorrected:
        say(f"note: {_marks(result)}")
    if as_json:
        emit_json(result, compact=True)


def _marks(result: AuditResult) -> str:
    """What was corrected, in a line."""
    corrected = sum(rate.estimate.mark == "corrected" for rate in result.rates)
    if not result.correction:
        return "the codes come from a machine; every figure is marked as uncorrected."
    return (
        f"the codes come from a machine. Hand-coded sample: {result.correction}. {corrected} of {len(result.rates)} rates "
        "are corrected; every other figure is marked as uncorrected."
    )


def evidence_of(
    sessions: list[Session], labels: Path | None, scores: Path | None, model: str | None, codebook: str | None
) -> dict[str, Any]:
    """What an audit is made from beside the sessions: labels or scores, their codebook, and in words their source."""
    if labels is not None:
        return _from_labels(sessions, labels, codebook)
    if scores is not None:
        return _from_scores(scores, codebook)
    return _from_model(sessions, model, codebook)


def _from_labels(sessions: list[Session], path: Path, codebook: str | None) -> dict[str, Any]:
    from relcode.codebook import codebooks_named
    from relcode.spans import read_labels

    labels = read_labels(path, sessions)
    named = codebooks_named(labels)
    made_by = ", ".join(sorted({span.source for span in labels if span.source})) or "source not named"
    book = _codebook(codebook or "+".join(named))
    return {"labels": labels, "codebook": book, "source": f"{path.name} ({made_by})"}


def _from_scores(path: Path, codebook: str | None) -> dict[str, Any]:
    from relcode.scoring.read import read_scores

    scores = read_scores(path)
    made_by = scores.attrs.get("model_id", "model not named")
    book = _codebook(codebook or scores.attrs.get("codebook"))
    return {"scores": scores, "codebook": book, "source": f"{path.name} (model {made_by})"}


def _from_model(sessions: list[Session], name: str | None, codebook: str | None) -> dict[str, Any]:
    """Score first; without `name`, with the model that relcode ships."""
    from relcode.learning.load import load_model
    from relcode.scoring.score import score_sessions
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
