"""The project folder: where everything of a study lies, and its configuration in `relcode.toml`."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from relcode.choices import AdjudicationChoices, CertificationChoices, choice_faults
from relcode.errors import LedgerError, ProjectError
from relcode.provenance import reason_of, write_text

if TYPE_CHECKING:
    from relcode.ledger import Ledger

CONFIGURATION = "relcode.toml"
_UNDER_WAY = ".init-under-way"  # in a folder that `create` has not finished: the call was killed, another may go on
_FOLDERS = ("transcripts", "codebooks", "suggestions", "labels", "models", "reports")
_KEYS = ("name", "codebook", "coders", "deid", "doccano", "ledger", "adjudication", "certification")
_CODER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_IGNORE = """\
# Transcripts, labels and the ledger are confidential: nothing in this folder is committed by accident.
# To share a part of it knowingly, use `git add --force`.
*
"""
_TEMPLATE = """\
# Configuration of a relcode project. Every key is explained; remove the # before a line to use it.

# Stands at the head of reports.
name = {name}

# The codebook that commands use when --codebook is not given: one that relcode ships, or one in codebooks/; several are
# used together when joined with +, such as "relational-core+rupture-repair".
codebook = {codebook}

# Who codes. Each gets a Doccano project of their own. Use pseudonyms: letters, digits, dot, dash, underscore.
coders = {coders}

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


@dataclass(frozen=True)
class Project:
    """A project folder. Paths are absolute; `codebook` is the id used by default, `entities` a spaCy pipeline for `deid`."""

    folder: Path
    name: str
    codebook: str = "relational-core"
    coders: tuple[str, ...] = ()
    doccano_url: str | None = None
    doccano_ca: str | None = None
    entities: str | None = None
    ledger_url: str | None = None
    adjudication: AdjudicationChoices = field(default_factory=AdjudicationChoices)
    certification: CertificationChoices = field(default_factory=CertificationChoices)

    @property
    def transcripts(self) -> Path:
        return self.folder / "transcripts"

    @property
    def codebooks(self) -> Path:
        """Own codebooks; they override those that relcode ships."""
        return self.folder / "codebooks"

    @property
    def suggestions(self) -> Path:
        return self.folder / "suggestions"

    @property
    def labels(self) -> Path:
        return self.folder / "labels"

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def ledger_path(self) -> Path:
        """The ledger's file, where it is in no database (`ledger_url`)."""
        return self.folder / "ledger.db"

    def open_ledger(self) -> Ledger:
        """Open the project's ledger; one that was lost is not made anew in silence.

        Raises
        ------
        LedgerError
            There is none, or it cannot be opened.
        """
        from relcode.ledger import Ledger

        if self.ledger_url is None and not self.ledger_path.is_file():
            raise LedgerError(
                f"The project {self.folder} has lost its ledger: there is no {self.ledger_path}. Restore a copy of it "
                "with `relcode ledger restore`; without one, start a new project with `relcode init`."
            )
        return Ledger(self.ledger_url or self.ledger_path, create=False)

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        name: str | None = None,
        coders: Sequence[str] = (),
        codebook: str = "relational-core",
        doccano_url: str | None = None,
        ledger_url: str | None = None,
    ) -> Project:
        """Make a project folder, mode 0700, with an empty ledger (a file in it, or where `ledger_url` says); an existing
        project is returned as it is.

        Raises
        ------
        ProjectError
            A value cannot be used, the folder holds something else, or it cannot be written. Nothing is left behind.
        LedgerError
            The database does not answer, or holds something already.
        """
        folder = folder.expanduser().absolute()
        if is_project(folder):
            return cls.load(folder)
        values: dict[str, Any] = {
            "name": folder.name if name is None else name,
            "codebook": codebook,
            "coders": list(coders),
            "doccano": {} if doccano_url is None else {"url": doccano_url},
            "ledger": {} if ledger_url is None else {"url": ledger_url},
        }
        if faults := _faults(values):
            raise ProjectError(f"Cannot make the project {folder}:", faults)
        with _made(folder):
            (folder / _UNDER_WAY).touch()
            for subfolder in _FOLDERS:
                (folder / subfolder).mkdir(exist_ok=True)
            write_text(folder / ".gitignore", _IGNORE)
            _make_ledger(ledger_url or folder / "ledger.db")
            write_text(folder / CONFIGURATION, _render(values))
            (folder / _UNDER_WAY).unlink()
        return cls.load(folder)

    @classmethod
    def load(cls, folder: Path) -> Project:
        """Read the configuration in `folder`.

        Raises
        ------
        ProjectError
            There is none, it is not TOML, or keys have faults: all are listed.
        """
        path = folder / CONFIGURATION
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ProjectError(f"Cannot read {path}: {error.strerror}.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            why = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it is no UTF-8 text that can be read"
            raise ProjectError(
                f"{path} is not valid TOML: {why}. Correct it; `relcode init` shows the form."
            ) from error
        if faults := _faults(values):
            raise ProjectError(f"{path} has {len(faults)} fault(s):", faults)
        return cls(
            folder=folder.absolute(),
            name=values["name"],
            codebook=values.get("codebook", "relational-core"),
            coders=tuple(values.get("coders", ())),
            doccano_url=values.get("doccano", {}).get("url"),
            doccano_ca=_beside(folder, values.get("doccano", {}).get("ca")),
            entities=values.get("deid", {}).get("entities"),
            ledger_url=values.get("ledger", {}).get("url"),
            adjudication=AdjudicationChoices(**values.get("adjudication", {})),
            certification=CertificationChoices(**values.get("certification", {})),
        )

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """The project that `start` (the current folder if None) lies in: the nearest folder upwards with a
        `relcode.toml`.

        Raises
        ------
        ProjectError
            There is none, or its configuration has faults.
        """
        start = (start or Path.cwd()).absolute()
        if (project := cls.around(start)) is not None:
            return project
        raise ProjectError(
            f"{start} lies in no relcode project (no {CONFIGURATION} there or above). "
            "Make one with `relcode init DIR`, or change to its folder."
        )

    @classmethod
    def around(cls, start: Path | None = None) -> Project | None:
        """As `find`, but None where there is no project.

        Raises
        ------
        ProjectError
            Its configuration has faults.
        """
        start = (start or Path.cwd()).absolute()
        return next((cls.load(folder) for folder in (start, *start.parents) if is_project(folder)), None)


def is_project(folder: Path) -> bool:
    """Whether the folder holds a `relcode.toml`; a folder that cannot be looked into holds none."""
    try:
        return (folder / CONFIGURATION).is_file()
    except OSError:
        return False


@contextlib.contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make `folder` (or take it, where it is empty or a killed call was making it); if the block fails, leave everything
    as it was."""
    try:
        new = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _UNDER_WAY).exists():
            raise ProjectError(f"{folder} is not empty and no relcode project. Choose a new or empty folder.")
    except OSError as error:
        raise ProjectError(f"Cannot make the project {folder}: {reason_of(error)}. Choose another folder.") from error
    mode = folder.stat().st_mode & 0o777
    try:
        folder.chmod(0o700)
        yield
    except BaseException as error:
        for path in folder.iterdir():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        folder.chmod(mode)
        for path in new:
            path.rmdir()
        if isinstance(error, OSError):
            raise ProjectError(f"Cannot make the project {folder}: {error.strerror}. Nothing was left.") from error
        raise


def _make_ledger(url_or_path: str | Path) -> None:
    from relcode.ledger import Ledger

    ledger = Ledger(url_or_path)
    if ledger.head()[0]:
        raise LedgerError(
            f"{ledger.name} holds the ledger of a study already. Make another database; to go on with that study, write "
            f"the URL into its {CONFIGURATION}."
        )


def _render(values: Mapping[str, Any]) -> str:
    # Strings of JSON are strings of TOML; _faults refuses the characters in which the two differ.
    url, ledger_url = values["doccano"].get("url"), values.get("ledger", {}).get("url")
    return _TEMPLATE.format(
        name=json.dumps(values["name"], ensure_ascii=False),
        codebook=json.dumps(values["codebook"]),
        coders=json.dumps(values["coders"]),
        url='# url = "http://127.0.0.1:8000"' if url is None else f"url = {json.dumps(url)}",
        ledger_url='# url = "postgresql://HOST/DATABASE"' if ledger_url is None else f"url = {json.dumps(ledger_url)}",
    )


def _faults(values: Mapping[str, Any]) -> list[str]:
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


def _beside(folder: Path, name: str | None) -> str | None:
    """A file that the configuration names, from the project's folder on."""
    return None if name is None else str((folder / Path(name).expanduser()).absolute())


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


# Tables of the configuration: their keys, and what says what is wrong with a value.
_TABLES: dict[str, dict[str, Callable[[Any], str | None]]] = {
    "doccano": {"url": _url_fault, "ca": _ca_fault},
    "deid": {"entities": _entities_fault},
    "ledger": {"url": _ledger_url_fault},
}
