"""The page and the command: structure, no words where they may not stand, no network, what is printed."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from relcode.deid import override
from relcode.ledger import NewEvent
from relcode.project import Project
from relcode.reliability import codings_of_pages, reliability_of
from relcode.reliability.page import render_page
from relcode.reliability.wording import limits, methods_paragraph, number
from relcode.spans import write_spans
from relcode.transcripts import write_session

pytestmark = pytest.mark.slow  # models are trained, or pages made

WORDS = "zealous marmalade quartet"
SECTIONS = (
    "short",
    "compared",
    "levels",
    "codes",
    "groups",
    "confusions",
    "drift",
    "anchoring",
    "undefined",
    "methods",
    "terms",
)


class Outline(HTMLParser):
    """Ids, links, headings' levels, unclosed elements and attributes that load something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.levels: list[int] = []
        self.open: list[str] = []
        self.loads: list[str] = []
        self.tables = self.captions = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"]] if values.get("id") else []  # type: ignore[list-item]
        self.links += [str(values["href"])] if tag == "a" else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.loads += [tag] if tag in ("script", "img", "link", "iframe") or "src" in values else []
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag not in ("meta", "br", "path", "line", "rect", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def study_pages(made: SimpleNamespace, sessions: list[Any]) -> list[Any]:
    """Two coders, a session a week; they take TSI for TSD; B is blind in the second; A codes the first again."""
    pages = []
    for week, session in enumerate(sessions):
        text = session.turns[0].text
        for coder, codes in (("A", ("TSI", "TSI", "REFL")), ("B", ("TSD", "TSI", "REFL"))):
            spans = [
                msgspec.structs.replace(made.span(turn, code, session_id=session.session_id), text=text[:6])
                for turn, code in zip((1, 3, 5), codes, strict=True)
            ]
            more = {"session_id": session.session_id, "page": f"{coder}{week}", "suggestions": tuple(spans[:1])}
            pages.append(made.page(coder, 1, 8, spans, day=7 * week, shown=(coder, week) != ("B", 1), **more))
    pages.append(msgspec.structs.replace(pages[0], page="A0r", role="recode", confirmed=pages[-1].confirmed))
    return made.hashed(pages, sessions)


def study_sessions(made: SimpleNamespace) -> list[Any]:
    return [made.session(f"S{number}", turns=8, text=f"I feel {WORDS}.") for number in (1, 2, 3)]


@pytest.fixture(scope="module")
def result(made: SimpleNamespace) -> Any:
    sessions = study_sessions(made)
    pages = study_pages(made, sessions)
    return reliability_of(
        codings_of_pages(pages), sessions=sessions, codebook=made.codebook(), pages=pages, by=["pair"], draws=20
    )


def test_the_page_has_all_sections_and_holds_all_that_it_shows(made: SimpleNamespace, result: Any) -> None:
    page = render_page(result, made.codebook())
    outline = Outline(page)
    assert [name for name in SECTIONS if name not in outline.ids] == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {link.removeprefix("#") for link in outline.links} <= set(outline.ids)
    assert outline.open == []
    assert outline.loads == []
    assert not re.findall(r"(?:https?:)?//\S+", page)
    assert "default-src 'none'" in page


def test_the_page_can_be_heard(made: SimpleNamespace, result: Any) -> None:
    page = render_page(result, made.codebook())
    outline = Outline(page)
    assert outline.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert outline.tables == outline.captions > 5
    charts = re.findall("<svg[^>]*>", page)
    assert charts
    assert all('role="img" aria-label="' in chart for chart in charts)


def test_the_page_names_the_rule_that_failed_and_the_turns(made: SimpleNamespace, result: Any) -> None:
    page = render_page(result, made.codebook())
    assert "About whom?" in page
    assert "S1, turn 1" in page
    assert WORDS not in page
    without = msgspec.structs.replace(
        result, confusions=[msgspec.structs.replace(each, rules=[]) for each in result.confusions]
    )
    assert "it needs one" in render_page(without, made.codebook())


def test_what_is_in_names_and_notes_is_escaped(made: SimpleNamespace, result: Any) -> None:
    page = render_page(msgspec.structs.replace(result, notes=["<b>&"]), None)
    assert "&lt;b&gt;&amp;" in page


def test_the_paragraph_for_the_paper_holds_the_figures(result: Any) -> None:
    text = methods_paragraph(result, "9.9.9")
    assert text.startswith("Two coders coded 3 sessions independently with the codebook small@1.0.0")
    assert "confirmed between 2026-03-02 and 2026-03-16" in text
    assert "20 resamples of whole sessions (seed 0)" in text
    assert "relcode 9.9.9" in text
    assert "Suggestions were withheld from 17 % of the pages" in text


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (-0.001, "0.00"), (0.666, "0.67"), (-0.2, "-0.20")])
def test_numbers_for_reading(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_what_limits_a_row_is_said_in_words(result: Any) -> None:
    rows = {row.code: row for row in result.of_level("turn")}
    assert limits(rows["CW"]) == "nobody gave it"
    assert limits(rows["REFL"]).startswith("few: 3.0 on average")
    many = msgspec.structs.replace(rows["REFL"], instances={"A": 12, "B": 30})
    assert "B gave it 30 times, A 12" in limits(many)
    even = msgspec.structs.replace(rows["REFL"], instances={"A": 29, "B": 30})
    assert "gave it" not in limits(even)


# --- the command --------------------------------------------------------------------------------------------------------


@pytest.fixture
def study(made: SimpleNamespace, tmp_path: Path) -> Project:
    """A project folder whose ledger holds the study."""
    project = Project.create(tmp_path / "study", codebook="small", coders=["A", "B"])
    codes = "".join(
        f"  - {{id: {code}, name: {code}, speakers: [T], definition: d, prior: 0.1}}\n"
        for code in ("TSI", "TSD", "REFL")
    )
    header = "id: small\nversion: 1.0.0\ntitle: t\nauthors: [t]\ncodes:\n"
    (project.codebooks / "small.yaml").write_text(header + codes, encoding="utf-8")
    sessions = study_sessions(made)
    ledger = project.open_ledger()
    for session in sessions:
        write_session(session, project.transcripts)
    for page in study_pages(made, sessions):
        to = {"page": page.page, "batch": page.batch, "coder": page.coder}
        entry = {name: getattr(page, name) for name in ("session_id", "session_sha256", "first_turn", "last_turn")}
        entry |= {"codebook": page.codebook, "shown": page.shown, "role": page.role, "text_sha256": ""}
        entry |= {"suggestions": msgspec.to_builtins(page.suggestions)}
        labels = [{**to, "span": msgspec.to_builtins(span), "provenance": "added"} for span in page.spans]
        ledger.append([NewEvent("page", "t", {**to, **entry}), *(NewEvent("label", "t", label) for label in labels)])
        ledger.append([NewEvent("confirm", "t", {**to, "at": page.confirmed.isoformat()})])
    return project


def test_words_stand_in_the_report_only_when_the_gate_lets_them(
    made: SimpleNamespace, study: Project, relcode: Callable[..., Any], tmp_path: Path
) -> None:
    call = ("agreement", "--project", study.folder, "--bootstrap", "0", "--html", tmp_path / "r.html")
    shut = relcode(*call)
    assert shut.status == 0, shut.err
    assert "words of the turns to discuss are left out" in shut.err
    assert WORDS not in (tmp_path / "r.html").read_text()
    for session in study_sessions(made):
        override(session, study.open_ledger(), reason="invented")
    assert relcode(*call).status == 0
    page = (tmp_path / "r.html").read_text()
    assert WORDS in page
    assert "keep it as confidential" in page
    assert stat.S_IMODE((tmp_path / "r.html").stat().st_mode) == 0o600
    as_json = json.loads(relcode(*call[:-2], "--json").out)
    assert WORDS in as_json["confusions"][0]["places"][0]["text"]
    relcode(*call[:-2], "--out", tmp_path / "r.json")
    assert stat.S_IMODE((tmp_path / "r.json").stat().st_mode) == 0o600
    redacted = relcode(*call, "--redact", "--json")
    assert WORDS not in redacted.out + redacted.err + (tmp_path / "r.html").read_text()


def test_the_command_prints_all_that_it_found_and_no_words(study: Project, relcode: Callable[..., Any]) -> None:
    done = relcode("agreement", "--project", study.folder, "--bootstrap", "20", "--pairs", "--by", "window")
    assert done.status == 0, done.err
    for words in ("A – B", "2026-W11", "A (14 days later)", "TSI / TSD", "none"):
        assert words in done.out
    assert "anchoring: of the labels" in done.err
    assert WORDS not in done.out + done.err


@pytest.mark.parametrize(
    ("options", "sessions"),
    [
        ("--since 2026-03-09", ["S2", "S3"]),
        ("--until 2026-03-09", ["S1", "S2"]),
        ("--pair A,B --batch 1", ["S1", "S2", "S3"]),
        ("--codebook-version small@1.0.0", ["S1", "S2", "S3"]),
    ],
)
def test_options_select_pages(study: Project, relcode: Callable[..., Any], options: str, sessions: list[str]) -> None:
    done = relcode("agreement", "--project", study.folder, "--bootstrap", "0", "--json", *options.split())
    assert json.loads(done.out)["sessions"] == sessions


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ("--pair A", 2, "two coders"),
        ("--pair A,Z", 2, "there are: A, B"),
        ("--batch 9", 2, "there are: 1"),
        ("--since 2026-13-01", 2, "--since"),
        ("--since 2026-03-02 --until 2026-03-01", 2, "after --until"),
        ("--until 2026-01-01", 1, "agreement needs 2"),
        ("--codebook-version 9.9.9", 1, "agreement needs 2"),
        ("--by coder", 2, "pair, version, window"),
        ("--window year", 2, "day, week, month, batch"),
        ("--html report.pdf", 2, ".html"),
        ("--model nowhere", 1, "nowhere"),
    ],
)
def test_wrong_options_say_what_is_expected(
    study: Project, relcode: Callable[..., Any], options: str, status: int, words: str
) -> None:
    done = relcode("agreement", "--project", study.folder, *options.split())
    assert (done.status, "Traceback" in done.err) == (status, False)
    assert words in " ".join(done.err.replace("│", " ").split())


def test_files_know_no_dates_and_may_be_of_a_model(
    made: SimpleNamespace, relcode: Callable[..., Any], tmp_path: Path
) -> None:
    for source in ("coder:A", "coder:B", "model:m"):
        write_spans(tmp_path / f"{source[-1]}.jsonl", [made.span(1, "TSI", source=source)])
    files = [tmp_path / f"{name}.jsonl" for name in "ABm"]
    done = relcode("agreement", *files, "--json", "--bootstrap", "0")
    assert json.loads(done.out)["coders"] == ["A", "B"]
    assert [group["name"] for group in json.loads(done.out)["groups"]] == ["A – B", "A – model:m", "B – model:m"]
    assert json.loads(relcode("agreement", *files, "--json", "--pair", "A,model:m").out)["coders"] == ["A", "model:m"]
    refused = relcode("agreement", *files, "--since", "2026-01-01")
    assert refused.status == 2
    assert "do not say when" in refused.err


def test_a_model_joins_as_a_rater_and_its_training_is_told(relcode: Callable[..., Any]) -> None:
    root = Path(__file__).parents[2]
    corpus = root / "examples" / "corpus"
    labels = [corpus / "labels" / f"coder_{coder}.jsonl" for coder in "AB"]
    done = relcode(
        "agreement", *labels, "--transcripts", corpus / "transcripts" / "D1-T01-s03.jsonl", "--codebook", "relational-core",
        "--model", root / "models" / "relational-synthetic", "--bootstrap", "0", "--json", "--redact",
    )  # fmt: skip
    assert done.status == 0, done.err
    found = json.loads(done.out)
    assert found["machines"][0]["seen"] == ["D1-T01-s03"]
    assert found["coders"] == ["A", "B"]
    assert len(found["groups"]) == 3
