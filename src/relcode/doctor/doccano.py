"""Doccano: its environment, and the servers of the study."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from relcode.doccano.transport import INSTALL_COMMAND
from relcode.doctor.finding import Finding, note, ok, problem
from relcode.errors import RelcodeError
from relcode.project import Project

_AREA = "doccano"


def look_at_doccano(project: Project | None) -> Iterator[Finding]:
    """Whether Doccano can be started, and whether what was started runs and lets relcode in."""
    if project is None or not project.doccano_url:
        yield _environment()
    if project is not None:
        yield from _servers(project)


def _environment() -> Finding:
    from relcode.doccano.environment import VARIABLE, VERSION, environment_folder, interpreter, versions

    folder = environment_folder()
    marker = folder / ".complete"
    if marker.is_file() and marker.read_text(encoding="utf-8") == versions():
        return ok(_AREA, f"Doccano {VERSION} is installed in {folder}")
    if marker.is_file():
        return note(
            _AREA, f"Doccano's environment in {folder} is of an earlier relcode", "relcode doccano up renews it"
        )
    if interpreter() is None:
        return note(
            _AREA,
            f"Doccano {VERSION} is not installed, and cannot be: it needs Python 3.8 to 3.11, and none is on the path",
            f"Install Python 3.11, or name a finished environment in {VARIABLE}; only push, pull and adjudicate need it.",
        )
    return note(
        _AREA, f"Doccano {VERSION} is not installed yet", "relcode doccano up installs it (a minute or two, once)"
    )


def _servers(project: Project) -> Iterator[Finding]:
    if project.doccano_url:
        yield _answer(project, project.doccano_url)
        return
    from relcode.doccano.server import statuses

    try:
        states = statuses(project.folder)
    except RelcodeError as error:
        yield problem(_AREA, str(error), "relcode doccano up")
        return
    if not states:
        yield note(_AREA, "no server was started for this study", "relcode doccano up")
    for state in states:
        whose = f" of {state.coder}" if state.coder else ""
        if state.url is None:
            yield problem(_AREA, f"a server{whose} runs without its record", "relcode doccano down, then up")
        elif not state.running:
            yield note(_AREA, f"the server{whose} at {state.url} does not run", "relcode doccano up")
        if state.strays:
            yield problem(
                _AREA, f"{len(state.strays)} stray process(es) of a server{whose} run", "relcode doccano down, then up"
            )
    if states and all(state.running for state in states):
        yield _answer(project, ", ".join(str(state.url) for state in states))


def _answer(project: Project, url: str) -> Finding:
    """Whether the servers answer as Doccano does, and take the administrator's password."""
    from relcode.doccano.addresses import connect_admin, find_server

    if find_spec("doccano_client") is None:
        return note(_AREA, f"{url} was not asked: the extra doccano is not installed", INSTALL_COMMAND)
    try:
        servers = find_server(project)
        names = [*getattr(servers, "servers", ())] or ["admin"]
        for name in names:
            connect_admin(servers.of(name))
    except RelcodeError as error:
        return problem(_AREA, str(error), "relcode doccano status shows what runs; see docs/server.md")
    return ok(_AREA, f"{url} answers as Doccano does, and lets relcode in")
