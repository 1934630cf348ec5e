"""The next sensible command of a study: the first thing, in the order of work, that is not done yet."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from relcode.adjudication import Coverage
    from relcode.batches.summary import BatchState
    from relcode.codebook import Codebook
    from relcode.learning.standing import ModelStanding
    from relcode.ledger import Ledger
    from relcode.project import Project
    from relcode.records import Session

_PAGES = 20  # of a next batch
RAW = "RAW"  # stands for what relcode does not know: where the raw transcripts are


class Step(NamedTuple):
    """What to do next and why. `command` can be pasted where `status` was called; empty where a person is to act."""

    command: str
    why: str


@dataclass(frozen=True)
class Standing:
    """What is known of a study when the next step is looked for."""

    project: Project
    ledger: Ledger
    book: Codebook
    sessions: Sequence[Session]
    batches: Sequence[BatchState]
    pages_left: int
    models: Sequence[ModelStanding]

    def path(self, *parts: str) -> str:
        """A path in the study, as it is written from the current folder."""
        return os.path.relpath(self.project.folder.joinpath(*parts))

    def in_study(self, *words: str) -> str:
        """A command that takes `--project`, as it is written from the current folder."""
        inside = Path.cwd().is_relative_to(self.project.folder)
        return shlex.join(["relcode", *words, *([] if inside else ["--project", self.path()])])

    @property
    def imported(self) -> Path:
        """Where transcripts are imported to: beside the study, as they still hold names."""
        return self.project.folder.with_name(f"{self.project.folder.name}-raw")

    @cached_property
    def coverage(self) -> Coverage:
        from relcode.adjudication import read_coverage
        from relcode.adjudication.record import read_record

        return read_coverage(read_record(self.ledger))

    @cached_property
    def settled(self) -> set[tuple[str, str]]:
        from relcode.batches.past import settled_texts

        return settled_texts(self.ledger)


def next_step(standing: Standing) -> Step:
    """The first step, in the order of work, that is not done."""
    for look in _ORDER:
        if (step := look(standing)) is not None:
            return step
    return Step("", "Nothing is waiting: every session is coded, settled, learned from and scored.")


def _transcripts(at: Standing) -> Step | None:
    if at.sessions:
        return None
    target = at.path("transcripts")
    if at.imported.is_dir() and any(at.imported.iterdir()):
        source = os.path.relpath(at.imported)
        return Step(
            shlex.join(["relcode", "deid", source, "--out", target]),
            f"Remove identifiers from what was imported into {source} (look at the findings: relcode deid review {source} "
            "--html review.html).",
        )
    raw = at.project.raw or RAW
    what = "" if at.project.raw else f" {RAW} is their file or folder."
    return Step(
        shlex.join(["relcode", "import", raw, "--out", os.path.relpath(at.imported)]),
        f"Read your transcripts; they still hold names, and so stay outside of the study.{what}",
    )


def _record(at: Standing) -> Step | None:
    from relcode.provenance import hash_session

    unknown = [each for each in at.sessions if not at.ledger.deid_record(each.session_id, hash_session(each))]
    if not unknown:
        return None
    return Step(
        shlex.join(["relcode", "deid", at.path("transcripts"), "--check"]),
        f"{len(unknown)} session(s) are not on record as de-identified in their present text, and are not sent; this says why.",
    )


def _coders(at: Standing) -> Step | None:
    if at.project.coders or at.batches:
        return None
    return Step("", f'Name who codes in {at.path("relcode.toml")}, such as coders = ["anna", "ben"].')


def _suggestions(at: Standing) -> Step | None:
    """For what is to be sent, or is in no batch yet."""
    if (at.batches and not at.pages_left and not _unsent(at)) or any(at.project.suggestions.glob("*.jsonl")):
        return None
    return Step(
        shlex.join(["relcode", "preannotate", at.path("transcripts"), "--out", at.path("suggestions", "cues.jsonl")]),
        "Suggest spans for the coders to correct.",
    )


def _server(at: Standing) -> Step | None:
    from relcode.doccano.server import statuses

    needed = not at.batches or any(each.confirmed < (each.planned or each.pushed) for each in at.batches)
    if at.project.doccano_url or not (needed or _in_dispute(at)):
        return None
    states = statuses(at.project.folder)
    if states and all(state.running for state in states):
        return None
    per_coder = ["--per-coder"] if any(state.coder for state in states) else []
    return Step(
        at.in_study("doccano", "up", *per_coder),
        "Start Doccano, where the coders work. Its first start makes its environment: a minute or two.",
    )


def _push(at: Standing) -> Step | None:
    if not at.batches:
        return Step(
            at.in_study("push"),
            "Send every session to every coder (relcode batch NAME plans another division before that).",
        )
    if (unsent := _unsent(at)) is None:
        return None
    return Step(at.in_study("push", "--batch", unsent), f"Batch {unsent} is planned and not sent wholly.")


def _unsent(at: Standing) -> str | None:
    return next((each.batch for each in at.batches if each.pushed < (each.planned or 0)), None)


def _pull(at: Standing) -> Step | None:
    left = sum(each.pushed - each.confirmed for each in at.batches)
    if not left:
        return None
    who = ", ".join(dict.fromkeys(each.coder for each in at.batches if each.confirmed < each.pushed))
    return Step(
        at.in_study("pull"),
        f"{left} page(s) are not confirmed as far as the ledger knows ({who}). When the coders have confirmed pages, bring "
        "them in; as often as you like.",
    )


def _agreement(at: Standing) -> Step | None:
    compared = [session for session in at.coverage.ready if session.compared]
    page = at.project.reports / "reliability.html"
    if not compared or page.exists():
        return None
    return Step(
        at.in_study("agreement", "--html", at.path("reports", page.name)),
        f"{len(compared)} session(s) are coded by two or more: see how far they agree.",
    )


def _in_dispute(at: Standing) -> set[str]:
    """Sessions that are coded and not settled, with labels that the coders do not agree on."""
    from relcode.adjudication import find_disputes

    waiting = [each for each in at.coverage.ready if (each.session_id, each.session_sha256) not in at.settled]
    found = find_disputes(at.ledger, [each for each in waiting if each.compared], choices=at.project.adjudication)
    return {session_id for session_id, findings in found.items() if any(finding.disputed for finding in findings)}


def _adjudicate(at: Standing) -> Step | None:
    from relcode.ledger import CONSENSUS

    if all((each.session_id, each.session_sha256) in at.settled for each in at.coverage.ready):
        return None
    sent = {entry["session_id"] for entry in at.ledger.pages(CONSENSUS)}
    if disputed := _in_dispute(at) - sent:
        return Step(
            at.in_study("adjudicate", "push"),
            f"Coders differ in {len(disputed)} session(s): send these labels to the adjudicator.",
        )
    why = "When the adjudicator has confirmed all pages of the consensus project, take" if sent else "Take"
    return Step(
        at.in_study("adjudicate", "pull", "--out", at.path("labels", "accepted.jsonl")),
        f"{why} the accepted labels.",
    )


def _report(at: Standing) -> Step | None:
    report, labels = at.project.reports / "report.html", at.project.labels / "accepted.jsonl"
    if not at.settled or report.exists() or not labels.exists():
        return None
    words = ["relcode", "audit", at.path("transcripts"), "--labels", at.path("labels", labels.name)]
    return Step(shlex.join([*words, "--out", at.path("reports", report.name)]), "Make the supervisor's report.")


def _train(at: Standing) -> Step | None:
    dyads = {each.dyad for each in at.sessions if each.session_id in {session_id for session_id, _ in at.settled}}
    if at.models or len(dyads) < 2:
        return None
    command = shlex.join(["relcode", "train"])
    inside = Path.cwd().is_relative_to(at.project.folder)
    return Step(
        command if inside else f"(cd {shlex.quote(at.path())} && {command})",
        f"Learn from the accepted labels of {len(dyads)} dyads; the card says how well.",
    )


def _promote(at: Standing) -> Step | None:
    from relcode.learning.model_store import ModelStore

    own = [each for each in at.models if Path(each.folder).parent.name == at.book.id]
    if not own or ModelStore(at.project.models).promotions(at.book.id).present is not None:
        return None
    return Step(
        shlex.join(["relcode", "models", "promote", own[0].id, "--store", at.path("models")]),
        "Put the model to use: from then on it suggests. Read its card first.",
    )


def _next_batch(at: Standing) -> Step | None:
    if not at.pages_left:
        return None
    taken = {each.batch for each in at.batches}
    name = next(str(number) for number in range(1, len(taken) + 2) if str(number) not in taken)
    chosen = at.path(f"next-{name}.jsonl")
    if Path(chosen).exists():
        return Step(
            at.in_study("batch", name, "--unit", "page", "--chosen", chosen), "Plan who codes the chosen pages."
        )
    model = ["--model", own] if (own := _promoted(at)) else []
    return Step(
        at.in_study("next", *model, "--pages", str(min(_PAGES, at.pages_left)), "--out", chosen),
        f"{at.pages_left} page(s) are in no batch: choose those from which most is learned.",
    )


def _score(at: Standing) -> Step | None:
    if any(at.project.reports.glob("*.parquet")) or not (model := _promoted(at)):
        return None
    words = ["relcode", "score", at.path("transcripts"), "--model", model]
    return Step(
        shlex.join([*words, "--out", at.path("reports", "scores.parquet")]), "Score all sessions with the model."
    )


def _promoted(at: Standing) -> str | None:
    """The folder of the promoted model, as it is written from the current folder."""
    from relcode.learning.model_store import ModelStore

    present = ModelStore(at.project.models).promotions(at.book.id).present
    return None if present is None else at.path("models", at.book.id, present.model)


_ORDER: tuple[Callable[[Standing], Step | None], ...] = (
    _transcripts,
    _record,
    _coders,
    _suggestions,
    _server,
    _push,
    _pull,
    _agreement,
    _adjudicate,
    _report,
    _train,
    _promote,
    _next_batch,
    _score,
)
