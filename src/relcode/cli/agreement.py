"""`relcode agreement`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.reliability import Agreement, Coefficient, Level

app = typer.Typer()

_Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[A.jsonl B.jsonl ...]", help="Files of spans; by default the coders of the ledger."),
]


@app.command()
def agreement(
    files: _Files = None,
    transcripts: Annotated[
        list[str] | None, typer.Option("--transcripts", help="File, folder or glob of transcripts. May be repeated.")
    ] = None,
    codebook: Annotated[
        str | None,
        typer.Option(
            "--codebook", help="Id or file, several joined with +; its speaker rules say who may carry a code."
        ),
    ] = None,
    level: Annotated[
        list[str] | None, typer.Option("--level", help="segment, turn or session. May be repeated; all by default.")
    ] = None,
    bootstrap: Annotated[int, typer.Option("--bootstrap", min=0, help="Resamples of sessions; 0: no interval.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the resamples.")] = 0,
    gamma: Annotated[
        bool, typer.Option("--gamma", help="Gamma of spans too: as long again as all else, or longer.")
    ] = False,
    folder: Annotated[Path | None, typer.Option("--project", help="The project's folder.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="All rows to a .csv or .json file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Everything as JSON on stdout.")] = False,
) -> None:
    """Reliability per code, with intervals: on segments, turns and sessions.

    Example: relcode agreement coder_A.jsonl coder_B.jsonl --transcripts transcripts --codebook relational-core
    """
    from relcode import reliability
    from relcode.codebook import load_codebook
    from relcode.project import Project

    if out is not None and out.suffix not in (".csv", ".json"):
        raise typer.BadParameter("expected a name that ends in .csv or .json", param_hint="--out")
    levels = _levels(level)
    project = Project.around() if files and folder is None else Project.find(folder)
    sources: list[str | Path] = list(transcripts or [])
    if not files and not sources and project is not None and any(project.transcripts.glob("*")):
        sources = [project.transcripts]
    sessions = None
    if sources:
        from relcode.transcripts import read_sessions

        sessions = read_sessions(sources)
    if files:
        codings = reliability.read_codings(files, sessions)
    else:
        assert project is not None
        codings = reliability.ledger_codings(project.open_ledger())
        codebook = codebook or project.codebook
    book = load_codebook(codebook, [project.codebooks] if project else []) if codebook else None
    result = reliability.agreement(
        codings, sessions=sessions, codebook=book, levels=levels, draws=bootstrap, seed=seed, gamma=gamma
    )
    if out is not None:
        reliability.write_agreement(out, result)
    if json:
        emit_json(result)
        return
    for note in result.notes:
        say(note)
    _print_table(result)
    if out is not None:
        say(f"{out}: {len(result.rows)} row(s).")


def _levels(names: list[str] | None) -> list[Level]:
    from relcode.reliability import LEVELS

    unknown = [name for name in names or () if name not in LEVELS]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: expected {', '.join(LEVELS)}", param_hint="--level")
    return [level for level in LEVELS if level in (names or ())]


def _print_table(result: Agreement) -> None:
    """The turns' rows (else those of the first level) as a table on stdout."""
    from rich.console import Console
    from rich.table import Table

    levels = [macro.level for macro in result.macro]
    level = "turn" if "turn" in levels else levels[0]
    macro = next(macro for macro in result.macro if macro.level == level)
    two = len(result.coders) == 2
    kappa = "cohen_kappa" if two else "fleiss_kappa"
    table = Table(
        title=f"Agreement of {', '.join(result.coders)}: {level}s of {len(result.sessions)} session(s)",
        caption="\\[ ]: 95 % interval by session. -: undefined (see --json).",
        box=None,
    )
    titles = (
        "code",
        f"n ({'/'.join(result.coders)})",
        "% agreement",
        f"{'' if two else 'Fleiss '}kappa",
        "alpha",
        "AC1",
    )
    for title in titles:
        table.add_column(title, justify="left" if title == "code" else "right", no_wrap=True)
    shown = ("percent_agreement", kappa, "alpha", "ac1")
    rows = result.of_level(level)
    given = [row for row in rows if any(row.instances.values())]
    for row in given:
        counts = "/".join(str(row.instances[coder]) for coder in result.coders)
        table.add_row(row.code, counts, *_cells(row.coefficients, shown))
    table.add_section()
    table.add_row(f"mean of {macro.codes}", f">= {macro.at_least} turns", *_cells(macro.coefficients, shown))
    width = None if Console().is_terminal else 120
    Console(width=width).print(table)
    if len(given) < len(rows):
        say(f"{len(rows) - len(given)} row(s) of codes that nobody gave are left out of the table (see --out).")
    for each in result.macro:
        f1, alpha = each.coefficients.get("positive_agreement"), each.coefficients.get("alpha")
        if f1 is not None and alpha is not None:
            say(f"{each.level} level: mean alpha {_number(alpha)}, mean positive agreement (F1) {_number(f1)}")


def _cells(coefficients: dict[str, Coefficient], shown: tuple[str, ...]) -> list[str]:
    cells = []
    for name in shown:
        value = coefficients[name]
        if name == "percent_agreement":
            cells.append("-" if value.value is None else f"{100 * value.value:.1f}")
        else:
            cells.append(_number(value, interval=name.endswith("kappa")))
    return cells


def _number(coefficient: Coefficient, *, interval: bool = True) -> str:
    if coefficient.value is None:
        return "-"
    text = f"{coefficient.value:.2f}"
    if interval and coefficient.low is not None and coefficient.high is not None:
        text += f" [{coefficient.low:.2f}, {coefficient.high:.2f}]"
    return text
