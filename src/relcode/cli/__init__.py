"""The command line: parse, call, print. One file a verb; a verb's module is imported only when it is called."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from relcode.cli.completion import with_proposals
from relcode.errors import RelcodeError

# verb -> (module in relcode.cli, line of help). The order is the order of work.
VERBS: dict[str, tuple[str, str]] = {
    "init": ("init", "Make a project folder: configuration, codebooks, an empty ledger."),
    "status": ("status", "Where the study stands, and the next sensible command."),
    "doctor": ("doctor", "Check environment, study, models and Doccano; say how to mend each."),
    "import": ("import_", "Read transcripts of any supported format; write canonical ones."),
    "deid": ("deid", "Remove identifiers from transcripts."),
    "preannotate": ("preannotate", "Suggest spans from a codebook's cues."),
    "explain": ("explain", "Say why a code is suggested in a turn: which cues fired, what they added."),
    "doccano": ("doccano", "Run a local Doccano server of your own: up, status, down."),
    "batch": ("batch", "Plan who codes what: drawn, double, blind, re-coded; list the batches."),
    "push": ("push", "Send pages with suggestions to each coder's Doccano project."),
    "pull": ("pull", "Bring coders' labels back into the ledger."),
    "agreement": ("agreement", "Reliability per code, with intervals."),
    "adjudicate": ("adjudicate", "Settle disagreements: push, pull, report, explain."),
    "train-coder": ("train_coder", "Train a coder on settled sessions and certify per code: push, report, list."),
    "train": ("train", "Train a classifier on accepted labels; write its card."),
    "evaluate": ("evaluate", "Precision, recall, F1 and calibration against gold labels."),
    "models": ("models", "List, compare and promote models; go back to the one before."),
    "next": ("next_", "Choose the pages to be coded next, and say what they promise."),
    "score": ("score", "Score transcripts with a model: a row a segment."),
    "rates": ("rates", "How often each code is given, corrected by a hand-coded sample."),
    "query": ("query", "The segments behind a figure."),
    "audit": ("audit", "Make the supervisor's report."),
    "compare": ("compare", "Put two therapists' or two periods' reports side by side."),
    "codebook": ("codebook", "List, check, compare, fit and exchange codebooks; print a manual."),
    "export": ("export", "Write transcripts in another format."),
    "ledger": ("ledger", "Verify the ledger; export it, back it up, restore it."),
    "plugins": ("plugins", "List what other packages add: readers, features, suggesters, exporters, coefficients."),
}


# New objects after which garbage is looked for. By default they are 700, and most of what a command makes in its first second
# (libraries, codebooks, a model) stays: it would be looked through again and again.
_GARBAGE = 50_000
_COMPLETION = ("install_completion", "show_completion")
_COMPLETE = "_RELCODE_COMPLETE"  # what the scripts of bash, zsh and fish set when they ask


class _LazyGroup(TyperGroup):
    """A group that imports a verb's module when the verb is called; its own help needs none of them."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in VERBS:
            return None
        module_name, help_line = VERBS[cmd_name]
        if ctx.invoked_subcommand is None and not _is_called(cmd_name):
            placeholder = typer.Typer(add_completion=False)
            placeholder.command(name=cmd_name, help=help_line)(lambda: None)
            return _named(typer.main.get_command(placeholder), cmd_name)
        module = importlib.import_module(f"relcode.cli.{module_name}")
        return _named(typer.main.get_command(module.app), cmd_name)


def _drop_stdout() -> None:
    """Let Python not try again, at its end, to write what could not be written."""
    with contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _is_called(verb: str) -> bool:
    return next((word for word in _words() if not word.startswith("-")), None) == verb


def _words() -> list[str]:
    """The command line; while a shell asks for completions, the line that is being typed."""
    if _COMPLETE not in os.environ:
        return sys.argv[1:]
    return (os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", "")).split()[1:]


def _named(command: Any, name: str) -> Any:
    """The command under its name; the options that install completion are those of `relcode` itself."""
    command.name = name
    command.params = [option for option in command.params if option.name not in _COMPLETION]
    return with_proposals(command)


app = typer.Typer(
    cls=_LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Annotate and code therapy-session transcripts for relational markers. Nothing leaves this machine.",
)


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        from relcode import __version__

        typer.echo(__version__)
        raise typer.Exit


def main(argv: list[str] | None = None) -> None:
    """Run the command line; exit 0 on success, 1 on an error in the data, 2 on wrong usage."""
    if argv is not None:
        sys.argv[1:] = argv
    else:
        gc.set_threshold(_GARBAGE)  # a process of its own
    try:
        try:
            app(prog_name="relcode")  # also where Python runs it as a module
        finally:
            sys.stdout.flush()
    except RelcodeError as error:
        print(f"relcode: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # such as `relcode codebook show relational-core | head`
        _drop_stdout()
    except OSError as error:
        # The last net: what touches files says so itself, with what to do.
        what = "the output" if error.filename is None else error.filename
        print(f"relcode: Cannot read or write {what}: {error.strerror}.", file=sys.stderr)
        _drop_stdout()
        sys.exit(1)
    except KeyboardInterrupt:
        print("relcode: stopped; what was finished is kept.", file=sys.stderr)
        sys.exit(130)
