"""`relcode deid review`: a person decides on a page or in the terminal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.gate import project_of
from relcode.cli.output import emit_json, say
from relcode.errors import DataError, UsageError

if TYPE_CHECKING:
    from relcode.deid import Decision

DECISIONS = "deid-decisions.jsonl"


def review(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Transcripts, as they were before deid.")],
    html: Annotated[Path | None, typer.Option("--html", help="Write the page to decide on (mode 0600).")] = None,
    terminal: Annotated[bool, typer.Option("--terminal", help="Decide here, finding by finding.")] = False,
    take: Annotated[Path | None, typer.Option("--take", help="Take in the decisions that the page saved.")] = None,
    decisions: Annotated[
        Path | None, typer.Option("--decisions", help=f"Where decisions stand; by default {DECISIONS} beside SRC.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Your name, for the decisions.")] = "",
    entities: Annotated[
        str | None, typer.Option("--entities", help="An installed spaCy pipeline with entities, as for deid.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Decide about what was found, and about doubts, in context; add what was missed.

    Each decision is kept; `relcode deid SRC... --decisions FILE` applies them. The page and the file of decisions hold
    words of the sessions: keep them outside any project folder.

    Example: relcode deid review raw/ --html review.html
    """
    from relcode.deid import append_decisions, new_decisions
    from relcode.deid.review import findings_for_review, render_review
    from relcode.provenance import write_text
    from relcode.transcripts import read_sessions

    if sum((html is not None, terminal, take is not None)) != 1:
        raise UsageError("Give one of --html FILE, --terminal and --take FILE.")
    if not by.isprintable():
        raise UsageError("--by: expected a name.")
    file = decisions or decisions_file(sources)
    for option, path in (("--decisions", file), ("--html", html)):
        _refuse_in_project(option, path)
    sessions = read_sessions(sources)
    known = _known(file)
    if take is not None:
        taken, broken = _taken(take)
        fresh, faults = new_decisions(taken, known, sessions)
        if fresh:
            append_decisions(file, fresh)
        _report_taken(len(fresh), len(taken), [*broken, *faults], file, as_json=json)
        return
    findings = findings_for_review(sessions, known, entities=entities)
    if html is not None:
        write_text(html, render_review(sessions, findings, known, who=by), mode=0o600)
        done = str(html)
        say(
            f"{html}: {len(findings)} finding(s) in {len(sessions)} session(s). Open it in a browser; it needs no network."
        )
        say(f"Then: relcode deid review {' '.join(sources)} --take deid-review.jsonl")
    else:
        from relcode.cli.review_terminal import review_in_terminal

        made = review_in_terminal(
            sessions, findings, known, who=by or "person", keep=lambda d: append_decisions(file, [d])
        )
        done = str(file)
        say(f"{file}: {made} decision(s) now.")
    if json:
        emit_json({"sessions": len(sessions), "findings": len(findings), "out": done})


def decisions_file(sources: list[str]) -> Path:
    """Where decisions stand if nothing else is said: beside the folder that the first source is or lies in."""
    first = Path(os.path.abspath(sources[0]))
    folder = first if first.is_dir() else first.parent
    return folder.parent / DECISIONS


def _refuse_in_project(option: str, path: Path | None) -> None:
    if path is not None and (project := project_of(path)) is not None:
        raise UsageError(
            f"{option}: {path} lies in the project folder {project.folder}, and may hold words of raw transcripts. "
            f"Give {option} FILE outside of it, such as beside the raw transcripts."
        )


def _known(file: Path) -> list[Decision]:
    from relcode.deid import read_decisions
    from relcode.errors import DeidError

    if not file.exists():
        return []
    known, faults = read_decisions(file)
    if faults:
        raise DeidError(f"{file} holds {len(faults)} line(s) that are no decision:", faults)
    return known


def _taken(take: Path) -> tuple[list[Decision], list[str]]:
    from relcode.deid import read_decisions

    taken, broken = read_decisions(take)
    if not taken and not broken:
        say(f"{take}: no decision in it.")
    return taken, broken


def _report_taken(fresh: int, taken: int, faults: list[str], file: Path, *, as_json: bool) -> None:
    if as_json:
        emit_json({"new": fresh, "known": taken - fresh, "faults": faults, "decisions": str(file)})
    say(f"{file}: {fresh} new decision(s).")
    if faults:
        raise DataError(f"{len(faults)} decision(s) could not be taken in; the others are kept:", faults)
