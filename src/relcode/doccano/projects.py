"""One Doccano project for one coder and batch: found or made, with the codebook's label types and its guideline."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from relcode.codebook import Codebook
from relcode.codebook.manual import as_markdown
from relcode.doccano.addresses import Admins
from relcode.doccano.locks import exclusive
from relcode.doccano.session import DoccanoSession
from relcode.errors import DoccanoError

_LOCK_SECONDS = 60.0
_KEYS = "123456789abcdefghijklmnopqrstuvwxyz0"


def project_name(batch: str, coder: str) -> str:
    """The name of a coder's project; it stands in every member's list, so nothing confidential goes into it."""
    return f"relcode {batch} {coder}"


def find_project(session: DoccanoSession, batch: str, coder: str) -> int | None:
    """The id of a coder's project, None where there is none.

    Raises
    ------
    DoccanoError
        There are several of that name.
    """
    name = project_name(batch, coder)
    found = [entry for entry in session.get("projects", q=name, limit=1000)["results"] if entry["name"] == name]
    if len(found) > 1:
        raise DoccanoError(
            f"The server at {session.url} has {len(found)} projects named {name!r}; rename or delete those that are "
            "not in use, or push with another --batch."
        )
    return int(found[0]["id"]) if found else None


def ensure_projects(
    folder: Path, admins: Admins, coders: Iterable[str], codebook: Codebook, batch: str
) -> dict[str, int]:
    """Find or make the projects of coders; their ids. One process at a time, so that none is made twice.

    Raises
    ------
    DoccanoError
        As `ensure_project`, or another process makes projects and does not end.
    """
    busy = f"Another relcode makes projects for {folder} and does not end; repeat when it is done."
    sessions = {coder: admins.of(coder) for coder in coders}
    home = folder / ".doccano"
    home.mkdir(mode=0o700, exist_ok=True)
    with exclusive(home, seconds=_LOCK_SECONDS, busy=busy):
        return {coder: ensure_project(session, coder, codebook, batch) for coder, session in sessions.items()}


def ensure_project(
    session: DoccanoSession,
    coder: str,
    codebook: Codebook,
    batch: str,
    *,
    member: str | None = None,
    guideline: str | None = None,
) -> int:
    """Find or make the project of a coder and batch; return its id. Repeatable without effect.

    Parameters
    ----------
    session
        The administrator's.
    coder
        Whose project it is; the account of that name becomes its annotator.
    codebook
        Gives the label types (colours, keys) and the guideline.
    batch
        Names this round of coding.
    member
        The annotator's account where it is not named like the coder (`adjudicator` of the consensus project).
    guideline
        In place of the codebook's manual (Markdown).

    Raises
    ------
    DoccanoError
        The project was made with another codebook, or the server has no such account.
    """
    project_id = find_project(session, batch, coder)
    described = f"Coding with {codebook.reference}; made by relcode."
    if project_id is None:
        with session.calling("make a project") as client:
            project_id = client.create_project(
                name=project_name(batch, coder),
                project_type="SequenceLabeling",
                description=described,
                guideline=guideline or as_markdown(codebook),
                collaborative_annotation=True,
                allow_overlapping=True,
                grapheme_mode=False,
            ).id
    elif session.get(f"projects/{project_id}")["description"] != described:
        raise DoccanoError(
            f"The project {project_name(batch, coder)!r} was not made for {codebook.reference}; push with another "
            "--batch, so that its labels stay apart."
        )
    assert project_id is not None
    _ensure_label_types(session, project_id, codebook)
    _ensure_member(session, project_id, member or coder)
    return project_id


def label_types(session: DoccanoSession, project_id: int) -> dict[int, str]:
    """The span label types of a project: id -> code."""
    return {entry["id"]: entry["text"] for entry in session.get(f"projects/{project_id}/span-types")}


def _ensure_label_types(session: DoccanoSession, project_id: int, codebook: Codebook) -> None:
    there = set(label_types(session, project_id).values())
    keys = label_keys(codebook)
    with session.calling("make a label type") as client:
        for code in codebook.codes:
            if code.id not in there:
                client.create_label_type(project_id, "span", code.id, suffix_key=keys.get(code.id), color=code.color)


def label_keys(codebook: Codebook) -> dict[str, str]:
    """The key of each code on Doccano's page: its own, unless another code (of a codebook used together with it) has it;
    else a free one, as long as there are any."""
    keys: dict[str, str] = {}
    for code in codebook.codes:
        if code.key and code.key not in keys.values():
            keys[code.id] = code.key
    free = iter(key for key in _KEYS if key not in keys.values())
    for code in codebook.codes:
        if code.id not in keys and (key := next(free, None)) is not None:
            keys[code.id] = key
    return keys


def _ensure_member(session: DoccanoSession, project_id: int, account: str) -> None:
    members: list[dict[str, Any]] = session.get(f"projects/{project_id}/members")
    if account in {member["username"] for member in members}:
        return
    if account not in {user["username"] for user in session.get("users", q=account)}:
        raise DoccanoError(
            f"The server at {session.url} has no account {account!r}; name the coder in relcode.toml and run "
            "`relcode doccano up` again, or make the account on the server."
        )
    with session.calling("add a member") as client:
        client.add_member(project_id, account, "annotator")
