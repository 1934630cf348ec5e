"""Where a local server listens: loopback, or with TLS; never open and unencrypted."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from relcode.doccano import server
from relcode.doccano.addresses import find_server
from relcode.doccano.instance import Wanted
from relcode.doccano.network import Network, check_network, choose_port, is_loopback
from relcode.doccano.session import connect
from relcode.errors import DoccanoError, UsageError
from relcode.project import Project

HOST = "127.0.0.2"


def make_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A self-signed certificate for an address, and its key (mode 0600)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relcode test")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, key_file = folder / f"{host}.pem", folder / f"{host}.key"
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(key.private_bytes(*form))
    key_file.chmod(0o600)
    return certificate, key_file


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("128.0.0.1", False),
        ("10.0.0.7", False),
        ("::2", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    if loopback:
        assert check_network(host, None, None) == Network(host)
    else:
        with pytest.raises(UsageError, match="others on the network could read transcripts"):
            check_network(host, None, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]", "", "*", "http://coding.example.org"])
def test_an_address_that_stands_for_every_one_is_refused_even_with_tls(host: str, tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, HOST)
    with pytest.raises(UsageError, match="name the one address"):
        check_network(host, certificate, key)


def test_certificate_and_key_are_checked_before_anything_starts(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, HOST)
    other_certificate, _ = make_certificate(tmp_path, "127.0.0.3")
    assert check_network("10.0.0.7", certificate, key) == Network("10.0.0.7", str(certificate), str(key))
    for faulty, match in (
        ((certificate, None), "go together"),
        ((tmp_path / "none.pem", key), "there is no file"),
        ((other_certificate, key), "not a certificate and its key"),
        ((key, certificate), "not a certificate and its key|can be read by other"),
    ):
        with pytest.raises(UsageError, match=match):
            check_network("10.0.0.7", *faulty)
    key.chmod(0o640)
    with pytest.raises(UsageError, match="can be read by other accounts"):
        check_network("10.0.0.7", certificate, key)


def test_urls_and_ports(tmp_path: Path) -> None:
    assert Network().url(8000) == "http://127.0.0.1:8000"
    assert Network("::1").url(8000) == "http://[::1]:8000"
    assert Network("coding.example.org", "c.pem", "k.pem").url(8000) == "https://coding.example.org:8000"
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(DoccanoError, match=f"Port {port} cannot be used"):
            choose_port(Network(), port)
        assert choose_port(Network(), None, earlier=port) != port
    assert choose_port(Network(), None, earlier=port) == port
    assert choose_port(Network(), None, earlier=port, taken={port}) != port  # kept for a server not started yet
    assert choose_port(Network(), port, taken={port}) == port
    with pytest.raises(DoccanoError, match="is it this machine's"):
        choose_port(Network("203.0.113.9"), None)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "study"
    server.down(tmp_path / "study")


@pytest.mark.server
def test_with_tls_the_client_trusts_the_recorded_certificate_and_no_other(folder: Path) -> None:
    project = Project.create(folder, coders=["anna"])
    certificate, key = make_certificate(folder.parent, HOST)
    network = check_network(HOST, certificate, key)
    info = server.up(folder, coders=["anna"], wanted=Wanted(network=network))
    assert info.url == f"https://{HOST}:{info.port}"
    session = connect(info.url, "anna", info.accounts["anna"], ca=info.ca)
    assert session.clone().get("me")["username"] == "anna"
    cookies = {cookie.name: cookie.secure for cookie in session._http.cookies}
    assert len(cookies) == 2
    assert all(cookies.values())
    assert find_server(project).of("anna").ca == str(certificate)
    with pytest.raises(DoccanoError, match="certificate for that address which is trusted"):
        connect(info.url, "anna", info.accounts["anna"])
    other, _ = make_certificate(folder.parent, "127.0.0.3")
    with pytest.raises(DoccanoError, match="certificate for that address which is trusted"):
        connect(info.url, "anna", info.accounts["anna"], ca=str(other))
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", info.port)) != 0  # on that address alone
    assert session._http.get(f"{info.url}/v1/me", headers={"Host": "elsewhere.example.org"}).status_code == 400
    silent = [socket.create_connection((HOST, info.port)) for _ in range(6)]
    silent[0].sendall(b"GET / HTTP/1.0\r\n\r\n")  # no handshake
    connect(info.url, "anna", info.accounts["anna"], ca=info.ca)  # does not wait for those who say nothing
    for connection in silent:
        connection.close()
    again = server.up(folder, coders=["anna"])  # kept for the next start
    assert again.network == network
    assert stat.S_IMODE((folder / server.FOLDER / "server.json").stat().st_mode) == 0o600


@pytest.mark.server
def test_a_certificate_of_another_address_is_said_at_once(folder: Path) -> None:
    Project.create(folder)
    certificate, key = make_certificate(folder.parent, "127.0.0.3")
    with pytest.raises(DoccanoError, match=r"does not do for https://127\.0\.0\.2"):
        server.up(folder, wanted=Wanted(network=check_network(HOST, certificate, key)))
    assert not server.status(folder).running


def test_a_study_names_the_certificate_of_its_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.create(tmp_path / "study", doccano_url="https://coding.example.org")
    path = project.folder / "relcode.toml"
    path.write_text(path.read_text().replace('# ca = "doccano-server.pem"', 'ca = "our-authority.pem"'))
    monkeypatch.setenv("RELCODE_DOCCANO_USER", "root")
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", "quiet")
    found = find_server(Project.load(project.folder)).of("anna")
    assert found.ca == str(project.folder / "our-authority.pem")


@pytest.mark.parametrize(
    ("url", "refused"),
    [("http://coding.example.org", True), ("http://127.0.0.1:9", False), ("https://coding.example.org", False)],
)
def test_transcripts_go_to_another_machine_encrypted_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, refused: bool
) -> None:
    monkeypatch.setenv("RELCODE_DOCCANO_USER", "root")
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", "quiet")
    project = Project.create(tmp_path / "study", doccano_url=url)
    if refused:
        with pytest.raises(DoccanoError, match="without https others on the network"):
            find_server(project)
    else:
        assert find_server(project).of("anna").url == url
