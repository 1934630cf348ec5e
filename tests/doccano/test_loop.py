"""Push, code, pull and adjudicate against the real server, through the accounts that people use."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from relcode.adjudication import accepted_labels, coded_sessions, find_disputes, settle
from relcode.cli import main
from relcode.doccano.addresses import Address, connect_admin, find_server
from relcode.doccano.coding import enter_labels
from relcode.doccano.consensus import pull_consensus, push_consensus
from relcode.doccano.labels import write_labels
from relcode.doccano.listing import list_examples
from relcode.doccano.offsets import Utf16Map
from relcode.doccano.projects import find_project, label_types
from relcode.doccano.pull import PullReport, pull
from relcode.doccano.push import PushReport, push
from relcode.doccano.session import DoccanoSession, connect
from relcode.errors import DoccanoError, LabelError, TranscriptError, UsageError
from relcode.ledger import CALIBRATION, Ledger, NewEvent
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session, Span, Turn
from relcode.spans import read_spans
from relcode.transcripts import write_session

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
PASSWORD = "Quiet-harbour-41"
CODES = {"TSI": ["T"], "GUIDE": ["T"], "RO": ["C"], "ANY": ["T", "C"]}

server_test = pytest.mark.server


class Study:
    """A project with two short sessions, a small codebook, and accounts for two coders and an adjudicator."""

    def __init__(self, folder: Path, server: Address) -> None:
        self.server = server
        self.batch = uuid.uuid4().hex[:8]
        self.project = Project.create(
            folder, name="study", coders=["ana", "ben"], codebook="small", doccano_url=server.url
        )
        codes = [
            {"id": code, "name": code.lower(), "speakers": speakers, "definition": "What it is.", "prior": 0.1}
            for code, speakers in CODES.items()
        ]
        codes[0] |= {"color": "#336699", "key": "t"}
        book = {"id": "small", "version": "1.0.0", "title": "Small", "authors": ["test"], "codes": codes}
        (self.project.codebooks / "small.yaml").write_text(yaml.safe_dump(book))
        texts = [f"turn {number} 🙂 says {FAMILY} e\u0301 \u2019words\u2019\r\nand more  " for number in range(1, 31)]
        turns = tuple(Turn(number, "TC"[number % 2 == 0], text) for number, text in enumerate(texts, start=1))
        self.sessions = [Session("S1", turns), Session("S2", turns[:14])]
        self.ledger = Ledger(self.project.ledger_path)

    def span(self, turn: int, code: str, start: int = 0, end: int = 8, session: int = 0) -> Span:
        which = self.sessions[session]
        text = which.turns[turn - 1].text
        return Span(which.session_id, turn, start, end, text[start:end], code, "small@1.0.0", "cues", 0.5, ("a",))

    def push(self, suggestions: Sequence[Span] = (), coders: Sequence[str] = ("ana",), **options: Any) -> PushReport:
        options = {"batch": self.batch, "server": self.server} | options
        return push(self.project, self.sessions, suggestions, coders=coders, **options)

    def pull(self) -> PullReport:
        return pull(self.project, self.server, batch=self.batch)

    def account(self, name: str) -> DoccanoSession:
        return connect(self.server.url, name, PASSWORD)

    def project_id(self, coder: str = "ana") -> int:
        project_id = find_project(connect_admin(self.server), self.batch, coder)
        assert project_id is not None
        return project_id

    def examples(self, coder: str = "ana") -> dict[tuple[str, int], tuple[int, str, Any]]:
        """(session, first turn) -> example id, text, labels on the server."""
        found = {example.page: example for example in list_examples(connect_admin(self.server), self.project_id(coder))}
        return {
            (entry["session_id"], entry["first_turn"]): (
                found[entry["page"]].example_id,
                found[entry["page"]].text,
                found[entry["page"]].labels,
            )
            for entry in self.ledger.pages(coder, self.batch)
            if entry["page"] in found
        }

    def enter(self, coder: str, spans: Sequence[Span], **options: Any) -> Any:
        pages = self.ledger.pages(coder, self.batch)
        account = "adjudicator" if coder == "consensus" else coder
        return enter_labels(self.account(account), self.project_id(coder), pages, spans, **options)

    def events(self) -> list[tuple[str, int | None, str | None, str | None]]:
        """What the pulls recorded: kind, turn, code, provenance."""
        events = self.ledger.events("label", "unlabel", "confirm", "unconfirm")
        spans = [(event, event.payload.get("span", {})) for event in events]
        return [(e.kind, s.get("turn"), s.get("code"), e.payload.get("provenance")) for e, s in spans]


@pytest.fixture(scope="session")
def server(doccano_server: Any) -> Address:
    """The server with the accounts that the studies use."""
    address = Address(doccano_server.url, doccano_server.admin, doccano_server.admin_password)
    admin = connect_admin(address)
    there = {user["username"] for user in admin.get("users")}
    for name in ("ana", "ben", "adjudicator"):
        if name not in there:
            admin.post("users/create", {"username": name, "password1": PASSWORD, "password2": PASSWORD})
    return address


@pytest.fixture
def study(server: Address, tmp_path: Path) -> Study:
    return Study(tmp_path / "study", server)


# ---------------------------------------------------------------- push


@server_test
def test_push_sends_each_page_with_exact_text_and_labels_and_a_second_push_nothing(study: Study) -> None:
    suggestions = [study.span(1, "TSI", 0, 8), study.span(1, "GUIDE", 5, 20), study.span(16, "RO", 9, 30)]
    first = study.push(suggestions)
    assert (first.coders[0].uploaded, first.coders[0].suggestions, first.coders[0].already_there) == (3, 3, 0)
    before = study.examples()
    for (session_id, first_turn), (_, text, labels) in before.items():
        session = next(session for session in study.sessions if session.session_id == session_id)
        assert session.turns[first_turn - 1].text in text
        units = text.encode("utf-16-le")
        shown = {(units[2 * start : 2 * end].decode("utf-16-le"), code) for start, end, code in labels}
        assert shown == {
            (span.text, span.code)
            for span in suggestions
            if span.session_id == session_id and first_turn <= span.turn < first_turn + 15
        }
    head = study.ledger.head()
    second = study.push(suggestions)
    assert (second.coders[0].uploaded, second.coders[0].already_there) == (0, 3)
    assert study.examples() == before
    assert study.ledger.head() == head


@server_test
def test_the_project_is_the_coders_alone_with_the_codebooks_label_types(study: Study) -> None:
    study.push(coders=["ana", "ben"])
    admin = connect_admin(study.server)
    project_id = study.project_id()
    members = {member["username"]: member["rolename"] for member in admin.get(f"projects/{project_id}/members")}
    assert members == {study.server.admin: "project_admin", "ana": "annotator"}
    made = admin.get(f"projects/{project_id}")
    assert made["collaborative_annotation"]
    assert made["allow_overlapping"]
    assert not made["grapheme_mode"]
    assert "## TSI: tsi" in made["guideline"]
    types = {entry["text"]: entry for entry in admin.get(f"projects/{project_id}/span-types")}
    assert set(types) == set(CODES)
    assert (types["TSI"]["background_color"], types["TSI"]["suffix_key"]) == ("#336699", "t")
    assert len({entry["suffix_key"] for entry in types.values()}) == len(CODES)


@server_test
def test_the_server_holds_page_ids_and_nothing_else_beside_the_text(study: Study) -> None:
    study.push()
    examples = connect_admin(study.server).get(f"projects/{study.project_id()}/examples", limit=10)["results"]
    pages = {entry["page"] for entry in study.ledger.pages("ana")}
    assert {example["meta"]["relcode"]["page"] for example in examples} == pages
    assert all(example["meta"].keys() == {"relcode"} for example in examples)


@server_test
def test_a_page_that_its_coder_has_emptied_is_not_filled_again(study: Study) -> None:
    study.push([study.span(1, "TSI")])
    study.enter("ana", [], confirm=False)
    assert study.push([study.span(1, "TSI")]).coders[0].repaired == 0
    assert all(labels == () for _, _, labels in study.examples().values())


@server_test
def test_blind_pages_are_sent_without_suggestions_and_stay_so(study: Study) -> None:
    suggestions = [study.span(turn, "ANY") for turn in range(1, 31)] + [study.span(1, "ANY", session=1)]
    done = study.push(suggestions, blind_share=0.34, seed=3).coders[0]
    assert done.blind == 1
    shown = [entry["shown"] for entry in study.ledger.pages("ana")]
    assert sorted(shown) == [False, True, True]
    assert sorted(bool(labels) for _, _, labels in study.examples().values()) == [False, True, True]
    study.push(suggestions, blind_share=1.0)
    assert [entry["shown"] for entry in study.ledger.pages("ana")] == shown


@server_test
def test_a_session_whose_words_changed_goes_into_another_batch(study: Study) -> None:
    study.push()
    session = study.sessions[0]
    study.sessions[0] = Session("S1", (Turn(1, "T", "other words"), *session.turns[1:]))
    with pytest.raises(DoccanoError, match="another --batch"):
        study.push()


@server_test
def test_a_coder_without_an_account_is_named(study: Study) -> None:
    with pytest.raises(DoccanoError, match="no account 'nobody'"):
        study.push(coders=["nobody"])


def offline(folder: Path) -> Study:
    return Study(folder, Address("http://127.0.0.1:9", "admin", "x"))


def test_what_does_not_fit_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    study = offline(tmp_path / "study")
    with pytest.raises(UsageError, match="coder"):
        study.push(coders=[])
    with pytest.raises(UsageError, match="consensus"):
        study.push(coders=["consensus"])
    with pytest.raises(UsageError, match="between 0 and 1"):
        study.push(blind_share=1.5)
    wrong = [study.span(1, "NEW"), Span("S1", 99, 0, 1, "x", "TSI"), Span("S1", 1, 0, 3, "xyz", "TSI")]
    with pytest.raises(LabelError) as caught:
        study.push(wrong)
    assert len(caught.value.faults) == 3
    study.sessions = [Session("S1", (Turn(1, "T", "a\0b"), Turn(2, "C", "\ud83d")))]
    with pytest.raises(TranscriptError) as caught_text:
        study.push()
    assert len(caught_text.value.faults) == 2
    assert study.ledger.head()[0] == 0


# ---------------------------------------------------------------- pull


@server_test
def test_a_pull_tells_how_each_label_came_about_and_repeating_it_adds_nothing(study: Study) -> None:
    accept, reject = study.span(1, "TSI"), study.span(3, "TSI")
    relabel, move = study.span(5, "TSI"), study.span(7, "TSI", 0, 8)
    study.push([accept, reject, relabel, move])
    ana, project_id = study.account("ana"), study.project_id()
    example_id, text, _ = study.examples()["S1", 1]
    base = f"projects/{project_id}/examples/{example_id}"
    codes = {code: type_id for type_id, code in label_types(ana, project_id).items()}
    offsets = Utf16Map(text)

    def units(turn: int, start: int) -> int:
        line = text.index(f"[{turn}] ") + len(f"[{turn}] T: ")
        return offsets.to_utf16(line + start)

    labels = {label["start_offset"]: label["id"] for label in ana.get(f"{base}/spans")}
    ana.delete(f"{base}/spans/{labels[units(3, 0)]}")
    ana._request("PATCH", f"{base}/spans/{labels[units(5, 0)]}", json={"label": codes["GUIDE"]})
    ana.delete(f"{base}/spans/{labels[units(7, 0)]}")
    for turn, code, start, end in [(7, "TSI", 5, 16), (9, "ANY", 7, 8)]:
        place = {"start_offset": units(turn, start), "end_offset": units(turn, end)}
        ana.post(f"{base}/spans", {"label": codes[code], **place})

    assert study.pull().projects[0].confirmed == 0
    assert study.events() == []  # nothing of an unconfirmed page is recorded
    ana.post(f"{base}/states", {})
    report = study.pull().projects[0]
    assert report.set_aside == []
    assert (report.confirmed, report.labels) == (1, 4)
    assert sorted(study.events(), key=str) == sorted(
        [
            ("label", 1, "TSI", "accepted"),
            ("label", 5, "GUIDE", "relabelled"),
            ("label", 7, "TSI", "moved"),
            ("label", 9, "ANY", "added"),
            ("unlabel", 3, "TSI", "rejected"),
            ("confirm", None, None, None),
        ],
        key=str,
    )
    emoji = next(span for span in study.ledger.labels("ana") if span.code == "ANY")
    assert (emoji.start, emoji.end, emoji.text, emoji.source) == (7, 8, "🙂", "coder:ana")
    head = study.ledger.head()
    study.pull()
    assert study.ledger.head() == head
    assert study.ledger.verify() == []


@server_test
def test_later_changes_come_with_the_next_pull(study: Study) -> None:
    kept, dropped, own = study.span(1, "TSI"), study.span(3, "TSI"), study.span(2, "RO")
    study.push([kept, dropped])
    study.enter("ana", [kept, dropped, own])
    study.pull()
    assert {span.key for span in study.ledger.labels("ana")} == {kept.key, dropped.key, own.key}
    study.enter("ana", [kept])  # confirmed before: not toggled
    study.pull()
    assert {span.key for span in study.ledger.labels("ana")} == {kept.key}
    assert study.events()[-2:] == [("unlabel", 3, "TSI", "rejected"), ("unlabel", 2, "RO", "removed")]
    example_id, _, _ = study.examples()["S1", 1]
    study.account("ana").post(f"projects/{study.project_id()}/examples/{example_id}/states", {})
    assert study.pull().projects[0].confirmed == 2
    assert study.events()[-1][0] == "unconfirm"


@server_test
def test_every_offset_survives_the_way_to_the_server_and_back(study: Study) -> None:
    study.push()
    text = study.sessions[0].turns[0].text
    spans = [study.span(1, "ANY", at, at + 1) for at in range(len(text)) if not text[at].isspace()]
    assert study.enter("ana", spans).added == len(spans)
    study.pull()
    assert {span.key for span in study.ledger.labels("ana")} == {span.key for span in spans}
    assert all(span.text == text[span.start : span.end] for span in study.ledger.labels("ana"))


@server_test
def test_what_cannot_be_used_is_set_aside_by_place_and_the_rest_goes_through(study: Study) -> None:
    good = study.span(1, "TSI")
    study.push([good])
    admin, project_id = connect_admin(study.server), study.project_id()
    pages = study.examples()
    study.enter("ana", [good])
    ana = study.account("ana")
    first, text, _ = pages["S1", 1]
    codes = {code: type_id for type_id, code in label_types(ana, project_id).items()}
    odd = admin.post(f"projects/{project_id}/span-types", {"text": "ODD"})["id"]
    client_line = Utf16Map(text).to_utf16(text.index("[2] C: ") + len("[2] C: "))
    spans = f"projects/{project_id}/examples/{first}/spans"
    ana.post(spans, {"label": codes["TSI"], "start_offset": 5, "end_offset": 99999})
    ana.post(spans, {"label": odd, "start_offset": 5, "end_offset": 9})
    ana.post(spans, {"label": codes["TSI"], "start_offset": client_line, "end_offset": client_line + 4})
    ana.post(spans, {"label": codes["TSI"], "start_offset": 0, "end_offset": 4})
    second = pages["S1", 16][0]
    admin._request("PATCH", f"projects/{project_id}/examples/{second}", json={"text": "changed"})
    admin.delete(f"projects/{project_id}/examples", {"ids": [pages["S2", 1][0]]})
    report = study.pull()
    lines = report.projects[0].set_aside
    assert len(lines) == 6
    for expected in (
        "turns 1 to 15: TSI at an impossible offset 99999",
        "turns 1 to 15: a label of type 'ODD'",
        "turns 1 to 15: TSI in turn 2 at 0 to 4: not for C",
        "turns 1 to 15: TSI at 0 to 4 of the page lies on no turn",
        "session S1, turns 16 to 30: the page's text on the server is not the one that was sent",
        "session S2, turns 1 to 14: the page is not on the server any more",
    ):
        assert any(expected in line for line in lines), expected
    assert not any(word in line for line in lines for word in ("says", "words", "changed"))
    assert [span.key for span in study.ledger.labels("ana")] == [good.key]
    assert study.ledger.confirmed_pages("ana") == set()  # not done before it was put right
    for label in ana.get(spans):
        if (label["start_offset"], label["label"]) != (ana_start(study, text), codes["TSI"]):
            ana.delete(f"{spans}/{label['id']}")
    study.pull()
    assert len(study.ledger.confirmed_pages("ana")) == 1


def ana_start(study: Study, text: str) -> int:
    """Where the first turn's text starts on the first page."""
    return text.index(study.sessions[0].turns[0].text)


@server_test
def test_a_label_over_two_turns_is_cut_to_the_turns_that_may_carry_it(study: Study) -> None:
    study.push()
    _, text, _ = study.examples()["S1", 1]
    example_id = study.examples()["S1", 1][0]
    ana, project_id = study.account("ana"), study.project_id()
    codes = {code: type_id for type_id, code in label_types(ana, project_id).items()}
    start, end = text.index("[1] T: "), text.index("[3] T: ")
    offsets = Utf16Map(text)
    place = {"start_offset": offsets.to_utf16(start), "end_offset": offsets.to_utf16(end)}
    base = f"projects/{project_id}/examples/{example_id}"
    for code in ("TSI", "ANY"):
        ana.post(f"{base}/spans", {"label": codes[code], **place})
    ana.post(f"{base}/states", {})
    assert study.pull().set_aside == []
    found = sorted((span.turn, span.code, span.start, span.text) for span in study.ledger.labels("ana"))
    one, two = (turn.text for turn in study.sessions[0].turns[:2])
    assert found == [(1, "ANY", 0, one), (1, "TSI", 0, one), (2, "ANY", 0, two)]


@server_test
def test_files_hold_only_sessions_that_are_wholly_confirmed(study: Study) -> None:
    study.push()
    entries = study.ledger.pages("ana", study.batch)
    spans = [study.span(1, "TSI"), study.span(2, "RO", session=1)]
    enter_labels(study.account("ana"), study.project_id(), [entries[0], entries[2]], spans)
    study.pull()
    (file,) = write_labels(study.ledger, study.project.labels)
    assert (file.sessions, file.labels, file.partly) == (1, 1, ["S1"])
    assert [span.key for span in read_spans(Path(file.path), study.sessions)] == [spans[1].key]


@server_test
def test_the_pull_command_exits_with_1_when_something_was_set_aside_and_still_records_the_rest(
    study: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    study.push()
    good = study.span(2, "RO", session=1)
    study.enter("ana", [good, study.span(2, "TSI")])  # TSI is not for the client
    monkeypatch.chdir(study.project.folder)
    monkeypatch.setenv("RELCODE_DOCCANO_USER", study.server.admin)
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", study.server.admin_password)
    with pytest.raises(SystemExit) as stopped:
        main(["pull"])
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert "ana: session S1, turns 1 to 15: TSI in turn 2 at 0 to 8: not for C" in said
    assert [span.key for span in read_spans(study.project.labels / "ana.jsonl", study.sessions)] == [good.key]
    study.enter("ana", [good])
    with pytest.raises(SystemExit) as stopped:
        main(["pull", "--out", "elsewhere", "--json"])
    assert stopped.value.code == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["sessions"] == 2
    assert (study.project.folder / "elsewhere" / "ana.jsonl").is_file()


# ---------------------------------------------------------------- adjudication


@server_test
def test_two_coders_and_an_adjudicator_end_to_end(study: Study) -> None:
    both, only_ana, only_ben = study.span(1, "TSI"), study.span(3, "TSI"), study.span(16, "RO")
    study.push([only_ana], coders=["ana", "ben"])
    study.enter("ana", [both, only_ana])
    study.enter("ben", [study.span(1, "TSI", 5, 20), study.span(3, "GUIDE", 2, 8), only_ben])
    study.pull()
    coded = coded_sessions(study.ledger, batch=study.batch)
    assert [session.session_id for session in coded] == ["S1", "S2"]
    findings = find_disputes(study.ledger, coded)
    sent = push_consensus(study.project, study.sessions, coded, findings, server=study.server)
    assert (sent.disputes, sent.pushes[0].uploaded) == (3, 2)
    again = push_consensus(study.project, study.sessions, coded, findings, server=study.server)
    assert (again.pushes[0].uploaded, again.pushes[0].already_there, again.outdated) == (0, 2, 0)
    guideline = connect_admin(study.server).get(f"projects/{study.project_id('consensus')}")["guideline"]
    assert guideline.startswith("# Reasons")
    assert "- `why.unclear`: The codebook does not decide it" in guideline
    assert "# Small" in guideline
    pages = study.examples("consensus")
    text, labels = pages["S1", 1][1:]
    assert len(labels) == 3  # the agreed one, and both of the dispute
    assert "ana" not in text
    line = text.split("\n")[
        text.split("\n").index("[4] C: " + study.sessions[0].turns[3].text.split("\r")[0] + "\r") - 1
    ]
    assert line.startswith("    ▸ decide 1 of 1   coder 1: ")
    assert "TSI “turn 3 🙂”" in line
    assert "GUIDE “" in line

    waiting = settle(study.ledger, batch=study.batch)
    assert (waiting.settled, list(waiting.unsettled)) == (["S2"], ["S1"])  # S2 has no dispute
    reason = study.span(3, "why.near-miss", 0, 4)
    own = study.span(3, "TSI", 0, 9)  # neither coder's boundaries
    study.enter("consensus", [both, only_ben, own, reason])
    assert pull_consensus(study.project, study.server, batch=study.batch).set_aside == []
    settled = settle(study.ledger, batch=study.batch)
    assert settled.warnings == ["session S1, turn 16: decided without a reason"]
    assert {span.key for span in accepted_labels(study.ledger)} == {both.key, only_ben.key, own.key}
    decisions = {event.payload["span"]["turn"]: event.payload for event in study.ledger.events("accept")}
    assert (decisions[16]["decision"], decisions[16]["coders"], decisions[16]["reason"]) == ("adjudicated", ["ben"], "")
    assert (decisions[3]["reason"], decisions[3]["adjudicator"]) == ("near-miss", "adjudicator")
    assert decisions[3]["given"][0]["provenance"] == "accepted"
    assert decisions[3]["suggestion"]["source"] == "cues"
    (rejected,) = [event.payload for event in study.ledger.events("reject")]
    assert (rejected["span"]["code"], rejected["coders"], rejected["reason"]) == ("GUIDE", ["ben"], "near-miss")
    head = study.ledger.head()
    pull_consensus(study.project, study.server, batch=study.batch)
    settle(study.ledger, batch=study.batch)
    assert study.ledger.head() == head


@server_test
def test_pages_whose_labels_have_changed_are_sent_anew_when_asked_for(study: Study) -> None:
    disputed = study.span(3, "TSI")
    study.push(coders=["ana", "ben"])
    study.enter("ana", [disputed])
    study.enter("ben", [])
    study.pull()

    def send(**options: Any) -> Any:
        coded = coded_sessions(study.ledger, batch=study.batch)
        findings = find_disputes(study.ledger, coded)
        return push_consensus(study.project, study.sessions, coded, findings, server=study.server, **options)

    def judge() -> Any:
        pull_consensus(study.project, study.server, batch=study.batch)
        return settle(study.ledger, batch=study.batch)

    send()
    study.enter("consensus", [disputed])
    study.enter("ben", [study.span(5, "GUIDE")])
    study.pull()
    assert "turn 5: the coders' labels have changed" in judge().unsettled["S1"]
    assert (send().outdated, len(study.examples("consensus")["S1", 1][2])) == (1, 1)
    renewed = send(renew=True)
    assert (renewed.outdated, renewed.pushes[0].uploaded) == (1, 1)
    assert len(study.examples("consensus")["S1", 1][2]) == 2
    assert "wait for the adjudicator" in judge().unsettled["S1"]
    study.enter("consensus", [disputed])
    assert judge().unsettled == {}
    assert [(span.turn, span.code) for span in accepted_labels(study.ledger)] == [(3, "TSI")]


@server_test
def test_disputes_without_the_transcript_that_was_coded_are_not_sent(study: Study) -> None:
    study.push(coders=["ana", "ben"])
    study.enter("ana", [study.span(1, "TSI")])
    study.enter("ben", [])
    study.pull()
    coded = coded_sessions(study.ledger)
    findings = find_disputes(study.ledger, coded)
    changed = [Session("S1", (Turn(1, "T", "other"), *study.sessions[0].turns[1:]))]
    with pytest.raises(DoccanoError) as caught:
        push_consensus(study.project, changed, coded, findings, server=study.server)
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["session S1", "session S2"]


# ---------------------------------------------------------------- training


@server_test
def test_a_coder_is_trained_on_settled_sessions_and_certified(
    study: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted = [
        study.span(1, "TSI"),
        study.span(3, "TSI"),
        study.span(5, "GUIDE"),
        study.span(16, "RO"),
        study.span(17, "TSI"),
    ]
    study.push(accepted, coders=["ana"])
    study.enter("ana", accepted)
    study.pull()
    settle(study.ledger)
    for session in study.sessions:
        write_session(session, study.project.transcripts)
    gate = {"mode": "tag", "findings": 0}
    study.ledger.append(
        [
            NewEvent("deid", "test", {"session_id": each.session_id, "session_sha256": hash_session(each), **gate})
            for each in study.sessions
        ]
    )
    with (study.project.folder / "relcode.toml").open("a") as file:
        file.write("instances = 2\nthreshold = 0.5\n")
    monkeypatch.chdir(study.project.folder)
    monkeypatch.setenv("RELCODE_DOCCANO_USER", study.server.admin)
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", study.server.admin_password)
    coder = f"t{study.batch}"  # whom no other test knows
    connect_admin(study.server).post("users/create", {"username": coder, "password1": PASSWORD, "password2": PASSWORD})

    def command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(["train-coder", *arguments])
        said = capsys.readouterr()
        return int(str(stopped.value.code)), said.out, said.err

    assert command("push", coder, "--pages", "1")[0] == 0
    pages = study.ledger.pages(coder, role=CALIBRATION)
    assert {(entry["session_id"], entry["first_turn"]) for entry in pages} == {("S1", 1)}  # TSI twice, GUIDE
    head = study.ledger.head()
    status, _, said = command("push", coder)  # under way: nothing is added
    assert (status, study.ledger.head()) == (0, head)
    assert "0 page(s) sent, 1 there before" in said
    project_id = find_project(connect_admin(study.server), "calibration-1", coder)
    assert project_id is not None
    (example,) = list_examples(connect_admin(study.server), project_id)
    assert example.labels == ()  # blind
    own = [study.span(1, "TSI"), study.span(3, "TSI", 5, 12), study.span(5, "TSI")]
    enter_labels(study.account(coder), project_id, pages, own)
    pull(study.project, study.server)
    assert study.ledger.labels(coder) == []  # no coding of the session
    status, out, said = command("report", coder)
    assert status == 0
    assert "TSI\t2\t2\t0\t1\t" in out
    assert "session S1, turn 5: GUIDE missed; accepted GUIDE, given TSI (definition: What it is.)" in out
    assert "Certified now: TSI" in said
    assert "says" not in out + said
    assert f"{coder}\tTSI\tsmall@1.0.0" in command("list")[1]
    assert command("push", coder, "--pages", "5")[0] == 0
    again = study.ledger.pages(coder, "calibration-2", role=CALIBRATION)
    assert {(entry["session_id"], entry["first_turn"]) for entry in again} == {("S1", 16), ("S2", 1)}
    status, _, said = command("push", coder, "S2")
    assert status == 1
    assert "an attempt under way (calibration-2)" in said


# ---------------------------------------------------------------- the session's errors


@pytest.fixture
def web_page() -> Iterator[str]:
    """A web server that answers everything with a page, as Doccano does at unknown addresses."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html></html>")

        def log_message(self, *_: Any) -> None:
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{web.server_port}"
    web.shutdown()


def test_a_server_that_is_down_is_named_with_the_remedy() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(DoccanoError, match=rf"No Doccano server answers at {url}\. .*relcode doccano up"):
        connect(url, "admin", "x")


def test_a_web_page_in_place_of_data_is_refused(web_page: str) -> None:
    with pytest.raises(DoccanoError, match="form that Doccano"):
        connect(web_page, "admin", "x")


@server_test
def test_a_wrong_password_is_said_and_not_repeated(server: Address) -> None:
    with pytest.raises(DoccanoError, match="does not accept the password of 'ana'") as caught:
        connect(server.url, "ana", "wrong-and-secret")
    assert "wrong-and-secret" not in str(caught.value)


@server_test
def test_a_coders_account_is_no_administrators(server: Address) -> None:
    with pytest.raises(DoccanoError, match="not an administrator"):
        connect(server.url, "ana", PASSWORD, admin=True)


@server_test
def test_an_unknown_address_of_the_server_is_an_error_not_a_page(server: Address) -> None:
    with pytest.raises(DoccanoError, match="no-such-thing"):
        connect_admin(server).get("no-such-thing")


def test_a_named_server_needs_its_account_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    project: Any = SimpleNamespace(doccano_url="http://127.0.0.1:9", doccano_ca=None, folder=Path())
    monkeypatch.delenv("RELCODE_DOCCANO_USER", raising=False)
    with pytest.raises(DoccanoError, match="RELCODE_DOCCANO_USER"):
        find_server(project)
    monkeypatch.setenv("RELCODE_DOCCANO_USER", "root")
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", "quiet")
    found = find_server(project)
    assert (found.url, found.admin, found.admin_password) == ("http://127.0.0.1:9", "root", "quiet")
    assert "quiet" not in repr(found)
