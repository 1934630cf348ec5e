"""The questions of `relcode import` on a terminal: who speaks, which column holds what."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from relcode.transcripts.asking import ColumnsQuestion, RolesQuestion

_ROLE = re.compile(r"[TC](?:[2-9]|[1-9][0-9])?|none")
_EXAMPLE = 70  # characters of an utterance


def is_answering() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask_roles(question: RolesQuestion) -> Mapping[str, str] | None:
    """Show how each mark's speaker talks, and ask for the roles; None where the file is to be left out."""
    from rich.console import Console
    from rich.markup import escape

    from relcode.transcripts.roles import plain

    console = Console(stderr=True, highlight=False)
    console.print(f"[bold]{escape(str(question.path))}[/bold], session {escape(question.session)}: who speaks?")
    proposal = question.proposal
    proposed: list[str] = []
    for number, (mark, name) in enumerate(question.names.items(), start=1):
        role = proposal.speakers[mark] if proposal else "?"
        proposed.append(role)
        talk = proposal.talk[mark].described() if proposal else "nobody else speaks"
        said = next(u.text for u in question.utterances if plain(u.mark) == mark and u.text.strip())
        console.print(f"  {number}. {escape(name)}: proposed {role} ({talk})", soft_wrap=True)
        console.print(f"     [dim]{escape(' '.join(said.split())[:_EXAMPLE])}[/dim]", soft_wrap=True)
    if proposal:
        console.print(f"  Probability that this is the therapist: {proposal.probability:.2f}")
    default = ",".join(proposed) if proposal else None
    while True:
        answer = typer.prompt("  Roles in this order (T, C, T2, C2, none), or skip", default=default, err=True)
        roles = [role.strip() for role in answer.split(",")]
        if answer.strip() == "skip":
            return None
        if len(roles) == len(question.names) and all(map(_ROLE.fullmatch, roles)):
            return dict(zip(question.names, roles, strict=True))
        typer.echo(
            f"  Expected {len(question.names)} roles with commas between them, such as {default or 'T'}.", err=True
        )


def ask_columns(question: ColumnsQuestion) -> bool:
    """Ask whether the columns proposed are the ones."""
    for fault in question.faults:
        typer.echo(f"  {fault}", err=True)
    what = ", ".join(f"column {number} as {name}" for name, number in question.proposed.items())
    return typer.confirm(f"  Take {what}?", default=False, err=True)
