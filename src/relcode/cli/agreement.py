"""`relcode agreement`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.named_model import HELP, model_folder
from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relcode.codebook import Codebook
    from relcode.project import Project
    from relcode.records import Session
    from relcode.reliability import Agreement, CodedPage, Coding, Level
    from relcode.reliability.groups import PartKind

app = typer.Typer()
WINDOWS = ("day", "week", "month", "batch")

_Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[A.jsonl B.jsonl ...]", help="Files of spans; by default the coders of the ledger."),
]


@app.command()
def agreement(
    files: _Files = None,
    transcripts: Annotated[
        list[str] | None, typer.Option("--transcripts", help="File, folder or glob of transcripts. May be repeated.")
    ] = None,
    codebook: Annotated[
        str | None,
        typer.Option(
            "--codebook", help="Id or file, several joined with +; its speaker rules say who may carry a code."
        ),
    ] = None,
    level: Annotated[
        list[str] | None, typer.Option("--level", help="segment, turn or session. May be repeated; all by default.")
    ] = None,
    pair: Annotated[str | None, typer.Option("--pair", help="Two coders, such as anna,ben; all by default.")] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="All pairs of coders, side by side (as --by pair).")] = False,
    batch: Annotated[
        list[str] | None, typer.Option("--batch", help="Pages of this batch alone. May be repeated.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Pages confirmed on this day or later.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Pages confirmed on this day or before.")
    ] = None,
    codebook_version: Annotated[
        str | None,
        typer.Option("--codebook-version", help="What was coded with this version alone: 1.0.0 or name@1.0.0."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="pair, version or window: figures of each one's own. May be repeated."),
    ] = None,
    window: Annotated[
        str, typer.Option("--window", help="A stretch of time in charts and --by: day, week, month or batch.")
    ] = "week",
    model: Annotated[str | None, typer.Option("--model", help=f"A model as one more coder. {HELP}.")] = None,
    suggestions: Annotated[
        list[Path] | None,
        typer.Option("--suggestions", help="A file of preannotate: its machine as one more coder. May be repeated."),
    ] = None,
    bootstrap: Annotated[int, typer.Option("--bootstrap", min=0, help="Resamples of sessions; 0: no interval.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the resamples.")] = 0,
    gamma: Annotated[
        bool, typer.Option("--gamma", help="Gamma of spans too: as long again as all else, or longer.")
    ] = False,
    folder: Annotated[Path | None, typer.Option("--project", help="The project's folder.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="All rows to a .csv or .json file.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="The report as one HTML page (mode 0600).")] = None,
    redact: Annotated[bool, typer.Option("--redact", help="Leave all words of the sessions out.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Everything as JSON on stdout.")] = False,
) -> None:
    """Reliability per code, with intervals: on segments, turns and sessions; confusions, drift, anchoring.

    Example: relcode agreement coder_A.jsonl coder_B.jsonl --transcripts transcripts --codebook relational-core
    """
    from relcode import reliability
    from relcode.cli.agreement_selection import from_files, from_ledger, model_coding, selection_of, with_suggestions
    from relcode.project import Project

    if out is not None and out.suffix not in (".csv", ".json"):
        raise typer.BadParameter("expected a name that ends in .csv or .json", param_hint="--out")
    if html is not None and html.suffix != ".html":
        raise typer.BadParameter("expected a name that ends in .html", param_hint="--html")
    levels, kinds = _levels(level), _kinds(by, window, pairs=pairs)
    selection = selection_of(pair, batch, since, until, codebook_version)
    project = Project.around() if files and folder is None else Project.find(folder)
    sources: list[str | Path] = list(transcripts or [])
    if not files and not sources and project is not None and any(project.transcripts.glob("*")):
        sources = [project.transcripts]
    sessions = _read(sources)
    notes: list[str] = []
    pages: list[CodedPage] = []
    if files:
        codings = from_files(files, sessions, selection, machine=bool(model or suggestions))
    else:
        assert project is not None
        codings, pages = from_ledger(project.open_ledger(), selection, notes, machine=bool(model or suggestions))
    book = _codebook(codebook, project, codings, from_ledger=not files)
    machines = []
    if model is not None:
        coding, machine = model_coding(model_folder(model), sessions, codings)
        codings, machines = [*codings, coding], [machine]
    codings = with_suggestions(suggestions or (), codings, sessions, pages, notes)
    if html is not None and len(codings) > 2 and "pair" not in kinds:
        kinds = ["pair", *kinds]
    result = reliability.reliability_of(
        codings,
        sessions=sessions,
        codebook=book,
        pages=pages,
        machines=machines,
        by=kinds,
        window=window,
        levels=levels,
        draws=bootstrap,
        seed=seed,
        gamma=gamma,
        notes=notes,
    )
    if json or html or (out is not None and out.suffix == ".json"):
        result = _with_words(result, sources, sessions, redact=redact)
    _write(result, out, html, book)
    if json:
        emit_json(result)
        return
    from relcode.cli.agreement_table import print_result

    print_result(result)


def _read(sources: Sequence[str | Path]) -> list[Session] | None:
    if not sources:
        return None
    from relcode.transcripts import read_sessions

    return read_sessions(sources)


def _levels(names: list[str] | None) -> list[Level]:
    from relcode.reliability import LEVELS

    unknown = [name for name in names or () if name not in LEVELS]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: expected {', '.join(LEVELS)}", param_hint="--level")
    return [level for level in LEVELS if level in (names or ())]


def _kinds(names: list[str] | None, window: str, *, pairs: bool) -> list[PartKind]:
    from relcode.reliability.groups import PART_KINDS

    if unknown := [name for name in names or () if name not in PART_KINDS]:
        raise typer.BadParameter(f"{', '.join(unknown)}: expected {', '.join(PART_KINDS)}", param_hint="--by")
    if window not in WINDOWS:
        raise typer.BadParameter(f"{window}: expected {', '.join(WINDOWS)}", param_hint="--window")
    return [kind for kind in PART_KINDS if kind in (names or ()) or (pairs and kind == "pair")]


def _codebook(
    name: str | None, project: Project | None, codings: Sequence[Coding], *, from_ledger: bool
) -> Codebook | None:
    """The codebook asked for; of the ledger's pages the one that they were coded with, else the project's."""
    from relcode.codebook import load_codebook, load_reference

    folders = [project.codebooks] if project else []
    if name is not None:
        return load_codebook(name, folders)
    if not from_ledger or project is None:
        return None
    references = {page.codebook for coding in codings for page in coding.pages}
    return (
        load_reference(references.pop(), folders) if len(references) == 1 else load_codebook(project.codebook, folders)
    )


def _with_words(
    result: Agreement, sources: Sequence[str | Path], sessions: list[Session] | None, *, redact: bool
) -> Agreement:
    """The result with the words of the turns to discuss, where these may leave; else with a note that says why not."""
    import msgspec

    from relcode.cli.gate import check_text_may_leave
    from relcode.errors import DeidError
    from relcode.reliability import with_words

    if redact or sessions is None or not any(confusion.places for confusion in result.confusions):
        return result
    named = {place.session_id for confusion in result.confusions for place in confusion.places}
    try:
        warning = check_text_may_leave(
            sources, [session for session in sessions if session.session_id in named], what="stand in a report"
        )
    except DeidError as error:
        note = f"The words of the turns to discuss are left out: {error.message}"
        return msgspec.structs.replace(result, notes=[*result.notes, note])
    notes = [*result.notes, *([f"The turns to discuss are quoted: {warning}"] if warning else [])]
    return msgspec.structs.replace(result, confusions=with_words(result.confusions, sessions), notes=notes)


def _write(result: Agreement, out: Path | None, html: Path | None, codebook: Codebook | None) -> None:
    from relcode.reliability import write_agreement

    if out is not None:
        write_agreement(out, result)
        say(f"{out}: {len(result.rows)} row(s).")
    if html is not None:
        from relcode.provenance import write_text
        from relcode.reliability.page import render_page

        write_text(html, render_page(result, codebook), mode=0o600)
        say(f"{html}: report on {', '.join(result.coders)}.")
