"""What was confirmed is never lost and stands once: writers and servers are killed while they work."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from postgres import PostgresServer
from relcode.ledger import Ledger

# Children that append pages and note each one after its append returned: that note is the confirmation. They are killed
# at random moments, and others follow.
KILLED_WRITERS = """
import os, random, signal, sys, time
from relcode.ledger import Ledger, NewEvent
url, notes, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])

def write(writer):
    ledger = Ledger(url)
    note = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number in range(100000):
        names = [f"{writer}-{number}-{part}" for part in range(random.randint(1, 3))]
        ledger.append([NewEvent("confirm", "x", {"page": name, "batch": "b", "coder": "A"}) for name in names])
        os.write(note, "".join(name + "\\n" for name in names).encode())

Ledger(url).head()  # loads the driver, once for all children
os.close(os.open(notes, os.O_CREAT))
for writer in range(kills):
    before, pids = os.path.getsize(notes), []
    for twin in "ab":
        pids.append(os.fork())
        if pids[-1] == 0:
            write(f"{writer}{twin}")
    deadline = time.monotonic() + 60
    while os.path.getsize(notes) == before and time.monotonic() < deadline:
        time.sleep(0.001)
    for pid in pids:
        time.sleep(random.uniform(0, 0.03))
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)
"""
WRITER = """
import sys
from relcode.ledger import Ledger, NewEvent
ledger, number = Ledger(sys.argv[1]), 0
while True:
    number += 1
    ledger.append([NewEvent("confirm", "x", {"page": f"{sys.argv[2]}-{number}", "batch": "b", "coder": "A"})])
    print(f"{sys.argv[2]}-{number}", flush=True)
"""


def check_confirmed(ledger: Ledger, confirmed: list[str]) -> None:
    held = Counter(event.payload["page"] for event in ledger.events())
    assert set(confirmed) <= set(held)
    assert set(held.values()) <= {1}
    assert ledger.verify() == []
    assert ledger.head()[0] == held.total()


def kill_writers(url: str, notes: Path, kills: int) -> None:
    Ledger(url)
    done = subprocess.run([sys.executable, "-c", KILLED_WRITERS, url, str(notes), str(kills)], stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    confirmed = notes.read_text().splitlines()
    assert len(confirmed) >= kills
    check_confirmed(Ledger(url), confirmed)


def test_a_killed_writer_loses_nothing_that_was_confirmed(ledger_url: str, tmp_path: Path) -> None:
    kill_writers(ledger_url, tmp_path / "notes", 8)


@pytest.mark.slow
def test_a_hundred_killed_writers_lose_nothing_that_was_confirmed(ledger_url: str, tmp_path: Path) -> None:
    kill_writers(ledger_url, tmp_path / "notes", 50)


@pytest.mark.server
def test_a_killed_server_loses_nothing_that_was_confirmed(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    Ledger(url)
    confirmed: list[str] = []
    for time_ in range(4):
        command = [sys.executable, "-c", WRITER, url, str(time_)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        confirmed.append(writer.stdout.readline().strip())  # it writes
        time.sleep(random.uniform(0, 0.4))
        postgres.kill()
        rest, problem = writer.communicate()
        postgres.start()
        confirmed += rest.split()
        assert "the server does not answer" in problem or "Nothing was confirmed" in problem
        assert "terminating connection" not in problem  # the pool's own words, with a traceback
        check_confirmed(Ledger(url), confirmed)
    assert len(confirmed) >= 4


@pytest.mark.server
def test_an_open_ledger_goes_on_when_the_server_was_started_again(postgres: PostgresServer) -> None:
    ledger = Ledger(postgres.new_database())
    assert ledger.head()[0] == 0
    postgres.kill()
    postgres.start()
    assert ledger.head()[0] == 0


FEW = """
import sys
from relcode.ledger import Ledger, NewEvent
ledger = Ledger(sys.argv[1])
for number in range(25):
    ledger.append([NewEvent("confirm", "x", {"page": f"{number}{x}", "batch": "b", "coder": sys.argv[2]}) for x in "ab"])
"""


def test_processes_make_and_write_a_ledger_at_once(ledger_url: str) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", FEW, ledger_url, coder]) for coder in "ABC"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    ledger = Ledger(ledger_url)
    assert ledger.verify() == []
    assert ledger.head()[0] == 150
    assert [len(ledger.confirmed_pages(coder)) for coder in "ABC"] == [50, 50, 50]


COUNT = """
import sys
from relcode.ledger import Ledger, LedgerMoved, NewEvent
ledger = Ledger(sys.argv[1])
for _ in range(10):
    while True:
        seq = ledger.head()[0]
        told = len(list(ledger.events()))
        try:
            ledger.append([NewEvent("confirm", "x", {"page": str(told), "batch": "b", "coder": "A"})], after=seq)
            break
        except LedgerMoved:
            continue
"""


def test_who_decides_by_what_the_ledger_holds_never_decides_twice(ledger_url: str) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", COUNT, ledger_url]) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert [event.payload["page"] for event in Ledger(ledger_url).events()] == [str(number) for number in range(20)]


VERIFIER = """
import sys
from relcode.ledger import Ledger
ledger = Ledger(sys.argv[1])
for _ in range(15):
    assert ledger.verify() == []
"""


def test_a_ledger_is_verified_while_others_write(ledger_url: str) -> None:
    Ledger(ledger_url)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, ledger_url, "w"], stdout=subprocess.DEVNULL)
    verified = subprocess.run([sys.executable, "-c", VERIFIER, ledger_url])
    writer.kill()
    writer.wait()
    assert verified.returncode == 0
