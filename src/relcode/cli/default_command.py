"""A verb that is a command of its own and has subcommands beside: `relcode deid SRC...` and `relcode deid review SRC...`."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

DEFAULT = "default"


class DefaultCommandGroup(TyperGroup):
    """A group whose command named `DEFAULT` runs where the first argument names none of the others.

    A folder with the name of a subcommand is reached as `./review`.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name in super().list_commands(ctx) if name != DEFAULT]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.list_commands(ctx), *ctx.help_option_names):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return ("" if name == DEFAULT else name), command, rest  # usage messages need not name it

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help of the default command, then the list of the others."""
        self.commands[DEFAULT].format_help(ctx, formatter)
        self.format_commands(ctx, formatter)
