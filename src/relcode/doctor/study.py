"""The study folder: who may read it, what git knows of it, its transcripts and its ledger."""

from __future__ import annotations

import shlex
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from relcode.doctor.finding import Finding, note, ok, problem
from relcode.errors import RelcodeError
from relcode.project import Project

_AREA = "study"
_PRIVATE = ("ledger.db", "ledger.db-wal", "ledger.db-shm", ".doccano/server.json", ".doccano/*/server.json")


def look_at_study(project: Project | None) -> Iterator[Finding]:
    """What holds for one study; nothing where there is none."""
    if project is None:
        yield note(_AREA, "this is no study folder, so no study was looked at", "relcode doctor --project STUDY")
        return
    yield from _permissions(project)
    yield from _confidential(project)
    yield from _git(project)
    yield _transcripts(project)
    yield _ledger(project)


def _permissions(project: Project) -> Iterator[Finding]:
    """The folder for its owner alone (0700), and in it what holds passwords or labels (0600)."""
    wrong = [path for path in (project.folder, project.folder / ".doccano") if path.is_dir() and _is_open(path)]
    files = [path for pattern in _PRIVATE for path in sorted(project.folder.glob(pattern)) if _is_open(path)]
    for path in wrong:
        yield problem(
            _AREA, f"others on this machine may look into {path} (mode {_mode(path):04o})", _chmod("700", path)
        )
    for path in files:
        yield problem(_AREA, f"others may read {path} (mode {_mode(path):04o})", _chmod("600", path))
    if not wrong and not files:
        yield ok(_AREA, "the study folder, its ledger and passwords are its owner's alone")


def _confidential(project: Project) -> Iterator[Finding]:
    """What is to stay outside: raw transcripts, and keys that link surrogates to names."""
    if project.raw and Path(project.raw).resolve().is_relative_to(project.folder.resolve()):
        yield problem(
            _AREA,
            f"the raw transcripts ({project.raw}) lie in the study folder, beside what is de-identified",
            "Move them to another place, and name it in relcode.toml (raw).",
        )
    for path in sorted(project.folder.rglob("*.json")):
        if ".doccano" not in path.parts and _is_key(path):
            yield problem(
                _AREA,
                f"{path} is a key: it links invented names to the real ones, beside the transcripts",
                f"mv {shlex.quote(str(path))} to a place that only its keeper reads",
            )


def _is_key(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b'"relcode-key"' in file.read(200)
    except OSError:
        return False


def _git(project: Project) -> Iterator[Finding]:
    """That nothing of the study is or comes under version control by accident."""
    ignore = project.folder / ".gitignore"
    if not ignore.is_file() or "*" not in ignore.read_text(encoding="utf-8").splitlines():
        yield problem(
            _AREA,
            f"{ignore} does not keep git from taking up transcripts and labels",
            f"echo '*' > {shlex.quote(str(ignore))}",
        )
    git = shutil.which("git")
    if git is None:
        return
    listed = subprocess.run(
        [git, "-C", str(project.folder), "ls-files", "-z"], capture_output=True, check=False
    )  # outside of a repository it fails, and nothing is tracked
    tracked = [name for name in listed.stdout.split(b"\0") if name]
    if listed.returncode == 0 and tracked:
        yield problem(
            _AREA,
            f"git tracks {len(tracked)} file(s) of the study",
            f"git -C {shlex.quote(str(project.folder))} rm -r --cached . (what was pushed before stays in its history)",
        )


def _transcripts(project: Project) -> Finding:
    from relcode.transcripts import read_sessions

    if not project.transcripts.is_dir() or not any(project.transcripts.iterdir()):
        return note(_AREA, "there is no transcript yet", "relcode status says how they come in")
    try:
        return ok(_AREA, f"{len(read_sessions([project.transcripts]))} session(s) can be read")
    except RelcodeError as error:
        return problem(
            _AREA, str(error), "Correct or remove these files; `relcode import --dry-run` shows how one is read."
        )


def _ledger(project: Project) -> Finding:
    """Whether the ledger opens, and its chain of hashes holds."""
    try:
        ledger = project.open_ledger()
        faults, events = ledger.verify(), ledger.head()[0]
    except (RelcodeError, msgspec.DecodeError) as error:
        return problem(_AREA, f"the ledger cannot be read: {error}", "relcode ledger restore COPY")
    if faults:
        shown = "; ".join(faults[:3]) + (f"; {len(faults) - 3} more" if len(faults) > 3 else "")
        return problem(
            _AREA,
            f"the ledger is not as it was written: {shown}",
            "relcode ledger verify lists all; relcode ledger restore COPY brings back a backup",
        )
    return ok(_AREA, f"the ledger's chain of {events} event(s) holds")


def _is_open(path: Path) -> bool:
    return bool(_mode(path) & 0o077)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _chmod(mode: str, path: Path) -> str:
    return f"chmod {mode} {shlex.quote(str(path))}"
