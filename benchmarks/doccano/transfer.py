"""How long suggestions take to the server and labels back, beside the server's own bulk import and export.

    python benchmarks/doccano/transfer.py --pages 10000

Starts a server of its own in a temporary folder, invents transcripts, and prints a table. In each round the server's
own way and relcode's follow each other, so that both meet the same machine; the table gives medians. The coder's ticks
and changes are written into the server's database, which by requests would take longer than everything else. The
plain client's way (a call a page and a label) is measured on `--client-pages` pages and extrapolated.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from relcode.codebook import Codebook, load_codebook
from relcode.doccano import server
from relcode.doccano.addresses import connect_admin
from relcode.doccano.pages import Page, make_pages, sent_labels
from relcode.doccano.projects import ensure_project, label_types
from relcode.doccano.pull import pull
from relcode.doccano.push import push
from relcode.doccano.session import DoccanoSession
from relcode.project import Project
from relcode.records import Session, Span, Turn

TURNS = 60  # a session: four pages
WORDS = (
    "I was so tired",
    "that week",
    "and then",
    "you",
    "asked me",
    "how it had been",
    "🙂",
    "and I could not",
    "say a thing",
)
CODER = "ana"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=10_000)
    options.add_argument("--client-pages", type=int, default=300)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Project.create(Path(folder) / "study", coders=[CODER])
        codebook = load_codebook(project.codebook, [project.codebooks])
        sessions, spans = invent(codebook, chosen.pages // 4)
        try:
            info = server.up(project.folder, coders=[CODER], say=say)
            admin = connect_admin(info)
            seconds = measure(project, info, admin, codebook, sessions, spans, chosen.rounds)
            seconds |= measure_client(admin, codebook, sessions, spans, chosen.client_pages)
        finally:
            server.down(project.folder)
    report(seconds, len(sessions) * 4, len(spans), chosen)


def invent(codebook: Codebook, count: int) -> tuple[list[Session], list[Span]]:
    """Sessions of 60 turns, and three suggestions a page."""
    drawn = random.Random(5)
    codes = {speaker: [code.id for code in codebook.codes if codebook.allows(code.id, speaker)] for speaker in "TC"}
    sessions, spans = [], []
    for number in range(count):
        turns = tuple(Turn(at, "TC"[at % 2], sentence(drawn)) for at in range(1, TURNS + 1))
        session = Session(f"S{number:05}", turns)
        sessions.append(session)
        for turn in drawn.sample(turns, 12):
            start = drawn.randrange(0, max(1, len(turn.text) - 12))
            words = turn.text[start : start + 12]
            code = drawn.choice(codes[turn.speaker])
            spans.append(
                Span(session.session_id, turn.turn, start, start + len(words), words, code, codebook.reference, "cues")
            )
    return sessions, list({span.key: span for span in spans}.values())


def sentence(drawn: random.Random) -> str:
    return " ".join(drawn.choices(WORDS, k=drawn.randint(3, 12))) + "."


def measure(
    project: Project,
    info: server.ServerInfo,
    admin: DoccanoSession,
    codebook: Codebook,
    sessions: Sequence[Session],
    spans: Sequence[Span],
    rounds: int,
) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {
        name: [] for name in ("import", "push", "push again", "export", "pull", "pull again")
    }

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        seconds[name].append(time.perf_counter() - start)
        say(f"  {name}: {seconds[name][-1]:.1f} s")
        return result

    rows = rows_of(sessions, spans)
    for number in range(rounds):
        batch = f"round{number}"
        native = ensure_project(admin, CODER, codebook, f"native{number}")

        def send(batch: str = batch) -> Any:
            return push(project, sessions, spans, coders=[CODER], batch=batch, server=info)

        ways = [lambda: timed("import", lambda: bulk_import(admin, native, rows)), lambda: timed("push", send)]  # noqa: B023
        done = [way() for way in (ways if number % 2 else ways[::-1])]
        project_id = next(result for result in done if result is not None).coders[0].project_id
        timed("push again", send)
        code(project.folder / server.FOLDER / "db.sqlite3", project_id, number)
        back = [
            lambda: timed("export", lambda: bulk_export(admin, project_id)),  # noqa: B023
            lambda: timed("pull", lambda: pull(project, info, batch=batch)),  # noqa: B023
        ]
        for way in back if number % 2 else back[::-1]:
            way()
        timed("pull again", lambda: pull(project, info, batch=batch))  # noqa: B023
    return seconds


def rows_of(sessions: Sequence[Session], spans: Sequence[Span]) -> bytes:
    """The file that the server imports: the same rows as relcode's."""
    by_session: dict[str, list[Span]] = {session.session_id: [] for session in sessions}
    for span in spans:
        by_session[span.session_id].append(span)
    rows = []
    for session in sessions:
        for page in make_pages(session, batch="native", coder=CODER):
            rows.append({"text": page.text, "label": labels_on(page, by_session), "relcode": {"page": page.uid}})
    return "\n".join(json.dumps(row) for row in rows).encode()


def labels_on(page: Page, by_session: dict[str, list[Span]]) -> list[tuple[int, int, str]]:
    return sent_labels(page, [span for span in by_session[page.session_id] if page.place(span)])


def bulk_import(admin: DoccanoSession, project_id: int, rows: bytes) -> None:
    """The server's own: the file, its task, nothing else."""
    upload_id = admin.upload("native.jsonl", rows)
    body = {"uploadIds": [upload_id], "format": "JSONL", "task": "SequenceLabeling", "encoding": "utf_8"}
    body |= {"column_data": "text", "column_label": "label"}
    wait(admin, admin.post(f"projects/{project_id}/upload", body)["task_id"])


def bulk_export(admin: DoccanoSession, project_id: int) -> None:
    path = f"projects/{project_id}/download"
    task = admin.post(path, {"format": "JSONL", "exportApproved": False})["task_id"]
    wait(admin, task)
    admin.download(path, taskId=task)


def wait(admin: DoccanoSession, task: str) -> None:
    while not (status := admin.get(f"tasks/status/{task}"))["ready"]:
        time.sleep(0.05)
    assert not status["error"], "the server's task failed"


def code(database: Path, project_id: int, seed: int) -> None:
    """The coder's work: a fifth of the suggestions deleted, as many labels added, every page confirmed."""
    with sqlite3.connect(database, timeout=60) as connection:
        (user,) = connection.execute("SELECT id FROM auth_user WHERE username = ?", (CODER,)).fetchone()
        pages = "SELECT id FROM examples_example WHERE project_id = ?"
        spans = connection.execute(
            f"SELECT id, example_id, label_id, start_offset FROM labels_span WHERE example_id IN ({pages})",
            (project_id,),
        ).fetchall()
        drawn = random.Random(seed)
        for span_id, example_id, label_id, start in drawn.sample(spans, len(spans) // 5):
            connection.execute("DELETE FROM labels_span WHERE id = ?", (span_id,))
            connection.execute(
                "INSERT INTO labels_span (uuid, prob, manual, user_id, created_at, updated_at, example_id, label_id, "
                "start_offset, end_offset) VALUES (lower(hex(randomblob(16))), 0, 0, ?, datetime('now'), datetime('now'), "
                "?, ?, ?, ?)",
                (user, example_id, label_id, start + 1, start + 7),
            )
        connection.execute(
            "INSERT INTO examples_examplestate (example_id, confirmed_by_id, confirmed_at) "
            f"SELECT id, ?, datetime('now') FROM ({pages})",
            (user, project_id),
        )


def measure_client(
    admin: DoccanoSession, codebook: Codebook, sessions: Sequence[Session], spans: Sequence[Span], count: int
) -> dict[str, list[float]]:
    """The plain client: a call for each page and each label up; down, a list and a call for each page."""
    project_id = ensure_project(admin, CODER, codebook, "client")
    types = {code: type_id for type_id, code in label_types(admin, project_id).items()}
    by_session: dict[str, list[Span]] = {session.session_id: [] for session in sessions}
    for span in spans:
        by_session[span.session_id].append(span)
    pages = [page for session in sessions for page in make_pages(session, batch="client", coder=CODER)][:count]
    client = admin.client
    start = time.perf_counter()
    for page in pages:
        example = client.create_example(project_id, page.text, meta={"relcode": {"page": page.uid}})
        for low, high, code_id in labels_on(page, by_session):
            client.create_span(project_id, example.id, low, high, types[code_id])
    up = time.perf_counter() - start
    start = time.perf_counter()
    for example in client.list_examples(project_id):
        client.list_spans(project_id, example.id)
    return {"client up": [up], "client down": [time.perf_counter() - start]}


def report(seconds: dict[str, list[float]], pages: int, labels: int, chosen: argparse.Namespace) -> None:
    median = {name: statistics.median(values) for name, values in seconds.items()}
    scale = pages / min(chosen.client_pages, pages)
    own = {"up": median["import"], "down": median["export"]}
    rows = [
        ("the server's own import", "up", median["import"]),
        ("relcode push, with manifest and verification", "up", median["push"]),
        ("relcode push again, nothing to do", "up", median["push again"]),
        (f"doccano-client, a call each ({chosen.client_pages} pages, extrapolated)", "up", median["client up"] * scale),
        ("the server's own export", "down", median["export"]),
        ("relcode pull, with the ledger written", "down", median["pull"]),
        ("relcode pull again, nothing new", "down", median["pull again"]),
        (
            f"doccano-client, a call each ({chosen.client_pages} pages, extrapolated)",
            "down",
            median["client down"] * scale,
        ),
    ]
    print(f"{pages} pages, {labels} suggestions, {chosen.rounds} rounds (medians), SQLite\n")
    print("| way | direction | seconds | times the server's own |\n|---|---|---|---|")
    for name, direction, value in rows:
        print(f"| {name} | {direction} | {value:.1f} | {value / own[direction]:.2f} |")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
