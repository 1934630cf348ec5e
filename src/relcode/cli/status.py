"""`relcode status`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcode.cli.output import emit_json

if TYPE_CHECKING:
    from relcode.batches.summary import BatchState
    from relcode.codebook import Codebook
    from relcode.ledger import Ledger
    from relcode.project import Project
    from relcode.records import Session

app = typer.Typer()
RELIABLE = 0.667  # alpha below which Krippendorff advises against conclusions


@app.command()
def status(
    folder: Annotated[Path | None, typer.Option("--project", help="The project's folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")] = False,
) -> None:
    """Where the study stands, on one screen, whether more coding still pays, and the next sensible command.

    Example: relcode status --project study
    """
    from relcode.batches.summary import batch_states
    from relcode.cli.next_step import Standing, next_step
    from relcode.codebook import load_codebooks
    from relcode.errors import DataError
    from relcode.learning.standing import models_in
    from relcode.project import Project
    from relcode.transcripts import read_sessions

    project = Project.find(folder)
    ledger = project.open_ledger()
    book = load_codebooks([project.codebook], [project.codebooks])
    notes: list[str] = []
    sessions: list[Session] = []
    if project.transcripts.is_dir() and any(project.transcripts.iterdir()):
        try:
            sessions = read_sessions([project.transcripts])
        except DataError as error:
            notes.append(f"The transcripts cannot be read: {error}")
    models, faults = models_in(project.models)
    batches, seen = batch_states(ledger), _sessions(ledger, sessions)
    standing = Standing(project, ledger, book, sessions, batches, seen["pages_left"], models)
    state = {
        "project": project.name,
        "sessions": seen,
        "batches": _batches(batches),
        "accepted": _accepted(project, ledger, book),
        "reviews": _reviews(ledger),
        "agreement": _agreement(ledger, sessions, book),
        "models": models,
        "gain_of_ten_sessions": models[0].gain if models else None,
        "notes": notes + faults,
        "next": None if notes else next_step(standing)._asdict(),
    }
    if json:
        emit_json(state)
    else:
        print("\n".join(_lines(state)))


def _sessions(ledger: Ledger, sessions: Sequence[Session]) -> dict[str, int]:
    from relcode.batches import pages_left, runs_of

    left = pages_left(ledger, sessions)
    return {
        "sessions": len(sessions),
        "turns": sum(len(session.turns) for session in sessions),
        "pages": sum(len(runs_of(session)) for session in sessions),
        "pages_left": len(left),
        "sessions_with_pages_left": len({page.session_id for page in left}),
    }


def _batches(states: Sequence[BatchState]) -> list[dict[str, Any]]:
    """The batches, the coders of each together."""
    found: dict[str, dict[str, Any]] = {}
    for each in states:
        row = found.setdefault(
            each.batch, {"batch": each.batch, "coders": 0, "planned": None, "pushed": 0, "confirmed": 0}
        )
        row["coders"] += 1
        if each.planned is not None:
            row["planned"] = (row["planned"] or 0) + each.planned
        row["pushed"] += each.pushed
        row["confirmed"] += each.confirmed
    return list(found.values())


def _accepted(project: Project, ledger: Ledger, book: Codebook) -> dict[str, Any]:
    """Accepted labels by code of the project's codebook, and of how many settled sessions."""
    from collections import Counter

    from relcode.batches.past import settled_texts
    from relcode.codebook import split_labels

    own = split_labels(ledger.accepted(), book, [project.codebooks])
    counts = Counter(span.code for span in own.spans)
    return {
        "codebook": book.reference,
        "settled_sessions": len(settled_texts(ledger)),
        "codes": {code: counts[code] for code in book.code_ids},
        "others": sum(own.others.values()),
    }


def _reviews(ledger: Ledger) -> list[dict[str, Any]]:
    """What reviewers marked on reports, and how many of the codes marked as wrong are accepted labels."""
    from relcode.ledger.reviews import standing_reviews

    accepted = {span.key for span in ledger.accepted()}
    found: dict[str, dict[str, Any]] = {}
    for review in standing_reviews(ledger):
        row = found.setdefault(
            review.reviewer, {"reviewer": review.reviewer, "wrong": 0, "right": 0, "wrong_but_accepted": 0}
        )
        row[review.judgement] += 1
        row["wrong_but_accepted"] += review.judgement == "wrong" and review.span.key in accepted
    return list(found.values())


def _agreement(ledger: Ledger, sessions: Sequence[Session], book: Codebook) -> dict[str, Any]:
    """Mean alpha of turns without an interval; or why there is none."""
    if not sessions:
        return {"reason": "there is no transcript"}
    if len([coder for coder in ledger.coders() if ledger.confirmed_pages(coder)]) < 2:
        return {"reason": "fewer than two coders have confirmed pages"}
    return _mean_alpha(ledger, sessions, book)


def _mean_alpha(ledger: Ledger, sessions: Sequence[Session], book: Codebook) -> dict[str, Any]:
    from relcode.cli.agreement_selection import from_ledger
    from relcode.errors import RelcodeError
    from relcode.reliability import Selection, agreement

    try:
        codings, _ = from_ledger(ledger, Selection(), [], machine=False)
        result = agreement(codings, sessions=sessions, codebook=book, levels=["turn"], draws=0)
    except RelcodeError as error:
        return {"reason": str(error).splitlines()[0]}
    rows = [row for row in result.of_level("turn") if row.given and not row.folded]
    alphas = {row.code: row.coefficients["alpha"].value for row in rows}
    (macro,) = result.macro
    return {
        "sessions": len(result.sessions),
        "codes": macro.codes,
        "alpha": macro.coefficients["alpha"].value if macro.codes else None,
        "below": sorted(code for code, value in alphas.items() if value is not None and value < RELIABLE),
    }


def _lines(state: dict[str, Any]) -> list[str]:
    """The screen."""
    seen, accepted = state["sessions"], state["accepted"]
    lines = [
        f"{state['project']}, codebook {accepted['codebook']}",
        f"Sessions   {seen['sessions']} with {seen['turns']} turns on {seen['pages']} pages; given to no coder yet: "
        f"{seen['pages_left']} page(s) of {seen['sessions_with_pages_left']} session(s)",
        *_batch_lines(state["batches"]),
        *_label_lines(accepted),
        *_review_lines(state["reviews"]),
        f"Agreement  {_agreement_line(state['agreement'])}",
        *_model_lines(state["models"]),
        f"More?      {_more_line(state)}",
    ]
    return [*lines, *(f"Note       {note}" for note in state["notes"]), *_next_lines(state["next"])]


def _next_lines(step: dict[str, str] | None) -> list[str]:
    if step is None:
        return []
    return _indented("Next", [step["why"], *([step["command"]] if step["command"] else [])])


def _batch_lines(batches: Sequence[dict[str, Any]]) -> list[str]:
    if not batches:
        return ["Batches    none; plan one with `relcode batch NAME`"]
    rows = [
        f"{row['batch']}: {row['coders']} coder(s), "
        f"{'no plan' if row['planned'] is None else str(row['planned']) + ' pages planned'}, "
        f"{row['pushed']} pushed, {row['confirmed']} confirmed"
        for row in batches
    ]
    return _indented("Batches", rows)


def _label_lines(accepted: dict[str, Any]) -> list[str]:
    from textwrap import wrap

    from relcode.learning.standing import ENOUGH

    counts = accepted["codes"]
    some = sorted(((code, count) for code, count in counts.items() if count), key=lambda pair: (-pair[1], pair[0]))
    rare = sum(count < ENOUGH for count in counts.values())
    total = f"{sum(counts.values())} accepted in {accepted['settled_sessions']} settled session(s)"
    others = f"; {accepted['others']} of other codebooks" if accepted["others"] else ""
    listed = wrap(", ".join(f"{code} {count}" for code, count in some), 100, break_on_hyphens=False)
    return _indented("Labels", [total + others, *listed, f"{rare} of {len(counts)} codes have fewer than {ENOUGH}"])


def _review_lines(reviews: Sequence[dict[str, Any]]) -> list[str]:
    rows = [
        f"{row['reviewer']}: {row['wrong']} code(s) marked as wrong, {row['right']} as right"
        + (f"; accepted are {row['wrong_but_accepted']} of the wrong ones" if row["wrong_but_accepted"] else "")
        for row in reviews
    ]
    return _indented("Reviews", rows)


def _agreement_line(found: dict[str, Any]) -> str:
    if "reason" in found:
        return f"not known: {found['reason']}"
    alpha = "undefined" if found["alpha"] is None else f"{found['alpha']:.2f}"
    below = f"; below {RELIABLE}: {', '.join(found['below'])}" if found["below"] else ""
    return f"mean alpha of turns {alpha} over {found['codes']} codes, {found['sessions']} session(s){below}"


def _model_lines(models: Sequence[Any]) -> list[str]:
    if not models:
        return ["Models     none; train one with `relcode train`"]
    rows = []
    for model in models:
        macro = "undefined" if model.macro_f1 is None else f"{model.macro_f1:.2f}"
        interval = "" if model.low is None or model.high is None else f" [{model.low:.2f}, {model.high:.2f}]"
        rows.append(f"{model.id}: {model.sessions} sessions, macro-F1 of turns {macro}{interval}")
    return _indented("Models", rows)


def _more_line(state: dict[str, Any]) -> str:
    """Whether more coding still pays, by the curve of the model that was written last."""
    if not state["models"]:
        return "whether more coding pays cannot be told without a model"
    said: str = state["models"][0].more_in_words
    return said


def _indented(head: str, rows: Sequence[str]) -> list[str]:
    return [f"{head if number == 0 else '':<11}{row}" for number, row in enumerate(rows)]
