"""What the shell proposes after an option: names of codebooks, models, coders and batches that are there.

Files and folders are proposed by the shell itself. A proposal that cannot be made (no project, a ledger that does not
open) is none: completion never says an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from relcode.errors import RelcodeError

if TYPE_CHECKING:
    from relcode.project import Project


class Proposal(NamedTuple):
    """What may stand here; the names are those that Click's shells read."""

    value: str
    help: str | None = None
    type: str = "plain"


def with_proposals(command: Any) -> Any:
    """The command, and those below it, proposing names for the options and arguments of `_PROPOSERS`."""
    for parameter in command.params:
        propose = _PROPOSERS.get(parameter.name)
        # flags such as `--model/--no-model` would take no value
        if propose is not None and not getattr(parameter, "is_flag", False):
            parameter.shell_complete = _completer(propose)
    for below in getattr(command, "commands", {}).values():
        with_proposals(below)
    return command


def _completer(propose: Callable[[Project | None], Iterable[str]]) -> Callable[[Any, str], list[Proposal]]:
    def complete(context: Any, incomplete: str) -> list[Proposal]:
        from relcode.project import Project

        try:
            folder = context.params.get("folder")  # what --project has said before on this line
            names = list(propose(Project.around(Path(folder) if folder else None)))
        except (RelcodeError, OSError):
            return []
        before, plus, last = incomplete.rpartition("+")  # codebooks used together: a+b
        return [Proposal(before + plus + name) for name in names if name.startswith(last)]

    return complete


def _codebooks(project: Project | None) -> list[str]:
    from relcode.shipped import shipped_folder

    folders = [*([project.codebooks] if project else []), shipped_folder("codebooks")]
    return list(dict.fromkeys(path.stem for folder in folders for path in sorted(folder.glob("*.yaml"))))


def _models(project: Project | None) -> list[str]:
    from relcode.shipped import shipped_models

    # ids without reading the models: the folders of models/<codebook>/<id>/ that hold checksums
    own = sorted(project.models.glob("*/*/SHA256SUMS")) if project else []
    promoted = ["promoted"] if project and any(project.models.glob("*/promotions.jsonl")) else []
    return [*promoted, *(path.parent.name for path in own), *shipped_models()]


def _coders(project: Project | None) -> Iterable[str]:
    return project.coders if project else ()


def _batches(project: Project | None) -> list[str]:
    from relcode.batches.summary import batch_states

    return list(dict.fromkeys(state.batch for state in batch_states(project.open_ledger()))) if project else []


def _kinds(project: Project | None) -> Iterable[str]:
    return ("linear", "spacy", "encoder")


_PROPOSERS: dict[str, Callable[[Project | None], Iterable[str]]] = {
    "batch": _batches,
    "codebook": _codebooks,
    "coder": _coders,
    "kind": _kinds,
    "model": _models,
}
