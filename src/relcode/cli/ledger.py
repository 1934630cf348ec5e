"""`relcode ledger verify|export|backup|restore`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.ledger import Event, Ledger

app = typer.Typer(no_args_is_help=True, help="Verify the ledger; export it, back it up, restore it.")

_FILES = (".jsonl", ".csv")
_Path = Annotated[
    str | None, typer.Argument(metavar="[LEDGER]", help="A file or URL; by default the ledger of the project.")
]
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


class Format(StrEnum):
    """The formats of tables."""

    csv = "csv"
    parquet = "parquet"


@app.command("verify")
def verify(
    path: _Path = None,
    noted: Annotated[
        str | None,
        typer.Option("--head", metavar="HASH", help="A head noted elsewhere: its event must still be there."),
    ] = None,
    json: _Json = False,
) -> None:
    """Recompute the chain of hashes: say which events were changed, removed or moved. Exit 1 if any.

    Example: relcode ledger verify
    """
    from relcode.errors import LedgerError, UsageError

    if noted is not None and not (len(noted) == 64 and set(noted.lower()) <= set("0123456789abcdef")):
        raise UsageError("--head: expected the 64 hexadecimal digits that `relcode ledger verify` printed.")
    ledger = _open(path)
    faults = ledger.verify(None if noted is None else noted.lower())
    count, head = ledger.head()
    if json:
        emit_json({"ledger": ledger.name, "events": count, "head": head, "faults": faults})
    elif not faults:
        say(f"{ledger.name}: {count} event(s), unbroken. Head: {head}")
    if faults:
        raise LedgerError(f"The ledger {ledger.name} is not as it was written:", faults)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="A folder for tables, or a .jsonl or .csv file for the events.")],
    path: _Path = None,
    form: Annotated[Format | None, typer.Option("--format", help="Of the tables in a folder; csv by default.")] = None,
    without_words: Annotated[
        bool, typer.Option("--without-words", help="Leave out the words of transcripts that labels repeat.")
    ] = False,
    json: _Json = False,
) -> None:
    """Write the ledger as tables (events, pages, labels, confirmations, decisions, deid), mode 0600.

    They repeat words of transcripts: keep them as safe as these. Sessions that are not on record as de-identified in the
    text that was coded are refused, unless words are left out.

    Example: relcode ledger export --out tables --format parquet
    """
    from relcode.ledger import write_events
    from relcode.ledger.tables import write_tables

    is_file = out.suffix in _FILES
    if out.suffix and not is_file and not out.is_dir():
        raise typer.BadParameter("expected a folder, or a name that ends in .jsonl or .csv", param_hint="--out")
    if is_file and form is not None:
        raise typer.BadParameter(
            "it is for tables in a folder; the name of a file says its format", param_hint="--format"
        )
    ledger = _open(path)
    if not without_words:
        _check_words_may_leave(ledger)
    if is_file:
        counts = {"events": write_events(out, _without_words(ledger) if without_words else ledger.events())}
    else:
        counts = write_tables(ledger, out, form=(form or Format.csv).value, words=not without_words)
    if json:
        emit_json({"ledger": ledger.name, "out": str(out), **counts})
    elif is_file:
        say(f"{out}: {counts['events']} event(s).")
    else:
        say(f"{out}: " + ", ".join(f"{name} {count}" for name, count in counts.items()) + ".")


@app.command("backup")
def backup(
    out: Annotated[Path, typer.Option("--out", help="The file, written with mode 0600; an older backup is replaced.")],
    path: _Path = None,
    json: _Json = False,
) -> None:
    """Copy all of the ledger into one file, verified, while others may write. It repeats words of transcripts.

    Example: relcode ledger backup --out /media/safe/ledger-backup.db
    """
    from relcode.ledger.backup import back_up

    ledger = _open(path)
    count, head = back_up(ledger, out)
    if json:
        emit_json({"ledger": ledger.name, "out": str(out), "events": count, "head": head})
    else:
        say(f"{out}: {count} event(s), verified. Head: {head}")


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="A file that `relcode ledger backup` made.")],
    json: _Json = False,
) -> None:
    """Give the project's ledger, which is lost or shorter, the events of a backup. It never takes one away.

    Example: relcode ledger restore /media/safe/ledger-backup.db
    """
    from relcode.errors import LedgerError
    from relcode.ledger.backup import restore as restore_ledger
    from relcode.project import Project

    project = Project.find()
    if not source.is_file():
        raise LedgerError(f"There is no backup {source}.")
    count = restore_ledger(source, project.ledger_url or project.ledger_path)
    ledger = project.open_ledger()
    total, head = ledger.head()
    if json:
        emit_json({"ledger": ledger.name, "backup": str(source), "restored": count, "events": total, "head": head})
    else:
        say(f"{ledger.name}: {count} event(s) restored; it holds {total}. Head: {head}")


def _open(path: str | None) -> Ledger:
    """The project's ledger, or the one named: a file is then only read, whatever its version."""
    from relcode.errors import LedgerError
    from relcode.ledger import Ledger
    from relcode.ledger.backup import open_backup
    from relcode.project import Project

    if path is None:
        return Project.find().open_ledger()
    if "://" in path:
        return Ledger(path, create=False)
    if not Path(path).is_file():
        raise LedgerError(f"There is no ledger {path}. A project's is its ledger.db.")
    return open_backup(Path(path))


def _check_words_may_leave(ledger: Ledger) -> None:
    from relcode.errors import DeidError
    from relcode.ledger.words import not_on_record

    if faults := not_on_record(ledger):
        raise DeidError("Words of these sessions may not stand in an export; --without-words leaves them out.", faults)


def _without_words(ledger: Ledger) -> Iterator[Event]:
    import msgspec

    from relcode.ledger.words import without_words

    for event in ledger.events():
        yield msgspec.structs.replace(event, payload=without_words(event.payload))
