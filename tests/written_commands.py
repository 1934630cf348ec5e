"""The commands that a page shows, run as a reader would: for the tests of README and tutorial, and for the pictures."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def sh_blocks(page: Path) -> list[str]:
    """The blocks marked `sh`, in order."""
    found: list[str] = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return found


def run_block(text: str, folder: Path) -> str:
    """Run a block in a shell, up to the first command that fails; give what it printed, notes and errors too."""
    done = subprocess.run(
        ["bash", "-e", "-c", text],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}"
    return done.stdout


def environment() -> dict[str, str]:
    """With this interpreter's commands first on the path."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def stand_in(account: str, study: Path, raw: Path) -> None:
    """Code a study's pages as one of the shipped coders (anna, ben, adjudicator)."""
    command = [sys.executable, REPOSITORY / "examples" / "stand_in.py", account, "--study", study, "--raw", raw]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def stopped_doccano(study: Path) -> Iterator[None]:
    """Stop the study's server at the end of the block, however it ends."""
    try:
        yield
    finally:
        command = [sys.executable, "-m", "relcode", "doccano", "down", "--project", study]
        subprocess.run(command, capture_output=True, check=False)
