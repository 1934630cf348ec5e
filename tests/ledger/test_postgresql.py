"""The ledger in a PostgreSQL database: as safe as the file, and clear about what is wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from postgres import PASSWORD, USER, PostgresServer
from relcode.errors import LedgerError, ProjectError
from relcode.ledger import Ledger, NewEvent
from relcode.ledger.postgresql import is_on_this_machine
from relcode.project import Project


def confirm(page: str, coder: str = "A") -> NewEvent:
    return NewEvent("confirm", "test", {"page": page, "batch": "b1", "coder": coder, "note": "ü 😀 \ud800 \0 \\ \" '"})


def name_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def without_password(url: str) -> str:
    return url.replace(":just%20for%20tests@", "@")


@pytest.mark.server
def test_what_is_appended_is_read_again_with_the_hashes_of_a_file(postgres_url: str, tmp_path: Path) -> None:
    ledger = Ledger(postgres_url)
    assert ledger.append([confirm("p1"), confirm("p2")]) == 2
    ledger.append([confirm(f"q{number}") for number in range(2100)])
    copy = Ledger(tmp_path / "copy.db")
    copy.append_rows(ledger.rows())
    assert list(copy.events()) == list(ledger.events())
    assert copy.head() == ledger.head()
    assert copy.verify() == ledger.verify() == []
    assert next(ledger.events()).payload["note"] == "ü 😀 \ud800 \0 \\ \" '"


@pytest.mark.server
@pytest.mark.parametrize("verb", ["UPDATE events SET actor = 'x'", "DELETE FROM events", "TRUNCATE events"])
def test_the_database_refuses_change(postgres: PostgresServer, postgres_url: str, verb: str) -> None:
    Ledger(postgres_url).append([confirm("p1")])
    with pytest.raises(subprocess.CalledProcessError) as refused:
        postgres.psql(name_of(postgres_url), verb)
    assert "append-only" in refused.value.stderr


@pytest.mark.server
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE events SET payload = replace(payload, 'p2', 'p9') WHERE seq = 2", "event 2: its content is not"),
        ("UPDATE events SET coder = 'B' WHERE seq = 2", "event 2: its columns"),
        ("DELETE FROM events WHERE seq = 3", "event 3: missing"),
        ("DELETE FROM events WHERE seq = 1", "event 1: missing"),
        ("DROP VIEW current_labels", "view current_labels: missing"),
    ],
)
def test_verify_finds_a_change(postgres: PostgresServer, postgres_url: str, statement: str, fault: str) -> None:
    ledger = Ledger(postgres_url)
    ledger.append([confirm("p1"), confirm("p2"), confirm("p3")])
    assert ledger.verify() == []
    postgres.psql(
        name_of(postgres_url),
        f"ALTER TABLE events DISABLE TRIGGER USER; {statement}; ALTER TABLE events ENABLE TRIGGER USER",
    )
    assert [line for line in ledger.verify() if line.startswith(fault)]


@pytest.mark.server
def test_verify_finds_a_trigger_that_is_switched_off(postgres: PostgresServer, postgres_url: str) -> None:
    ledger = Ledger(postgres_url)
    postgres.psql(name_of(postgres_url), "ALTER TABLE events DISABLE TRIGGER events_refuse_change")
    assert ledger.verify() == ["trigger events_refuse_change: missing"]


@pytest.mark.server
def test_a_locked_ledger_is_an_error_in_one_sentence_and_can_still_be_read(postgres_url: str) -> None:
    ledger, impatient = Ledger(postgres_url), Ledger(postgres_url, busy_seconds=0.1)
    ledger.append([confirm("p1")])
    with ledger._database.write() as connection:
        ledger._table.head(connection, lock=True)
        with pytest.raises(LedgerError, match="another process") as caught:
            impatient.append([confirm("secret words")])
        assert len(list(impatient.events())) == 1
    assert "secret" not in str(caught.value) + str(caught.value.__cause__)
    assert impatient.append([confirm("p2")]) == 1


@pytest.mark.server
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda url: url.replace("just", "not"), "refuses the user or the password"),
        (without_password, "refuses the user or the password"),
        (lambda url: url.replace(USER, "somebody", 1), "refuses the user or the password"),
        (lambda url: url + "x", "no such database"),
        (lambda url: url.replace(f":{make_url(url).port}/", ":1/"), "does not answer"),
        (lambda url: url + "?sslmode=disable", "cannot be used"),
    ],
)
def test_what_is_wrong_is_said_and_no_password_shown(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str], message: str
) -> None:
    monkeypatch.delenv("RELCODE_LEDGER_PASSWORD", raising=False)
    monkeypatch.setenv("PGPASSFILE", "none")
    with pytest.raises(LedgerError, match=message) as caught:
        Ledger(change(postgres_url))
    assert "just" not in str(caught.value)
    assert "just" not in repr(Ledger(postgres_url))


@pytest.mark.server
def test_the_password_is_taken_from_the_environment_or_the_password_file(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    monkeypatch.setenv("RELCODE_LEDGER_PASSWORD", PASSWORD)
    Ledger(without_password(postgres_url))
    monkeypatch.delenv("RELCODE_LEDGER_PASSWORD")
    file = tmp_path / "pgpass"
    file.write_text(f"# mine\nelsewhere:*:*:*:wrong\n127.0.0.1:{make_url(postgres_url).port}:*:{USER}:{PASSWORD}\n")
    file.chmod(0o600)
    Ledger(without_password(postgres_url))
    file.chmod(0o644)
    with pytest.raises(LedgerError, match="chmod 600"):
        Ledger(without_password(postgres_url))


@pytest.mark.server
def test_a_lost_ledger_and_a_database_of_something_else_are_refused(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with pytest.raises(LedgerError, match="empty and no ledger"):
        Ledger(postgres_url, create=False)
    postgres.psql(name_of(postgres_url), "CREATE TABLE people (name text)")
    with pytest.raises(LedgerError, match="something else"):
        Ledger(postgres_url)


@pytest.mark.server
def test_a_project_keeps_its_ledger_in_a_database(
    postgres: PostgresServer, postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, relcode: Any
) -> None:
    monkeypatch.setenv("RELCODE_LEDGER_PASSWORD", PASSWORD)
    url = without_password(postgres_url)
    made = relcode("init", tmp_path / "study", "--ledger-url", url)
    assert made.status == 0, made.err
    project = Project.load(tmp_path / "study")
    assert (project.ledger_url, project.ledger_path.exists()) == (url, False)
    project.open_ledger().append([confirm("p1")])
    monkeypatch.chdir(project.folder)
    assert "1 event(s), unbroken" in relcode("ledger", "verify").err
    assert "holds the ledger of a study" in relcode("init", tmp_path / "other", "--ledger-url", url).err
    assert not (tmp_path / "other").exists()
    postgres.psql(name_of(url), "DROP TABLE events CASCADE; DROP TABLE meta")
    lost = relcode("ledger", "verify")
    assert (lost.status, "relcode ledger restore" in lost.err) == (1, True)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("postgresql://me:secret@host/study", "holds a password"),
        ("postgresql://host/study?password=secret", "holds a password"),
        ("postgresql://host", "expected the address of a database"),
        ("mysql://host/study", "expected the address of a database"),
        ("http://[", "expected the address of a database"),
    ],
)
def test_a_url_that_cannot_stand_in_the_configuration_is_refused(tmp_path: Path, url: str, fault: str) -> None:
    with pytest.raises(ProjectError, match=fault) as caught:
        Project.create(tmp_path / "study", ledger_url=url)
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("postgresql://localhost/s", True),
        ("postgresql://127.0.0.2/s", True),
        ("postgresql://[::1]/s", True),
        ("postgresql:///s", True),
        ("postgresql:///s?unix_sock=/run/.s.PGSQL.5432", True),
        ("postgresql://localhost.example/s", False),
        ("postgresql://192.168.0.4/s", False),
        ("postgresql://db/s", False),
    ],
)
def test_only_a_server_on_this_machine_is_spoken_to_without_tls(url: str, here: bool) -> None:
    assert is_on_this_machine(make_url(url)) is here


NO_DRIVER = """
import sys
sys.modules["pg8000"] = None
from relcode.ledger import Ledger
Ledger("postgresql://127.0.0.1/s")
"""


def test_a_missing_driver_is_named_with_its_extra() -> None:
    done = subprocess.run([sys.executable, "-c", NO_DRIVER], capture_output=True, text=True)
    assert "pip install 'relcode[postgresql]'" in done.stderr
