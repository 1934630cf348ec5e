"""What `relcode.toml` may say: its text with every key explained, and what is wrong with one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from relcode.choices import choice_faults

CONFIGURATION = "relcode.toml"
_KEYS = ("name", "codebook", "coders", "raw", "deid", "doccano", "ledger", "llm", "adjudication", "certification")
_CODER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_TEMPLATE = """\
# Configuration of a relcode project. Every key is explained; remove the # before a line to use it.

# Stands at the head of reports.
name = {name}

# The codebook that commands use when --codebook is not given: one that relcode ships, or one in codebooks/; several are
# used together when joined with +, such as "relational-core+rupture-repair".
codebook = {codebook}

# Who codes. Each gets a Doccano project of their own. Use pseudonyms: letters, digits, dot, dash, underscore.
coders = {coders}

# Where the raw transcripts lie: a file or folder outside of this one. `relcode status` names it in the commands to come.
{raw}

[deid]
# An installed spaCy pipeline whose entities `relcode deid` takes for findings too, such as "en_core_web_sm". None is needed.
# entities = "en_core_web_sm"

[doccano]
# An existing Doccano server. Without this, `relcode doccano up` runs one on this machine.
# Never put a password here.
{url}
# The certificate (or its authority's) to trust, where the server's address begins with https: a PEM file.
# ca = "doccano-server.pem"

[ledger]
# A PostgreSQL database that holds the ledger. Without this it is the file ledger.db. Never put a password here: it is
# taken from RELCODE_LEDGER_PASSWORD or ~/.pgpass.
{ledger_url}

[llm]
# Hosts beside this machine that `relcode preannotate --llm https://HOST/v1` may send turns to. Without this, none. Think of
# your consents and your data protection before you name one.
# allowed_hosts = ["llm.my-institute.example"]

[adjudication]
# What goes to the adjudicator: "code" (another code, or none), "distance:0.5" (boundaries farther apart than that, too),
# "all" (any difference of boundaries, too).
# disputes = "code"
# What one coder alone has coded: "accept" it, marked as single, or "leave" its session open.
# single = "accept"
# Reasons of the adjudicator: "asked", or "required" before a session is settled.
# reasons = "asked"

[certification]
# A coder is certified for a code with this coefficient ("kappa" or "f1") against accepted labels, on this many instances.
# coefficient = "kappa"
# threshold = 0.6
# instances = 5
"""


def configuration_text(values: Mapping[str, Any]) -> str:
    """A `relcode.toml` with these values, every key explained."""
    # Strings of JSON are strings of TOML; `configuration_faults` refuses the characters in which the two differ.
    url, ledger_url = values["doccano"].get("url"), values.get("ledger", {}).get("url")
    return _TEMPLATE.format(
        name=json.dumps(values["name"], ensure_ascii=False),
        codebook=json.dumps(values["codebook"]),
        coders=json.dumps(values["coders"]),
        raw=f"raw = {json.dumps(values['raw'], ensure_ascii=False)}"
        if values.get("raw")
        else '# raw = "/home/me/sessions"',
        url='# url = "http://127.0.0.1:8000"' if url is None else f"url = {json.dumps(url)}",
        ledger_url='# url = "postgresql://HOST/DATABASE"' if ledger_url is None else f"url = {json.dumps(ledger_url)}",
    )


def configuration_faults(values: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a configuration, by key."""
    faults = [f"{key}: there is no such key" for key in values if key not in _KEYS]
    name = values.get("name")
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        faults.append("name: expected a line of text")
    codebook = values.get("codebook", "relational-core")
    if not isinstance(codebook, str) or not re.fullmatch(
        r"[\w.-]+(@\d+\.\d+\.\d+)?(\+[\w.-]+(@\d+\.\d+\.\d+)?)*", codebook
    ):
        faults.append('codebook: expected an id such as "relational-core" or "relational-core@1.0.0"')
    faults += coder_faults(values.get("coders", []))
    raw = values.get("raw", "-")
    if not isinstance(raw, str) or not raw.strip() or not raw.isprintable():
        faults.append('raw: expected the path of a file or folder such as "/home/me/sessions"')
    for table, keys in _TABLES.items():
        inner = values.get(table, {})
        if not isinstance(inner, dict):
            faults.append(f"{table}: expected a table [{table}]")
            continue
        faults += [f"{table}.{other}: there is no such key" for other in inner if other not in keys]
        for key, fault_of in keys.items():
            if key in inner and (fault := fault_of(inner[key])):
                faults.append(f"{table}.{key}: {fault}")
    return faults + choice_faults(values)


def _entities_fault(name: Any) -> str | None:
    named = isinstance(name, str) and name.strip() and name.isprintable()
    return None if named else 'expected the name of an installed spaCy pipeline such as "en_core_web_sm"'


def coder_faults(coders: Any) -> list[str]:
    """What is wrong with the names of coders."""
    if not isinstance(coders, list):
        return ['coders: expected a list such as ["A", "B"]']
    faults = [
        f"coders: number {number} is not usable; expected letters, digits, dot, dash, underscore"
        for number, coder in enumerate(coders, start=1)
        if not isinstance(coder, str) or not _CODER.fullmatch(coder)
    ]
    # Two names that differ in case alone would be one file on some disks.
    names = [coder.lower() for coder in coders if isinstance(coder, str)]
    faults += [f"coders: {name!r} is named twice" for name in sorted({n for n in names if names.count(n) > 1})]
    return faults


def _url_fault(url: Any) -> str | None:
    expected = "expected the address of a server such as http://127.0.0.1:8000"
    try:
        parts = urlsplit(url) if isinstance(url, str) and url.isprintable() else None
    except ValueError:
        return expected
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return expected
    if parts.username or parts.password:
        return "holds a user name or password; take it out, relcode asks for it or reads it from a private file"
    return None


def _ca_fault(name: Any) -> str | None:
    named = isinstance(name, str) and name.strip() and name.isprintable()
    return None if named else 'expected the name of a file of certificates such as "doccano-server.pem"'


def _ledger_url_fault(url: Any) -> str | None:
    expected = "expected the address of a database such as postgresql://host/study"
    try:
        parts = urlsplit(url) if isinstance(url, str) and url.isprintable() else None
    except ValueError:
        return expected
    if parts is None or parts.scheme != "postgresql" or not parts.path.strip("/"):
        return expected
    if parts.password or "password" in parts.query:
        return "holds a password; take it out, it is read from RELCODE_LEDGER_PASSWORD or ~/.pgpass"
    return None


def _hosts_fault(hosts: Any) -> str | None:
    named = isinstance(hosts, list) and all(isinstance(host, str) and _HOST.fullmatch(host) for host in hosts)
    return None if named else 'expected a list of names of hosts such as ["llm.my-institute.example"]'


# Tables of the configuration: their keys, and what says what is wrong with a value.
_TABLES: dict[str, dict[str, Callable[[Any], str | None]]] = {
    "doccano": {"url": _url_fault, "ca": _ca_fault},
    "deid": {"entities": _entities_fault},
    "ledger": {"url": _ledger_url_fault},
    "llm": {"allowed_hosts": _hosts_fault},
}
