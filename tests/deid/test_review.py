"""The review: what is shown, the page as a file, the terminal, and the commands around them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import page_elements
from relcode.cli.review_terminal import review_in_terminal
from relcode.deid import Decision, Finding
from relcode.deid.review import findings_for_review, render_review
from relcode.errors import UsageError
from relcode.project import Project
from relcode.provenance import hash_text
from relcode.records import Session
from relcode.transcripts import read_sessions, write_session

HOSTILE = (
    "</script><img src=x onerror=alert(1)>\u2028 <!-- \u202egnol\u202c 😀 I told Casimir </style> {{ 7*7 }} & 'x'."
)


class Page(page_elements.Page):
    """With what stands in its style and script elements."""

    def __init__(self, text: str) -> None:
        self.sources: dict[str, str] = {}
        self._within: str | None = None
        super().__init__(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        self._within = dict(attrs).get("type") or tag if tag in ("style", "script") else None

    def handle_endtag(self, tag: str) -> None:
        self._within = None

    def handle_data(self, data: str) -> None:
        if self._within:
            self.sources[self._within] = self.sources.get(self._within, "") + data


def decision(session: Session, turn: int, words: str, said: str, **more: Any) -> Decision:
    text = session.turns[turn - 1].text
    start = text.index(words)
    line = {"label": "NAME", "decision": said, "scope": "here", "who": "anna", "when": "2026-01-02", **more}
    place = {"session_id": session.session_id, "turn": turn, "turn_sha256": hash_text(text), "start": start}
    return msgspec.convert({**place, "end": start + len(words), **line}, Decision)


def test_what_is_shown_is_what_deidentify_finds_and_the_doubts(session_of: Callable[..., Session]) -> None:
    one = session_of("C: I told Casimir.", session_id="A", dyad="D")
    two = session_of("C: and casimir said no, in the lighthouse.", session_id="B", dyad="D")
    shown = findings_for_review([one, two])
    assert [(f.session_id, f.text) for f in shown] == [("A", "Casimir"), ("B", "casimir")]
    assert findings_for_review([one, two], least=1.1) == []


def test_a_name_that_a_person_added_is_shown_wherever_it_is_then_found(session_of: Callable[..., Session]) -> None:
    one = session_of("C: I saw the blorp.", "T: Blorp? Was it blorp?", dyad="D")
    added = decision(one, 1, "blorp", "add")
    with_it = [(f.turn, f.start, f.probability) for f in findings_for_review([one], [added])]
    assert (2, 0) in [place[:2] for place in with_it]
    assert with_it != [(f.turn, f.start, f.probability) for f in findings_for_review([one])]


def test_the_page_holds_hostile_text_as_data_and_runs_its_own_script_alone(session_of: Callable[..., Session]) -> None:
    one = session_of(f"C: {HOSTILE}", session_id='"><script>x</script>', dyad="D'\"<")
    start = HOSTILE.index("Casimir")
    found = Finding(one.session_id, 1, start, start + 7, "NAME", 0.9, "first-name", "Casimir")
    text = render_review([one], [found], who='"><b>')
    page = Page(text)
    assert [tag for tag, _ in page.elements if tag in ("img", "iframe", "link", "b", "base", "object")] == []
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert not any(name.startswith("on") or name in ("src", "style") for _, attrs in page.elements for name in attrs)
    assert "://" not in text
    assert "localStorage" not in text
    policy = next(a["content"] or "" for t, a in page.elements if t == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'; ")
    for name in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.sources[name].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert not set("<>&") & set(page.sources["application/json"])
    data = json.loads(page.sources["application/json"])
    assert data["sessions"][0]["turns"] == [[1, "C", HOSTILE, hash_text(HOSTILE)]]
    assert data["findings"] == [[0, 0, start, start + 7, "NAME", 0.9, "first-name"]]


def test_the_page_begins_with_the_decisions_that_still_fit(session_of: Callable[..., Session]) -> None:
    one = session_of("C: I told Casimir.", dyad="D")
    fits = decision(one, 1, "Casimir", "reject")
    stale = msgspec.structs.replace(fits, turn_sha256="0" * 64, start=0)
    everywhere = decision(one, 1, "told", "add", scope="client", dyad="D", text="told", label="STRANGE_CLASS")
    page = Page(render_review([one], [], [fits, stale, everywhere]))
    data = json.loads(page.sources["application/json"])
    assert msgspec.convert(data["decisions"], list[Decision]) == [fits, everywhere]
    assert "STRANGE_CLASS" in data["labels"]


def test_a_page_without_findings_and_one_without_sessions_can_be_made(session_of: Callable[..., Session]) -> None:
    for sessions in ([session_of("C: Yes.")], []):
        data = json.loads(Page(render_review(sessions, [])).sources["application/json"])
        assert data["findings"] == []
        assert len(data["sessions"]) == len(sessions)


# ---- the terminal


@pytest.fixture
def told(session_of: Callable[..., Session]) -> tuple[Session, list[Finding]]:
    """Three findings, shown in the order Zorblax (a doubt), Casimir, Casimir."""
    one = session_of("C: I told Casimir.", "T: Zorblax?", "C: No, Casimir.", dyad="D")
    places = [(1, 7, 14, 0.9), (2, 0, 7, 0.3), (3, 4, 11, 0.95)]
    findings = [Finding("S1", t, a, b, "NAME", p, "rule", one.turns[t - 1].text[a:b]) for t, a, b, p in places]
    return one, findings


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("arq", [(2, "accept", "here", "NAME"), (1, "reject", "here", "NAME")]),
        ("jR", [(1, "reject", "client", "NAME")]),
        ("2jA", [(2, "accept", "here", "LOCATION"), (3, "accept", "client", "NAME")]),
        ("x?ka", [(2, "accept", "here", "NAME")]),
        ("jka", [(2, "accept", "here", "NAME")]),
        ("q", []),
        ("", []),
        ("jjj", []),
    ],
)
def test_keys_decide(told: tuple[Session, list[Finding]], keys: str, expected: list[tuple[int, str, str, str]]) -> None:
    session, findings = told
    kept: list[Decision] = []
    made = review_in_terminal([session], findings, [], who="anna", keep=kept.append, keys=iter(keys))
    assert [(d.turn, d.decision, d.scope, d.label) for d in kept] == expected
    assert made == len(expected)
    again: list[Decision] = []
    review_in_terminal([session], findings, kept, who="ben", keep=again.append, keys=iter("aaa"))
    assert not {d.slot for d in kept} & {d.slot for d in again}  # what is decided is not asked again


def test_the_panel_shows_the_words_in_their_context(
    told: tuple[Session, list[Finding]], capfd: pytest.CaptureFixture[str]
) -> None:
    session, findings = told
    review_in_terminal([session], findings, [], who="anna", keep=lambda _: None, keys=iter(""))
    shown = capfd.readouterr().err
    assert all(words in shown for words in ("I told Casimir.", "Zorblax?", "No, Casimir.", "0.30", "a doubt"))


def test_the_panel_lets_no_text_steer_the_terminal(
    session_of: Callable[..., Session], capfd: pytest.CaptureFixture[str]
) -> None:
    session = session_of("C: \x1b[2J \u202eyes\x07 Casimir")
    start = session.turns[0].text.index("Casimir")
    found = Finding("S1", 1, start, start + 7, "NAME", 0.9, "rule", "Casimir")
    review_in_terminal([session], [found], [], who="anna", keep=lambda _: None, keys=iter(""))
    shown = capfd.readouterr().err
    assert "Casimir" in shown
    assert not {"\x1b", "\u202e", "\x07"} & set(shown)


def test_without_a_terminal_the_page_is_named_instead(told: tuple[Session, list[Finding]]) -> None:
    with pytest.raises(UsageError, match="--html"):
        review_in_terminal([told[0]], told[1], [], who="anna", keep=lambda _: None)


# ---- the commands


@pytest.fixture
def raw(tmp_path: Path, session_of: Callable[..., Session]) -> Path:
    folder = tmp_path / "material" / "raw"
    folder.mkdir(parents=True)
    write_session(session_of("C: I told Dr. Okafor.", "T: The lighthouse?", session_id="A", dyad="D"), folder)
    write_session(session_of("C: Dr. Okafor said no.", session_id="B", dyad="D"), folder)
    return folder


def test_the_page_is_private_and_stays_out_of_projects(relcode: Callable[..., Any], raw: Path, tmp_path: Path) -> None:
    page = tmp_path / "review.html"
    done = relcode("deid", "review", raw, "--html", page, "--by", "anna", "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out) == {"sessions": 2, "findings": 2, "out": str(page)}
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "Okafor" not in done.err
    project = Project.create(tmp_path / "study")
    for arguments in (
        ["--html", project.folder / "r.html"],
        ["--html", page, "--decisions", project.folder / "d.jsonl"],
    ):
        done = relcode("deid", "review", raw, *arguments)
        assert done.status == 2
        assert "project folder" in done.err
    assert sorted(p.name for p in project.folder.glob("*.*l")) == ["relcode.toml"]


@pytest.mark.parametrize("ways", [[], ["--html", "a.html", "--terminal"], ["--take", "a.jsonl", "--terminal"]])
def test_the_review_goes_one_way_at_a_time(relcode: Callable[..., Any], raw: Path, ways: list[str]) -> None:
    assert relcode("deid", "review", raw, *ways).status == 2


def test_decisions_are_taken_in_applied_and_recorded(
    relcode: Callable[..., Any], raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = next(session for session in read_sessions([raw]) if session.session_id == "A")
    good = [
        decision(one, 1, "Okafor", "reject", scope="client", dyad="D", text="Okafor"),
        decision(one, 2, "lighthouse", "add", label="OTHER_ID"),
    ]
    stale = msgspec.structs.replace(good[1], start=0, turn_sha256="0" * 64)
    saved = tmp_path / "deid-review.jsonl"
    saved.write_bytes(msgspec.json.Encoder().encode_lines([*good, stale]) + b"Okafor\n")
    monkeypatch.chdir(tmp_path)
    done = relcode("deid", "review", raw, "--take", saved)
    assert done.status == 1
    assert f"{saved}:4" in done.err
    assert "session A, turn 2: the turn's text has changed" in done.err
    assert "Okafor" not in done.err
    file = raw.parent / "deid-decisions.jsonl"
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = relcode("deid", "review", raw, "--take", saved, "--json")
    assert json.loads(again.out)["new"] == 0

    project = Project.create(tmp_path / "study")
    unaware = relcode("deid", raw, "--out", tmp_path / "other")
    assert f"--decisions {file}" in unaware.err
    done = relcode("deid", raw, "--out", project.transcripts, "--decisions", file)
    assert done.status == 0, done.err
    texts = [turn.text for session in read_sessions([project.transcripts]) for turn in session.turns]
    assert texts == ["I told Dr. Okafor.", "The [OTHER_ID_1]?", "Dr. Okafor said no."]
    assert [event.actor for event in project.open_ledger().events("deid")] == ["anna", "anna"]
    assert relcode("deid", project.transcripts, "--check").status == 0


def test_a_decision_about_a_changed_turn_is_reported_when_it_is_not_applied(
    relcode: Callable[..., Any], raw: Path, tmp_path: Path
) -> None:
    one = next(session for session in read_sessions([raw]) if session.session_id == "A")
    stale = msgspec.structs.replace(decision(one, 1, "Okafor", "reject"), turn_sha256="0" * 64)
    file = tmp_path / "d.jsonl"
    file.write_bytes(msgspec.json.encode(stale) + b"\n")
    done = relcode("deid", raw, "--out", tmp_path / "out", "--decisions", file, "--json")
    assert done.status == 0
    assert json.loads(done.out)["not_applied"] == [
        "session A, turn 1: the turn's text has changed since it was decided; review it again"
    ]
    assert "was not applied: session A, turn 1" in done.err


def test_a_broken_file_of_decisions_keeps_everything_as_it_is(
    relcode: Callable[..., Any], raw: Path, tmp_path: Path
) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text("{}\nno\n", encoding="utf-8")
    for line in (["deid", raw, "--out", tmp_path / "out"], ["deid", "review", raw, "--html", tmp_path / "r.html"]):
        done = relcode(*line, "--decisions", file)
        assert done.status == 1
        assert f"{file}:1" in done.err
        assert f"{file}:2" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.jsonl", "material"]
    file.write_text("", encoding="utf-8")
    assert relcode("deid", raw, "--out", tmp_path / "out", "--decisions", file).status == 0


def test_deid_runs_as_before_and_a_folder_named_review_is_reached_by_its_path(
    relcode: Callable[..., Any], raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(raw.parent)
    raw.rename(raw.parent / "review")
    assert relcode("deid", "--out", "out", "review").status == 0
    assert relcode("deid", "./review", "--out", "out2").status == 0
    assert sorted(path.name for path in (raw.parent / "out2").iterdir()) == ["A.jsonl", "B.jsonl"]
    assert relcode("deid").status == 2
    assert relcode("deid", "review").status == 2
    shown = relcode("deid", "--help").out
    assert "--mode" in shown
    assert re.search(r"Commands:\s+review", shown)


def test_an_override_names_who_let_the_session_pass(relcode: Callable[..., Any], raw: Path, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "study")
    write_session(read_sessions([raw])[0], project.transcripts)
    line = ["deid", project.transcripts, "--override", "A", "--reason", "read"]
    assert relcode(*line).status == relcode(*line, "--by", "ben").status == 0
    assert relcode(*line, "--by", "").status == 2
    assert [event.actor for event in project.open_ledger().events("deid_override")] == ["person", "ben"]
