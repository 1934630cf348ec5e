"""Pages that relcode writes, but for the report (tests/audit/test_page.py), in a real browser: accessible, fetching nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from browser import Browser, needs_browser
from relcode.learning.card_page import render_card

REPOSITORY = Path(__file__).parents[1]
CORPUS = REPOSITORY / "examples" / "corpus"
WIDTHS = (1300, 700)

pytestmark = [pytest.mark.server, needs_browser]
Relcode = Callable[..., Any]


def reliability(relcode: Relcode, folder: Path) -> Path:
    page = folder / "reliability.html"
    coders = (CORPUS / "labels" / "coder_A.jsonl", CORPUS / "labels" / "coder_B.jsonl")
    done = relcode(
        "agreement", *coders, "--transcripts", CORPUS / "transcripts", "--codebook", "relational-core", "--html", page
    )
    assert done.status == 0, done.err
    return page


def comparison(relcode: Relcode, folder: Path) -> Path:
    page = folder / "compare.html"
    labels = ("--labels", CORPUS / "labels" / "accepted.jsonl")
    done = relcode("compare", CORPUS / "transcripts", *labels, "--contrast", "therapist=T01", "--out", page)
    assert done.status == 0, done.err
    return page


def deid_review(relcode: Relcode, folder: Path) -> Path:
    page = folder / "review.html"
    done = relcode("deid", "review", REPOSITORY / "examples" / "sessions", "--html", page)
    assert done.status == 0, done.err
    return page


def manual(relcode: Relcode, folder: Path) -> Path:
    page = folder / "manual.html"
    done = relcode("codebook", "manual", "relational-core", "--out", page)
    assert done.status == 0, done.err
    return page


def card(relcode: Relcode, folder: Path) -> Path:
    of = yaml.safe_load((REPOSITORY / "models" / "relational-synthetic" / "card.yaml").read_text(encoding="utf-8"))
    page = folder / "card.html"
    page.write_text(render_card(of), encoding="utf-8")
    return page


@pytest.mark.parametrize("made", [reliability, comparison, deid_review, manual, card], ids=lambda made: made.__name__)
def test_axe_finds_nothing_against_wcag_2_1_aa(
    made: Callable[[Relcode, Path], Path],
    relcode: Relcode,
    browser: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    page = made(relcode, tmp_path)
    for width in WIDTHS:
        browser.send("/window/rect", {"width": width, "height": 900})
        browser.send("/url", {"url": page.as_uri()})
        browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
        assert browser.violations() == []
        # what is wider than the window scrolls by itself, not the page
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), width
    assert browser.severe() == []
