"""`relcode pull`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.doccano.pull import PullReport
    from relcode.errors import DoccanoError
    from relcode.project import Project

app = typer.Typer()
_UNTIL = "and their pages do not count yet; put them right in Doccano and pull again"


@app.command()
def pull(
    batch: Annotated[str | None, typer.Option("--batch", help="Only this round of coding.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for <coder>.jsonl; by default the project's labels/.")
    ] = None,
    open_faults: Annotated[
        bool, typer.Option("--quarantined", help="Only show what is set aside, out of the ledger; ask no server.")
    ] = False,
    review: Annotated[
        Path | None,
        typer.Option("--review", help="Take in the marks that a reviewer saved on the page of `audit`; ask no server."),
    ] = None,
    reviewer: Annotated[str | None, typer.Option("--reviewer", help="Who made the marks of --review.")] = None,
    folder: Annotated[Path | None, typer.Option("--project", help="The project's folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Bring coders' labels of confirmed pages into the ledger, and write <coder>.jsonl of the wholly coded sessions.

    Repeating it adds only what is new. Exit 1 as long as something is set aside or a server does not answer; the rest is
    recorded. With --review it takes in what a reviewer marked as wrong or right on the page of `relcode audit`: all of a
    file or, with its faults listed, nothing.

    Example: relcode pull --batch pilot
    """
    from relcode.doccano.addresses import find_server
    from relcode.doccano.labels import write_labels
    from relcode.doccano.pull import pull as pull_labels
    from relcode.doccano.quarantine import quarantined
    from relcode.errors import DataError, UsageError
    from relcode.project import Project

    project = Project.find(folder)
    if (review is None) != (reviewer is None):
        raise UsageError("--review FILE needs --reviewer NAME (who made the marks), and the other way round.")
    if review is not None and reviewer is not None:
        _take_review(project, review, reviewer, json=json)
        return
    if open_faults:
        _show_quarantined(project, batch, json=json)
        return
    report = pull_labels(project, find_server(project), batch=batch)
    if not report.projects and not report.missed:
        named = "" if batch is None else f" in batch {batch!r}"
        raise DataError(f"No page was pushed{named} yet, so there is nothing to pull. Run `relcode push` first.")
    files = write_labels(project.open_ledger(), out or project.labels, batch=batch)
    if json:
        open_now = quarantined(project.open_ledger(), batch=batch)
        emit_json({"projects": report.projects, "missed": report.missed, "files": files, "quarantined": open_now})
    else:
        for done in report.projects:
            new = ", ".join(f"{count} {name}" for name, count in sorted(done.recorded.items())) or "nothing"
            say(f"{done.coder} ({done.batch}): {done.confirmed} of {done.pages} page(s) confirmed; new: {new}")
        for file in files:
            partly = f"; partly coded, left out: {', '.join(file.partly)}" if file.partly else ""
            say(f"{file.path}: {file.labels} label(s) of {file.sessions} session(s){partly}")
    if report.set_aside or report.missed:
        raise _what_is_left(report)


def _take_review(project: Project, path: Path, reviewer: str, *, json: bool) -> None:
    from relcode.ledger.reviews import read_marks, take_marks
    from relcode.transcripts import read_sessions

    taken = take_marks(project.open_ledger(), read_marks(path, read_sessions([project.transcripts])), reviewer=reviewer)
    if json:
        emit_json(taken)
    else:
        say(f"{path}: {taken.new} mark(s) by {reviewer} new, {taken.changed} changed, {taken.known} known already")


def _show_quarantined(project: Project, batch: str | None, *, json: bool) -> None:
    from relcode.doccano.quarantine import quarantine_line, quarantined
    from relcode.errors import DoccanoError

    found = quarantined(project.open_ledger(), batch=batch)
    if json:
        emit_json({"quarantined": found})
    if found:
        lines = [f"{payload['coder']}: {quarantine_line(payload)}" for payload in found]
        raise DoccanoError(f"{len(found)} thing(s) are set aside, {_UNTIL}:", lines)
    say("Nothing is set aside.")


def _what_is_left(report: PullReport) -> DoccanoError:
    """What was not pulled and what was set aside, in one list."""
    from relcode.errors import DoccanoError

    told = []
    if report.missed:
        told.append(f"{len(report.missed)} project(s) could not be pulled; put that right and pull again")
    if report.set_aside:
        told.append(f"{len(report.set_aside)} thing(s) were set aside, {_UNTIL}")
    return DoccanoError(". ".join(told) + ":", [*report.missed, *report.set_aside])
