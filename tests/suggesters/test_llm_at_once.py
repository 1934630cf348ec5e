"""Several pages are asked about at once: no more than was said, the same result, nothing left under way, busy ones waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llm_server import Reply, chat_server, labels, turns_asked
from relcode.codebook import Codebook, load_codebook
from relcode.errors import SuggesterError
from relcode.records import Session, Turn
from relcode.suggesters import Suggested
from relcode.suggesters.llm import AnswerCache, ChatModel, find_address, suggest_by_llm
from relcode.suggesters.llm import run as llm_run
from relcode.transcripts import write_session

Answer = Callable[[dict[str, Any]], Reply | str]
SESSIONS = [
    Session(f"S{number}", tuple(Turn(n, "TC"[n % 2], f"I feel it in S{number}, {n}.") for n in range(1, 61)))
    for number in (2, 1)
]
PAGES = 10


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm_run, "PAUSES_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(llm_run, "BUSY_PAUSE_SECONDS", 0.02)


@pytest.fixture(scope="module")
def book() -> Codebook:
    return load_codebook("ccrt")


def page_of(request: dict[str, Any]) -> tuple[str, int]:
    """Session and first turn of a page."""
    number, _, words = turns_asked(request)[0]
    return words.split()[4].rstrip(","), number


def marks_all(request: dict[str, Any]) -> str:
    return labels(
        *({"turn": number, "code": "CCRT.RS", "quote": words[:6]} for number, _, words in turns_asked(request))
    )


class Slots:
    """A server that works on so many requests at once, each for some seconds; it lets others wait, or sends them away."""

    def __init__(self, slots: int, seconds: float = 0.05, busy: Reply | None = None) -> None:
        self.free = threading.Semaphore(slots)
        self.seconds, self.busy = seconds, busy
        self.lock = threading.Lock()
        self.under_way = self.most = self.sent_away = 0

    def __call__(self, request: dict[str, Any]) -> Reply | str:
        with self.lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            if not self.free.acquire(blocking=self.busy is None):
                self.sent_away += 1
                assert self.busy is not None
                return self.busy
            try:
                time.sleep(self.seconds * (1.5 if page_of(request)[1] % 24 == 1 else 0.5))  # they end out of order
                return marks_all(request)
            finally:
                self.free.release()
        finally:
            with self.lock:
                self.under_way -= 1


def suggest(answer: Answer, book: Codebook, cache: Path, *, at_once: int, seconds: float = 20) -> Suggested:
    with chat_server(answer) as server:
        model = ChatModel(find_address(server.url), "small:1b", seconds)
        return suggest_by_llm(SESSIONS, book, model, cache=AnswerCache(cache), at_once=at_once)


def test_no_more_are_under_way_than_was_said_and_the_result_is_the_same(book: Codebook, tmp_path: Path) -> None:
    one, four = Slots(8), Slots(8)
    alone = suggest(one, book, tmp_path / "a", at_once=1)
    together = suggest(four, book, tmp_path / "b", at_once=4)
    assert (one.most, four.most) == (1, 4)
    assert [span.session_id for span in alone.spans[::30]] == ["S2", "S1"]
    assert (together.spans, together.unread, together.notes) == (alone.spans, {}, alone.notes)
    assert len(together.spans) == 60
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == sorted(
        p.name for p in (tmp_path / "b").iterdir()
    )


def test_pages_without_an_answer_are_named_in_their_order(book: Codebook, tmp_path: Path) -> None:
    def answer(request: dict[str, Any]) -> Reply | str:
        session, first = page_of(request)
        if first in (25, 49):
            time.sleep(0.1 if session == "S2" else 0)  # the first session's fail last
            return Reply(status=500 if first == 25 else 502)
        return marks_all(request)

    found = suggest(answer, book, tmp_path, at_once=6)
    assert list(found.unread.items()) == [(name, (*range(25, 37), *range(49, 61))) for name in ("S2", "S1")]
    assert found.notes == (
        "48 turn(s) of 2 session(s) were not read: status 500 (2), status 502 (2). The same call asks for them again.",
    )


def test_a_server_that_takes_one_at_a_time_is_not_too_slow_for_that(book: Codebook, tmp_path: Path) -> None:
    """The last of six waits a second and more, longer than one answer may take; the server is silent for no such time."""
    found = suggest(Slots(1, seconds=0.4), book, tmp_path, at_once=6, seconds=0.9)
    assert (len(found.spans), found.notes) == (60, ())


def test_a_server_that_is_silent_is_given_up_all_the_same(book: Codebook, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(SuggesterError, match=r"gave no answer to 3 page\(s\) .*: no answer in time \(0.2 s\)") as told:
        suggest(lambda request: Reply("", delay=3), book, tmp_path, at_once=4, seconds=0.2)
    assert "feel" not in str(told.value)
    assert time.monotonic() - began < 15
    assert threading.active_count() < 40


@pytest.mark.parametrize("busy", [Reply(status=429), Reply(status=503), Reply(status=503, body=b"I feel it in S2")])
def test_a_busy_server_is_asked_again_until_it_answers(book: Codebook, tmp_path: Path, busy: Reply) -> None:
    server = Slots(2, busy=busy)
    found = suggest(server, book, tmp_path, at_once=6)
    assert server.sent_away > 3  # more often than another failure would be asked again
    assert (len(found.spans), found.notes) == (60, ())


def test_a_busy_server_says_how_long_to_wait(book: Codebook, tmp_path: Path) -> None:
    asked: list[float] = []

    def answer(request: dict[str, Any]) -> Reply | str:
        asked.append(time.monotonic())
        return marks_all(request) if len(asked) > 1 else Reply(status=429, headers={"Retry-After": "1"})

    suggest(answer, book, tmp_path, at_once=1)
    assert len(asked) == PAGES + 1
    assert asked[1] - asked[0] >= 1


@pytest.mark.parametrize("after", ["0", "-1", "nan", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999"])
def test_a_server_that_stays_busy_is_given_up(
    book: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    monkeypatch.setattr(llm_run, "BUSY_SECONDS", 0.2)
    with pytest.raises(SuggesterError, match=r"status 503, too busy\. Is the server running"):
        suggest(lambda request: Reply(status=503, headers={"Retry-After": after}), book, tmp_path, at_once=3)


def test_a_refusal_ends_all(book: Codebook, tmp_path: Path) -> None:
    asked: list[int] = []

    def answer(request: dict[str, Any]) -> Reply | str:
        asked.append(1)
        return Reply(status=404) if page_of(request) == ("S2", 1) else Reply(marks_all(request), delay=30)

    began = time.monotonic()
    with pytest.raises(SuggesterError, match="refuses"):
        suggest(answer, book, tmp_path, at_once=4)
    assert time.monotonic() - began < 20  # what was under way is cut off
    assert len(asked) <= 6


@pytest.mark.slow
def test_ctrl_c_ends_all_at_once_and_keeps_what_was_answered(tmp_path: Path) -> None:
    for session in SESSIONS:
        write_session(session, tmp_path / "t")
    hang, hanging = threading.Event(), threading.Semaphore(0)

    def answer(request: dict[str, Any]) -> Reply | str:
        if page_of(request)[0] == "S2" and not hang.is_set():
            hanging.release()
            return Reply(marks_all(request), delay=60)
        return marks_all(request)

    def command(url: str) -> list[str]:
        words = ["preannotate", "t", "--codebook", "ccrt", "--out", "llm.jsonl", "--llm-parallel", "3"]
        return [sys.executable, "-m", "relcode", *words, "--llm", url, "--llm-model", "small:1b"]

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "XDG_CACHE_HOME": str(tmp_path)}
    where: dict[str, Any] = {"cwd": tmp_path, "env": environment, "stderr": subprocess.PIPE, "text": True}
    with chat_server(answer) as server:
        process = subprocess.Popen(command(server.url), **where)
        for _ in range(3):
            assert hanging.acquire(timeout=120)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, said = process.communicate(timeout=60)
        assert time.monotonic() - began < 20
        assert process.returncode == 130
        assert "Traceback" not in said
        assert "feel" not in said
        assert not (tmp_path / "llm.jsonl").exists()
        kept = len(list((tmp_path / "relcode" / "llm").iterdir()))
        assert (kept, len(server.requests)) == (5, 8)  # S1 is read first
        hang.set()
        done = subprocess.run(command(server.url), check=False, **where)
        assert done.returncode == 0, done.stderr
        assert len(server.requests) == 13
        assert "5 of 10 page(s) were answered before" in done.stderr
