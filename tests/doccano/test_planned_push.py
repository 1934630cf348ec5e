"""A planned batch on the real server: two coders get just what the plan says, in its order and its roles."""

from __future__ import annotations

import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from relcode.adjudication import settle
from relcode.batches import Design, find_plan, make_batch, recoded_pairs
from relcode.doccano.addresses import Address, connect_admin
from relcode.doccano.coding import enter_labels
from relcode.doccano.labels import coder_labels
from relcode.doccano.listing import list_examples
from relcode.doccano.offsets import Utf16Map
from relcode.doccano.projects import find_project
from relcode.doccano.pull import pull
from relcode.doccano.push import push
from relcode.doccano.session import connect
from relcode.ledger import CALIBRATION, CODE, RECODE, Ledger, NewEvent
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session, Span, Turn

PASSWORD = "Quiet-harbour-41"


class Study:
    """Eight sessions of 45 turns, a small codebook, a suggestion in every fifth turn."""

    def __init__(self, folder: Path, server: Address) -> None:
        self.server = server
        self.project = Project.create(folder, coders=["ana", "ben"], codebook="small", doccano_url=server.url)
        code = {"id": "ANY", "name": "any", "speakers": ["T", "C"], "definition": "What it is.", "prior": 0.1}
        book = {"id": "small", "version": "1.0.0", "title": "Small", "authors": ["test"], "codes": [code]}
        (self.project.codebooks / "small.yaml").write_text(yaml.safe_dump(book))
        self.sessions = [
            Session(
                f"S{number}",
                tuple(Turn(turn, "TC"[turn % 2], f"🙂 number {turn} of {number}") for turn in range(1, 46)),
                {"dyad": f"D{number}"},
            )
            for number in range(1, 9)
        ]
        self.suggestions = [
            Span(each.session_id, turn.turn, 2, 8, "number", "ANY", "small@1.0.0", "cues")
            for each in self.sessions
            for turn in each.turns
            if turn.turn % 5 == 0
        ]
        self.ledger = Ledger(self.project.ledger_path)
        self.tag = uuid.uuid4().hex[:8]

    def push(self, batch: str, **options: Any) -> Any:
        return push(self.project, self.sessions, self.suggestions, batch=batch, server=self.server, **options)

    def examples(self, coder: str, batch: str) -> list[Any]:
        admin = connect_admin(self.server)
        project_id = find_project(admin, batch, coder)
        assert project_id is not None
        return list_examples(admin, project_id)

    def code(self, coder: str, batch: str) -> None:
        """Confirm every page, with the suggestions as labels."""
        account = connect(self.server.url, coder, PASSWORD)
        project_id = find_project(connect_admin(self.server), batch, coder)
        assert project_id is not None
        enter_labels(account, project_id, self.ledger.pages(coder, batch, role=None), self.suggestions)


@pytest.fixture
def study(doccano_server: SimpleNamespace, tmp_path: Path) -> Study:
    server = Address(doccano_server.url, doccano_server.admin, doccano_server.admin_password)
    admin = connect_admin(server)
    there = {user["username"] for user in admin.get("users")}
    for name in ("ana", "ben"):
        if name not in there:
            admin.post("users/create", {"username": name, "password1": PASSWORD, "password2": PASSWORD})
    return Study(tmp_path / "study", server)


@pytest.mark.server
def test_the_projects_hold_just_what_was_planned(study: Study) -> None:
    one, two = f"{study.tag}-one", f"{study.tag}-two"
    make_batch(
        study.ledger, study.sessions, ["ana", "ben"], Design(sessions=4, coders_a_unit=2, blind_share=0.3), name=one
    )
    study.push(one)
    for coder in ("ana", "ben"):
        study.code(coder, one)
    pull(study.project, study.server, batch=one)
    assert len(settle(study.ledger, policy="agreed").settled) == 4
    design = Design(double_share=0.5, blind_share=0.3, recode_share=0.5, recode_gap_days=0.0)
    plan, _ = make_batch(study.ledger, study.sessions, ["ana", "ben"], design, name=two)
    done = study.push(two)
    assert find_plan(study.ledger, two) == plan
    for coder in ("ana", "ben"):
        entries = study.ledger.pages(coder, two, role=None)
        assert [(each["session_id"], each["first_turn"], each["role"], each["shown"]) for each in entries] == [
            (each.session_id, each.first_turn, each.role, each.shown) for each in plan.of(coder)
        ]
        assert {each["role"] for each in entries} == {CODE, RECODE}
        assert all(each["planned"] and each["probability"] and each["session_turns"] == 45 for each in entries)
        examples = study.examples(coder, two)
        assert [each.page for each in examples] == [each["page"] for each in entries]  # in the plan's order, too
        for entry, example in zip(entries, examples, strict=True):
            assert len(example.labels) == (3 if entry["shown"] else 0)
            shown = {Utf16Map(example.text).to_code_points(start) for start, _, _ in example.labels}
            assert all(example.text[at : at + 6] == "number" for at in shown)
    sent = {each.coder: (each.uploaded, each.blind) for each in done.coders}
    for coder in ("ana", "ben"):
        assert sent[coder] == (len(plan.of(coder)), sum(not each.shown for each in plan.of(coder)))

    head = study.ledger.head()
    repeated = study.push(two, coders=["ben"])
    assert [(each.coder, each.uploaded) for each in repeated.coders] == [("ben", 0)]
    assert study.ledger.head() == head

    study.code("ana", two)
    report = pull(study.project, study.server, batch=two)
    assert report.set_aside == []
    own = plan.of("ana", CODE)
    assert len(study.ledger.labels("ana", batch=two)) == 3 * len(own)  # re-codes are no codings
    pairs = recoded_pairs(study.ledger, "ana")
    assert len(pairs) == len(plan.of("ana", RECODE))
    first = {each.page: each.text for each in study.examples("ana", one)}
    again = {each.page: each.text for each in study.examples("ana", two)}
    for earlier, later in pairs:
        assert first[earlier["page"]] == again[later["page"]]  # nothing on it says that it was there before
        assert earlier["page"] != later["page"]
    labels = study.ledger.labels("ana", batch=two, role=RECODE)
    assert len(labels) == 3 * len(pairs)


@pytest.mark.server
def test_calibration_is_blind_and_some_pages_of_a_session_are_not_the_session(study: Study) -> None:
    name = f"{study.tag}-pages"
    study.ledger.append(_settled(study.sessions[0]))
    design = Design(unit="page", pages=4, calibration=("S1",), double_share=0.0, blind_share=0.0)
    plan, _ = make_batch(study.ledger, study.sessions, ["ana"], design, name=name)
    study.push(name)
    entries = study.ledger.pages("ana", name, role=None)
    calibration = {each["page"] for each in entries if each["role"] == CALIBRATION}
    assert len(calibration) == 3
    assert {each.page for each in study.examples("ana", name) if not each.labels} == calibration
    study.code("ana", name)
    assert pull(study.project, study.server, batch=name).set_aside == []
    assert len(study.ledger.labels("ana")) == 12
    labels, whole, partly = coder_labels(study.ledger, "ana")
    assert (labels, whole, partly) == ([], [], sorted({each.session_id for each in plan.of("ana", CODE)}))
    assert len(study.ledger.labels("ana", role=CALIBRATION)) == 9


def _settled(session: Session) -> list[NewEvent]:
    payload = {"session_id": session.session_id, "session_sha256": hash_session(session), "codebook": "small@1.0.0"}
    return [NewEvent("adjudicated", "test", payload)]
