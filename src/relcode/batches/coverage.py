"""Which turns of a session a coder has coded: on confirmed pages, and in which batch each turn counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from relcode.batches.past import Text, text_of, turns_of


class Covered(msgspec.Struct, frozen=True):
    """What one coder has coded of a session. `batches`: turn -> the batch whose coding counts.

    `whole`: every turn of the session is among them. A session of which some pages were never given to the coder is not
    coded wholly, though all that was given is confirmed.
    """

    session_id: str
    session_sha256: str
    batches: dict[int, str]
    whole: bool


def coverage(pages: Iterable[Mapping[str, Any]], confirmed: Collection[str]) -> dict[str, Covered]:
    """What a coder has coded, by session id; sessions without a confirmed page are not there.

    The last batch counts that covers a session wholly by itself. Where none does, batches of the same text are put
    together, and each turn counts as in the last one that has it.

    Parameters
    ----------
    pages
        Manifest entries of one coder and one role (`Ledger.pages(coder, batch)`), in ledger order.
    confirmed
        The pages that the coder has ticked (`Ledger.confirmed_pages`).
    """
    given: dict[Text, dict[str, list[Mapping[str, Any]]]] = {}
    for entry in pages:
        given.setdefault(text_of(entry), {}).setdefault(entry["batch"], []).append(entry)
    found: dict[str, Covered] = {}
    for (session_id, sha), by_batch in given.items():
        coded = _covered(session_id, sha, by_batch, confirmed)
        known = found.get(session_id)
        if coded.batches and (coded.whole or known is None or not known.whole):
            found[session_id] = coded
    return found


def _covered(
    session_id: str, sha: str, by_batch: Mapping[str, Sequence[Mapping[str, Any]]], confirmed: Collection[str]
) -> Covered:
    """The coverage of one text."""
    total = max(_turns_in(entries) for entries in by_batch.values())
    together: dict[int, str] = {}
    alone: dict[int, str] | None = None
    for batch, entries in by_batch.items():
        turns = {turn: batch for entry in entries if entry["page"] in confirmed for turn in turns_of(entry)}
        together |= turns
        if len(turns) == total:
            alone = turns
    return Covered(session_id, sha, alone or together, alone is not None or len(together) == total)


def _turns_in(entries: Sequence[Mapping[str, Any]]) -> int:
    """How many turns the session has; entries of a former version do not say, and always had all of them."""
    counts = [entry.get("session_turns") or 0 for entry in entries]
    return max(counts) or len({turn for entry in entries for turn in turns_of(entry)})
