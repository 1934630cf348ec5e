"""Where a language model may be asked: this machine, or an allowed host by TLS."""

from __future__ import annotations

import socket

import pytest

from relcode.errors import SuggesterError, UsageError
from relcode.suggesters.llm import find_address


@pytest.mark.parametrize(
    ("url", "numbers", "path"),
    [
        ("http://127.0.0.1:11434/v1", ("127.0.0.1",), "/v1"),
        ("http://127.9.8.7:8000/v1/", ("127.9.8.7",), "/v1"),
        ("http://[::1]:8080", ("::1",), ""),
        ("https://127.0.0.1/v1", ("127.0.0.1",), "/v1"),
    ],
)
def test_this_machine_may_be_asked(url: str, numbers: tuple[str, ...], path: str) -> None:
    found = find_address(url)
    assert (found.own_machine, found.numbers, found.path) == (True, numbers, path)


def test_localhost_is_this_machine_by_the_numbers_that_it_stands_for() -> None:
    found = find_address("http://LocalHost.:11434/v1")
    assert found.own_machine
    assert set(found.numbers) <= {"127.0.0.1", "::1"}


def test_a_localhost_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 80)) for number in ("127.0.0.1", "192.0.2.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: elsewhere)
    with pytest.raises(SuggesterError, match="localhost is not this machine"):
        find_address("http://localhost/v1")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1", "http://192.168.1.5:11434/v1", "http://0.0.0.0:11434/v1", "http://[::]:1/v1",
        "http://10.0.0.1/v1", "http://localhost.example.com/v1", "http://127.0.0.1.example.com/v1", "http://127.1/v1",
        "http://2130706433/v1", "http://0x7f000001/v1", "http://[::ffff:8.8.8.8]/v1", "http://127.0.0.1@evil.example/v1",
        "http://ollama/v1", "http://localhost.localdomain/v1",
    ],
)  # fmt: skip
def test_every_other_address_is_refused(url: str) -> None:
    with pytest.raises((SuggesterError, UsageError)):
        find_address(url)


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:11434", "ftp://127.0.0.1/v1", "http:///v1", "http://127.0.0.1:99999/v1", "http://127.0.0.1/v1?key=1",
     "http://u:p@127.0.0.1/v1", "http://127.0.0.1/v 1", "", "http://[::1/v1", "http://127.0.0.1/v1#x"],
)  # fmt: skip
def test_what_is_no_address_is_wrong_use(url: str) -> None:
    with pytest.raises(UsageError, match="--llm"):
        find_address(url)


def test_an_allowed_host_is_asked_by_tls_alone() -> None:
    found = find_address("https://llm.institute.example/v1", ["LLM.institute.example"])
    assert (found.own_machine, found.numbers, found.port) == (False, (), 443)
    with pytest.raises(SuggesterError, match="is not encrypted"):
        find_address("http://llm.institute.example/v1", ["llm.institute.example"])
    with pytest.raises(SuggesterError, match="is not this machine"):
        find_address("https://other.institute.example/v1", ["institute.example"])
