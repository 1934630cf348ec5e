"""Coding on Doccano's own page, in a real browser: what is selected there is what the ledger then holds."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

import coding_page
from browser import Browser, needs_browser
from coding_page import Drawn
from relcode.doccano.addresses import Address, connect_admin
from relcode.doccano.listing import list_examples
from relcode.doccano.projects import find_project
from relcode.doccano.pull import pull
from relcode.doccano.push import push
from relcode.ledger import Ledger
from relcode.project import Project
from relcode.records import Session, Span, Turn

pytestmark = [pytest.mark.server, needs_browser]

PASSWORD = "Quiet-harbour-41"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
TURNS = (
    "Come on in and sit down \U0001f642 wherever you like.",
    f"I felt so {FAMILY} e\u0301puise\u0301 today.",
    "Right now, \U0001f1eb\U0001f1f7 and \u0645\u0631\u062d\u0628\u0627 then \u05e9\u05dc\u05d5\u05dd too\r\nsecond line here.",
)
LONG = " ".join(f"part {number} of a very long story \U0001f642" for number in range(120))


class Desk:
    """A study of one coder on the server, and the browser in which he or she is signed in."""

    def __init__(self, server: SimpleNamespace, folder: Path, browser: Browser, turns: tuple[str, ...]) -> None:
        self.browser, self.coder = browser, f"zoe{folder.parent.name[-4:]}"
        self.address = Address(server.url, server.admin, server.admin_password)
        self.admin = connect_admin(self.address)
        self.admin.post("users/create", {"username": self.coder, "password1": PASSWORD, "password2": PASSWORD})
        self.project = Project.create(folder, coders=[self.coder], codebook="small", doccano_url=server.url)
        codes = [
            {"id": code, "name": code, "speakers": ["T", "C"], "definition": "What it is.", "prior": 0.1, "key": key}
            for code, key in (("ONE", "o"), ("TWO", "w"))
        ]
        book = {"id": "small", "version": "1.0.0", "title": "Small", "authors": ["test"], "codes": codes}
        (self.project.codebooks / "small.yaml").write_text(yaml.safe_dump(book))
        self.session = Session("S1", tuple(Turn(number, "T", text) for number, text in enumerate(turns, start=1)))
        coding_page.sign_in(browser, server.url, self.coder, PASSWORD)

    def push(self, *suggestions: Span) -> str:
        """Push the session; the text of its first page."""
        push(self.project, [self.session], suggestions, coders=[self.coder], server=self.address)
        project_id = find_project(self.admin, "1", self.coder)
        assert project_id is not None
        self.project_id = project_id
        return list_examples(self.admin, project_id)[0].text

    def suggestion(self, turn: int, words: str, code: str) -> Span:
        text = self.session.turns[turn - 1].text
        start = text.index(words)
        return Span("S1", turn, start, start + len(words), words, code, "small@1.0.0", "cues", 0.5)

    def code(self, text: str, *labels: Drawn) -> None:
        coding_page.code_page(self.browser, self.address.url, self.project_id, 1, text, labels)

    def pulled(self) -> list[tuple[str, str, str]]:
        """What a pull brings: (words, code, provenance), in order of turn and start."""
        assert pull(self.project, self.address).set_aside == []
        ledger = Ledger(self.project.ledger_path)
        came = {
            (span["turn"], span["start"], span["end"], span["code"]): (
                span["text"],
                span["code"],
                event.payload["provenance"],
            )
            for event in ledger.events("label", "unlabel")
            for span in [event.payload["span"]]
        }
        assert ledger.confirmed_pages(self.coder)
        return [came[key] for key in sorted(came)]


def drawn(text: str, words: str, code: str) -> Drawn:
    start = text.index(words)
    return Drawn(start, start + len(words), code)


@pytest.fixture
def desk(doccano_server: SimpleNamespace, tmp_path: Path, browser: Browser) -> Desk:
    return Desk(doccano_server, tmp_path / "study", browser, TURNS)


def test_the_words_selected_are_the_words_in_the_ledger(desk: Desk) -> None:
    words = (
        "sit down \U0001f642 wherever",
        FAMILY,
        "e\u0301puise\u0301",
        "\U0001f1eb\U0001f1f7 and",
        "\u0645\u0631\u062d\u0628\u0627",
        "\u05e9\u05dc\u05d5\u05dd",
        "second line",
    )
    text = desk.push()
    desk.code(text, *(drawn(text, selected, "TWO") for selected in words))
    assert desk.pulled() == [(selected, "TWO", "added") for selected in words]


def test_a_code_is_given_by_its_key(desk: Desk) -> None:
    text = desk.push()
    coding_page.open_page(desk.browser, desk.address.url, desk.project_id, 1)
    coding_page.draw(desk.browser, text, drawn(text, "wherever", "ONE"), key="o")
    coding_page.draw(desk.browser, text, drawn(text, "today", "TWO"), key="w")
    coding_page.draw(desk.browser, text, drawn(text, "second line", "ONE"))  # from the list: no code is chosen any more
    coding_page.confirm(desk.browser)
    assert desk.pulled() == [("wherever", "ONE", "added"), ("today", "TWO", "added"), ("second line", "ONE", "added")]


def test_a_suggestion_deleted_or_given_another_code_on_the_page_is_known_as_such(desk: Desk) -> None:
    wanted = [
        desk.suggestion(1, "Come on in", "ONE"),
        desk.suggestion(2, "I felt", "ONE"),
        desk.suggestion(3, "Right", "ONE"),
    ]
    text = desk.push(*wanted)
    coding_page.open_page(desk.browser, desk.address.url, desk.project_id, 1)
    coding_page.delete(desk.browser, text, drawn(text, "Come on in", "ONE"))
    coding_page.relabel(desk.browser, text, drawn(text, "I felt", "ONE"), "TWO")
    coding_page.confirm(desk.browser)
    assert desk.pulled() == [
        ("Come on in", "ONE", "rejected"),
        ("I felt", "TWO", "relabelled"),
        ("Right", "ONE", "accepted"),
    ]


def test_words_far_down_a_long_turn_and_over_its_line_breaks(
    doccano_server: SimpleNamespace, tmp_path: Path, browser: Browser
) -> None:
    desk = Desk(doccano_server, tmp_path / "study", browser, (LONG,))
    text = desk.push()
    words = (LONG[40:300], "part 117 of a very long story \U0001f642")
    desk.code(text, *(drawn(text, selected, "ONE") for selected in words))
    assert desk.pulled() == [(selected, "ONE", "added") for selected in words]


def test_the_page_loads_from_its_server_alone(desk: Desk) -> None:
    desk.push()
    coding_page.open_page(desk.browser, desk.address.url, desk.project_id, 1)
    loaded = desk.browser.run("return performance.getEntriesByType('resource').map((one) => new URL(one.name).origin)")
    assert set(loaded) == {desk.address.url}
    # what the page would send elsewhere (Doccano's page can measure visits) the browser is told to refuse
    script = "return fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.name)"
    desk.browser.run(script)
    log = desk.browser.send("/se/log", {"type": "browser"})
    assert any("Content Security Policy" in entry["message"] for entry in log)
