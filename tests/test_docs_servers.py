"""The pages on servers and on coding in a team, run as they stand: a PostgreSQL, a Doccano with TLS, a SLURM.

Only names that belong to a place are others: the address of the server, its port and that of PostgreSQL. What people
do between two commands (code, adjudicate, sign a certificate) is done before the second.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from postgres import PASSWORD, USER, PostgresServer
from relcode.deid import deidentify, move_spans
from relcode.doccano.coding import enter_labels
from relcode.doccano.projects import find_project, label_types
from relcode.doccano.server import ADJUDICATOR, read_server
from relcode.doccano.session import connect
from relcode.errors import DoccanoError
from relcode.learning.save import save_model
from relcode.learning.train import train
from relcode.ledger import CONSENSUS
from relcode.project import Project
from relcode.scoring.read import read_scores
from relcode.spans import read_spans
from relcode.transcripts import read_sessions
from scoring.conftest import CORPUS, LEARNED, SCORED, lean
from scoring.slurm_here import slurm_in, why_not
from written_commands import REPOSITORY, environment, run_block, stopped_doccano

PAGES = ("server", "coding", "doccano", "adjudication", "ledger", "cluster")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = REPOSITORY / "examples"
SESSIONS = ("D1-T01-s03", "D1-T01-s09", "D1-T01-s17", "D2-T02-s12", "D5-T04-s01")
LABELS = {"anna": "coder_A", "ben": "coder_B", "cleo": "coder_B", ADJUDICATOR: "accepted"}
# what root does to a machine, and installing: not done by a test
OF_THE_MACHINE = ("apt-get ", "adduser ", "python3 -m venv ", "relcode/bin/pip ", "echo 'export PATH=", ". ~/.profile")
SOCKET = "?unix_sock=/var/run/postgresql/.s.PGSQL.5432"

pytestmark = [pytest.mark.server, pytest.mark.slow]


def blocks(page: str) -> list[tuple[str, str]]:
    """Kind and text of each block of a page."""
    return BLOCK.findall((REPOSITORY / "docs" / f"{page}.md").read_text(encoding="utf-8"))


class Lab:
    """A home folder in which pages are followed; `said` is what each command printed, `before` what people do first."""

    def __init__(self, home: Path, names: dict[str, str], before: dict[str, Callable[[], None]]) -> None:
        self.home, self.names, self.before = home, names, before
        self.said: dict[str, str] = {}

    def follow(self, page: str, *, folder: str = ".", first: str = "", until: str = "") -> None:
        """Run a page's commands, from the block that begins with `first` to before the one that begins with `until`."""
        found = [(kind, text) for kind, text in blocks(page) if kind in ("sh", "bash")]
        starts = [text for _, text in found]
        start = next(number for number, text in enumerate(starts) if text.startswith(first))
        end = next(number for number, text in enumerate(starts) if text.startswith(until)) if until else len(found)
        assert start < end
        for kind, text in found[start:end]:
            for line in text.splitlines():
                if kind == "sh":
                    self.run(line, self.home / folder)
                else:
                    self.administer(line)

    def run(self, line: str, folder: Path) -> None:
        for start, act in self.before.items():
            if line.startswith(start):
                act()
        command = line
        for name, here in self.names.items():
            command = command.replace(name, here)
        self.said[line] = run_block(command, folder)

    def administer(self, line: str) -> None:
        """What root does for PostgreSQL is done on the tests' own server; the rest is left out."""
        asked = re.fullmatch(r"su postgres -c '(.*)'", line)
        if asked is None:
            assert line.startswith(OF_THE_MACHINE), line
            return
        run_block(f"PGUSER={USER} {asked[1]}", self.home)
        if asked[1].startswith("createuser"):
            run_block(f"PGUSER={USER} psql -q -d postgres -c \"ALTER ROLE coding PASSWORD '{PASSWORD}'\"", self.home)


@pytest.fixture
def place(tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder with raw transcripts, and the way to the tests' PostgreSQL."""
    if shutil.which("openssl") is None:
        pytest.skip("the pages make certificates with the program openssl, which is not here")
    port = str(urlsplit(postgres.url()).port)
    variables = {"PGHOST": "127.0.0.1", "PGPORT": port, "PGUSER": "coding", "PGPASSWORD": PASSWORD}
    variables |= {f"RELCODE_{name}_PASSWORD": PASSWORD for name in ("LEDGER", "DOCCANO_DATABASE")}
    variables["PATH"] = f"{postgres._bin}{os.pathsep}{os.environ['PATH']}"
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "my-sessions").mkdir()
    for name in SESSIONS:
        shutil.copy(EXAMPLES / "sessions" / f"{name}.jsonl", tmp_path / "my-sessions")
    run_block(f"relcode import my-sessions --metadata {EXAMPLES}/sessions.csv --out raw", tmp_path)
    with stopped_doccano(tmp_path / "study"):
        yield tmp_path
    for statement in (
        *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in ("doccano", "ledger")),
        "DROP ROLE coding",
    ):
        postgres.psql("postgres", statement)


def test_a_lab_codes_on_its_server_from_nothing_to_restore(place: Path) -> None:
    study = place / "study"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = f"postgresql://coding@127.0.0.1:{os.environ['PGPORT']}"
    names = {
        f"postgresql://coding@localhost/ledger{SOCKET}": f"{database}/ledger",
        "postgresql://coding@/doccano": f"{database}/doccano",
        "coding.example.org": "localhost",
        "--port 8443": f"--port {port}",
    }
    before: dict[str, Callable[[], None]] = {
        "relcode pull --batch pilot": lambda: code(place, "pilot", "anna", "ben"),
        "relcode adjudicate pull": lambda: code(place, "pilot", ADJUDICATOR),
        "relcode pull --batch calibration-1": lambda: code(place, "calibration-1", "cleo"),
        "cat server.crt authority.crt": lambda: sign(place),
    }
    lab = Lab(place, names, before)
    lab.follow("server", until="relcode pull --project study")
    assert f"https://localhost:{port}: web server process" in lab.said["relcode doccano status --project study"]
    run_block("relcode deid raw --out study/transcripts", place)

    lab.follow("coding", folder="study", until="relcode next")
    agreed = next(said for line, said in lab.said.items() if line.startswith("relcode agreement"))
    assert "anchoring: of the labels on pages with suggestions" in agreed
    assert (study / "reports/reliability.html").is_file()
    lab.follow("doccano", folder="study")
    lab.follow("adjudication", folder="study", until="relcode train-coder push")
    assert "4 session(s) settled" in next(said for line, said in lab.said.items() if "--chains" in line)
    assert "decided" in lab.said["relcode adjudicate explain D1-T01-s17 44"]
    lab.follow("coding", folder="study", first="relcode next")
    lab.follow("adjudication", folder="study", first="relcode train-coder push")
    assert "cleo" in lab.said["relcode train-coder list"]
    (place / "backup").mkdir()
    lab.follow("ledger", folder="study")

    password = {name: read_server(study).accounts[name] for name in ("anna", "ben")}
    lab.follow("server", first="relcode pull --project study", until="relcode doccano down")
    url, ca = read_server(study).url, read_server(study).ca
    connect(url, "anna", password["anna"], ca=ca)
    with pytest.raises(DoccanoError, match="does not accept the password of 'ben'"):
        connect(url, "ben", password["ben"], ca=ca)
    assert sorted(read_server(study).accounts) == ["adjudicator", "admin", "anna", "cleo"]
    labels = {path.name: path.read_bytes() for path in (study / "labels").glob("*.jsonl")}
    assert {"anna.jsonl", "ben.jsonl"} <= labels.keys()

    lab.follow("server", first="relcode doccano down")
    assert (place / "damaged").is_dir()
    connect(url, "anna", password["anna"], ca=ca)
    assert "new: nothing" in lab.said["relcode pull --project study"]
    assert {path.name: path.read_bytes() for path in (study / "labels").glob("*.jsonl")} == labels
    served = ssl.get_server_certificate(("localhost", port))
    assert served == ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert((place / "server.crt").read_text()))


def code(place: Path, batch: str, *accounts: str) -> None:
    """Code a batch's pages as the shipped coders, each over an account of their own, and confirm them."""
    project = Project.load(place / "study")
    server = read_server(project.folder)
    made = deidentify(read_sessions([place / "raw"]))
    for account in accounts:
        session = connect(server.url, account, server.accounts[account], ca=server.ca)
        coder = CONSENSUS if account == ADJUDICATOR else account
        project_id = find_project(session, batch, coder)
        assert project_id is not None
        codes = set(label_types(session, project_id).values())
        shipped = read_spans(EXAMPLES / "labels" / f"{LABELS[account]}.jsonl")
        given = [span for span in shipped if span.code in codes and span.session_id in SESSIONS]
        ledger = project.open_ledger()
        pages = ledger.pages(coder, batch, role=None)
        ledger._database.reader.dispose()  # root could not drop a database to which this process is connected
        enter_labels(session, project_id, pages, move_spans(given, made))


def sign(place: Path) -> None:
    """What those who run an authority do with `server.csr`: `server.crt`, and `authority.crt` with all above it."""
    issuing = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
    (place / "issuing.cnf").write_text(issuing)
    run_block(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 9 -keyout root.key -out root.crt -subj /CN=root\n"
        "openssl req -new -newkey rsa:2048 -nodes -keyout issuing.key -out issuing.csr -subj /CN=issuing\n"
        "openssl x509 -req -in issuing.csr -CA root.crt -CAkey root.key -CAcreateserial -extfile issuing.cnf "
        "-out issuing.crt\n"
        "openssl x509 -req -in server.csr -CA issuing.crt -CAkey issuing.key -CAcreateserial -copy_extensions copy "
        "-out server.crt\n"
        "cat issuing.crt root.crt > authority.crt",
        place,
    )


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study's folder as the page on clusters has it: transcripts, a model, an environment, a home with Dask's settings."""
    pytest.importorskip("dask_jobqueue")
    monkeypatch.setenv("HOME", str(tmp_path))
    study = tmp_path / "study"
    for folder in ("transcripts", "logs"):
        (study / folder).mkdir(parents=True)
    for name in SCORED:
        shutil.copy(next(CORPUS.glob(f"transcripts*/{name}.jsonl")), study / "transcripts")
    sessions = read_sessions([CORPUS / "transcripts" / f"{name}.jsonl" for name in LEARNED])
    labels = [span for span in read_spans(CORPUS / "labels" / "accepted.jsonl") if span.session_id in LEARNED]
    save_model(train(sessions, labels, lean(), folds=2), study / "models/first")
    (study / ".venv").symlink_to(sys.prefix)
    return study


def of_the_cluster(study: Path) -> list[tuple[str, str]]:
    """The page's blocks, for this place: its folder, the loopback network, two workers."""
    here = {"/home/me/study": str(study), "interface: ib0": "interface: lo", "--jobs 40": "--jobs 2"}
    found = blocks("cluster")
    for name, value in here.items():
        assert any(name in text for _, text in found)
        found = [(kind, text.replace(name, value)) for kind, text in found]
    return found


def test_the_page_on_clusters_scores_a_study(
    study: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (_, settings), (_, script), (_, commands) = of_the_cluster(study)
    dask = study.parent / ".config/dask"
    dask.mkdir(parents=True)
    (dask / "jobqueue.yaml").write_text(settings)
    (study / "score.sh").write_text(script)
    if why_not():  # Dask's own workers then, on this machine
        run_block(script.replace("--cluster slurm", "--cluster local"), study)
    else:
        with slurm_in(tmp_path_factory.mktemp("slurm")) as configuration:
            monkeypatch.setenv("SLURM_CONF", str(configuration))
            for line in commands.splitlines():
                if line.startswith("tail"):
                    wait_for_jobs()
                run_block(line, study)
            wait_for_jobs()
        first, second = (path.read_text() for path in sorted((study / "logs").glob("relcode-*.log")))
        assert "of 3 session(s) scored now" in first
        assert "of 0 session(s) scored now and 3 kept" in second
    assert set(read_scores(study / "scores")["session_id"]) == set(SCORED)


def wait_for_jobs() -> None:
    ends = time.monotonic() + 180
    while (
        queue := subprocess.run(["squeue", "-h"], env=environment(), capture_output=True, text=True, check=True)
    ).stdout:
        assert time.monotonic() < ends, queue.stdout
        time.sleep(0.5)
