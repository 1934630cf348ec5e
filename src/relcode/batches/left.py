"""The pages that are left to be coded."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from relcode.batches.design import Design
from relcode.batches.past import settled_texts, text_of_run, turns_given
from relcode.batches.runs import Run
from relcode.batches.units import left_units
from relcode.ledger import Ledger
from relcode.records import Session


def pages_left(ledger: Ledger, sessions: Sequence[Session], *, coded_elsewhere: Collection[str] = ()) -> list[Run]:
    """The pages that no batch had and of which no session is settled, in the order of `sessions`.

    `coded_elsewhere`: hashes of sessions that were coded without this ledger (see `hash_session`). They are left out where
    the ledger has no page of them; where it has one, the ledger knows what of them was coded.
    """
    given = turns_given(ledger)
    settled = settled_texts(ledger)
    runs = [run for unit in left_units(sessions, Design(unit="page"), given) for run in unit.runs]
    return [
        run
        for run in runs
        if text_of_run(run) not in settled and (text_of_run(run) in given or run.session_sha256 not in coded_elsewhere)
    ]
