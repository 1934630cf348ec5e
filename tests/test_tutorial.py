"""The tutorial's commands, run as they stand, in order, in a folder that holds nothing but the repository.

Where Chromium and chromedriver are, what the page tells to do by hand is done by hand in between.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browser import CHROMIUM, DRIVER, opened_browser
from relcode.spans import read_spans
from relcode.transcripts import read_sessions
from tutorial_hands import BY_HAND
from written_commands import run_block, sh_blocks, stopped_doccano

REPOSITORY = Path(__file__).parents[1]
PAGE = REPOSITORY / "docs" / "tutorial.md"
LARGEST = 200_000  # bytes a picture


@pytest.mark.server
@pytest.mark.slow
def test_the_tutorial_leads_to_the_files_that_it_promises(tmp_path: Path) -> None:
    (tmp_path / "relcode").symlink_to(REPOSITORY)
    said = ""
    with stopped_doccano(tmp_path / "study"):
        for block in sh_blocks(PAGE):
            said += run_block(block, tmp_path)
            for command, by_hand in BY_HAND.items():
                if CHROMIUM and DRIVER and command in block:
                    with opened_browser(tmp_path) as browser:  # a window of one's own, as the page says
                        by_hand(browser, tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    promised = re.findall(r"`(study/[\w./-]+\.(?:csv|html|jsonl|db))`", text[text.index("What the paper needs") :])
    assert len(promised) >= 6
    assert [name for name in promised if not (tmp_path / name).is_file()] == []
    sessions = read_sessions([tmp_path / "study/transcripts"])
    accepted = read_spans(tmp_path / "study/labels/accepted.jsonl", sessions)
    assert {span.session_id for span in accepted} == {session.session_id for session in sessions}
    printed = " ".join(said.split())
    assert [line for line in figures(text) if " ".join(line.split()) not in printed] == []


def figures(text: str) -> list[str]:
    """Lines of the page that are said to have been printed: agreement, counts of labels, names removed."""
    starts = (" mean of", " PATTERN", "D1-T01-s03: DATE", "anna: 81 pages", "10 session(s), 255")
    return [line for block in re.findall(r"^```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
            for line in block.splitlines() if line.startswith(starts)]  # fmt: skip


def test_its_pictures_are_there_small_and_shown() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(pictures/([\w-]+\.png)\)", PAGE.read_text(encoding="utf-8")))
    there = {path.name: path for path in (REPOSITORY / "docs" / "pictures").iterdir()}
    assert shown == set(there)
    for path in there.values():
        assert path.read_bytes().startswith(b"\x89PNG"), path.name
        assert path.stat().st_size < LARGEST, path.name
