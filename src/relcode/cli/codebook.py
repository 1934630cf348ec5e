"""`relcode codebook list|lint|show|manual|diff|migrate|fit|export|import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relcode.cli.codebook_exchange import export, import_
from relcode.cli.codebook_fit import fit
from relcode.cli.codebook_versions import diff, load_book, migrate
from relcode.cli.output import emit_json, say
from relcode.errors import CodebookError, UsageError

app = typer.Typer(
    no_args_is_help=True,
    help="List, show, check, compare, fit and exchange codebooks; carry labels over; print a manual.",
)

_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]
_Book = Annotated[str, typer.Argument(help="Id of a codebook, or the path of its YAML file.")]


@app.command("list")
def list_command(json: _Json = False) -> None:
    """The codebooks that relcode ships.

    Example: relcode codebook list
    """
    from relcode.codebook import list_codebooks
    from relcode.codebook.source import read_head

    books = [read_head(path) for path in list_codebooks().values()]
    if json:
        emit_json([{"id": book.id, "version": book.version, "title": book.title} for book in books])
        return
    for book in books:
        print(f"{book.id}@{book.version}  {book.title} ({book.codes} codes)")


@app.command("lint")
def lint(codebook: _Book, json: _Json = False) -> None:
    """Say what is wrong with a codebook: every fault, with its line; examples that its own cues judge otherwise.

    Example: relcode codebook lint codebooks/relational-core.yaml
    """
    from relcode.codebook import codebook_faults, list_codebooks, load_codebook
    from relcode.cues import lint_codebook, misjudged_examples

    path = Path(codebook) if codebook.endswith((".yaml", ".yml")) else list_codebooks().get(codebook.partition("@")[0])
    if path is None:
        load_codebook(codebook)  # says which there are
        return
    book, _ = codebook_faults(path)
    faults = lint_codebook(path)
    notes = misjudged_examples(path) if book and book.fitted and not faults else []
    codes = book.codes if book else []
    cues = sum(len(code.cues) for code in codes)
    if json:
        emit_json(
            {"codebook": book and book.reference, "codes": len(codes), "cues": cues, "faults": faults, "notes": notes}
        )
    if faults or book is None:
        raise CodebookError(f"The codebook {path} has {len(faults)} fault(s):", faults)
    for note in notes:
        say(f"note: {note}")
    if notes:
        say(f"note: {len(notes)} example(s) are judged otherwise by the weights, which were fitted to labels.")
    say(f"{book.reference}: {len(codes)} codes, {cues} cues, no fault.")


@app.command("show")
def show(
    codebook: _Book,
    code: Annotated[str | None, typer.Option("--code", help="One code alone.")] = None,
    json: _Json = False,
) -> None:
    """Print a codebook's definitions, rules and examples.

    Example: relcode codebook show relational-core --code TSI
    """
    from relcode.codebook.manual import as_markdown

    book = load_book(codebook)
    if code is not None and code not in book.by_id:
        raise UsageError(f"{book.reference} has no code {code!r}. It has: {', '.join(book.code_ids)}.")
    codes = [book.by_id[code]] if code else None
    if json:
        emit_json(book.codes if codes is None else codes)
        return
    print(as_markdown(book, codes))


@app.command("manual")
def manual(
    codebook: _Book,
    out: Annotated[
        Path | None, typer.Option("--out", help="File, .html or .md; without it Markdown on stdout.")
    ] = None,
    cues: Annotated[bool, typer.Option("--cues", help="Add an appendix with each code's cues.")] = False,
) -> None:
    """Make the coder's manual: one HTML page that prints well, or Markdown.

    Example: relcode codebook manual rupture-repair --out manual.html
    """
    from relcode.codebook.manual import as_html, as_markdown
    from relcode.provenance import write_text

    if out is not None and out.suffix not in (".html", ".md"):
        raise UsageError(f"--out {out}: expected a name that ends in .html or .md.")
    book = load_book(codebook)
    if out is None:
        print(as_markdown(book, cues=cues))
        return
    write_text(out, as_html(book, cues=cues) if out.suffix == ".html" else as_markdown(book, cues=cues))
    say(f"{out}: manual of {book.reference}, {len(book.codes)} codes")


app.command("diff")(diff)
app.command("migrate")(migrate)
app.command("fit")(fit)
app.command("export")(export)
app.command("import")(import_)
