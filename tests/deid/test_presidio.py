"""Presidio's recognisers: what they add, never the network, and imported only where a turn needs them."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys

import pytest

from relcode.deid import presidio
from relcode.deid.presidio import find_forms
from relcode.deid.recognisers import find_patterns


def found(text: str) -> list[tuple[str, str, str]]:
    return [
        (label, text[start:end], reason)
        for start, end, label, probability, reason in find_forms(text)
        if probability >= 0.5
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is 4012888888881881 there.", [("ACCOUNT", "4012888888881881", "presidio:CreditCardRecognizer")]),
        ("It is 4012888888881882 there.", []),
        ("Pay GB82WEST12345698765432 now.", [("ACCOUNT", "GB82WEST12345698765432", "presidio:IbanRecognizer")]),
        ("Pay GB83WEST12345698765432 now.", []),
        ("Ring +41 44 668 18 00 then.", [("PHONE", "+41 44 668 18 00", "presidio:PhoneRecognizer near a word of telephones")]),
        ("We counted 12 34 56 78 of them.", []),
        ("Write to ola@postbox.org now.", [("EMAIL", "ola@postbox.org", "presidio:EmailRecognizer")]),
        ("The nhs number is 9434765919.", [("MRN", "9434765919", "presidio:NhsRecognizer near 'nhs'")]),
    ],
)  # fmt: skip
def test_presidio_finds_checked_forms(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [finding for finding in found(text) if finding in expected or not expected] == expected


def test_no_socket_is_opened_and_nothing_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for made in (presidio._net, presidio._numbers, presidio._telephone):
        made.cache_clear()
    text = "Mail ola@postbox.org, see https://postbox.org/a, ring +41 44 668 18 00, pay 4012888888881881."
    with caplog.at_level(logging.DEBUG):
        labels = [label for _, _, label, *_ in find_patterns(text, text.lower())]
    assert labels == ["EMAIL", "URL", "PHONE", "ACCOUNT"]
    assert not any(
        word in record.getMessage() for record in caplog.records for word in ("ola", "postbox", "668", "4012")
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "imported"),
    [
        ("import relcode.cli", "False"),
        ("from relcode.deid.recognisers import find_patterns as f; list(f('We met at four.', 'we met at four.'))", "False"),
        ("from relcode.deid.recognisers import find_patterns as f; list(f('a@b.org', 'a@b.org'))", "False"),
        ("from relcode.deid.recognisers import find_patterns as f; list(f('No.Then 4.', 'no.then 4.'))", "False"),
        ("from relcode.deid.recognisers import find_patterns as f; list(f('41 44 668 18 00', '41 44 668 18 00'))", "True"),
    ],
)  # fmt: skip
def test_presidio_is_imported_only_where_a_turn_needs_it(code: str, imported: str) -> None:
    program = f"import sys; {code}; print('presidio_analyzer' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == imported
