"""The passphrase of a key: from a private file or asked for on the terminal, never from the command line."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

_SHORTEST = 10


def passphrase_for(key: Path, *, ask: bool, file: Path | None) -> str | None:
    """The passphrase to open or encrypt a key with; None where none is wanted.

    Raises
    ------
    UsageError
        The file can be read by others or holds none, there is no terminal to ask on, or a new passphrase is too short.
    """
    from relcode.deid import is_encrypted
    from relcode.errors import UsageError

    encrypted = is_encrypted(key)
    if file is not None:
        passphrase = _of_file(file)
    elif not ask and not encrypted:
        return None
    elif not sys.stdin.isatty():
        raise UsageError(
            f"The key {key} needs a passphrase, and there is no terminal to ask on: --passphrase-file FILE."
        )
    else:
        passphrase = getpass.getpass(f"Passphrase of {key}: ")
        if not encrypted and getpass.getpass("Once more: ") != passphrase:
            raise UsageError("The two passphrases differ. Nothing was written.")
    if not encrypted and len(passphrase) < _SHORTEST:
        raise UsageError(f"The passphrase is too short: expected {_SHORTEST} characters or more, such as four words.")
    return passphrase


def _of_file(file: Path) -> str:
    from relcode.errors import UsageError

    try:
        if file.stat().st_mode & 0o077:
            raise UsageError(f"--passphrase-file {file} can be read by others. Run: chmod 600 {file}")
        passphrase = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UsageError(f"Cannot read --passphrase-file {file}: {reason}.") from error
    if not passphrase:
        raise UsageError(f"--passphrase-file {file} is empty.")
    return passphrase
