"""`relcode doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.doctor import Finding

app = typer.Typer()
_MARKS = {"ok": "ok", "note": "note", "problem": "PROBLEM"}


@app.command()
def doctor(
    folder: Annotated[
        Path | None, typer.Option("--project", help="The project's folder; else found from here upwards.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Check environment, study, codebooks, models and Doccano, and say how to mend what is not as it should be.

    Nothing is changed. Exit status 1 where there is a problem; a note is worth knowing, and none.

    Example: relcode doctor --project study
    """
    from relcode.doctor import doctor as look
    from relcode.project import Project

    findings = look(Project.around() if folder is None else Project.find(folder))
    problems = sum(finding.level == "problem" for finding in findings)
    if json:
        emit_json({"problems": problems, "findings": findings})
    else:
        print("\n".join(line for finding in findings for line in _lines(finding)))
        say(f"{problems} problem(s), {sum(finding.level == 'note' for finding in findings)} note(s)")
    if problems:
        raise typer.Exit(1)


def _lines(finding: Finding) -> list[str]:
    first, *more = finding.says.splitlines()
    mend = [f"{'':<21}-> {finding.mend}"] if finding.mend else []
    return [f"{finding.area:<12} {_MARKS[finding.level]:<7} {first}", *(f"{'':<21}{line}" for line in more), *mend]
