"""Python, the installed libraries and their versions, spaCy, disk space."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from relcode.doccano.transport import INSTALL_COMMAND
from relcode.doctor.finding import Finding, note, ok, problem
from relcode.project import Project

_AREA = "environment"
LEAST_PYTHON = (3, 11)
FULL_GIGABYTES, LOW_GIGABYTES = 1.0, 5.0
# extra -> the library that tells that it was asked for, and what it is for
_EXTRAS = {
    "doccano": ("doccano-client", "push, pull and adjudicate with Doccano"),
    "cluster": ("dask-jobqueue", "scoring on a cluster"),
    "postgresql": ("pg8000", "a ledger in PostgreSQL"),
    "embeddings": ("onnxruntime", "models with embeddings, and encoders"),
}


def look_at_environment(project: Project | None) -> Iterator[Finding]:
    """What holds for every study on this machine."""
    yield _python()
    yield from _libraries()
    yield _spacy(project)
    yield _disk(project.folder if project else Path.cwd())


def _python() -> Finding:
    said = f"Python {sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    if sys.version_info[:2] < LEAST_PYTHON:
        return problem(_AREA, f"{said} is too old", "Install Python 3.11 or later, and relcode with it.")
    return ok(_AREA, said)


def _libraries() -> Iterator[Finding]:
    """Whether what is installed is what relcode asks for, also of the extras that are there."""
    try:
        lines = requires("relcode") or []
    except PackageNotFoundError:
        yield note(
            _AREA, "relcode is run from its sources; the versions of libraries are not checked", "pip install relcode"
        )
        return
    required = [Requirement(line) for line in lines]
    there = {extra: use for extra, (library, use) in _EXTRAS.items() if _installed(library)}
    misfits = [fault for each in required if _applies(each, there) and (fault := _misfit(each))]
    yield from misfits
    if not misfits:
        yield ok(_AREA, f"relcode {version('relcode')}, its libraries fit; extras: {', '.join(there) or 'none'}")
    if "doccano" not in there:
        yield note(_AREA, f"the extra doccano is not installed ({_EXTRAS['doccano'][1]})", INSTALL_COMMAND)


def _applies(requirement: Requirement, extras: dict[str, str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _misfit(requirement: Requirement) -> Finding | None:
    wanted = f"{requirement.name}{requirement.specifier}"
    found = _installed(requirement.name)
    if found is None:
        return problem(_AREA, f"{requirement.name} is not installed; relcode needs {wanted}", f"pip install '{wanted}'")
    if requirement.specifier.contains(found, prereleases=True):
        return None
    return problem(_AREA, f"{requirement.name} {found} is installed; relcode needs {wanted}", f"pip install '{wanted}'")


def _installed(name: str) -> str | None:
    try:
        return version(canonicalize_name(name))
    except PackageNotFoundError:
        return None


def _spacy(project: Project | None) -> Finding:
    from relcode.records import Session, Turn
    from relcode.transcripts.tokens import tokenize

    try:
        found = len(tokenize([Session("doctor", (Turn(1, "T", "I hear you. You wait."),))]).segment_turn)
    except Exception as error:  # whatever a broken installation raises is what is to be said
        return problem(
            _AREA, f"spaCy cannot read English ({type(error).__name__})", "pip install --force-reinstall spacy"
        )
    if found < 2:
        return problem(_AREA, "spaCy finds no segments in English", "pip install --force-reinstall spacy")
    name = project.entities if project else None
    if name is not None and _installed(name.replace("_", "-")) is None and not Path(name).is_dir():
        return problem(
            _AREA,
            f"relcode.toml names the spaCy pipeline {name} ([deid] entities), which is not installed",
            f"python -m spacy download {name}, or take the key out",
        )
    return ok(_AREA, f"spaCy {_installed('spacy')} reads English")


def _disk(folder: Path) -> Finding:
    gigabytes = shutil.disk_usage(folder).free / 1e9
    said = f"{gigabytes:.1f} GB are free where {folder} lies"
    if gigabytes < FULL_GIGABYTES:
        return problem(_AREA, said, "Free space: a ledger or report that cannot be written stays as it was.")
    if gigabytes < LOW_GIGABYTES:
        return note(_AREA, said, "Doccano's environment takes about 1 GB, scores about 1 MB a session.")
    return ok(_AREA, said)
