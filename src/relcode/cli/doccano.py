"""`relcode doccano up|status|close|down`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.doccano.server_record import ServerInfo, ServerStatus
    from relcode.project import Project

app = typer.Typer(no_args_is_help=True, help="Run a local Doccano server of your own: up, status, close, down.")

_Folder = Annotated[Path | None, typer.Option("--project", help="The project's folder; else found from here upwards.")]
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


@app.command()
def up(
    folder: _Folder = None,
    per_coder: Annotated[
        bool,
        typer.Option(
            "--per-coder", help="A server for each coder and the adjudicator: nobody can look at others' work."
        ),
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="The (first) port; else a free one.")
    ] = None,
    host: Annotated[
        str | None, typer.Option("--host", help="Address or name to listen on; all but loopback need TLS.")
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option("--tls-certificate", help="Certificate with its chain (PEM) for --host.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="Its key (PEM, mode 0600).")] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            "--database-url",
            help="postgresql://USER@HOST:PORT/DATABASE in place of SQLite; password in RELCODE_DOCCANO_DATABASE_PASSWORD.",
        ),
    ] = None,
    coder: Annotated[list[str] | None, typer.Option("--coder", help="An account beside those of relcode.toml.")] = None,
    json: _Json = False,
) -> None:
    """Start the project's server, with an account and a project for each coder. Repeat it after a restart.

    Host, database and port are kept for the next start.

    Example: relcode doccano up --project study
    """
    from relcode.codebook import load_codebook
    from relcode.doccano import server
    from relcode.doccano.addresses import Admins, find_server
    from relcode.doccano.database import check_database
    from relcode.doccano.instance import Wanted
    from relcode.doccano.network import LOOPBACK, check_network
    from relcode.doccano.projects import ensure_projects
    from relcode.project import Project

    project = Project.find(folder)
    coders = list(dict.fromkeys([*project.coders, *(coder or ())]))
    _check(project, coders, per_coder=per_coder)
    codebook = load_codebook(project.codebook, [project.codebooks])
    asked = host or tls_certificate or tls_key
    network = check_network(host or LOOPBACK, tls_certificate, tls_key) if asked else None
    database = None if database_url is None else check_database(database_url, per_coder=per_coder)
    wanted = Wanted(port, network, database)
    if per_coder:
        started = list(server.up_per_coder(project.folder, coders=coders, wanted=wanted, say=say).values())
    else:
        started = [server.up(project.folder, coders=[*coders, server.ADJUDICATOR], wanted=wanted, say=say)]
    ensure_projects(project.folder, Admins(find_server(project)), coders, codebook, "1")
    if json:
        emit_json({"servers": server.statuses(project.folder)})
        return
    _report_up(started)


@app.command()
def status(folder: _Folder = None, json: _Json = False) -> None:
    """Say what runs and where, a line a server.

    Example: relcode doccano status --project study
    """
    from relcode.doccano import server
    from relcode.project import Project

    states = server.statuses(Project.find(folder).folder)
    if json:
        emit_json({"servers": states})
        return
    for state in states:
        say(_status_line(state))
    if not states:
        say("No Doccano server was started for this project; `relcode doccano up` starts one.")


@app.command()
def close(
    coder: Annotated[str, typer.Argument(metavar="CODER", help="Whose account.")],
    folder: _Folder = None,
    json: _Json = False,
) -> None:
    """Shut a coder's account at once: who has left, or whose password was lost. Labels stay.

    The next `up` gives a coder of relcode.toml, and the adjudicator, a new password.

    Example: relcode doccano close ben --project study
    """
    from relcode.configuration import CONFIGURATION
    from relcode.doccano import server
    from relcode.project import Project

    project = Project.find(folder)
    server.close(project.folder, coder)
    if json:
        emit_json({"closed": coder})
        return
    say(f"The account {coder} is closed; what was coded with it stays.")
    if coder in (*project.coders, server.ADJUDICATOR):
        say("The next `relcode doccano up` opens it again, with a new password.")
    if coder in project.coders:
        say(f"Where {coder} has left, take the name out of {CONFIGURATION} before that.")


@app.command()
def down(folder: _Folder = None, json: _Json = False) -> None:
    """Stop the project's servers; their data stays.

    Example: relcode doccano down --project study
    """
    from relcode.doccano import server
    from relcode.project import Project

    stopped = server.down(Project.find(folder).folder)
    if json:
        emit_json({"stopped": stopped})
    else:
        say("Doccano was stopped; its data is kept." if stopped else "No Doccano server runs for this project.")


def _check(project: Project, coders: list[str], *, per_coder: bool) -> None:
    from relcode.configuration import CONFIGURATION, coder_faults
    from relcode.doccano.server import check_names
    from relcode.errors import ProjectError, UsageError

    if project.doccano_url:
        raise ProjectError(
            f"{CONFIGURATION} of {project.folder} names the Doccano server {project.doccano_url}, so none is started here. "
            "Take [doccano] url out to have one of its own."
        )
    if faults := coder_faults(coders):
        raise UsageError("; ".join(faults) + ".")
    if per_coder and not coders:
        raise UsageError("--per-coder: name the coders in relcode.toml, or with --coder NAME.")
    check_names(coders)


def _report_up(started: Iterable[ServerInfo]) -> None:
    from relcode.doccano.network import is_loopback

    for info in started:
        reach = "this machine only" if is_loopback(info.network.host) else "encrypted, for who reaches this machine"
        whose = "" if info.coder is None else f" of {info.coder}"
        say(f"Doccano{whose} runs at {info.url} ({reach}). Accounts: {', '.join(sorted(info.accounts))}.")
    say("Passwords: `relcode doccano status` names the files (readable by you alone).")


def _status_line(state: ServerStatus) -> str:
    parts = {"web server": state.web_pid, "worker": state.worker_pid}
    what = ", ".join(f"{name} {'process ' + str(pid) if pid else 'stopped'}" for name, pid in parts.items())
    if state.strays:
        what += f", more of the same folder: {', '.join(map(str, state.strays))} (`up` or `down` stops these)"
    if state.url is None:
        return f"A Doccano whose server.json is gone: {what}. `relcode doccano down` stops it."
    whose = "" if state.coder is None else f" of {state.coder}"
    return f"Doccano{whose} at {state.url}: {what}. Accounts: {', '.join(state.accounts)}. Passwords: {state.passwords_in}."
