"""The coder's manual: every field of a code in Markdown and in one self-contained HTML page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from relcode.codebook import Code, Codebook, Condition, Cue, Examples, Rule, compose_codebooks, load_codebook
from relcode.codebook.cue_words import condition_words, cue_line, pattern_words
from relcode.codebook.manual import as_html, as_markdown

FULL = Code(
    id="RUP",
    name="Rupture <marker>",
    speakers=["C", "T"],
    definition="Moves away & off.",
    prior=0.05,
    parent="TOP",
    include=["included thing"],
    exclude=["excluded thing"],
    rules=[Rule(against="COOP", ask="away or up?")],
    examples=Examples(hit=["a hit"], near_hit=["a near hit"], near_miss=["a near miss"], miss=["a miss"]),
    beats=["COOP"],
    mode=True,
    exclusive="group-x",
    was=["OLDRUP"],
    color="#ABCDEF",
    key="r",
    origin="small@1.0.0",
    cues=[Cue(id="own-cue", weight=-1.5, patterns=["i feel <feeling>"], note="a remark")],
)
OTHER = Code(
    id="COOP", name="Other", speakers=["T"], definition="d", prior=0.3, color="red;x", exclusive="group-x", parent="RUP"
)
BOOK = Codebook(
    id="small",
    version="1.0.0",
    title="Small <book>",
    authors=["Ann Author", "Bo Bee"],
    description="What it is for.",
    sources=["A source (2000)."],
    uses=["used-book@1.0.0"],
    codes=[FULL, OTHER],
)
SHOWN = (
    "Small", "small@1.0.0", "Ann Author, Bo Bee", "What it is for.", "A source (2000).", "used-book@1.0.0", "Contents",
    "RUP", "Moves away", "client or therapist", "about 5 of 100 segments of the client and therapist", "about 30 of 100",
    "included thing", "excluded thing", "COOP", "away or up?", "“a hit”", "“a near hit”", "“a near miss”", "“a miss”",
    "COOP, where both compete", "RUP, where both compete", "RUP, COOP, in a segment (group “group-x”)",
    "no relational code of the therapist", "OLDRUP", "TOP",
)  # fmt: skip


@pytest.mark.parametrize("shown", SHOWN)
def test_both_forms_show_every_field(shown: str) -> None:
    assert shown in as_markdown(BOOK)
    assert shown in as_html(BOOK)


def test_no_field_of_a_code_is_missing_from_the_test_above() -> None:
    unset = [field.name for field in msgspec.structs.fields(Code) if getattr(FULL, field.name) in (None, [], "", False)]
    assert unset == []


def test_cues_stand_only_where_asked_for() -> None:
    for render in (as_markdown, as_html):
        assert "own-cue" not in render(BOOK)
        page = render(BOOK, cues=True)
        assert "own-cue" in page
        assert "−1.5" in page
        assert "i feel ‹feeling› — a remark" in page


def test_one_code_alone_comes_without_front_matter() -> None:
    for render in (as_markdown, as_html):
        page = render(BOOK, [OTHER])
        assert "COOP" in page
        assert "Moves away" not in page
        assert "A source" not in page


def test_put_together_codebooks_name_where_each_code_is_from() -> None:
    more = Codebook(id="more", version="1.0.0", title="", authors=[], codes=[msgspec.structs.replace(OTHER, id="X")])
    page = as_markdown(compose_codebooks([BOOK, more]))
    assert "- From: more@1.0.0" in page
    assert "**Put together of**\n- small@1.0.0\n- more@1.0.0" in page


class _Page(HTMLParser):
    """Checks that tags close in order, and collects ids, links and what would load something."""

    void = frozenset({"meta", "br", "link", "img", "hr", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.faults: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.void:
            self.open.append(tag)
        if tag in ("script", "link", "img", "iframe", "object", "embed", "form"):
            self.loads.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in ("src", "srcset", "action") or name.startswith("on"):
                self.loads.append(name)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


@pytest.mark.parametrize("name", [None, "rupture-repair", "relational-core"])
def test_the_page_is_well_formed_and_holds_all_it_shows(name: str | None) -> None:
    book = BOOK if name is None else load_codebook(name)
    html = as_html(book, cues=True)
    page = _Page(html)
    assert (page.faults, page.open, page.loads) == ([], [], [])
    assert len(page.ids) == len(set(page.ids))
    assert page.links
    assert {link for link in page.links if link.removeprefix("#") not in page.ids} == set()
    assert "url(" not in html
    assert "@import" not in html
    assert "http" not in html.replace("http-equiv", "")
    assert "@media print" in html


def test_words_of_the_codebook_are_escaped_and_a_colour_is_a_colour() -> None:
    page = as_html(BOOK)
    assert "Rupture &lt;marker&gt;" in page
    assert "<marker>" not in page
    assert "--c: #ABCDEF" in page
    assert "red;x" not in page


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("i feel <feeling>", "i feel ‹feeling›"),
        ("^ sad|<low> .. * $", "|: sad/‹low› … _ :|"),
        ("not? !you", "(not) not you"),
        ("re:^un", "a word like ^un"),
        ("\\, ?", ", ?"),
        ("<a>|<b>?", "(‹a›/‹b›)"),
        ([{"LEX": "low"}, {"LOWER": {"IN": ["a", "b"]}}, {"LOWER": "c"}, {"IS_PUNCT": True}], "‹low› a/b c [IS_PUNCT True]"),
        ([{"LOWER": {"REGEX": "^a"}}, {"LOWER": {"NOT_IN": ["a"]}}], "a word like ^a not a"),
    ],
)  # fmt: skip
def test_a_pattern_in_words(pattern: Any, words: str) -> None:
    assert pattern_words(pattern) == words


def test_each_condition_is_said() -> None:
    given: dict[str, Any] = {
        "speaker": "T", "question": True, "quoted": False, "first": True, "last": False, "words_min": 2, "words_max": 5,
        "turn_words_min": 3, "turn_words_max": None, "brief": True, "lengthy": False, "after_question": True,
        "after_words_max": 9, "thirds": [1, 3], "we": "dyad", "after": ["INQ"], "with_": ["HN"],
        "features": ["after-silence"],
    }  # fmt: skip
    assert condition_words(Condition(**given)) == [
        "the therapist speaks", "a question", "not in quoted speech", "first of its turn", "not last of its turn",
        "a brief turn for this speaker", "not a lengthy turn", "after a question", "2 to 5 words",
        "3 or more words in the turn", "9 or fewer words in the turn before", "in third 1 or 3 of the session",
        "“we” are the two in the room", "after a turn with INQ", "in a turn with HN",
        "where the plug-in after-silence says so",
    ]  # fmt: skip
    for field in msgspec.structs.fields(Condition):
        lists = {"thirds": [2], "after": ["A"], "with_": ["B"], "features": ["c"]}
        value = ({"speaker": "C", "we": "others"} | lists).get(field.name)
        value = value or (3 if field.name.endswith(("_min", "_max")) else False)
        assert len(condition_words(Condition(**{field.name: value}))) == 1, field.name


def test_a_cue_line_is_short() -> None:
    name, weight, said = cue_line(Cue(id="a", weight=2, patterns=["a", "b", "c"], in_="turn"), most_patterns=2)
    assert (name, weight, said) == ("a", "+2", "a; b; 1 more — if anywhere in the turn")
    assert cue_line(Cue(use="TSI/own", weight=-1)) == ("TSI:own", "−1", "as the cue TSI/own")
