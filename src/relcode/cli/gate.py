"""The gate before text of sessions leaves in a report or an export: one question for every verb that writes such a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relcode.project import Project
    from relcode.records import Session


def check_text_may_leave(
    sources: Iterable[str | Path], sessions: Sequence[Session], *, what: str = "stand in an export"
) -> str | None:
    """Let the text of sessions leave or refuse it; a line of warning where nothing is known of it.

    Parameters
    ----------
    sources
        The files, folders and globs that `sessions` were read from. Those in a project folder must pass its gate.
    what
        What the sessions may not do otherwise, for the message: "stand in a report".

    Returns
    -------
    A warning for the person (and for the report) where sources lie in no project folder, and so on no record; else None.

    Raises
    ------
    DeidError
        Sessions of a project that are not on record as de-identified in this text, or in which something is still found:
        by session and turn, never by words.
    """
    from relcode.deid.gate import check_gate
    from relcode.transcripts import read_sessions

    by_project: dict[Path | None, list[str | Path]] = {}
    projects: dict[Path, Project] = {}
    for source in sources:
        project = project_of(source)
        if project is not None:
            projects[project.folder] = project
        by_project.setdefault(None if project is None else project.folder, []).append(source)
    for folder, project in projects.items():
        own = sessions if len(by_project) == 1 else read_sessions(by_project[folder])
        check_gate(own, project.open_ledger(), what=what)
    if None not in by_project:
        return None
    return (
        "the transcripts lie in no project folder, and so their de-identification is on no record; "
        "read them before you pass this on."
    )


def project_of(source: str | Path) -> Project | None:
    """The project folder around a file, folder or glob, as it is named or where its links lead."""
    from relcode.project import Project

    path = Path(os.path.abspath(source))  # `../raw` does not lie in the folder that it leads out of
    return Project.around(path) or Project.around(path.resolve())
