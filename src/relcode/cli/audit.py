"""`relcode audit`: the supervisor's report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.output import emit_json, say
from relcode.errors import UsageError

if TYPE_CHECKING:
    from relcode.records import Session

app = typer.Typer(add_completion=False)
_DEFAULT_CODEBOOK = "relational-core"


@app.command()
def audit(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Transcripts: files, folders or globs.")],
    out: Annotated[Path | None, typer.Option(help="The report, one HTML file (mode 0600).")] = None,
    labels: Annotated[Path | None, typer.Option(help="Labels as spans (.jsonl).")] = None,
    scores: Annotated[Path | None, typer.Option(help="Scores that `relcode score` wrote (.parquet).")] = None,
    model: Annotated[Path | None, typer.Option(help="Score with this model first.")] = None,
    codebook: Annotated[
        str | None, typer.Option(help="Id or file of the codebook; default: the one that the labels or scores name.")
    ] = None,
    redact: Annotated[bool, typer.Option("--redact", help="Leave all words of the sessions out.")] = False,
    seed: Annotated[int, typer.Option(help="Of the bootstrap and the permutations.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON on stdout.")] = False,
) -> None:
    """Make the supervisor's report: balance, ruptures and repairs, with uncertainty and excerpts.

    Without --labels, --scores and --model the sessions are scored with the model that relcode ships; every figure is
    then marked as uncorrected.

    Example: relcode audit transcripts/ --labels accepted.jsonl --out report.html
    """
    from relcode.audit import audit as make_audit
    from relcode.audit import render_report
    from relcode.codebook import load_codebook
    from relcode.provenance import write_text
    from relcode.transcripts import read_sessions

    if sum(given is not None for given in (labels, scores, model)) > 1:
        raise UsageError("Give only one of --labels, --scores and --model.")
    if out is None and not as_json:
        raise UsageError("Nothing to write: give --out report.html, or --json for the figures.")
    sessions = read_sessions(sources)
    evidence, named, source = _evidence(sessions, labels, scores, model)
    book = load_codebook(codebook or named or _DEFAULT_CODEBOOK)
    result = make_audit(sessions, book, **evidence, source=source, seed=seed)
    for line in result.sessions:
        say(f"{line.session_id}: {line.turns} turns{'' if line.coded else ', not coded'}")
    for note in result.notes:
        say(f"note: {note}")
    if out is not None:
        write_text(out, render_report(result, sessions, book, redact=redact), mode=0o600)
        say(f"{out}: report of {len(result.sessions)} session(s), from {source}")
    if as_json:
        emit_json(result)


def _evidence(
    sessions: list[Session], labels: Path | None, scores: Path | None, model: Path | None
) -> tuple[dict[str, Any], str | None, str]:
    """Labels or scores for `audit`, the id of the codebook that they name, and their source in words."""
    from relcode.audit import read_scores
    from relcode.spans import read_spans

    if labels is not None:
        spans = read_spans(labels, sessions)
        references = {span.codebook.partition("@")[0] for span in spans if span.codebook}
        made_by = ", ".join(sorted({span.source for span in spans if span.source})) or "source not named"
        return {"labels": spans}, references.pop() if len(references) == 1 else None, f"{labels.name} ({made_by})"
    if scores is not None:
        frame = read_scores(scores)
        source = scores.name
    else:
        from relcode.scoring import score_sessions
        from relcode.shipped import shipped_folder

        folder = model or _shipped_model(shipped_folder("models"))
        frame = score_sessions(sessions, folder)
        source = f"model {folder.name}" if model else f"model {folder.name}, shipped with relcode"
    reference = str(frame.attrs.get("codebook", frame.attrs.get("codebook_id", "")))
    return {"scores": frame}, reference.partition("@")[0] or None, source


def _shipped_model(folder: Path) -> Path:
    """The one model that relcode ships."""
    from relcode.errors import ModelError

    found = sorted(path for path in folder.glob("*") if path.is_dir())
    if not found:
        raise ModelError("relcode ships no model here; give --labels, --scores or --model.")
    return found[0]
