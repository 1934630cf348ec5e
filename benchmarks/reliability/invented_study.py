"""A study's ledger made from the example corpus, to look at everything that `relcode agreement` says of one.

Nobody coded these pages: the labels of the corpus are cut into pages, dated over ten weeks and two batches, and altered by
rules with a fixed seed. Coder A drifts (gives SUPP more and more), coder C follows suggestions; a fifth of the pages
is blind; A's first pages are given again unmarked.

Usage: python benchmarks/reliability/invented_study.py FOLDER
       relcode agreement --project FOLDER --html FOLDER/reports/reliability.html
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from relcode.ledger import NewEvent
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session, Span, Turn
from relcode.spans import read_labels
from relcode.transcripts import read_sessions

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"
CODEBOOK = "relational-core+rupture-repair+client-process+ccrt"
START = datetime(2026, 1, 12, 9, tzinfo=UTC)
TURNS = 15
BLIND, FOLLOWED = 0.2, 0.6
CODERS = {"A": "coder_A", "B": "coder_B", "C": "accepted"}


def make_events(sessions: Sequence[Session], reference: str, seed: int = 0) -> list[NewEvent]:
    """The pages, labels and ticks of three coders, and A's re-codes."""
    drawn = random.Random(seed)
    labels = {coder: read_labels(CORPUS / "labels" / f"{name}.jsonl") for coder, name in CODERS.items()}
    events = [
        NewEvent(
            "deid_override",
            "script",
            {"session_id": s.session_id, "session_sha256": hash_session(s), "reason": "invented"},
        )
        for s in sessions
    ]
    for number, session in enumerate(sessions):
        batch = "1" if number < len(sessions) / 2 else "2"
        for at in range(0, len(session.turns), TURNS):
            turns = session.turns[at : at + TURNS]
            offered = _suggestions(labels["B"], session, turns, drawn)
            for coder in CODERS:
                when = START + timedelta(days=7 * number + drawn.randrange(4), hours=at / 30)
                spans = _altered(labels[coder], session, turns, coder, number, drawn)
                shown = drawn.random() >= BLIND
                if shown and coder == "C":
                    taken = [span for span in offered if drawn.random() < FOLLOWED]
                    spans = list({span.key: span for span in [*spans, *taken]}.values())
                page = _entry(session, turns, coder, batch, reference, offered, shown)
                events += _events(page, spans, when)
                if coder == "A" and number < 3:
                    again = [span for span in spans if drawn.random() < 0.9]
                    events += _events(
                        {**page, "page": page["page"] + "r", "role": "recode"}, again, when + timedelta(days=42)
                    )
    return events


def _suggestions(labels: Iterable[Span], session: Session, turns: Sequence[Turn], drawn: random.Random) -> list[Span]:
    """Seven in ten of a coder's labels, and on every sixth turn a code that is likely to be wrong."""
    own = [span for span in _of_page(labels, session, turns) if drawn.random() < 0.7]
    for turn in turns[::6]:
        code = "META" if turn.role == "T" else "HN"
        own.append(Span(session.session_id, turn.turn, 0, len(turn.text), turn.text, code))
    return list({span.key: span for span in own}.values())


def _altered(
    labels: Iterable[Span], session: Session, turns: Sequence[Turn], coder: str, number: int, drawn: random.Random
) -> list[Span]:
    """A coder's labels, some forgotten; A takes reflections for support, from week to week more often."""
    spans = [span for span in _of_page(labels, session, turns) if drawn.random() < 0.95]
    if coder == "A":
        spans = [
            msgspec.structs.replace(span, code="SUPP") if span.code == "REFL" and drawn.random() < number / 12 else span
            for span in spans
        ]
    return spans


def _of_page(labels: Iterable[Span], session: Session, turns: Sequence[Turn]) -> list[Span]:
    numbers = {turn.turn for turn in turns}
    return [span for span in labels if span.session_id == session.session_id and span.turn in numbers]


def _entry(
    session: Session,
    turns: Sequence[Turn],
    coder: str,
    batch: str,
    reference: str,
    offered: Sequence[Span],
    shown: bool,
) -> dict[str, Any]:
    return {
        "page": f"{session.session_id}-{turns[0].turn}-{coder}",
        "batch": batch,
        "coder": coder,
        "session_id": session.session_id,
        "session_sha256": hash_session(session),
        "first_turn": turns[0].turn,
        "last_turn": turns[-1].turn,
        "text_sha256": "",
        "codebook": reference,
        "suggestions": [msgspec.to_builtins(span) for span in offered],
        "shown": shown,
    }


def _events(page: dict[str, Any], spans: Iterable[Span], when: datetime) -> list[NewEvent]:
    addressee = {key: page[key] for key in ("page", "batch", "coder")}
    own = [msgspec.structs.replace(span, source=f"coder:{page['coder']}") for span in spans]
    labels = [{**addressee, "span": msgspec.to_builtins(span), "provenance": "added"} for span in own]
    return [
        NewEvent("page", "script", page),
        *(NewEvent("label", "script", label) for label in labels),
        NewEvent("confirm", "script", {**addressee, "at": when.isoformat()}),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a new folder")
    folder = parser.parse_args().folder
    from relcode.codebook import load_codebook

    project = Project.create(folder, name="invented study", coders=list(CODERS), codebook=CODEBOOK)
    for path in sorted((CORPUS / "transcripts").glob("*.jsonl")):
        shutil.copy(path, project.transcripts)
    sessions = read_sessions([project.transcripts])
    count = project.open_ledger().append(make_events(sessions, load_codebook(CODEBOOK).reference))
    print(f"{folder}: {len(sessions)} sessions, {count} events.")


if __name__ == "__main__":
    main()
