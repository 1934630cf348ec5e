"""QualCoder as another process: texts coded and exported by its own code; for tests where it is there.

RELCODE_QUALCODER names a checkout of https://github.com/ccbogel/QualCoder, RELCODE_QUALCODER_PYTHON an interpreter
that has PyQt6, pymupdf and Pillow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = os.environ.get("RELCODE_QUALCODER")
PYTHON = os.environ.get("RELCODE_QUALCODER_PYTHON", sys.executable)
_SCRIPT = Path(__file__).with_name("qualcoder_coding.py")


def coded_there(
    folder: Path, codebook: Path, texts: Mapping[str, str], codings: Sequence[tuple[str, int, int, str, str]]
) -> Path:
    """The project that QualCoder exports after these texts were coded: (text, start, end, name of the code, coder)."""
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    job = {"qdc": str(codebook), "texts": [str(folder / name) for name in texts], "codings": list(codings)}
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    done = subprocess.run(
        [PYTHON, str(_SCRIPT), str(CHECKOUT), str(folder / "job.json"), str(folder / "there")],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "there" / "coded.qdpx"
