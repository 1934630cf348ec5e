"""The project folder: where everything of a study lies, and its configuration in `relcode.toml`."""

from __future__ import annotations

import contextlib
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcode.choices import AdjudicationChoices, CertificationChoices
from relcode.configuration import CONFIGURATION, configuration_faults, configuration_text
from relcode.errors import LedgerError, ProjectError
from relcode.provenance import reason_of, write_text

if TYPE_CHECKING:
    from relcode.ledger import Ledger

_UNDER_WAY = ".init-under-way"  # in a folder that `create` has not finished: the call was killed, another may go on
_FOLDERS = ("transcripts", "codebooks", "suggestions", "labels", "models", "reports")
_IGNORE = """\
# Transcripts, labels and the ledger are confidential: nothing in this folder is committed by accident.
# To share a part of it knowingly, use `git add --force`.
*
"""


@dataclass(frozen=True)
class Project:
    """A project folder. Paths are absolute; `codebook` is the id used by default, `raw` where the raw transcripts lie,
    `entities` a spaCy pipeline for `deid`, `llm_hosts` the hosts beside this machine on which a language model may be asked."""

    folder: Path
    name: str
    codebook: str = "relational-core"
    coders: tuple[str, ...] = ()
    raw: str | None = None
    doccano_url: str | None = None
    doccano_ca: str | None = None
    entities: str | None = None
    ledger_url: str | None = None
    llm_hosts: tuple[str, ...] = ()
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
        raw: Path | None = None,
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
        if raw is not None:
            values["raw"] = str(_outside(raw, folder))
        if faults := configuration_faults(values):
            raise ProjectError(f"Cannot make the project {folder}:", faults)
        with _made(folder):
            (folder / _UNDER_WAY).touch()
            for subfolder in _FOLDERS:
                (folder / subfolder).mkdir(exist_ok=True)
            write_text(folder / ".gitignore", _IGNORE)
            _make_ledger(ledger_url or folder / "ledger.db")
            write_text(folder / CONFIGURATION, configuration_text(values))
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
        if faults := configuration_faults(values):
            raise ProjectError(f"{path} has {len(faults)} fault(s):", faults)
        return cls(
            folder=folder.absolute(),
            name=values["name"],
            codebook=values.get("codebook", "relational-core"),
            coders=tuple(values.get("coders", ())),
            raw=_beside(folder, values.get("raw")),
            doccano_url=values.get("doccano", {}).get("url"),
            doccano_ca=_beside(folder, values.get("doccano", {}).get("ca")),
            entities=values.get("deid", {}).get("entities"),
            ledger_url=values.get("ledger", {}).get("url"),
            llm_hosts=tuple(values.get("llm", {}).get("allowed_hosts", ())),
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


def _outside(raw: Path, folder: Path) -> Path:
    """The absolute path of raw transcripts, which may not lie in the project's folder."""
    raw = raw.expanduser().absolute()
    if raw.resolve().is_relative_to(folder.resolve()):
        raise ProjectError(
            f"Raw transcripts hold names, and stay outside of {folder}. Move them, or name another folder."
        )
    return raw


def _make_ledger(url_or_path: str | Path) -> None:
    from relcode.ledger import Ledger

    ledger = Ledger(url_or_path)
    if ledger.head()[0]:
        raise LedgerError(
            f"{ledger.name} holds the ledger of a study already. Make another database; to go on with that study, write "
            f"the URL into its {CONFIGURATION}."
        )


def _beside(folder: Path, name: str | None) -> str | None:
    """A file that the configuration names, from the project's folder on."""
    return None if name is None else str((folder / Path(name).expanduser()).absolute())
