"""Doccano's database: a PostgreSQL by URL, its password never in one; a round of coding on a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from relcode.doccano import server
from relcode.doccano.coding import enter_labels
from relcode.doccano.database import PASSWORD_VARIABLE, check_database, database_of
from relcode.doccano.instance import Wanted
from relcode.doccano.projects import find_project
from relcode.doccano.pull import pull
from relcode.doccano.push import push
from relcode.doccano.session import connect
from relcode.errors import DoccanoError, UsageError
from relcode.project import Project
from relcode.records import Session, Span, Turn


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("postgresql://u@127.0.0.1:5432/d", "postgresql://u@127.0.0.1:5432/d?sslmode=disable"),
        ("postgresql://u@localhost/d", "postgresql://u@localhost/d?sslmode=disable"),
        ("postgresql://u@%2Frun%2Fpostgresql/d", "postgresql://u@%2Frun%2Fpostgresql/d?sslmode=disable"),
        ("postgresql://u@db.example.org/d", "postgresql://u@db.example.org/d?sslmode=verify-full"),
        (
            "postgresql://u@db.example.org/d?sslrootcert=/ca.pem",
            "postgresql://u@db.example.org/d?sslrootcert=/ca.pem&sslmode=verify-full",
        ),
        ("postgresql://u@db.example.org/d?sslmode=require", "postgresql://u@db.example.org/d?sslmode=require"),
    ],
)
def test_the_way_to_the_database_is_encrypted_unless_it_stays_on_this_machine(url: str, used: str) -> None:
    assert check_database(url, per_coder=False).url == used


@pytest.mark.parametrize(
    ("url", "per_coder", "match"),
    [
        ("sqlite:///d.db", False, "expected postgresql"),
        ("postgresql://127.0.0.1/d", False, "expected postgresql"),
        ("postgresql://u@127.0.0.1", False, "expected postgresql"),
        ("postgresql://u@127.0.0.1:many/d", False, "expected postgresql"),
        ("postgresql://u:hush@127.0.0.1/d", False, "holds a password"),
        ("postgresql://u@db.example.org/d?sslmode=disable", False, "unencrypted"),
        ("postgresql://u@db.example.org/d?sslmode=prefer", False, "unencrypted"),
        ("postgresql://u@127.0.0.1/d", True, "database of their own"),
        ("postgresql://u@127.0.0.1/d_{coder}", False, "with --per-coder alone"),
    ],
)
def test_a_url_that_does_not_do_is_refused_without_repeating_a_password(url: str, per_coder: bool, match: str) -> None:
    with pytest.raises(UsageError, match=match) as caught:
        check_database(url, per_coder=per_coder)
    assert "hush" not in str(caught.value)


def test_each_coder_has_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "hush")
    database = check_database("postgresql://u@127.0.0.1/study_{coder}", per_coder=True)
    own = database_of(database, "anna")
    assert own is not None
    assert (own.url, own.password) == ("postgresql://u@127.0.0.1/study_anna?sslmode=disable", "hush")
    assert "hush" not in repr(own)
    assert database_of(None, "anna") is None


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "study"
    server.down(tmp_path / "study")


@pytest.mark.server
@pytest.mark.slow
def test_a_round_of_coding_on_postgresql(folder: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = urlsplit(postgres_url)
    password = unquote(parts.password or "")
    url = postgres_url.replace(f":{parts.password}@", "@")
    project = Project.create(folder, coders=["anna"], codebook="relational-core")
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong")
    with pytest.raises(DoccanoError, match="Doccano cannot use the database") as caught:
        server.up(folder, wanted=Wanted(database=check_database(url, per_coder=False)))
    assert "password authentication failed" in str(caught.value)
    monkeypatch.setenv(PASSWORD_VARIABLE, password)
    wanted = Wanted(database=check_database(url, per_coder=False))
    info = server.up(folder, coders=["anna"], wanted=wanted)
    words = "I feel \U0001f642 sad \U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301 with you"
    session = Session("S1", (Turn(1, "T", words + ", now."), Turn(2, "C", "\U0001f1eb\U0001f1f7 yes.\r\nYes.")))
    given = Span("S1", 1, 0, len(words), words, "TSI", "relational-core@1.0.0", "cues", 0.5)
    done = push(project, [session], [given], coders=["anna"], server=info).coders[0]
    assert (done.uploaded, done.suggestions) == (1, 1)
    assert push(project, [session], [given], coders=["anna"], server=info).coders[0].uploaded == 0
    added = Span(
        "S1",
        1,
        words.index("\U0001f468"),
        words.index(" with"),
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301",
        "TSD",
    )
    anna = connect(info.url, "anna", info.accounts["anna"])
    project_id = find_project(anna, "1", "anna")
    assert project_id is not None
    enter_labels(anna, project_id, project.open_ledger().pages("anna", "1"), [given, added])
    report = pull(project, info).projects[0]
    assert (report.confirmed, report.set_aside) == (1, [])
    assert {span.text for span in project.open_ledger().labels("anna")} == {given.text, added.text}

    home = folder / server.FOLDER
    assert not (home / "db.sqlite3").exists()
    assert password not in "".join(path.read_text() for path in home.glob("*.log"))
    assert info.database is not None
    assert password not in info.database.url
    server.down(folder)
    monkeypatch.delenv(PASSWORD_VARIABLE)
    again = server.up(folder, coders=["anna"])  # it knows database and password
    assert again.database == info.database
    assert pull(project, again).projects[0].recorded == {}
    server.down(folder)
    with pytest.raises(DoccanoError, match="data lies in postgresql"):
        server.up(folder, wanted=Wanted(database=check_database("postgresql://u@127.0.0.1/other", per_coder=False)))
