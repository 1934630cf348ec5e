"""`relcode init`."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.project import Project

app = typer.Typer()


@app.command()
def init(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="The new project's folder; new or empty. Asked for on a terminal."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Name at the head of reports; DIR's name by default.")
    ] = None,
    coder: Annotated[list[str] | None, typer.Option("--coder", help="A coder (pseudonym). May be repeated.")] = None,
    codebook: Annotated[
        list[str] | None, typer.Option("--codebook", help="Codebook used by default; several are used together.")
    ] = None,
    raw: Annotated[
        Path | None,
        typer.Option("--raw", help="Where the raw transcripts lie, outside of DIR: `relcode status` names them."),
    ] = None,
    doccano_url: Annotated[
        str | None, typer.Option("--doccano-url", help="An existing Doccano server; without it one is run locally.")
    ] = None,
    ledger_url: Annotated[
        str | None,
        typer.Option("--ledger-url", help="A PostgreSQL database for the ledger; without it a file holds it."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Make a project folder: configuration, folders for each stage, an empty ledger. Nothing in it is committed.

    On a terminal, without options, it asks four questions. `relcode status` says what comes next.

    Example: relcode init alliance-study --coder A --coder B
    """
    from relcode.cli.import_asking import is_answering
    from relcode.cli.init_asking import ask_for_study
    from relcode.errors import UsageError
    from relcode.project import Project, is_project

    given = any(option is not None for option in (name, coder, codebook, raw, doccano_url, ledger_url)) or json
    if not given and is_answering() and not (folder and is_project(folder)):
        folder, coder, codebook, raw = ask_for_study(folder)
    if folder is None:
        raise UsageError(
            "relcode init needs DIR, the folder of the new study (on a terminal, without options, it asks): relcode init study"
        )
    existed = is_project(folder)
    together = "+".join(codebook or ["relational-core"])
    project = Project.create(
        folder,
        name=name,
        coders=coder or (),
        codebook=together,
        raw=raw,
        doccano_url=doccano_url,
        ledger_url=ledger_url,
    )
    if json:
        emit_json(
            {
                "folder": str(project.folder),
                "created": not existed,
                "name": project.name,
                "codebook": project.codebook,
                "coders": project.coders,
                "raw": project.raw,
                "doccano_url": project.doccano_url,
                "ledger_url": project.ledger_url,
            }
        )
    else:
        _say(project, existed=existed)


def _say(project: Project, *, existed: bool) -> None:
    from relcode.codebook import list_codebooks, split_reference
    from relcode.configuration import CONFIGURATION

    if existed:
        say(f"{project.folder} is a relcode project already; nothing was changed. Edit {CONFIGURATION} to change it.")
        return
    say(f"{project.folder}: project {project.name} made. Configuration: {project.folder / CONFIGURATION}")
    known = list_codebooks([project.codebooks])
    for wanted in split_reference(project.codebook).split("+"):
        if wanted not in known:
            say(f"note: there is no codebook {wanted} yet; put {wanted}.yaml into {project.codebooks}.")
    say(f"next: relcode status --project {shlex.quote(os.path.relpath(project.folder))}")
