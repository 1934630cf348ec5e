"""Accounts on the local server: the administrator's and one for each coder, made and closed through Django itself.

Names and passwords go in by standard input, so that they never stand in a command line.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from relcode.errors import DoccanoError
from relcode.provenance import hash_text, write_text

_SCRIPT = """
import json, sys
import django
django.setup()
from django.contrib.auth import get_user_model
wanted = json.load(sys.stdin)
model = get_user_model()
for name, password in wanted["accounts"].items():
    user, made = model.objects.get_or_create(username=name)
    if made or not user.check_password(password):
        user.set_password(password)
    user.is_staff = user.is_superuser = name == wanted["admin"]
    user.is_active = True
    user.save()
"""


_CLOSING = """
import sys
import django
django.setup()
from django.contrib.auth import get_user_model
# Doccano asks with each request whether an account is active: whoever is signed in is out at once.
get_user_model().objects.filter(username=sys.stdin.read()).update(is_active=False)
"""


def ensure_accounts(
    python: Path, variables: Mapping[str, str], accounts: Mapping[str, str], folder: Path, *, admin: str
) -> None:
    """Make the accounts (name -> password) that are missing and set the passwords; `admin` alone is a superuser.

    Raises
    ------
    DoccanoError
        Django refuses; names the log.
    """
    record = folder / "accounts.json"
    wanted = json.dumps({"admin": admin, "accounts": dict(accounts)}, sort_keys=True)
    digest = hash_text(wanted)  # of the passwords too: a new server.json brings new ones
    if record.is_file() and record.read_text(encoding="utf-8") == digest:
        return
    _run(python, variables, _SCRIPT, wanted, folder)
    write_text(record, digest, mode=0o600)


def close_account(python: Path, variables: Mapping[str, str], name: str, folder: Path) -> None:
    """Shut an account: nobody signs in with it, or works on. What was coded with it stays.

    Raises
    ------
    DoccanoError
        Django refuses; names the log.
    """
    _run(python, variables, _CLOSING, name, folder)


def _run(python: Path, variables: Mapping[str, str], script: str, given: str, folder: Path) -> None:
    done = subprocess.run(
        [str(python), "-c", script], input=given.encode(), env=dict(variables), capture_output=True, check=False
    )
    if done.returncode != 0:
        log = folder / "accounts.log"
        write_text(log, done.stderr.decode(errors="replace"), mode=0o600)
        raise DoccanoError(f"The server's accounts could not be changed; the log is {log}.")
