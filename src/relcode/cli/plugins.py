"""`relcode plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from relcode.plugins import Point

app = typer.Typer()


@app.command()
def plugins(
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """List the plug-ins of installed packages: kind, name, package and version, and what is wrong with one.

    Each is loaded, which runs its code. Exits 1 where one cannot be used.

    Example: relcode plugins
    """
    rows = plugin_rows()
    if json:
        emit_json({"plugins": rows})
    else:
        _print(rows)
    wrong = sum(row["fault"] is not None for row in rows)
    say(f"{len(rows)} plug-in(s), {wrong} of them cannot be used.")
    if wrong:
        raise typer.Exit(1)


def plugin_rows() -> list[dict[str, Any]]:
    """A row a plug-in: `kind`, `name`, `package`, `version`, `value` (module and attribute), `fault` (None: it loads)."""
    from relcode.errors import PluginError

    rows = []
    for point in _points():
        for plugin in point.plugins():
            fault = plugin.fault
            if fault is None:
                try:
                    point.load(plugin.name)
                except PluginError as error:
                    fault = error.message
            rows.append(
                {
                    "kind": plugin.kind,
                    "name": plugin.name,
                    "package": plugin.package,
                    "version": plugin.version,
                    "value": plugin.value,
                    "fault": fault,
                }
            )
    return rows


def _points() -> tuple[Point[Any], ...]:
    from relcode.codebook.features import FEATURES
    from relcode.exports.plugins import PLUGINS as EXPORTERS
    from relcode.reliability.plugins import PLUGINS as COEFFICIENTS
    from relcode.suggesters.named import PLUGINS as SUGGESTERS
    from relcode.transcripts.readers import PLUGINS as READERS

    return READERS, FEATURES, SUGGESTERS, EXPORTERS, COEFFICIENTS


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for column in ("kind", "name", "package", "version", "state"):
        table.add_column(column, overflow="fold")
    for row in rows:
        fault = row["fault"] or "ready"
        table.add_row(row["kind"], row["name"], row["package"], row["version"], fault.replace("[", "\\["))
    Console(width=None if Console().is_terminal else 120).print(table)
