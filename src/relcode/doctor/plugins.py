"""What other packages offer to relcode by entry points: whether each can be imported."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import distributions

from relcode.doctor.finding import Finding, ok, problem
from relcode.project import Project

_AREA = "plug-ins"


def look_at_plugins(project: Project | None) -> Iterator[Finding]:
    """A finding for each entry point in a group that begins with `relcode.`; they are every study's."""
    found = {
        (point.group, point.name): (point, package.name)
        for package in distributions()
        for point in package.entry_points
        if point.group.startswith("relcode.")
    }
    for _, (point, package) in sorted(found.items()):
        try:
            point.load()
        except Exception as error:  # a plug-in may raise anything while it is imported
            yield problem(
                _AREA,
                f"{point.name} of {package} ({point.group}) cannot be imported ({type(error).__name__})",
                f"pip install --upgrade {package}, or pip uninstall {package}",
            )
        else:
            yield ok(_AREA, f"{point.name} of {package} ({point.group})")
