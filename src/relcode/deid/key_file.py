"""The file that holds the key: private, written beside and then renamed, encrypted if a passphrase is given.

Encryption: scrypt (RFC 7914) makes 64 bytes from the passphrase; half of them is the key of AES-256-GCM, which covers the
head of the file too, half tells a wrong passphrase from a file that was changed. Both come from the `cryptography`
package.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from relcode.deid.key import Key
from relcode.errors import DeidError
from relcode.provenance import reason_of, written_beside

VERSION = 1
SCRYPT_COST = 2**17  # 128 MiB and about half a second
_FORMAT = "relcode-key"
_MOST_COST = 2**20
_BLOCK, _LANES = 8, 1


@dataclass(frozen=True, repr=False)
class KeyFile:
    """A key and the file it is kept in; `former` is what the file held when it was read (None: there was none)."""

    path: Path
    key: Key
    passphrase: str | None = None
    former: bytes | None = None
    cost: int = SCRYPT_COST

    def __repr__(self) -> str:
        return f"KeyFile({self.path})"

    @contextmanager
    def written(self) -> Iterator[None]:
        """Write the key; it takes its name, mode 0600, when the block has ended well, else the old file stays.

        Raises
        ------
        DeidError
            The file was changed since it was read: another run would lose what it has written.
        DataError
            It cannot be written.
        """
        with written_beside(self.path, mode=0o600) as beside:
            with beside.open("wb") as file:
                file.write(self._content())
                file.flush()
                os.fsync(file.fileno())
            yield
            if _bytes_of(self.path) != self.former:
                raise DeidError(f"The key {self.path} was changed by another run meanwhile. Repeat this one.")

    def _content(self) -> bytes:
        plain = msgspec.json.encode(self.key)
        if self.passphrase is None:
            document: dict[str, Any] = {"format": _FORMAT, "version": VERSION, "key": msgspec.Raw(plain)}
        else:
            document = _sealed(plain, self.passphrase, self.cost)
        return msgspec.json.format(msgspec.json.encode(document)) + b"\n"


def is_encrypted(path: Path) -> bool:
    """Whether a key file exists and needs a passphrase.

    Raises
    ------
    DeidError
        The file is no key.
    """
    data = _bytes_of(path)
    return data is not None and "cipher" in _document(path, data)


def open_key(path: Path, *, passphrase: str | None = None, cost: int = SCRYPT_COST) -> KeyFile:
    """Read a key to be extended, or begin a new one where there is no file.

    Parameters
    ----------
    passphrase
        Decrypts the file; a new or unencrypted one is encrypted with it when it is written.
    cost
        scrypt's N of a file to be written.

    Raises
    ------
    DeidError
        The file is no key, is damaged or was changed, was made by a newer relcode, or the passphrase is wrong or missing.
    """
    data = _bytes_of(path)
    if data is None:
        return KeyFile(path, Key(), passphrase, None, cost)
    document = _document(path, data)
    if "cipher" in document:
        if passphrase is None:
            raise DeidError(
                f"The key {path} is encrypted. Give its passphrase (--passphrase-file FILE, or --encrypt-key)."
            )
        plain = _unsealed(path, document, passphrase)
    else:
        plain = msgspec.json.encode(document.get("key"))
    try:
        key = msgspec.json.decode(plain, type=Key)
        bytes.fromhex(key.secret)
    except (msgspec.DecodeError, ValueError) as error:
        raise DeidError(f"The key {path} is damaged: it is not what relcode wrote. Restore a copy.") from error
    return KeyFile(path, key, passphrase, data, cost)


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DeidError(f"Cannot read the key {path}: {reason_of(error)}.") from error


def _document(path: Path, data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DeidError(f"The key {path} is no key, or was cut off. Nothing was changed; restore a copy.") from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise DeidError(f"{path} is no key of relcode. Nothing was changed; give another file name to --key.")
    version = document.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise DeidError(f"The key {path} was made by a newer relcode (format {version}). Update relcode.")
    return document


def _sealed(plain: bytes, passphrase: str, cost: int) -> dict[str, Any]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(16), os.urandom(12)
    cipher_key, check_key = _derived(passphrase, salt, cost)
    head: dict[str, Any] = {
        "format": _FORMAT,
        "version": VERSION,
        "cipher": "AES-256-GCM",
        "kdf": "scrypt",
        "n": cost,
        "r": _BLOCK,
        "p": _LANES,
        "salt": _text(salt),
        "nonce": _text(nonce),
        "check": hmac.digest(check_key, b"relcode key", "sha256").hex(),
    }
    return {**head, "data": _text(AESGCM(cipher_key).encrypt(nonce, plain, _canonical(head)))}


def _unsealed(path: Path, document: dict[str, Any], passphrase: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    damaged = DeidError(f"The key {path} was changed or is damaged. Nothing of it can be used; restore a copy.")
    head = {name: value for name, value in document.items() if name != "data"}
    cost = head.get("n")
    form = (head.get("cipher"), head.get("kdf"), head.get("r"), head.get("p"))
    if form != ("AES-256-GCM", "scrypt", _BLOCK, _LANES) or not isinstance(cost, int) or not 2 <= cost <= _MOST_COST:
        raise damaged
    try:
        salt, nonce, data = (base64.b64decode(document[name], validate=True) for name in ("salt", "nonce", "data"))
        cipher_key, check_key = _derived(passphrase, salt, cost)
    except (KeyError, ValueError, TypeError) as error:
        raise damaged from error
    if not hmac.compare_digest(hmac.digest(check_key, b"relcode key", "sha256").hex(), str(head.get("check"))):
        raise DeidError(f"The passphrase is not that of the key {path} (or the head of the file was changed).")
    try:
        return AESGCM(cipher_key).decrypt(nonce, data, _canonical(head))
    except (InvalidTag, ValueError) as error:
        raise damaged from error


def _derived(passphrase: str, salt: bytes, cost: int) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    made = Scrypt(salt=salt, length=64, n=cost, r=_BLOCK, p=_LANES).derive(passphrase.encode())
    return made[:32], made[32:]


def _canonical(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
