"""`relcode init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer()


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new project's folder; new or empty.")],
    name: Annotated[
        str | None, typer.Option("--name", help="Name at the head of reports; DIR's name by default.")
    ] = None,
    coder: Annotated[list[str] | None, typer.Option("--coder", help="A coder (pseudonym). May be repeated.")] = None,
    codebook: Annotated[
        list[str] | None, typer.Option("--codebook", help="Codebook used by default; several are used together.")
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

    Example: relcode init alliance-study --coder A --coder B
    """
    from relcode.codebook import list_codebooks, split_reference
    from relcode.configuration import CONFIGURATION
    from relcode.project import Project, is_project

    existed = is_project(folder)
    together = "+".join(codebook or ["relational-core"])
    project = Project.create(
        folder, name=name, coders=coder or (), codebook=together, doccano_url=doccano_url, ledger_url=ledger_url
    )
    if json:
        emit_json(
            {
                "folder": str(project.folder),
                "created": not existed,
                "name": project.name,
                "codebook": project.codebook,
                "coders": project.coders,
                "doccano_url": project.doccano_url,
                "ledger_url": project.ledger_url,
            }
        )
    elif existed:
        say(f"{project.folder} is a relcode project already; nothing was changed. Edit {CONFIGURATION} to change it.")
    else:
        say(f"{project.folder}: project {project.name} made. Configuration: {project.folder / CONFIGURATION}")
        known = list_codebooks([project.codebooks])
        for wanted in split_reference(project.codebook).split("+"):
            if wanted not in known:
                say(f"note: there is no codebook {wanted} yet; put {wanted}.yaml into {project.codebooks}.")
