"""Servers with assignments (Doccano 1.8.5 and later): a coder sees there only the pages that were given to him or her."""

from __future__ import annotations

from typing import Any

from relcode.doccano.session import DoccanoSession
from relcode.errors import DoccanoError


def has_assignments(session: DoccanoSession, project_id: int) -> bool:
    """Whether the server knows assignments; an older one answers their address with its web page."""
    return session.lines(f"projects/{project_id}/assignments") is not None


def assign_pages(admin: DoccanoSession, project_id: int) -> None:
    """Give each page that is nobody's to the project's annotator, and look that all are; nothing on an older server.

    Raises
    ------
    DoccanoError
        The project has not exactly one annotator, or pages are assigned to somebody else.
    """
    if not has_assignments(admin, project_id):
        return
    members: list[dict[str, Any]] = admin.get(f"projects/{project_id}/members")
    coders = [member for member in members if member["rolename"] == "annotator"]
    if len(coders) != 1:
        raise DoccanoError(
            f"Project {project_id} on {admin.url} has {len(coders)} annotators, expected one, so its pages cannot be "
            "assigned. Leave its coder alone as its member, then push again."
        )
    if _left(admin, project_id, coders[0]["username"]):
        body = {"strategy_name": "weighted_sequential", "workloads": [{"member_id": coders[0]["id"], "weight": 100}]}
        admin.post(f"projects/{project_id}/assignments/bulk_assign", body)  # passes over what is assigned
        if left := _left(admin, project_id, coders[0]["username"]):
            raise DoccanoError(
                f"{left} page(s) of project {project_id} on {admin.url} are assigned to somebody else than its coder; "
                "take these assignments away there, then push again."
            )


def _left(admin: DoccanoSession, project_id: int, coder: str) -> int:
    """How many pages the coder would not see."""
    path = f"projects/{project_id}/examples"
    return int(admin.get(path, limit=1)["count"]) - int(admin.get(path, limit=1, assignee=coder)["count"])
