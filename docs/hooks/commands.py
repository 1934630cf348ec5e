"""The page of commands, made from what `--help` says of each."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click
import typer.main

from relcode.cli import VERBS
from relcode.cli.default_command import DEFAULT

if TYPE_CHECKING:
    from mkdocs.structure.files import Files

PAGE = "commands.md"
WIDTH = 130  # every example stands on one line, so that it can be pasted


def on_files(files: Files, config: Any) -> Files:
    """Add the page to the site."""
    from mkdocs.structure.files import File  # here, as the tests read the page where no mkdocs is

    files.append(File.generated(config, PAGE, content=page()))
    return files


def page() -> str:
    """Every command with its help, as Markdown."""
    lines = ["# Commands", "What `relcode COMMAND --help` says, for all commands in the order of work."]
    for verb, (module, line) in VERBS.items():
        root = typer.main.get_command(importlib.import_module(f"relcode.cli.{module}").app)
        lines += [f"## relcode {verb}", line]
        for name, command in walk(root, f"relcode {verb}"):
            context = click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
            lines += [] if name == f"relcode {verb}" else [f"### {name}"]
            lines += [f"```text\n{plain(command, context)}\n```"]
    return "\n\n".join(lines) + "\n"


def walk(command: Any, name: str) -> list[tuple[str, Any]]:
    """The commands that do something, under their whole names."""
    if not hasattr(command, "list_commands"):
        return [(name, command)]
    context = click.Context(command, info_name=name)
    own = [(name, command.commands[DEFAULT])] if DEFAULT in command.commands else []
    below = [(each, command.get_command(context, each)) for each in command.list_commands(context)]
    return own + [
        found for each, of in below if of is not None and not of.hidden for found in walk(of, f"{name} {each}")
    ]


def plain(command: Any, context: click.Context) -> str:
    """The help without the frames and colours of terminals."""
    formatter = context.make_formatter()
    command.params = [option for option in command.params if not option.name.endswith("_completion")]
    for write in ("format_usage", "format_help_text", "format_options"):
        getattr(click.Command, write)(command, context, formatter)
    return str(formatter.getvalue()).rstrip()
