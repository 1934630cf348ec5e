"""Command lines as pages write them, held against the commands that there are: nothing is run, everything is parsed."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import typer
import typer.main

from relcode.cli import VERBS, app
from relcode.cli.default_command import DEFAULT, DefaultCommandGroup

USAGE = typer.BadParameter.__mro__[1]  # what any wrong usage raises; which library has it depends on the version
PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*(\.\.\.)?(:[A-Z_]+|\[.*\])?|\.\.\.")  # FILE, SRC...
_FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_OPTIONAL = re.compile(r"\[(--[^\]]*|[A-Z]+)\]")  # as in `ledger export --out tables [--format parquet]`
_PARTED = re.compile(r"[;&|<>()\n]+")
_BEFORE = re.compile(r"\w+=|[;&|()]+$|(srun|time|nohup)$")  # what stands before a command's name


class Written(NamedTuple):
    """A piece of code in a page: where it begins, the language of its block (None: inline), and what it says."""

    page: str
    line: int
    kind: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


def written(page: Path, name: str) -> Iterator[Written]:
    """Every line of the page's blocks, lines that go on put together, and every piece of inline code."""
    text = page.read_text(encoding="utf-8")

    def line_of(place: int) -> int:
        return text.count("\n", 0, place) + 1

    for block in _FENCED.finditer(text):
        number = line_of(block.start(2))
        for line in block[2].replace("\\\n", "  ").splitlines():
            yield Written(name, number, block[1], line)
            number += 1
    outside = _FENCED.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)
    for code in _INLINE.finditer(outside):
        yield Written(name, line_of(code.start()), None, " ".join(code[1].split()))


def calls(line: str, program: str = "relcode") -> list[list[str]]:
    """The words behind each call of a program in a line of shell; without comments and redirections."""
    try:
        shell = shlex.shlex(_OPTIONAL.sub(r"\1", line), posix=True, punctuation_chars=True)
        shell.whitespace_split = True
        words = list(shell)
    except ValueError:  # a quotation mark without its partner: no shell
        return []
    found: list[list[str]] = []
    at_start, inside = True, False
    for word in words:
        if _PARTED.fullmatch(word):
            at_start, inside = ("<" not in word and ">" not in word), False
        elif inside:
            found[-1].append(word)
        elif at_start and (word == program or word.endswith(f"/{program}")):
            found.append([])
            inside = True
        at_start = at_start and bool(_BEFORE.match(word))
    return found


@functools.cache
def command_of(verb: str) -> Any:
    return typer.main.get_command(import_module(f"relcode.cli.{VERBS[verb][0]}").app)


def leaves() -> dict[tuple[str, ...], Any]:
    """Every command that runs something, by its words: (train,), (codebook, lint), ..."""

    def below(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        commands = getattr(command, "commands", {})
        if not commands:
            yield words, command
        for name, each in commands.items():
            yield from [(words, each)] if name == DEFAULT else below((*words, name), each)

    return {words: command for verb in VERBS for words, command in below((verb,), command_of(verb))}


def fault(words: list[str], *, whole: bool) -> str | None:
    """What is wrong with the words behind `relcode`; None where nothing is.

    `whole`: a line to be pasted, which lacks nothing. Otherwise a mention, which may name a command alone, or an option
    without its value.
    """
    if not words:
        return None  # `relcode` alone prints its help
    if words[0].startswith("-"):
        return _leaf_fault(typer.main.get_command(app), words, whole=False)
    if words[0] not in VERBS:
        return f"no command {words[0]}"
    command, rest = command_of(words[0]), words[1:]
    while commands := getattr(command, "commands", None):
        if rest and rest[0] in commands:
            command, rest = commands[rest[0]], rest[1:]
        elif isinstance(command, DefaultCommandGroup):
            command = commands[DEFAULT]
        else:
            return f"none of {', '.join(commands)}: {' '.join(rest)}" if rest or whole else None
    return _leaf_fault(command, rest, whole=whole)


def _leaf_fault(command: Any, words: list[str], *, whole: bool) -> str | None:
    context = typer.Context(command, info_name=command.name)
    if not whole and words and words[-1] in _with_value(command):
        words = [*words, "VALUE"]
    try:
        values, extra, _ = command.make_parser(context).parse_args(list(words))
        if extra:
            return f"more than the command takes: {' '.join(extra)}"
        for parameter in command.params:
            given = values.get(parameter.name)
            given = given if isinstance(given, list | tuple) else [given]
            given = [value for value in given if isinstance(value, str)]
            if whole and parameter.required and not given:
                return f"lacks {parameter.name}"
            for value in given:
                if not PLACEHOLDER.fullmatch(value):
                    many = getattr(parameter, "multiple", False) or parameter.nargs != 1
                    parameter.process_value(context, (value,) if many else value)
                    if message := _unknown_choice(parameter.opts[0], value):
                        return message
    except USAGE as error:
        return error.format_message()
    return None


def _with_value(command: Any) -> set[str]:
    return {name for option in command.params if not getattr(option, "is_flag", False) for name in option.opts}


@functools.cache
def _choices() -> dict[str, tuple[str, ...]]:
    """Options whose values the commands look at themselves, where one name has one meaning in all of them."""
    from relcode.batches.design import UNITS as BATCH_UNITS
    from relcode.learning.features.base import UNITS as RATE_UNITS
    from relcode.learning.kinds import KINDS
    from relcode.reliability import LEVELS

    return {"--kind": KINDS, "--level": LEVELS, "--unit": (*BATCH_UNITS, *RATE_UNITS)}


def _unknown_choice(option: str, value: str) -> str | None:
    known = _choices().get(option)
    return f"{option} {value}: expected one of {', '.join(known)}" if known and value not in known else None


def mention_fault(text: str) -> str | None:
    """What is wrong with inline code that leaves `relcode` out (`--kind encoder`, `doccano up --per-coder`), if anything.

    Right is what some command takes. None also for what is no mention of a command or an option.
    """
    if "--" not in text and text.partition(" ")[0] not in VERBS:
        return None
    words = shlex.split(_OPTIONAL.sub(r"\1", text))
    if words[0].startswith("--"):
        faults = [_leaf_fault(command, words, whole=False) for command in leaves().values()]
        faults.append(fault(words, whole=False))
        return None if None in faults else "no command has this"
    subcommands = {path[-1] for path in leaves()}
    if words[0] in VERBS and (any(word.startswith("--") for word in words) or (words[1:2] and words[1] in subcommands)):
        return fault(words, whole=False)
    if words[0] in subcommands and any(word.startswith("--") for word in words):
        faults = [fault([*path[:-1], *words], whole=False) for path in leaves() if path[-1] == words[0]]
        return None if None in faults else str(faults[0])
    return None
