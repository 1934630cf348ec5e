"""`relcode codebook export` and `relcode codebook import`: REFI-QDA's codebook format (.qdc)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.codebook_versions import load_book
from relcode.cli.output import emit_json, say
from relcode.errors import UsageError

_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


def export(
    codebook: Annotated[str, typer.Argument(help="Id of a codebook, or the path of its YAML file.")],
    out: Annotated[Path, typer.Option("--out", help="File, .qdc.")],
    json: _Json = False,
) -> None:
    """Write a codebook for NVivo, ATLAS.ti, MAXQDA, QualCoder and others (REFI-QDA, .qdc). Nothing is lost.

    Example: relcode codebook export relational-core --out relational-core.qdc
    """
    from relcode.codebook.refiqda import write_qdc

    if out.suffix != ".qdc":
        raise UsageError(f"--out {out}: expected a name that ends in .qdc.")
    book = load_book(codebook)
    write_qdc(book, out)
    if json:
        emit_json({"codebook": book.reference, "codes": len(book.codes), "out": str(out)})
    say(f"{out}: {book.reference}, {len(book.codes)} codes")


def import_(
    source: Annotated[Path, typer.Argument(metavar="FILE.qdc", help="A codebook of another program.")],
    out: Annotated[Path, typer.Option("--out", help="File, .yaml.")],
    codebook_id: Annotated[str | None, typer.Option("--id", help="Id of the codebook; else from the file.")] = None,
    keep_colors: Annotated[
        bool, typer.Option("--keep-colors", help="Of a codebook that relcode wrote: its own colours, not the file's.")
    ] = False,
    json: _Json = False,
) -> None:
    """Read another program's codebook (REFI-QDA, .qdc) into a YAML file to go on with; says what it assumed.

    Example: relcode codebook import nvivo.qdc --out codebooks/alliance.yaml
    """
    from relcode.codebook.refiqda import read_qdc
    from relcode.codebook.write import write_codebook

    if out.suffix not in (".yaml", ".yml"):
        raise UsageError(f"--out {out}: expected a name that ends in .yaml.")
    if out.exists():
        raise UsageError(f"{out} is there already; choose another name.")
    book, notes = read_qdc(source, codebook_id=codebook_id, keep_colors=keep_colors)
    write_codebook(book, out)
    if json:
        emit_json({"codebook": book.reference, "codes": len(book.codes), "out": str(out), "notes": notes})
    for note in notes:
        say(f"note: {note}")
    say(f"{out}: {book.reference}, {len(book.codes)} codes. `relcode codebook lint {out}` says what it lacks.")
