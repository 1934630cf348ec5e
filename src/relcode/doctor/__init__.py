"""The doctor: whether environment, study, codebooks, models and Doccano are as they should be, and how to mend what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from relcode.doctor.doccano import look_at_doccano
from relcode.doctor.environment import look_at_environment
from relcode.doctor.finding import Finding, Level
from relcode.doctor.models import look_at_codebooks, look_at_models
from relcode.doctor.plugins import look_at_plugins
from relcode.doctor.study import look_at_study
from relcode.project import Project

__all__ = ["Finding", "Level", "doctor"]

_LOOKS: tuple[Callable[[Project | None], Iterator[Finding]], ...] = (
    look_at_environment,
    look_at_study,
    look_at_codebooks,
    look_at_models,
    look_at_doccano,
    look_at_plugins,
)


def doctor(project: Project | None) -> list[Finding]:
    """Look at everything; without a project, at what does not belong to one. Nothing is changed."""
    return [finding for look in _LOOKS for finding in look(project)]
