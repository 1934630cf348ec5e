"""`relcode codebook list|check|show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.output import emit_json, say

app = typer.Typer(no_args_is_help=True, help="List, show and check codebooks.")

_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


@app.command("list")
def list_command(json: _Json = False) -> None:
    """The codebooks that relcode ships.

    Example: relcode codebook list
    """
    from relcode.codebook import list_codebooks, load_codebook

    books = [load_codebook(path) for path in list_codebooks().values()]
    if json:
        emit_json([{"id": book.id, "version": book.version, "title": book.title} for book in books])
        return
    for book in books:
        print(f"{book.reference}  {book.title} ({len(book.codes)} codes)")


@app.command("check")
def check(
    codebook: Annotated[str, typer.Argument(help="Id of a codebook, or the path of its YAML file.")],
    json: _Json = False,
) -> None:
    """Say what is wrong with a codebook: every fault, with its place.

    Example: relcode codebook check codebooks/relational-core.yaml
    """
    from relcode.codebook import load_codebook

    book = load_codebook(codebook)
    cues = sum(len(code.cues) for code in book.codes)
    if json:
        emit_json({"codebook": book.reference, "codes": len(book.codes), "cues": cues, "faults": []})
        return
    say(f"{book.reference}: {len(book.codes)} codes, {cues} cues, no fault.")


@app.command("show")
def show(
    codebook: Annotated[str, typer.Argument(help="Id of a codebook, or the path of its YAML file.")],
    code: Annotated[str | None, typer.Option("--code", help="One code alone.")] = None,
    json: _Json = False,
) -> None:
    """Print a codebook's definitions, rules and examples.

    Example: relcode codebook show relational-core --code TSI
    """
    from relcode.codebook import load_codebook
    from relcode.codebook.manual import as_markdown
    from relcode.errors import UsageError

    book = load_codebook(Path(codebook) if codebook.endswith((".yaml", ".yml")) else codebook)
    if code is not None and code not in book.by_id:
        raise UsageError(f"{book.reference} has no code {code!r}. It has: {', '.join(book.code_ids)}.")
    codes = [book.by_id[code]] if code else book.codes
    if json:
        emit_json(codes)
        return
    print(as_markdown(book, codes))
