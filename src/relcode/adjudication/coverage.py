"""Which sessions are coded: every turn by at least one coder, and every page by all who were given it.

What was pushed last counts: a turn belongs to the last batch that gave it to coders. So a session may be spread over
several batches, and a batch that gives it anew takes the place of the one before. Coders may change from turn to turn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec

from relcode.adjudication.record import Record, read_record
from relcode.ledger import CONSENSUS, Ledger


class Coded(msgspec.Struct, frozen=True):
    """A session that is coded. `batch`: the last of its batches. `pages`: coder -> (page, turns of it that count)."""

    session_id: str
    session_sha256: str
    codebook: str
    batch: str
    pages: dict[str, tuple[tuple[str, frozenset[int]], ...]]

    @property
    def coders(self) -> tuple[str, ...]:
        """Everyone who has coded a part of it, sorted."""
        return tuple(sorted(self.pages))

    @property
    def turns(self) -> dict[str, frozenset[int]]:
        """The turns that each coder has coded."""
        return {coder: frozenset().union(*(turns for _, turns in pages)) for coder, pages in self.pages.items()}

    @property
    def single_turns(self) -> frozenset[int]:
        """The turns that one coder alone has coded."""
        by_coder = self.turns.values()
        return frozenset(turn for turn in frozenset().union(*by_coder) if sum(turn in own for own in by_coder) == 1)

    @property
    def compared(self) -> bool:
        """Whether any turn was coded by two coders or more."""
        return sum(len(turns) for turns in self.turns.values()) > len(frozenset().union(*self.turns.values()))


class Coverage(msgspec.Struct, frozen=True):
    """`ready`: the sessions coded. `waiting`: session -> what is missing before it is."""

    ready: list[Coded]
    waiting: dict[str, str]


def coded_sessions(ledger: Ledger, *, batch: str | None = None, coders: Collection[str] | None = None) -> list[Coded]:
    """The sessions that are coded (in one batch, by some coders); see `read_coverage`."""
    return read_coverage(read_record(ledger), batch=batch, coders=coders).ready


def read_coverage(record: Record, *, batch: str | None = None, coders: Collection[str] | None = None) -> Coverage:
    """Sort the sessions into those coded and those that wait for something.

    Parameters
    ----------
    batch
        Look at this batch alone.
    coders
        Count these coders alone, as if the others had been given nothing: where one has left.
    """
    by_session: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in record.pages:
        wanted = batch in (None, entry["batch"]) and (coders is None or entry["coder"] in coders)
        if entry["coder"] != CONSENSUS and wanted:
            by_session[entry["session_id"]].append(entry)
    planned: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for of_batch, assignment in record.planned:
        if batch in (None, of_batch) and (coders is None or assignment["coder"] in coders):
            planned[assignment["session_id"]].append((of_batch, assignment))
    ready: list[Coded] = []
    waiting: dict[str, str] = {}
    for session_id, pages in by_session.items():
        coded, missing = _session_coverage(record, pages, planned[session_id])
        if missing:
            waiting[session_id] = "; ".join(missing)
        else:
            ready.append(coded)
    return Coverage(ready, waiting)


def turns_in_words(turns: Iterable[int]) -> str:
    """Numbers of turns in short: `turns 1 to 15, 30`."""
    numbers = sorted(turns)
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    said = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
    return f"turn{'' if len(numbers) == 1 else 's'} {said}"


def _session_coverage(
    record: Record, pages: Sequence[dict[str, Any]], planned: Sequence[tuple[str, dict[str, Any]]]
) -> tuple[Coded, list[str]]:
    sha = pages[-1]["session_sha256"]  # a changed transcript is another text; the last one counts
    pages = [entry for entry in pages if entry["session_sha256"] == sha]
    owner: dict[int, str] = {}
    for batch in dict.fromkeys(entry["batch"] for entry in pages):
        for entry in pages:
            if entry["batch"] == batch:
                owner.update(dict.fromkeys(_turns(entry), batch))
    done: dict[str, list[tuple[str, frozenset[int]]]] = defaultdict(list)
    given: dict[str, set[int]] = defaultdict(set)
    waiting: dict[str, list[str]] = defaultdict(list)
    for entry in pages:
        turns = frozenset(turn for turn in _turns(entry) if owner[turn] == entry["batch"])
        given[entry["coder"]] |= turns
        if entry["page"] in record.confirmed.get(entry["coder"], ()):
            done[entry["coder"]].append((entry["page"], turns))
        elif turns:
            waiting[entry["coder"]].append(entry["page"])
    missing = [f"{coder} has not confirmed {len(uids)} page(s)" for coder, uids in sorted(waiting.items())]
    for batch, each in planned:
        own = {turn for turn in _turns(each) if owner.get(turn, batch) == batch}
        if each["session_sha256"] == sha and (unsent := own - given[each["coder"]]):
            missing.append(f"{turns_in_words(unsent)} are planned for {each['coder']} and not pushed")
    sizes = [entry["session_turns"] for entry in pages if isinstance(entry.get("session_turns"), int)]
    if absent := set(range(1, max(sizes, default=0) + 1)) - owner.keys():
        missing.append(f"{turns_in_words(absent)} are with no coder")
    last = pages[-1]
    by_coder = {coder: tuple(done[coder]) for coder in sorted(done)}
    return Coded(last["session_id"], sha, last["codebook"], last["batch"], by_coder), missing


def _turns(entry: dict[str, Any]) -> range:
    return range(entry["first_turn"], entry["last_turn"] + 1)
