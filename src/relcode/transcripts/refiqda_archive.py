"""The archive of a REFI-QDA project (`.qdpx`): read in memory, nothing is unpacked, no bombs, no paths that lead out."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.office import unpack

_INTERNAL = "internal://"


def is_project(data: bytes) -> bool:
    """Whether it is a zip archive with a `project.qde`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(_is_project_file(name) for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


class ProjectArchive:
    """The parts of a project.

    Raises
    ------
    TranscriptError
        No zip archive, no `project.qde`, a path that leads out of the archive.
    """

    def __init__(self, path: Path, data: bytes) -> None:
        self._path, self._data = path, data
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise TranscriptError(f"{path} is no zip archive that can be read; export the project again.") from error
        names = self._archive.namelist()
        if any(_leads_out(name) for name in names):
            raise TranscriptError(f"{path} holds a path that leads out of the archive; it is refused. Export it again.")
        self._names = {name.lower(): name for name in names}
        self._project = next((name for name in names if _is_project_file(name)), None)
        if self._project is None:
            raise TranscriptError(f"{path} holds no project.qde; expected a REFI-QDA project (.qdpx).")

    def project(self) -> bytes:
        """The bytes of `project.qde`."""
        return self._read(str(self._project))

    def source_name(self, reference: str) -> str | None:
        """The name in the archive of the source that `internal://...` means; None where it is not there."""
        name = reference.removeprefix(_INTERNAL).removeprefix("/")
        return self._names.get(f"sources/{name}".lower()) or self._names.get(name.lower())

    def source(self, name: str) -> bytes:
        """The bytes of a source, by its name in the archive."""
        return self._read(name)

    def _read(self, name: str) -> bytes:
        if self._archive.getinfo(name).flag_bits & 1:
            raise TranscriptError(f"{self._path}/{name} has a password; export the project again without one.")
        return unpack(self._path, self._data, name)


def is_outside(reference: str) -> bool:
    """Whether a source lies outside the project (`relative://`, `absolute://`, a file)."""
    return bool(re.match(r"[a-z]+:", reference, re.IGNORECASE)) and not reference.lower().startswith(_INTERNAL)


def _is_project_file(name: str) -> bool:
    return name.lower() == "project.qde" or (name.lower().endswith(".qde") and "/" not in name)


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or bool(re.match("[A-Za-z]:", name)) or ".." in re.split(r"[/\\]", name)
