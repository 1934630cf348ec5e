"""Where a language model may be asked: on this machine, or on a host that the project allows, and nowhere else."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from relcode.errors import SuggesterError, UsageError

_EXPECTED = "expected an address such as http://127.0.0.1:11434/v1"
_PORTS = {"http": 80, "https": 443}
_AFTER_BRACKET = re.compile(r"(:\d*)?")  # some Pythons pass over what else stands there
_LOOPBACK = {4: ipaddress.ip_network("127.0.0.0/8"), 6: ipaddress.ip_network("::1")}


@dataclass(frozen=True)
class Address:
    """A server. `numbers`: the addresses that are connected to, in this order; empty where the name itself is, with TLS.

    `own_machine`: what is sent there reaches nobody else by the network. What the server does with it, it alone knows.
    """

    scheme: str
    host: str
    port: int
    path: str
    own_machine: bool
    numbers: tuple[str, ...] = ()

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def find_address(url: str, allowed_hosts: Collection[str] = ()) -> Address:
    """Read an address and refuse one that leads off this machine, unless its host is allowed and the way encrypted.

    Raises
    ------
    UsageError
        It is no address of a server.
    SuggesterError
        It is refused.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise UsageError(f"--llm: {_EXPECTED}.") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not host or parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise UsageError(f"--llm: {_EXPECTED}.")
    if "]" in parts.netloc and not _AFTER_BRACKET.fullmatch(parts.netloc.rpartition("]")[2]):
        raise UsageError(f"--llm: {_EXPECTED}.")
    if parts.username or parts.password:
        raise UsageError("--llm: the address holds a user name or password; take it out.")
    path = parts.path.rstrip("/")
    numbers = _own_numbers(host, port)
    if numbers:
        return Address(parts.scheme, host, port, path, True, numbers)
    if host not in {name.casefold().rstrip(".") for name in allowed_hosts}:
        raise SuggesterError(
            f"--llm: {host} is not this machine, and transcripts do not leave it. Use a server on 127.0.0.1, or put the host "
            "into `allowed_hosts` of [llm] in the project's relcode.toml, where your consents and your data protection let you."
        )
    if parts.scheme != "https":
        raise SuggesterError(f"--llm: the way to {host} is not encrypted; it has to begin with https://.")
    return Address(parts.scheme, host, port, path, False)


def _own_numbers(host: str, port: int) -> tuple[str, ...]:
    """The loopback addresses that a host stands for; none where it is, or could be, another machine."""
    with contextlib.suppress(ValueError):
        return (host,) if _is_loopback(host) else ()
    if host != "localhost":  # other names are somebody else's to resolve, and may change between two looks
        return ()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    numbers = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    return numbers if all(map(_is_loopback, numbers)) else ()


def _is_loopback(host: str) -> bool:
    """Whether a number is one of 127.0.0.0/8 or ::1 as it is written; not in another form (::ffff:127.0.0.1, ::1%eth0).

    Raises
    ------
    ValueError
        It is no number.
    """
    number = ipaddress.ip_address(host)
    return "%" not in host and number in _LOOPBACK[number.version]
