"""On which address a local server listens: loopback, or one that others reach, and then with TLS alone."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Container
from pathlib import Path

import msgspec

from relcode.errors import DoccanoError, UsageError

LOOPBACK = "127.0.0.1"
_ANY = (0,) * 10  # the system draws a free port; it may draw one that is kept for another server


class Network(msgspec.Struct, frozen=True):
    """Address or name to listen on, with the files of certificate (PEM, with its chain) and key where there is TLS."""

    host: str = LOOPBACK
    certificate: str | None = None
    key: str | None = None

    def url(self, port: int) -> str:
        """The address that people and relcode use."""
        return f"{'https' if self.certificate else 'http'}://{self.bind(port)}"

    def bind(self, port: int) -> str:
        """Address and port, an IPv6 address in brackets."""
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, reached by nobody else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_network(host: str, certificate: Path | None, key: Path | None) -> Network:
    """The network settings, once nothing is against them.

    Raises
    ------
    UsageError
        The address stands for every address, is open to others without TLS, or certificate and key do not fit.
    """
    faults = []
    if host.strip("[]") in ("", "0.0.0.0", "::", "*") or "/" in host:
        faults.append(
            f"--host {host or '(empty)'}: name the one address, or the name, under which coders reach this machine. The server "
            "answers to that name alone"
        )
    elif not is_loopback(host) and (certificate is None or key is None):
        faults.append(
            f"--host {host}: others on the network could read transcripts and passwords on their way; so this needs "
            "--tls-certificate FILE and --tls-key FILE. For coders on this machine leave --host out"
        )
    if (certificate is None) != (key is None):
        faults.append("--tls-certificate and --tls-key go together")
    if certificate is not None and key is not None:
        faults += _tls_faults(certificate, key)
    if faults:
        raise UsageError("; ".join(faults) + ".")
    absolute = [None if path is None else str(path.absolute()) for path in (certificate, key)]
    return Network(host.strip("[]"), *absolute)


def _tls_faults(certificate: Path, key: Path) -> list[str]:
    given = {"--tls-certificate": certificate, "--tls-key": key}
    faults = [f"{option}: there is no file {path}" for option, path in given.items() if not path.is_file()]
    if faults:
        return faults
    if key.stat().st_mode & 0o077:
        faults.append(f"--tls-key: {key} can be read by other accounts; chmod 600 it")
    try:
        # A key with a passphrase would ask for it when nobody is there to answer.
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ValueError):
        faults.append(
            f"{certificate} and {key} are not a certificate and its key: expected PEM files that belong together, the key "
            "without a passphrase"
        )
    return faults


def choose_port(
    network: Network, wanted: int | None, earlier: int | None = None, *, taken: Container[int] = frozenset()
) -> int:
    """The port wanted; without it the earlier one, or a free one.

    Parameters
    ----------
    taken
        Ports of servers that do not listen yet.

    Raises
    ------
    DoccanoError
        The port wanted is in use, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in network.host else socket.AF_INET
    for port in (wanted, earlier, *_ANY):
        if port is None or (port in taken and port != wanted):
            continue
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((network.host, port))
            except (OSError, OverflowError) as error:
                why = getattr(error, "strerror", None) or "not a port"
                if port == wanted:
                    raise DoccanoError(
                        f"Port {port} cannot be used on {network.host} ({why}); name another with --port, or none to take a "
                        "free one."
                    ) from error
                if port == 0:
                    raise DoccanoError(f"Cannot listen on {network.host} ({why}); is it this machine's?") from error
                continue
            chosen = int(probe.getsockname()[1])
            if port != 0 or chosen not in taken:
                return chosen
    raise DoccanoError(f"No free port was found on {network.host}; name one with --port.")
