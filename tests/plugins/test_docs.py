"""The page on plug-ins: its commands run as they stand, and its code is that of the example package."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llm_server import chat_server, labels, turns_asked
from relcode.spans import read_spans
from relcode.transcripts import read_sessions

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "plugins.md").read_text(encoding="utf-8")
OLLAMA = "http://127.0.0.1:11434/v1"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_code_is_that_of_the_example_package() -> None:
    folder = REPOSITORY / "examples" / "plugin"
    files = [path for path in folder.rglob("*") if path.suffix in (".py", ".toml", ".yaml")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    shown = [block for language in ("python", "toml", "yaml") for block in blocks(language)]
    assert len(shown) == 9
    assert [block for block in shown if not any(block in text for text in texts)] == []


def feels(request: dict[str, Any]) -> str:
    return labels(*(
        {"turn": number, "code": "TSI", "quote": words} for number, speaker, words in turns_asked(request)
        if speaker == "T" and words.startswith("I feel")
    ))  # fmt: skip


@pytest.mark.slow
def test_the_commands_run_as_they_stand(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) == 10
    with chat_server(feels) as server:
        for command in commands:
            done = run(*shlex.split(command.replace(OLLAMA, server.url))[1:])
            assert done.returncode == 0, f"{command}\n{done.stderr}"
    sessions = read_sessions([tmp_path / "transcripts"])
    found = {
        name: read_spans(tmp_path / f"{name}.jsonl", sessions) for name in ("silence", "phrases", "pipeline", "llm")
    }
    assert [(span.session_id, span.turn) for span in found["silence"]] == [("P1-s01", 5), ("P2-s04", 2)]
    assert {span.source for spans in found.values() for span in spans} == {
        "cues", "suggester:phrases@0.1.0", "spacy:en_cues@0.0.0", "llm:qwen3:8b",
    }  # fmt: skip
    assert (tmp_path / "tables" / "counts.csv").read_text() == "session_id,META,TSI\nP1-s01,1,1\nP2-s04,0,1\n"
