"""What verbs that read scores have in common: the codebook that they were made with, and the codes that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relcode.codebook import Codebook
    from relcode.project import Project
    from relcode.scoring.read import Scores


def project_here(folder: Path | None) -> Project | None:
    """The project that is named, or that lies around here."""
    from relcode.project import Project

    return Project.around() if folder is None else Project.find(folder)


def codebook_of(scores: Scores, named: str | None, folders: Sequence[Path]) -> Codebook:
    """The codebook that scores were made with, in their version where it is here; or the one that is named.

    Raises
    ------
    CodebookError
        It is not to be found.
    UsageError
        The scores do not say which it is, and none is named.
    """
    from relcode.codebook import compose_codebooks, load_codebooks, load_reference
    from relcode.errors import UsageError

    if named is not None:
        return load_codebooks([named], folders)
    ids, versions = (scores.made_by.get(key, "") for key in ("codebook", "codebook_version"))
    if not ids:
        raise UsageError("The scores do not name their codebook; give --codebook.")
    pairs = zip(ids.split("+"), versions.split("+"), strict=False)
    return compose_codebooks([load_reference(f"{name}@{version}", folders) for name, version in pairs])


def codes_asked(scores: Scores, book: Codebook, asked: Sequence[str]) -> list[str]:
    """The codes that are asked for (a family such as `INT` with all its members), by default all, that have scores.

    Raises
    ------
    UsageError
        One is not in the codebook, or has no scores.
    """
    from relcode.errors import UsageError

    there = [code for code in book.code_ids if code.replace(".", "_") in scores.codes]
    if not asked:
        return there
    found = [code for name in asked for code in book.family(name) if code in there]
    if missing := [name for name in asked if not set(book.family(name)) & set(there)]:
        raise UsageError(f"--code {missing[0]}: the scores have {', '.join(there)}.")
    return list(dict.fromkeys(found))
