"""Find the transcript files that a user names: files, folders and globs."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.readers import suffixes_known

ALSO_NOTES = (
    ".txt",
    ".rtf",
    ".json",
    ".xml",
    ".qdpx",
)  # what else than transcripts lies in folders: read me's, keys, reports


def find_files(sources: Iterable[str | Path], *, with_notes: bool = False) -> list[Path]:
    """The transcript files that files, folders and globs name, each once, sorted within a folder.

    Parameters
    ----------
    with_notes
        Take the suffixes of `ALSO_NOTES` from folders too, which may be no transcripts; by name they are always taken.

    Raises
    ------
    TranscriptError
        Naming every source that does not exist or holds no file in a known format.
    """
    suffixes = [suffix for suffix in suffixes_known() if with_notes or suffix not in ALSO_NOTES]
    files: dict[Path, Path] = {}
    faults: list[str] = []
    for source in sources:
        if not str(source):
            faults.append("an empty name stands among the sources; name a file or folder")
            continue
        path = Path(source)
        if path.is_file():
            found = [path]
        elif path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in suffixes and not _is_hidden(p, path))
        else:
            found = sorted(Path(name) for name in glob.glob(str(source), recursive=True) if Path(name).is_file())
        if not found:
            known = ", ".join(suffixes)
            fault = f"no file in it ends in {known}" if path.is_dir() else "there is no such file or folder"
            faults.append(f"{source}: {fault}")
        for file in found:
            files.setdefault(file.resolve(), file)
    if faults:
        raise TranscriptError("Some sources cannot be used:", faults)
    return list(files.values())


def passed_over(sources: Iterable[str | Path]) -> list[Path]:
    """Files in the folders named that end in nothing relcode reads, and may be transcripts: no suffix, `.doc`, `.odt` ..."""
    kinds = ("", ".doc", ".odt", ".pdf", ".xls", ".text", ".log")
    folders = [Path(source) for source in sources if Path(source).is_dir()]
    return sorted(
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.suffix.lower() in kinds and not _is_hidden(file, folder) and file.is_file()
    )


def read_bytes(path: Path) -> bytes:
    """The file's bytes.

    Raises
    ------
    TranscriptError
        It cannot be read; says why.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise TranscriptError(f"Cannot read {path}: {error.strerror}.") from error


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
