"""`relcode doccano up|status|down`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer(no_args_is_help=True, help="Run a local Doccano server of your own: up, status, down.")

_Folder = Annotated[Path | None, typer.Option("--project", help="The project's folder; else found from here upwards.")]
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


@app.command()
def up(
    folder: _Folder = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port on 127.0.0.1; else a free one.")
    ] = None,
    coder: Annotated[list[str] | None, typer.Option("--coder", help="An account beside those of relcode.toml.")] = None,
    json: _Json = False,
) -> None:
    """Start the project's server, with an account and a project for each coder. Repeat it after a restart.

    Example: relcode doccano up --project study
    """
    from relcode.codebook import load_codebook
    from relcode.doccano import server
    from relcode.doccano.projects import ensure_project
    from relcode.doccano.session import connect_admin
    from relcode.errors import ProjectError, UsageError
    from relcode.project import CONFIGURATION, Project, coder_faults

    project = Project.find(folder)
    if project.doccano_url:
        raise ProjectError(
            f"{CONFIGURATION} of {project.folder} names the Doccano server {project.doccano_url}, so none is started here. "
            "Take [doccano] url out to have one of its own."
        )
    coders = list(dict.fromkeys([*project.coders, *(coder or ())]))
    if faults := coder_faults(coders):
        raise UsageError("; ".join(faults) + ".")
    codebook = load_codebook(project.codebook, [project.codebooks])
    info = server.up(project.folder, coders=[*coders, "adjudicator"], port=port, say=say)
    admin = connect_admin(info)
    for name in coders:
        ensure_project(admin, name, codebook, "1")
    if json:
        emit_json(server.status(project.folder))
        return
    say(f"Doccano runs at {info.url} (this machine only). Accounts: {', '.join(sorted(info.accounts))}.")
    say(f"Passwords: {project.folder / server.FOLDER / 'server.json'} (readable by you alone).")


@app.command()
def status(folder: _Folder = None, json: _Json = False) -> None:
    """Say what runs and where.

    Example: relcode doccano status --project study
    """
    from relcode.doccano import server
    from relcode.project import Project

    state = server.status(Project.find(folder).folder)
    if json:
        emit_json(state)
    elif state.url is None:
        say("No Doccano server was started for this project; `relcode doccano up` starts one.")
    else:
        parts = {"web server": state.web_pid, "worker": state.worker_pid}
        what = ", ".join(f"{name} {'process ' + str(pid) if pid else 'stopped'}" for name, pid in parts.items())
        say(f"Doccano at {state.url}: {what}.")
        say(f"Accounts: {', '.join(state.accounts)}. Passwords: {state.passwords_in}.")


@app.command()
def down(folder: _Folder = None, json: _Json = False) -> None:
    """Stop the project's server; its data stays.

    Example: relcode doccano down --project study
    """
    from relcode.doccano import server
    from relcode.project import Project

    stopped = server.down(Project.find(folder).folder)
    if json:
        emit_json({"stopped": stopped})
    else:
        say("Doccano was stopped; its data is kept." if stopped else "No Doccano server runs for this project.")
