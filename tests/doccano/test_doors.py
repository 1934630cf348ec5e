"""What Doccano leaves open between accounts, and to those without, is closed; words and passwords stand in no log."""

from __future__ import annotations

import json
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import yaml

from relcode.doccano import server
from relcode.doccano.addresses import connect_admin
from relcode.doccano.coding import enter_labels
from relcode.doccano.projects import find_project
from relcode.doccano.pull import pull
from relcode.doccano.push import push
from relcode.doccano.server import read_server
from relcode.doccano.session import DoccanoSession, connect
from relcode.errors import DoccanoError
from relcode.project import Project
from relcode.records import Session, Span, Turn

pytestmark = pytest.mark.server

SECRET = "Zwetschgendatschi"
TURNS = (Turn(1, "T", f"I feel sad about the {SECRET} with you."), Turn(2, "C", f"{SECRET} \U0001f642 it is."))


class Two:
    """Two coders with a page each on one server."""

    def __init__(self, folder: Path) -> None:
        self.project = Project.create(folder, coders=["anna", "ben"], codebook="small")
        codes = [{"id": "ONE", "name": "one", "speakers": ["T"], "definition": "What it is.", "prior": 0.1}]
        book = {"id": "small", "version": "1.0.0", "title": "Small", "authors": ["test"], "codes": codes}
        (self.project.codebooks / "small.yaml").write_text(yaml.safe_dump(book))
        self.info = server.up(folder, coders=["anna", "ben", "adjudicator"])
        self.home = folder / server.FOLDER
        self.span = Span("S1", 1, 0, 6, TURNS[0].text[:6], "ONE", "small@1.0.0", "cues", 0.5)
        push(self.project, [Session("S1", TURNS)], [self.span], coders=["anna", "ben"], server=self.info)
        self.admin = connect_admin(self.info)
        self.anna, self.ben = (connect(self.info.url, name, self.info.accounts[name]) for name in ("anna", "ben"))
        self.projects = {name: find_project(self.admin, "1", name) for name in ("anna", "ben")}
        self.examples = {
            name: self.admin.get(f"projects/{number}/examples", limit=1)["results"][0]["id"]
            for name, number in self.projects.items()
        }


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("two") / "study"
    yield Two(folder)
    server.down(folder)


def answer(session: DoccanoSession, method: str, path: str, body: Any = None) -> int:
    return session._http.request(method, f"{session.url}/v1/{path}", json=body).status_code


def test_a_coder_reaches_own_pages_and_no_others(two: Two) -> None:
    own, other = two.projects["anna"], two.projects["ben"]
    mine, theirs = two.examples["anna"], two.examples["ben"]
    label = two.admin.get(f"projects/{other}/examples/{theirs}/spans")[0]
    own_label = two.admin.get(f"projects/{own}/examples/{mine}/spans")[0]
    theirs_type = two.admin.get(f"projects/{other}/span-types")[0]["id"]
    for path, opened in (
        (f"projects/{own}/examples/{mine}", 200),
        (f"projects/{own}/examples/{theirs}", 404),
        (f"projects/{other}/examples/{theirs}", 403),
        (f"projects/{own}/examples/{mine}/spans", 200),
        (f"projects/{own}/examples/{theirs}/spans", 404),
        (f"projects/{own}/examples/{mine}/spans/{own_label['id']}", 200),
        (f"projects/{own}/examples/{mine}/spans/{label['id']}", 404),
        (f"projects/{own}/span-types/{theirs_type}", 404),
        (f"projects/{own}/metrics/span-distribution", 200),
        (f"projects/{other}/metrics/span-distribution", 403),
        ("users", 403),
        ("me", 200),
    ):
        assert answer(two.anna, "GET", path) == opened, path


def test_a_coder_changes_no_text_no_name_and_nobody_elses_labels(two: Two) -> None:
    own, mine, theirs = two.projects["anna"], two.examples["anna"], two.examples["ben"]
    page = two.admin.get(f"projects/{own}/examples/{mine}")
    label = two.admin.get(f"projects/{own}/examples/{mine}/spans")[0]
    path = f"projects/{own}/examples/{mine}/spans/{label['id']}"
    place = {"label": label["label"], "start_offset": 0, "end_offset": 3}
    for method, where, body, expected in (
        ("PUT", f"projects/{own}/examples/{mine}", {**page, "text": "changed"}, 403),
        ("PUT", f"projects/{own}", {"name": "changed", "resourcetype": "SequenceLabelingProject"}, 403),
        ("PUT", f"projects/{own}/span-types/{label['label']}", {"text": "changed"}, 403),
        ("PUT", "auth/user/", {"username": "ben2"}, 403),
        ("PATCH", "auth/user/", {"username": "ben2"}, 403),
        ("PATCH", path, {"example": theirs}, 404),
        ("PATCH", path, {"example": mine, "label": label["label"]}, 200),
        ("POST", f"projects/{own}/examples/{theirs}/spans", place, 404),
        ("POST", f"projects/{own}/examples/{theirs}/states", {}, 404),
        ("POST", f"projects/{own}/comments?example={theirs}", {"text": "psst"}, 404),
        ("POST", f"projects/{own}/comments?example={mine}", {"text": "a note"}, 201),
    ):
        assert answer(two.anna, method, where, body) == expected, (method, where)
    assert two.admin.get(f"projects/{own}/examples/{mine}")["text"] == page["text"]
    assert {user["username"] for user in two.admin.get("users")} == {"admin", "anna", "ben", "adjudicator"}


def test_without_an_account_nothing_is_open(two: Two) -> None:
    pull(two.project, two.info)
    stored = [path.relative_to(two.home / "media") for path in (two.home / "media").rglob("*") if path.is_file()]
    assert stored  # Doccano keeps copies of pages there
    anybody = requests.Session()
    anybody.trust_env = False
    for method, path, expected in (
        ("GET", f"media/{stored[0]}", 404),
        ("POST", "v1/auth/registration/", 403),
        ("POST", "v1/auth/password/reset/", 404),
        ("GET", "v1/fp/fetch/?target=http://127.0.0.1:9/", 404),
        ("GET", "v1/fp/load/?id=x", 404),
        ("POST", "v1/fp/process/", 403),
        ("POST", "v1/users/create", 403),
        ("GET", "v1/users", 403),
        ("GET", "v1/projects", 403),
        ("GET", "v1/health/", 404),
        ("GET", "admin/", 404),
        ("GET", "swagger/", 404),
    ):
        got = anybody.request(method, f"{two.info.url}/{path}", json={} if method == "POST" else None)
        page = got.headers["content-type"].startswith("text/html") and got.status_code == 200
        assert got.status_code == expected or (page and expected == 404 and b"nuxt" in got.content), (
            path,
            got.status_code,
        )
    assert (
        answer(two.anna, "POST", "users/create", {"username": "x", "password1": "Quiet-1-x", "password2": "Quiet-1-x"})
        == 403
    )


def test_it_answers_to_its_own_name_with_safe_headers_and_without_debug_pages(two: Two) -> None:
    wrong = requests.get(two.info.url + "/v1/me", headers={"Host": "elsewhere.example.org"}, timeout=30)
    assert wrong.status_code == 400
    assert b"ALLOWED_HOSTS" not in wrong.content  # the page that Django shows in DEBUG
    page = requests.get(two.info.url, timeout=30)
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]


def test_passwords_and_keys_are_long_and_all_different(two: Two) -> None:
    info = two.info
    secrets = [*info.accounts.values(), info.secret_key]
    assert len(set(secrets)) == len(secrets)
    assert min(map(len, secrets)) >= 12
    assert len(info.admin_password) >= 20
    assert len(info.secret_key) >= 50


def lines_of_processes() -> str:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue  # it has ended
    return "\n".join(lines)


def test_words_and_passwords_stand_in_no_log_name_or_command_line(two: Two) -> None:
    enter_labels(two.anna, two.projects["anna"] or 0, two.project.open_ledger().pages("anna", "1"), [two.span])
    assert pull(two.project, two.info).projects[0].confirmed == 1
    # errors of the worker and of the web server, whose messages would quote what they could not read
    upload_id = two.admin.upload("pages.jsonl", json.dumps({"text": SECRET, "label": [[0, "x", SECRET]]}).encode())
    body = {"uploadIds": [upload_id], "format": "JSONL", "task": "SequenceLabeling", "encoding": SECRET}
    task = two.admin.post(f"projects/{two.projects['ben']}/upload", body)["task_id"]
    deadline = time.monotonic() + 60
    while not two.admin.get(f"tasks/status/{task}")["ready"] and time.monotonic() < deadline:
        time.sleep(0.2)
    kind = {"text": SECRET, "background_color": "#000000"}
    number = two.projects["ben"]
    assert [answer(two.admin, "POST", f"projects/{number}/span-types", kind) for _ in range(2)] == [201, 500]
    logs = {path.name: path.read_text() for path in two.home.glob("*.log")}
    assert ("IntegrityError" in logs["web.log"], "LookupError" in logs["worker.log"]) == (True, True)
    secrets = [*two.info.accounts.values(), two.info.secret_key, two.admin._http.headers.get("Authorization") or SECRET]
    for secret in (SECRET, *secrets):
        assert not [name for name, text in logs.items() if secret in text]
        assert secret not in lines_of_processes()
        assert not [path for path in two.project.folder.rglob("*") if secret in path.name]
    names = [project["name"] for project in two.admin.get("projects", limit=10)["results"]]
    assert sorted(names) == ["relcode 1 anna", "relcode 1 ben"]


def test_what_the_server_writes_is_its_owners_alone(two: Two) -> None:
    assert stat.S_IMODE(two.home.stat().st_mode) == 0o700
    open_files = [
        path.name
        for path in two.home.rglob("*")
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077 and path.suffix not in (".py", ".pyc")
    ]
    assert open_files == []


def test_copies_that_doccano_keeps_are_cleared_at_the_next_start(tmp_path: Path) -> None:
    try:
        server.up(tmp_path)
        server.down(tmp_path)
        kept = tmp_path / server.FOLDER / "media" / uuid.uuid4().hex
        kept.mkdir()
        (kept / "pages.jsonl").write_text(SECRET)
        (tmp_path / server.FOLDER / "media" / "all.zip").write_text(SECRET)
        server.up(tmp_path)
        assert list((tmp_path / server.FOLDER / "media").iterdir()) == []
    finally:
        server.down(tmp_path)


def test_a_proxy_of_the_environment_gets_to_see_nothing(
    doccano_server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    info = read_server(doccano_server.folder)
    assert connect(info.url, info.admin, info.admin_password).get("me")["username"] == "admin"
    with pytest.raises(DoccanoError, match="password"):
        connect(info.url, info.admin, "wrong")
