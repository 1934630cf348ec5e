"""`relcode init`: the four questions on a terminal, the same by options, and a clear refusal where nobody can be asked."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.errors import ProjectError
from relcode.project import Project

QUESTIONS = ("folder", "Who codes", "Which codebooks", "raw transcripts")


def talk(arguments: list[str], answers: list[str], cwd: Path) -> tuple[int, str]:
    """Run relcode on a terminal of its own; each answer is typed when a question's `]: ` is there. Status and screen."""
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "relcode", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd
    )
    os.close(theirs)
    screen, waiting, asked = "", list(answers), 0
    began = time.monotonic()
    try:
        while time.monotonic() - began < 120:
            if select.select([terminal], [], [], 0.2)[0]:
                screen += os.read(terminal, 4096).decode()
            if waiting and screen.count("]: ") > asked:
                asked += 1
                os.write(terminal, waiting.pop(0).encode() + b"\n")
    except OSError:  # the other end was closed: relcode has ended
        return process.wait(timeout=60), screen
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    raise TimeoutError(screen)


def test_four_questions_make_a_study(tmp_path: Path) -> None:
    (tmp_path / "my sessions").mkdir()
    (tmp_path / "my sessions" / "one.vtt").write_text("WEBVTT\n")
    status, screen = talk(["init"], ["pilot", "anna, ben", "4, rupture-repair", "my sessions"], tmp_path)
    assert status == 0, screen
    assert [question for question in QUESTIONS if question not in screen] == []
    assert "1 file(s) there" in screen
    assert "next: relcode status --project pilot" in screen
    made = Project.load(tmp_path / "pilot")
    assert (made.coders, made.codebook) == (("anna", "ben"), "relational-core+rupture-repair")
    assert made.raw == str(tmp_path / "my sessions")


def test_enter_takes_what_is_proposed(tmp_path: Path) -> None:
    status, screen = talk(["init"], ["", "", "", ""], tmp_path)
    assert status == 0, screen
    made = Project.load(tmp_path / "study")
    assert (made.coders, made.codebook, made.raw) == (("coder1", "coder2"), "relational-core", None)


def test_an_answer_that_cannot_be_used_is_asked_for_again_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").touch()
    answers = ["full", "new", "an na", "anna", "99", "ccrt", "nowhere", "none"]
    status, screen = talk(["init"], answers, tmp_path)
    assert status == 0, screen
    for reason in ("full is there and not empty", "number 1 is not usable", "no codebook 99", "no such file or folder"):
        assert reason in screen
    made = Project.load(tmp_path / "new")
    assert (made.coders, made.codebook) == (("anna",), "ccrt")


def test_a_folder_that_is_named_is_not_asked_for_and_options_ask_nothing(tmp_path: Path) -> None:
    status, screen = talk(["init", "here"], ["", "", ""], tmp_path)
    assert (status, "new or empty" in screen) == (0, False)
    assert Project.load(tmp_path / "here").coders == ("coder1", "coder2")
    status, screen = talk(["init", "there", "--coder", "anna"], [], tmp_path)
    assert (status, "Who codes" in screen) == (0, False)
    status, screen = talk(["init", "there"], [], tmp_path)
    assert (status, "already" in screen) == (0, True)


def test_where_nobody_can_be_asked_the_folder_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "relcode", "init"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert "needs DIR, the folder of the new study" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_raw_transcripts_are_named_by_an_option(
    relcode: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = relcode("init", "study", "--raw", "sessions", "--json")
    assert json.loads(done.out)["raw"] == str(tmp_path / "sessions")
    assert Project.load(tmp_path / "study").raw == str(tmp_path / "sessions")


def test_raw_transcripts_may_not_lie_in_the_study(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="stay outside"):
        Project.create(tmp_path / "study", raw=tmp_path / "study" / "raw")
    assert not (tmp_path / "study").exists()


def test_the_name_stands_at_the_head_of_the_study(
    relcode: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert relcode("init", "study", "--name", "Pilot 2026").status == 0
    assert 'name = "Pilot 2026"' in Path("study/relcode.toml").read_text(encoding="utf-8")
    assert relcode("init", "other", "--coder", "anna").status == 0
    assert 'name = "other"' in Path("other/relcode.toml").read_text(encoding="utf-8")
