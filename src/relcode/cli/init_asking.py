"""The four questions of `relcode init` on a terminal: which folder, who codes, which codebooks, where the transcripts are."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import typer

Answer = TypeVar("Answer")


class Answers(NamedTuple):
    """What a person wants. `raw`: where the raw transcripts are, None where there are none yet."""

    folder: Path
    coders: list[str]
    codebooks: list[str]
    raw: Path | None


def ask_for_study(folder: Path | None) -> Answers:
    """Ask what a study needs, with a default for each; an answer that cannot be used is asked for again."""
    typer.echo(
        "Four questions; Enter takes what stands in [brackets]. All can be changed later in relcode.toml.", err=True
    )
    if folder is None:
        folder = _asked(
            "The study's folder, new or empty: de-identified transcripts, labels and reports will lie there, nothing raw",
            "study",
            _folder,
        )
    coders = _asked(
        "Who codes, with commas between: pseudonyms; two or more tell how far coders agree", "coder1, coder2", _coders
    )
    known = _codebooks()
    for number, (name, title) in enumerate(known.items(), start=1):
        typer.echo(f"   {number} {name}: {title}", err=True)
    codebooks = _asked(
        "Which codebooks, by number or name, with commas between: they are used together",
        "relational-core",
        lambda answer: _chosen(answer, list(known)),
    )
    raw = _asked(
        "Where your raw transcripts are, file or folder (they stay there, and are only named); none: not yet",
        "none",
        _raw,
    )
    return Answers(folder, coders, codebooks, raw)


def _asked(question: str, default: str, read: Callable[[str], Answer]) -> Answer:
    """Ask until the answer can be read; `read` raises ValueError with what is wrong."""
    while True:
        try:
            return read(typer.prompt(question, default=default, err=True).strip())
        except ValueError as fault:
            typer.echo(f"   {fault}", err=True)


def _folder(answer: str) -> Path:
    folder = Path(answer).expanduser()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} is there and not empty; name a new or empty folder.")
    return folder


def _coders(answer: str) -> list[str]:
    from relcode.configuration import coder_faults

    coders = [name.strip() for name in answer.split(",") if name.strip()]
    if not coders:
        raise ValueError("Name one coder at least.")
    if faults := coder_faults(coders):
        raise ValueError("; ".join(faults))
    return coders


def _codebooks() -> dict[str, str]:
    """The newest version of each shipped codebook -> its title, without the reading of its thousands of cues."""
    from relcode.codebook import list_codebooks

    titles: dict[str, str] = {}
    for name, path in list_codebooks().items():
        if "@" not in name:
            with path.open(encoding="utf-8") as file:
                head = file.read(4000)
            found = re.search(r"^title: *(.+)$", head, re.MULTILINE)
            titles[name] = found[1].strip() if found else ""
    return titles


def _chosen(answer: str, known: list[str]) -> list[str]:
    wanted = [name.strip() for name in answer.replace("+", ",").split(",") if name.strip()]
    named = [known[int(name) - 1] if name.isdigit() and 0 < int(name) <= len(known) else name for name in wanted]
    unknown = [name for name in named if name.partition("@")[0] not in known]
    if unknown or not named:
        raise ValueError(f"There is no codebook {', '.join(unknown) or 'named'}; there are {', '.join(known)}.")
    return list(dict.fromkeys(named))


def _raw(answer: str) -> Path | None:
    from relcode.errors import TranscriptError
    from relcode.transcripts import find_files

    if answer in ("", "none"):
        return None
    path = Path(answer).expanduser()
    try:
        found = find_files([path], with_notes=True)
    except TranscriptError as error:
        raise ValueError(str(error)) from error
    typer.echo(f"   {len(found)} file(s) there that may be transcripts.", err=True)
    return path
