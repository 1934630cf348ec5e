"""Push and pull through everything that breaks: the network, the worker, the login, a full disk, two at once."""

from __future__ import annotations

import functools
import json
import random
import resource
import sqlite3
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from relcode.doccano import journal, session, upload
from relcode.doccano.addresses import Address, connect_admin
from relcode.doccano.coding import enter_labels
from relcode.doccano.journal import Journal
from relcode.doccano.listing import Example, list_examples, with_details
from relcode.doccano.pages import make_pages, manifest_entry, sent_labels
from relcode.doccano.projects import find_project
from relcode.doccano.pull import PullReport, pull
from relcode.doccano.push import push
from relcode.doccano.session import DoccanoSession, connect
from relcode.doccano.upload import CoderPush
from relcode.errors import DoccanoError
from relcode.project import Project
from relcode.records import Session, Span, Turn

pytestmark = pytest.mark.server

PASSWORD = "Quiet-harbour-41"
CODES = {"TSI": ["T"], "RO": ["C"], "ANY": ["T", "C"]}


class Study:
    """Two sessions, three pages, a suggestion on every turn; the coder is ana."""

    def __init__(self, folder: Path, server: Address) -> None:
        self.server = server
        self.batch = uuid.uuid4().hex[:8]
        self.project = Project.create(folder, coders=["ana"], codebook="small", doccano_url=server.url)
        codes = [
            {"id": code, "name": code.lower(), "speakers": speakers, "definition": "What it is.", "prior": 0.1}
            for code, speakers in CODES.items()
        ]
        book = {"id": "small", "version": "1.0.0", "title": "Small", "authors": ["test"], "codes": codes}
        (self.project.codebooks / "small.yaml").write_text(yaml.safe_dump(book))
        turns = tuple(Turn(at, "TC"[at % 2 == 0], f"turn {at} 🙂 says e\u0301 words") for at in range(1, 31))
        self.sessions = [Session("S1", turns), Session("S2", turns[:14])]
        self.suggestions = [
            Span(one.session_id, turn.turn, 5, 9, turn.text[5:9], "ANY", "small@1.0.0", "cues")
            for one in self.sessions
            for turn in one.turns
        ]
        self.ledger = self.project.open_ledger()

    def through(self, url: str) -> Address:
        return Address(url, self.server.admin, self.server.admin_password)

    def push(self, server: Address | None = None) -> CoderPush:
        options: dict[str, Any] = {"coders": ["ana"], "batch": self.batch, "server": server or self.server}
        return push(self.project, self.sessions, self.suggestions, **options).coders[0]

    def pull(self, server: Address | None = None) -> PullReport:
        return pull(self.project, server or self.server, batch=self.batch)

    @functools.cached_property
    def admin(self) -> DoccanoSession:
        return connect_admin(self.server)

    @functools.cached_property
    def ana(self) -> DoccanoSession:
        return connect(self.server.url, "ana", PASSWORD)

    @functools.cached_property
    def project_id(self) -> int:
        found = find_project(self.admin, self.batch, "ana")
        assert found is not None
        return found

    def listed(self) -> list[Example]:
        return with_details(self.admin, self.project_id, list_examples(self.admin, self.project_id, confirmed=True))

    def base(self, example: Example) -> str:
        return f"projects/{self.project_id}/examples/{example.example_id}"

    def enter(self, spans: Sequence[Span]) -> None:
        enter_labels(self.ana, self.project_id, self.ledger.pages("ana", self.batch), spans)

    def planned(self) -> list[upload.Planned]:
        return [
            (page, manifest_entry(page, "small@1.0.0", here, shown=True))
            for one in self.sessions
            for page in make_pages(one, batch=self.batch, coder="ana")
            for here in [[s for s in self.suggestions if s.session_id == page.session_id and page.place(s)]]
        ]

    def import_again(self, own: Journal | None = None) -> None:
        """Send the file of all pages once more, as a push does that knows of no other."""
        attempts = own or Journal(self.project.folder, "another", "ana")
        upload._import(self.admin, self.project_id, self.planned(), attempts)
        attempts.close()

    def assert_whole(self) -> None:
        """Every page is there once, with its text and all labels."""
        wanted = {page.uid: (page.text, sent_labels(page, self.suggestions_on(page))) for page, _ in self.planned()}
        found = self.listed()
        assert len(found) == len(wanted)
        assert {example.page: (example.text, sorted(example.labels)) for example in found} == wanted

    def suggestions_on(self, page: Any) -> list[Span]:
        return [span for span in self.suggestions if span.session_id == page.session_id and page.place(span)]

    def events(self) -> list[dict[str, Any]]:
        kinds = ("label", "unlabel", "confirm", "unconfirm", "quarantine", "release")
        return [{"kind": event.kind, **event.payload} for event in self.ledger.events(*kinds)]


@pytest.fixture
def own(doccano_server: Any, tmp_path: Path) -> Study:
    """A study on the server that relcode starts."""
    address = Address(doccano_server.url, doccano_server.admin, doccano_server.admin_password)
    admin = connect_admin(address)
    if "ana" not in {user["username"] for user in admin.get("users")}:
        admin.post("users/create", {"username": "ana", "password1": PASSWORD, "password2": PASSWORD})
    return Study(tmp_path / "own", address)


@pytest.fixture
def plain(plain_server: Any, tmp_path: Path) -> Study:
    """A study on a server as Doccano itself comes."""
    return Study(tmp_path / "plain", Address(plain_server.url, plain_server.admin, plain_server.admin_password))


@pytest.fixture(params=["own", "plain"])
def study(request: pytest.FixtureRequest) -> Study:
    return request.getfixturevalue(request.param)


# ---------------------------------------------------------------- the network


def test_push_and_pull_over_a_network_that_drops_connections(
    study: Study, proxy_to: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "ROWS_A_FILE", 1)
    proxy = proxy_to(int(study.server.url.rpartition(":")[2]))
    drawn = random.Random(7)
    proxy.cut_after = iter(lambda: drawn.choice([None, 300, 800, 1_500, 3_000, 9_000]), 0)

    def again_and_again(work: Callable[[Address], Any]) -> None:
        for _ in range(60):
            try:
                work(study.through(proxy.url))
            except DoccanoError:
                continue
            return
        pytest.fail("never done")

    again_and_again(study.push)
    assert proxy.cuts >= 3
    study.assert_whole()
    assert not list((study.project.folder / ".doccano").glob("uploading-*"))
    assert len(list(study.ledger.events("page"))) == 3
    study.enter(study.suggestions[:10])
    again_and_again(study.pull)
    assert [span.key for span in study.ledger.labels("ana")] == [span.key for span in study.suggestions[:10]]
    counts = Counter((event["kind"], event.get("provenance")) for event in study.events())
    assert counts == {("label", "accepted"): 10, ("unlabel", "rejected"): 34, ("confirm", None): 3}
    assert study.ledger.verify() == []


def test_a_server_that_stays_away_is_said_to_have_answered(study: Study, proxy_to: Callable[[int], Any]) -> None:
    proxy = proxy_to(int(study.server.url.rpartition(":")[2]))
    admin = connect_admin(study.through(proxy.url))
    proxy.cut_after = iter(lambda: 0, 1)
    admin._http.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "RETRY_SECONDS", 0.5)
        with pytest.raises(DoccanoError, match="It answered until now: what was done stays; repeat"):
            admin.get("me")


def test_an_account_that_was_logged_out_goes_on(study: Study) -> None:
    admin = study.admin
    admin.post("auth/logout/")
    assert admin.get("me")["username"] == study.server.admin
    admin.post("auth/logout/")
    with admin.calling("make a project") as client:
        assert client.get_profile().username == study.server.admin
    admin.post("auth/logout/")
    admin._password = "changed-since"
    with pytest.raises(DoccanoError, match="does not accept the password"):
        admin.get("me")


# ---------------------------------------------------------------- the worker and its queue


def test_without_a_worker_the_push_says_so_and_the_next_one_completes_it_once(
    plain: Study, plain_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "ROWS_A_FILE", 1)
    plain_server.kill_worker()
    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(session, "IDLE_SECONDS", 1.0)
            with pytest.raises(DoccanoError, match="its worker seems not to run"):
                plain.push()
    finally:
        plain_server.start_worker()
    plain.push()  # the files of the first push wait in the queue still
    plain.assert_whole()
    assert plain.push().uploaded == 0


def test_a_disk_that_is_full_on_the_server(plain: Study, plain_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain.push()  # makes project and label types, so that the import is what fails
    plain.admin.delete(f"projects/{plain.project_id}/examples", {"ids": [e.example_id for e in plain.listed()]})
    size = (plain_server.folder / "db.sqlite3").stat().st_size
    resource.prlimit(plain_server.worker.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    plain.sessions = [Session(f"L{n}", tuple(Turn(1, "T", "x" * 100_000) for _ in range(1))) for n in range(9)]
    plain.suggestions = [Span(one.session_id, 1, 0, 4, "xxxx", "ANY", "small@1.0.0") for one in plain.sessions]
    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(session, "IDLE_SECONDS", 10.0)
            # the worker says that the task failed, where it can still write that down
            with pytest.raises(DoccanoError, match=r"A task on the server at .* failed|or its disk is full"):
                plain.push()
    finally:
        plain_server.kill_worker()
        plain_server.start_worker()
    plain.push()
    plain.assert_whole()


def test_relcodes_own_server_takes_a_file_in_once(own: Study) -> None:
    own.push()
    own.import_again()
    own.assert_whole()


# ---------------------------------------------------------------- what a broken import left


def test_pages_whose_labels_never_came_are_sent_anew(plain: Study) -> None:
    plain.push()
    strip(plain, plain.listed())
    assert plain.push().repaired == 0  # nothing tells that an upload broke off here
    Journal(plain.project.folder, plain.batch, "ana").begin("broken", [page.uid for page, _ in plain.planned()])
    assert plain.push().repaired == 3
    plain.assert_whole()


def test_a_page_that_its_coder_emptied_confirmed_or_commented_is_left(plain: Study) -> None:
    plain.push()
    pages = plain.listed()
    uids = [page.uid for page, _ in plain.planned()]
    strip(plain, pages[:1])
    Journal(plain.project.folder, plain.batch, "ana").begin("broken", uids)
    assert plain.push().repaired == 0  # other pages of the file have their labels
    strip(plain, pages[1:])
    plain.ana.post(f"{plain.base(pages[1])}/states", {})
    plain.ana.post(f"projects/{plain.project_id}/comments?example={pages[2].example_id}", {"text": "done"})
    Journal(plain.project.folder, plain.batch, "ana").begin("broken", uids)
    assert plain.push().repaired == 1
    left = {example.example_id: example for example in plain.listed()}
    assert pages[1].example_id in left
    assert pages[2].example_id in left
    assert len(left) == 3


def test_of_two_copies_the_one_with_the_coders_work_stays(plain: Study) -> None:
    plain.push()
    plain.import_again()
    assert len(plain.listed()) == 6
    second = plain.listed()[3:]
    strip(plain, second[:1])
    plain.ana.post(f"{plain.base(second[1])}/states", {})
    type_id = next(e["id"] for e in plain.ana.get(f"projects/{plain.project_id}/span-types") if e["text"] == "TSI")
    place = {"label": type_id, "start_offset": 10, "end_offset": 12}
    plain.ana.post(f"{plain.base(second[2])}/spans", place)
    assert plain.push().repaired == 3
    assert {example.example_id for example in plain.listed()} == {example.example_id for example in second}


def test_two_copies_with_work_on_both_are_left_to_a_person(plain: Study) -> None:
    plain.push()
    plain.import_again()
    copies = [example for example in plain.listed() if example.page == plain.planned()[0][0].uid]
    for example in copies:
        plain.ana.post(f"{plain.base(example)}/states", {})
    with pytest.raises(DoccanoError) as caught:
        plain.push()
    assert caught.value.faults == (
        "session S1, turns 1 to 15: on the server 2 times, each with work of the coder; delete all but one in Doccano",
    )
    report = plain.pull()
    assert "the page is on the server 2 times" in report.set_aside[0]
    plain.admin.delete(f"projects/{plain.project_id}/examples", {"ids": [copies[0].example_id]})
    plain.push()
    assert plain.pull().set_aside == []
    assert [event["kind"] for event in plain.events()][-1] == "release"


def strip(study: Study, examples: Sequence[Example]) -> None:
    ana = study.ana
    for example in examples:
        for label in ana.get(f"{study.base(example)}/spans"):
            ana.delete(f"{study.base(example)}/spans/{label['id']}")


def test_a_journal_that_cannot_be_read_is_named(own: Study) -> None:
    own.push()
    path = Journal(own.project.folder, own.batch, "ana").path
    path.write_text("[")
    with pytest.raises(DoccanoError, match=r"uploading-.*\.json.* Move it away and push again"):
        own.push()
    path.unlink()
    assert own.push().uploaded == 0


# ---------------------------------------------------------------- two at once


def test_two_pushes_at_once_send_everything_once(study: Study) -> None:
    done = at_once(study.push, 2)
    assert sorted(result.uploaded for result in done) == [0, 3]
    study.assert_whole()
    assert len(list(study.ledger.events("page"))) == 3


def test_a_push_that_waits_too_long_for_another_is_refused(own: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LOCK_SECONDS", 0.2)
    inside, done = threading.Event(), threading.Event()

    @journal.one_at_a_time
    def occupy(project: Project) -> None:
        inside.set()
        done.wait(20)

    other = threading.Thread(target=occupy, args=(own.project,))
    other.start()
    inside.wait(20)
    with pytest.raises(DoccanoError, match=r"Another push from .* is at work"):
        own.push()
    done.set()
    other.join()
    assert own.push().uploaded == 3


def test_pulls_at_once_record_everything_once(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relcode.doccano.pull.EVENTS_AT_ONCE", 5)
    study.push()
    study.enter(study.suggestions[:20])
    at_once(study.pull, 3)
    counts = Counter((event["kind"], event.get("provenance")) for event in study.events())
    assert counts == {("label", "accepted"): 20, ("unlabel", "rejected"): 24, ("confirm", None): 3}
    assert study.ledger.verify() == []


def test_a_pull_that_broke_off_between_two_appends_is_completed(own: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    own.push()
    own.enter(own.suggestions[:20])
    monkeypatch.setattr("relcode.doccano.pull.EVENTS_AT_ONCE", 1)
    append = type(own.ledger).append
    left = iter(range(1))

    def once(self: Any, events: Any, **options: Any) -> int:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return append(self, events, **options)

    with monkeypatch.context() as broken:
        broken.setattr(type(own.ledger), "append", once)
        with pytest.raises(KeyboardInterrupt):
            own.pull()
    assert 0 < len(own.events()) < 47
    own.pull()
    counts = Counter((event["kind"], event.get("provenance")) for event in own.events())
    assert counts == {("label", "accepted"): 20, ("unlabel", "rejected"): 24, ("confirm", None): 3}


def at_once(work: Callable[[], Any], count: int) -> list[Any]:
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == count
    return results


# ---------------------------------------------------------------- what a pull brings


def test_both_ways_of_listing_record_the_same(own: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own.sessions.append(Session("S3", own.sessions[1].turns))  # the one page with nothing wrong
    own.push()
    own.enter([*own.suggestions[1:20], turn_span(own, 3, "TSI", 10, 14)])
    strange(own)
    copy = tmp_path / "ledger.db"
    with sqlite3.connect(own.project.ledger_path) as here, sqlite3.connect(copy) as there:
        here.backup(there)
    own.pull()
    fast = own.events()
    monkeypatch.setattr(DoccanoSession, "lines", lambda *_: None)
    monkeypatch.setattr(type(own.project), "ledger_path", copy)
    own.ledger = own.project.open_ledger()
    own.pull()
    assert own.events() == fast
    assert {event["kind"] for event in fast} == {"label", "unlabel", "confirm", "quarantine"}


def test_each_label_is_recorded_with_who_and_when(study: Study) -> None:
    study.push()
    accepted, changed, added = study.suggestions[0], study.suggestions[1], turn_span(study, 3, "TSI", 10, 14)
    page = next(example for example in study.listed() if example.page == study.planned()[0][0].uid)
    labels = study.ana.get(f"{study.base(page)}/spans")
    types = {e["text"]: e["id"] for e in study.ana.get(f"projects/{study.project_id}/span-types")}
    second = sorted(labels, key=lambda label: label["start_offset"])[1]
    study.ana._request("PATCH", f"{study.base(page)}/spans/{second['id']}", json={"label": types["RO"]})
    relabelled = Span("S1", 2, changed.start, changed.end, changed.text, "RO")
    study.enter([accepted, relabelled, added])
    study.pull()
    state = study.ana.get(f"{study.base(page)}/states")["results"][0]
    now = {label["id"]: label for label in study.ana.get(f"{study.base(page)}/spans")}
    own_label = next(label for label in now.values() if label["label"] == types["TSI"])
    who = {
        (event["kind"], event.get("provenance")): (event["by"], event["at"])
        for event in study.events()
        if event["page"] == page.page
    }
    assert who == {
        ("label", "accepted"): ("ana", state["confirmed_at"]),
        ("label", "relabelled"): ("ana", now[second["id"]]["updated_at"]),
        ("label", "added"): ("ana", own_label["updated_at"]),
        ("unlabel", "rejected"): ("ana", state["confirmed_at"]),
        ("confirm", None): ("ana", state["confirmed_at"]),
    }


def turn_span(study: Study, turn: int, code: str, start: int, end: int) -> Span:
    text = study.sessions[0].turns[turn - 1].text
    return Span("S1", turn, start, end, text[start:end], code)


def strange(study: Study) -> dict[str, dict[str, Any]]:
    """Put everything onto the server that a pull cannot use; what is wrong -> what is expected of it."""
    admin, ana = study.admin, study.ana
    first, second, third = (
        next(example for example in study.listed() if example.page == page.uid) for page, _ in study.planned()[:3]
    )
    types = {e["text"]: e["id"] for e in ana.get(f"projects/{study.project_id}/span-types")}
    types["ODD"] = admin.post(f"projects/{study.project_id}/span-types", {"text": "ODD"})["id"]
    units = first.text.encode("utf-16-le")

    def at(words: str) -> int:
        return len(units[: units.index(words.encode("utf-16-le"))]) // 2

    emoji, client = at("🙂"), at("[2] C: ") + 7
    placed = {
        "unknown-code": ("ODD", emoji, emoji + 4),
        "impossible-offset": ("ANY", emoji + 1, emoji + 4),  # half a surrogate pair
        "wrong-speaker": ("TSI", client, client + 4),
        "no-turn": ("ANY", 0, 3),
        "crossing": ("ANY", client, client + 40),  # cut to its turns
        "cluster": ("ANY", at("e\u0301") + 1, at("e\u0301") + 4),  # within a cluster: unusual, but a place
    }
    for code, start, end in placed.values():
        ana.post(f"{study.base(first)}/spans", {"label": types[code], "start_offset": start, "end_offset": end})
    admin._request("PATCH", study.base(second), json={"text": "changed"})
    admin.post(f"projects/{study.project_id}/examples", {"text": "not from here", "meta": {}})
    admin.delete(f"projects/{study.project_id}/examples", {"ids": [third.example_id]})
    return {
        "unknown-code": {"code": "ODD", "start": emoji, "end": emoji + 4, "by": "ana"},
        "impossible-offset": {"code": "ANY", "start": emoji + 1, "end": emoji + 4, "by": "ana"},
        "wrong-speaker": {"code": "TSI", "turn": 2, "start": 0, "end": 4, "by": "ana"},
        "no-turn": {"code": "ANY", "turn": None, "start": 0, "end": 3, "by": "ana"},
        "text-changed": {"session_id": "S1", "first_turn": 16, "last_turn": 30, "by": None},
        "page-missing": {"session_id": "S2", "first_turn": 1, "last_turn": 14},
        "page-foreign": {"by": None},
    }


def test_what_cannot_be_used_is_quarantined_and_released_when_put_right(
    study: Study, relcode: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    study.push()
    study.enter(study.suggestions)
    expected = strange(study)
    report = study.pull()
    found = {event["what"]: event for event in study.events() if event["kind"] == "quarantine"}
    assert found.keys() == expected.keys()
    for what, fields in expected.items():
        assert {key: found[what].get(key) for key in fields} == fields, what
    assert len(report.set_aside) == len(expected)
    assert "words" not in json.dumps(list(found.values()))
    kept = Counter((span.turn, span.code) for span in study.ledger.labels("ana") if span.session_id == "S1")
    assert kept[2, "ANY"] == 2  # its own, and the beginning of the one that crosses turns
    assert kept[1, "ANY"] == 2  # its own, and the one within a cluster
    head = study.ledger.head()
    assert len(study.pull().set_aside) == len(expected)  # said again each time, recorded once
    assert study.ledger.head() == head

    folder = str(study.project.folder)
    shown = relcode("pull", "--quarantined", "--json", "--project", folder)
    assert shown.status == 1
    assert {line["what"] for line in json.loads(shown.out)["quarantined"]} == set(expected)
    shown = relcode("pull", "--quarantined", "--project", folder)
    assert shown.status == 1
    assert "ana: session S1, turns 1 to 15: TSI in turn 2 at 0 to 4: not for C" in shown.err

    admin = study.admin
    examples = study.listed()
    keys = {(found[what]["code"], found[what]["start"]) for what in ("unknown-code", "impossible-offset", "no-turn")}
    first = next(example for example in examples if example.page == study.planned()[0][0].uid)
    types = {e["id"]: e["text"] for e in admin.get(f"projects/{study.project_id}/span-types")}
    for label in admin.get(f"{study.base(first)}/spans"):
        if (types[label["label"]], label["start_offset"]) in keys or types[label["label"]] == "TSI":
            admin.delete(f"{study.base(first)}/spans/{label['id']}")
    texts = {page.uid: page.text for page, _ in study.planned()}
    for example in examples:
        if example.page is None:
            admin.delete(f"projects/{study.project_id}/examples", {"ids": [example.example_id]})
        elif example.text == "changed":
            admin._request("PATCH", study.base(example), json={"text": texts[example.page]})
    study.push()  # sends the missing page anew
    study.enter(study.suggestions)
    assert study.pull().set_aside == []
    assert Counter(event["kind"] for event in study.events())["release"] == len(expected)
    assert len(study.ledger.confirmed_pages("ana")) == 3
    assert relcode("pull", "--quarantined", "--project", folder).status == 0


# ---------------------------------------------------------------- assignments


def test_pages_are_assigned_to_their_coder_where_the_server_asks_for_it(assigning_server: Any, tmp_path: Path) -> None:
    address = Address(assigning_server.url, assigning_server.admin, assigning_server.admin_password)
    study = Study(tmp_path / "study", address)
    whole = study.sessions
    study.sessions = whole[:1]
    study.push()
    seen = f"projects/{study.project_id}/examples"
    assert study.ana.get(seen, limit=10)["count"] == 2
    study.sessions = whole
    study.push()
    assert study.ana.get(seen, limit=10)["count"] == 3
    study.enter(study.suggestions[:5])
    assert study.pull().projects[0].confirmed == 3
    assert len(study.ledger.labels("ana")) == 5


def test_a_server_without_assignments_is_asked_for_none(study: Study) -> None:
    from relcode.doccano.assignments import has_assignments

    study.push()
    assert not has_assignments(study.admin, study.project_id)
