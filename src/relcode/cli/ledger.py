"""`relcode ledger verify|export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.ledger import Ledger

app = typer.Typer(no_args_is_help=True, help="Verify the ledger; export it.")

_Path = Annotated[Path | None, typer.Argument(metavar="[LEDGER]", help="The file; by default that of the project.")]
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


@app.command("verify")
def verify(path: _Path = None, json: _Json = False) -> None:
    """Recompute the chain of hashes: say which events were changed, removed or moved. Exit 1 if any.

    Example: relcode ledger verify
    """
    from relcode.errors import LedgerError

    ledger = _open(path)
    faults = ledger.verify()
    count, head = ledger.head()
    if json:
        emit_json({"ledger": ledger.name, "events": count, "head": head, "faults": faults})
    elif not faults:
        say(f"{ledger.name}: {count} event(s), unbroken. Head: {head}")
    if faults:
        raise LedgerError(f"The ledger {ledger.name} is not as it was written:", faults)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="A .jsonl or .csv file, written with mode 0600.")],
    path: _Path = None,
    json: _Json = False,
) -> None:
    """Write all events to a file. It repeats words of transcripts: keep it as safe as they are.

    Example: relcode ledger export --out ledger.csv
    """
    from relcode.ledger import write_events

    if out.suffix not in (".jsonl", ".csv"):
        raise typer.BadParameter("expected a name that ends in .jsonl or .csv", param_hint="--out")
    ledger = _open(path)
    count = write_events(out, ledger.events())
    if json:
        emit_json({"ledger": ledger.name, "out": str(out), "events": count})
    else:
        say(f"{out}: {count} event(s).")


def _open(path: Path | None) -> Ledger:
    from relcode.errors import LedgerError
    from relcode.ledger import Ledger
    from relcode.project import Project

    path = path or Project.find().ledger_path
    if not path.is_file():
        raise LedgerError(f"There is no ledger {path}. A project's is its ledger.db.")
    if not path.stat().st_size:
        raise LedgerError(f"{path} is empty and no ledger. A project's is its ledger.db.")
    return Ledger(path)
