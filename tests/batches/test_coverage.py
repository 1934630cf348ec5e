"""Which sessions a coder has coded: of some pages only, in several batches, in another text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.batches import coverage
from relcode.doccano.labels import coder_labels, write_labels
from relcode.ledger import Ledger, NewEvent
from relcode.records import Session

Make = Callable[..., Session]


@pytest.mark.parametrize(
    ("pushed", "confirmed", "expected"),
    [
        # (batch, first turn) of pages of 15 turns of a session of 45; expected: whether whole, and the batches by page
        ([("1", 1), ("1", 16), ("1", 31)], 3, (True, ["1", "1", "1"])),
        ([("1", 1), ("1", 16), ("1", 31)], 2, (False, ["1", "1"])),
        ([("1", 1), ("1", 31)], 2, (False, ["1", "1"])),  # all that was given is confirmed; one page was never given
        ([("1", 1), ("2", 16), ("2", 31)], 3, (True, ["1", "2", "2"])),
        ([("1", 1), ("1", 16), ("1", 31), ("2", 1)], 4, (True, ["1", "1", "1"])),
        ([("1", 1), ("2", 1), ("2", 16), ("3", 31)], 4, (True, ["2", "2", "3"])),
        ([("1", 1), ("1", 16), ("1", 31), ("2", 1), ("2", 16), ("2", 31)], 6, (True, ["2", "2", "2"])),
        ([("1", 1), ("1", 16), ("1", 31), ("2", 1), ("2", 16), ("2", 31)], 5, (True, ["1", "1", "1"])),
        ([("1", 1)], 0, None),
    ],
)
def test_a_session_is_coded_wholly_where_every_turn_was_given_and_confirmed(
    session: Make, entry: Any, pushed: list[tuple[str, int]], confirmed: int, expected: Any
) -> None:
    pages = [entry("ana", batch, session(1, 45), (first, first + 14)) for batch, first in pushed]
    found = coverage(pages, {page["page"] for page in pages[:confirmed]})
    if expected is None:
        assert found == {}
        return
    covered = found["S001"]
    batches = [covered.batches[turn] for turn in (1, 16, 31) if turn in covered.batches]
    assert (covered.whole, batches) == expected
    assert len(covered.batches) == 15 * len(batches)


def test_pages_of_a_former_version_were_always_whole_sessions(session: Make, entry: Any) -> None:
    pages = [entry("ana", "1", session(1, 45), (first, first + 14)) for first in (1, 16)]
    for page in pages:
        del page["session_turns"]
    assert coverage(pages, {page["page"] for page in pages})["S001"].whole
    assert not coverage(pages, {pages[0]["page"]})["S001"].whole


def test_two_texts_of_a_session_are_never_put_together(session: Make, entry: Any) -> None:
    old, new = session(1, 30), session(1, 31)
    pages = [entry("ana", "1", old, (1, 15)), entry("ana", "2", new, (16, 31))]
    every = {page["page"] for page in pages}
    assert not coverage(pages, every)["S001"].whole
    pages.append(entry("ana", "1", old, (16, 30)))
    every.add(pages[-1]["page"])
    covered = coverage(pages, every)["S001"]
    assert (covered.whole, covered.session_sha256) == (True, pages[0]["session_sha256"])


def test_a_file_of_labels_holds_no_session_of_which_only_some_pages_were_given(
    ledger: Ledger, past: Any, session: Make, entry: Any, tmp_path: Path
) -> None:
    part, split = session(1, 30), session(2, 30)
    pages = [
        entry("ana", "1", part, (1, 15)),
        entry("ana", "1", split, (1, 15)),
        entry("ana", "2", split, (16, 30)),
    ]
    past.push(pages)
    past.confirm(pages)
    labels = []
    for page, turn in [(pages[0], 3), (pages[1], 4), (pages[2], 17)]:
        span = {"session_id": page["session_id"], "turn": turn, "start": 0, "end": 5, "text": "words", "code": "TSI"}
        body = {key: page[key] for key in ("page", "batch", "coder")} | {"span": span, "provenance": "added"}
        labels.append(NewEvent("label", "test", body))
    ledger.append(labels)
    found, whole, partly = coder_labels(ledger, "ana")
    assert ([span.turn for span in found], whole, partly) == ([4, 17], ["S002"], ["S001"])
    (file,) = write_labels(ledger, tmp_path / "labels")
    assert (file.labels, file.sessions, file.partly) == (2, 1, ["S001"])
    assert coder_labels(ledger, "ana", batch="1")[1:] == ([], ["S001", "S002"])
