"""`relcode batch`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.batches.summary import BatchState, PlanSummary
    from relcode.project import Project

app = typer.Typer()


@app.command()
def batch(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Name of the batch; without one, all batches are listed.")] = None,
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="[SRC...]", help="Transcripts; by default the project's.")
    ] = None,
    coder: Annotated[
        list[str] | None, typer.Option("--coder", help="Who is to code; may be repeated. By default all.")
    ] = None,
    unit: Annotated[
        str, typer.Option("--unit", help="What is dealt out: session, or page (about 15 turns).")
    ] = "session",
    coders_a_unit: Annotated[int, typer.Option("--coders-a-unit", help="How many coders each unit gets.")] = 1,
    double_share: Annotated[
        float | None,
        typer.Option("--double-share", help="Share of units (0 to 1) with a second coder; 0.2 by default."),
    ] = None,
    blind_share: Annotated[
        float, typer.Option("--blind-share", help="Share of each coder's pages (0 to 1) without suggestions.")
    ] = 0.1,
    recode_share: Annotated[
        float,
        typer.Option("--recode-share", help="Earlier pages to be coded again, for every page to be coded (0 to 1)."),
    ] = 0.0,
    recode_gap: Annotated[
        float, typer.Option("--recode-gap", help="Days since a page was confirmed before it is given again.")
    ] = 14.0,
    calibration: Annotated[
        list[str] | None,
        typer.Option("--calibration", metavar="SESSION", help="With accepted labels, for all, blind; may be repeated."),
    ] = None,
    calibration_share: Annotated[
        float,
        typer.Option("--calibration-share", help="Pages with accepted labels, for every page to be coded (0 to 1)."),
    ] = 0.0,
    sessions: Annotated[
        int | None, typer.Option("--sessions", help="How many sessions are drawn; by default all that are left.")
    ] = None,
    pages: Annotated[int | None, typer.Option("--pages", help="With --unit page: how many pages are drawn.")] = None,
    chosen: Annotated[
        Path | None,
        typer.Option("--chosen", help="Instead of drawing: JSON lines of session_id[, turn][, probability]."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Take also what earlier batches had.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Draws all that is drawn.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; record nothing.")] = False,
    folder: Annotated[Path | None, typer.Option("--project", help="The project's folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Plan who codes what, and record the plan; `relcode push --batch NAME` sends it. Without a name: list the batches.

    A batch takes what no earlier one had. A fifth of the units are coded by two, a tenth of each coder's pages are blind.

    Example: relcode batch pilot --coder A --coder B --sessions 8 --blind-share 0.2
    """
    from relcode.batches import Design
    from relcode.batches.chosen import read_chosen
    from relcode.errors import UsageError
    from relcode.project import Project

    if name is None and (given := _given(context) - {"folder", "json"}):
        raise UsageError(f"To plan a batch, name it: relcode batch NAME ... ({', '.join(sorted(given))}).")
    project = Project.find(folder)
    if name is None:
        _list(project, json=json)
        return
    design = Design(
        unit=unit,
        coders_a_unit=coders_a_unit,
        double_share=double_share,
        blind_share=blind_share,
        recode_share=recode_share,
        recode_gap_days=recode_gap,
        calibration=tuple(calibration or ()),
        calibration_share=calibration_share,
        sessions=sessions,
        pages=pages,
        chosen=None if chosen is None else read_chosen(chosen),
        again=again,
        seed=seed,
    )
    _plan(
        project,
        sources or [project.transcripts],
        coder or project.coders,
        design,
        name=name,
        dry_run=dry_run,
        json=json,
    )


def _given(context: typer.Context) -> set[str]:
    """What stands on the command line."""
    return {
        name
        for name in context.params
        if (source := context.get_parameter_source(name)) is not None and source.name == "COMMANDLINE"
    }


def _plan(project: Project, sources: Any, coders: Any, design: Any, *, name: str, dry_run: bool, json: bool) -> None:
    from relcode.batches import known_plan, make_batch, plan_batch
    from relcode.batches.summary import summarise
    from relcode.deid.gate import check_gate
    from relcode.transcripts import read_sessions

    sessions = read_sessions(sources)
    ledger = project.open_ledger()
    plan = known_plan(ledger, coders, design, name=name)
    new = plan is None
    if plan is None:
        plan = plan_batch(ledger, sessions, coders, design, name=name)
        named = {each.session_id for each in plan.assignments}
        # A plan is for good, and de-identifying a session later would change its text.
        check_gate([session for session in sessions if session.session_id in named], ledger, what="be planned")
        if not dry_run:
            plan, new = make_batch(ledger, sessions, coders, design, name=name)
    summary = summarise(plan, ledger, sessions)
    if json:
        emit_json({"new": new and not dry_run, "summary": summary, "plan": plan})
        return
    _print_plan(summary)
    for note in summary.notes:
        say(note)
    if dry_run:
        say("Nothing was recorded.")
    elif new:
        say(f"Batch {name} is planned. Send it with `relcode push --batch {name}`.")
    else:
        say(f"Batch {name} was planned before, just so; it stays as it is.")


def _print_plan(summary: PlanSummary) -> None:
    rows = [
        (each.coder, *(str(getattr(each, field)) for field in each.__struct_fields__[1:])) for each in summary.coders
    ]
    title = (
        f"{summary.batch}: {summary.units} {summary.unit}(s), {summary.double_units} of them for more than one coder"
    )
    _print_table(title, ("coder", "sessions", "pages", "turns", "double", "blind", "re-codes", "calibration"), rows)
    if summary.double_units:
        counted = {"sessions": "units"} if summary.unit == "session" else {}
        columns = {**counted, "pages": "pages", "blind for one": "one_blind"}
        pairs = [
            (" and ".join(each.coders), *(str(getattr(each, field)) for field in columns.values()))
            for each in summary.pairs
        ]
        _print_table("In common", ("coders", *columns), pairs)
    if summary.left_turns:
        say(f"In no batch yet: {summary.left_turns} turn(s) of {summary.left_sessions} session(s).")
    else:
        say("Every turn of these transcripts is in a batch.")


def _list(project: Project, *, json: bool) -> None:
    from relcode.batches.summary import batch_states

    states = batch_states(project.open_ledger())
    if json:
        emit_json(states)
        return
    if not states:
        say("There is no batch yet. Plan one with `relcode batch NAME`.")
        return
    _print_table("Pages", ("batch", "coder", "planned", "pushed", "confirmed"), [_state_row(each) for each in states])


def _state_row(state: BatchState) -> tuple[str, ...]:
    planned = "no plan" if state.planned is None else str(state.planned)
    return (state.batch, state.coder, planned, str(state.pushed), str(state.confirmed))


def _print_table(title: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None)
    for head in heads:
        table.add_column(head, justify="left" if head in ("batch", "coder", "coders") else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    Console(width=None if Console().is_terminal else 120).print(table)
