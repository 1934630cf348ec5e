"""Where a language model may be asked: this machine, or an allowed host by TLS."""

from __future__ import annotations

import socket
from typing import Any

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
        # who is asked stands after the last @, and before the first of / ? #
        "http://127.0.0.1:11434@evil.example/v1", "http://127.0.0.1%40evil.example/v1", "http://localhost@evil.example",
        "http://evil.example/@127.0.0.1/v1", "http://evil.example#@127.0.0.1/v1", "http://evil.example?@127.0.0.1/v1",
        r"http://evil.example\@127.0.0.1/v1", r"http://127.0.0.1\@evil.example/v1", r"http://evil.example\.127.0.0.1/v1",
        "http://[::1]@evil.example/v1", "http://[::1].evil.example/v1", "http://@evil.example/v1",
        # names that stand for this machine today
        "http://127.0.0.1.nip.io/v1", "http://localtest.me/v1", "http://ip6-localhost/v1", "http://a.localhost/v1",
        # other writings of numbers, and of letters
        "http://0/v1", "http://127.0.1/v1", "http://0177.0.0.1/v1", "http://127.0.0.01/v1", "http://0x7f.0.0.1/v1",
        "http://127.0.0.1.1/v1", "http://１２７.0.0.1/v1", "http://127。0。0。1/v1", "http://ⓛocalhost/v1", "http://localhoſt/v1",
        "http://loc%61lhost/v1", "http://localhost%00.evil.example/v1", "http://localhost\t.evil.example/v1",
        # IPv6: any, private, mapped, with a zone
        "http://[::]/v1", "http://[fe80::1]/v1", "http://[fd00::1]/v1", "http://[2001:db8::1]/v1", "http://[::2]/v1",
        "http://[::ffff:10.0.0.1]/v1", "http://[64:ff9b::7f00:1]/v1", "http://[::1%25eth0]/v1", "http://[::1%eth0]/v1",
        "http://[::ffff:127.0.0.1]/v1", "http://[v1.127.0.0.1]/v1",
        "http://169.254.169.254/latest", "http://255.255.255.255/v1", "http://128.0.0.1/v1", "http://126.255.255.255/v1",
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


def test_a_name_is_looked_up_once_and_its_number_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to another machine at the second look (DNS rebinding) leads nowhere."""
    from llm_server import chat_server
    from relcode.suggesters.llm import ChatModel

    looked: list[str] = []
    look_up = socket.getaddrinfo

    def rebinding(host: str, port: int, *more: Any, **options: Any) -> Any:
        looked.append(host)
        return look_up("127.0.0.1" if looked.count("localhost") < 2 else "192.0.2.7", port, *more, **options)

    with chat_server(lambda request: "{}") as server:
        port = server.url.rpartition(":")[2]
        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        model = ChatModel(find_address(f"http://localhost:{port}"), "small", seconds=20)
        assert [model.ask([]).content for _ in range(3)] == ["{}"] * 3
    assert looked.count("localhost") == 1
    assert set(looked) <= {"localhost", "127.0.0.1"}
