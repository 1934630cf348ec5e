"""A verb that is a command of its own and has subcommands beside: `relcode deid SRC...` and `relcode deid review SRC...`."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

from typer.core import TyperGroup

from relcode.cli.completion import Proposal

DEFAULT = "default"


class DefaultCommandGroup(TyperGroup):
    """A group whose command named `DEFAULT` runs where the first argument names none of the others.

    A folder with the name of a subcommand is reached as `./review`.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name in super().list_commands(ctx) if name != DEFAULT]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and ctx.resilient_parsing:  # a shell asks what may come first
            return super().parse_args(ctx, args)
        if not args or args[0] not in (*self.list_commands(ctx), *ctx.help_option_names):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return ("" if name == DEFAULT else name), command, rest  # usage messages need not name it

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """The options of the default command, or the subcommands; beside these the files that its first argument may name.

        Where no subcommand is proposed, files are the shell's own.
        """
        if incomplete.startswith("-"):
            command = self.commands[DEFAULT]
            with command.make_context(DEFAULT, [], parent=ctx, resilient_parsing=True) as inner:
                return command.shell_complete(inner, incomplete)
        names: list[Any] = super().shell_complete(ctx, incomplete)
        files = sorted(glob.glob(f"{glob.escape(incomplete)}*")) if names else []
        return [*names, *(Proposal(f"{file}/" if Path(file).is_dir() else file) for file in files)]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help of the default command, then the list of the others."""
        self.commands[DEFAULT].format_help(ctx, formatter)
        self.format_commands(ctx, formatter)
