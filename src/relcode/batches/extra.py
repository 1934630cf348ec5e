"""Pages beside the coding itself: hidden re-codes of a coder's earlier pages, and calibration pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from relcode.batches.design import Design
from relcode.batches.draw import draw_evenly, share_of
from relcode.batches.past import Given, Text, recodable, settled_texts, text_of, turns_given
from relcode.batches.plan import Assignment
from relcode.batches.runs import Run, runs_of
from relcode.batches.units import strata_of
from relcode.ledger import CALIBRATION, RECODE, Ledger
from relcode.provenance import hash_session
from relcode.records import Session

Extra = tuple[list[Assignment], list[str]]  # and the notes on what could not be had


def recodes(
    ledger: Ledger,
    sessions: Mapping[str, Session],
    code: Sequence[Assignment],
    coder: str,
    *,
    texts: Collection[Text],
    design: Design,
    now: datetime,
    drawn: Random,
) -> Extra:
    """Draw pages to be coded again by their coder, shown or blind as they were then.

    Parameters
    ----------
    code
        What the coder codes in this batch; their pages are not given twice.
    texts
        The texts of the sessions as they are now; a page of another text cannot be given again.
    """
    wanted = share_of(design.recode_share, len(code))
    if not wanted:
        return [], []
    own = {each.place for each in code}
    pool = [
        entry
        for entry in recodable(ledger, coder, until=now - timedelta(days=design.recode_gap_days))
        if text_of(entry) in texts and (entry["session_id"], entry["first_turn"], entry["last_turn"]) not in own
    ]
    count = min(wanted, len(pool))
    chosen = draw_evenly(pool, count, lambda entry: strata_of(sessions[entry["session_id"]]), drawn)
    assignments = [_again(coder, entry, sessions[entry["session_id"]], count / len(pool)) for entry in chosen]
    if count == wanted:
        return assignments, []
    days = f"{design.recode_gap_days:g}"
    return assignments, [
        f"{coder}: {count} re-code(s) instead of {wanted}; no more pages were confirmed {days} days ago or earlier"
    ]


def calibration(
    ledger: Ledger,
    sessions: Mapping[str, Session],
    code: Sequence[Assignment],
    coders: Sequence[str],
    *,
    design: Design,
    drawn: Random,
) -> Extra:
    """Pages with accepted labels, the same for all coders, blind; never one that the coder has seen before."""
    if not design.calibration and not design.calibration_share:
        return [], []
    settled = settled_texts(ledger)
    runs = [
        (run, session)
        for session in sessions.values()
        if (session.session_id, hash_session(session)) in settled
        and (not design.calibration or session.session_id in design.calibration)
        for run in runs_of(session)
    ]
    seen = {coder: _seen(ledger, code, coder) for coder in coders}
    probability, notes = 1.0, []
    if not design.calibration:
        wanted = share_of(design.calibration_share, round(len(code) / len(coders)))
        runs = [(run, session) for run, session in runs if not any(_is_seen(run, seen[coder]) for coder in coders)]
        count = min(wanted, len(runs))
        probability = count / len(runs) if runs else 1.0
        if count < wanted:
            notes.append(f"{count} calibration page(s) instead of {wanted}; no more are settled that no coder has seen")
        runs = draw_evenly(runs, count, lambda pair: strata_of(pair[1]), drawn)
    assignments = []
    for coder in coders:
        new = [run for run, _ in runs if not _is_seen(run, seen[coder])]
        assignments += [
            Assignment.of_run(coder, run, role=CALIBRATION, shown=False, probability=probability) for run in new
        ]
        if len(new) < len(runs):
            notes.append(f"{coder}: {len(runs) - len(new)} calibration page(s) were left out; {coder} has seen them")
    return assignments, notes


def calibration_faults(ledger: Ledger, sessions: Mapping[str, Session], design: Design) -> Iterator[str]:
    """What is wrong with the sessions named for calibration."""
    settled = settled_texts(ledger)
    for session_id in design.calibration:
        session = sessions.get(session_id)
        if session is None:
            yield f"--calibration: session {session_id} is not among the transcripts"
        elif (session_id, hash_session(session)) not in settled:
            yield f"--calibration: session {session_id} has no accepted labels in this text; run `relcode adjudicate`"


def _again(coder: str, entry: Mapping[str, Any], session: Session, probability: float) -> Assignment:
    numbers = {run.first_turn: (run.number, run.of) for run in runs_of(session)}
    frame = entry.get("frame", {})
    page, pages = numbers.get(entry["first_turn"], (1, 1))
    return Assignment(
        coder,
        *text_of(entry),
        entry["first_turn"],
        entry["last_turn"],
        frame.get("page", page),
        frame.get("pages", pages),
        role=RECODE,
        shown=entry["shown"],
        probability=probability,
        recode_of=entry["page"],
    )


def _seen(ledger: Ledger, code: Sequence[Assignment], coder: str) -> Given:
    seen = turns_given(ledger, coder=coder, role=None)
    for each in code:
        if each.coder == coder:
            turns = range(each.first_turn, each.last_turn + 1)
            seen.setdefault((each.session_id, each.session_sha256), set()).update(turns)
    return seen


def _is_seen(run: Run, seen: Given) -> bool:
    turns = seen.get((run.session_id, run.session_sha256), set())
    return any(turn in turns for turn in range(run.first_turn, run.last_turn + 1))
