"""Anchoring: by hand, and simulated with a known effect."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from relcode.reliability import Coding, codings_of_pages
from relcode.reliability.anchoring import Anchoring, estimate_anchoring
from relcode.reliability.material import prepare

TURNS = 8


def anchoring(made: SimpleNamespace, pages: list[Any], sessions: list[Any], **options: int) -> Anchoring:
    codings = codings_of_pages(made.hashed(pages, sessions))
    return estimate_anchoring(prepare(codings, sessions, made.codebook()), **{"draws": 0, **options})


def row(found: Anchoring, code: str) -> Any:
    return next(each for each in found.rows if each.code == code)


def test_a_unit_is_compared_with_itself_where_others_saw_the_other_kind_of_page(made: SimpleNamespace) -> None:
    """Turns 1 and 3: A with suggestions, B without; 5 and 7 the reverse. Who sees them gives TSI, in turn 1 both do."""
    pages = [
        made.page("A", 1, 4, [made.span(1, "TSI"), made.span(3, "TSI")]),
        made.page("B", 1, 4, [made.span(1, "TSI")], shown=False),
        made.page("A", 5, 8, shown=False),
        made.page("B", 5, 8, [made.span(5, "TSI"), made.span(7, "TSI")]),
    ]
    found = anchoring(made, pages, [made.session(turns=TURNS)])
    tsi = row(found, "TSI")
    assert (found.within, found.shown_pages, found.blind_pages, found.reason) == ("unit", 2, 2, None)
    assert (tsi.shown_units, tsi.blind_units) == (4, 4)
    # Within units the differences are 0, 1, 1, 1; the coders' own rates are balanced.
    assert tsi.difference.value == pytest.approx(3 / 4)
    assert tsi.shown_rate.value == pytest.approx(1)
    assert tsi.blind_rate.value == pytest.approx(1 / 4)
    assert tsi.because_shown.value == pytest.approx(3 / 4)
    assert row(found, "all codes").difference.value == pytest.approx(3 / 8)  # client turns may carry a code, too


def test_a_coder_who_gives_more_labels_is_no_anchoring(made: SimpleNamespace) -> None:
    """A labels every turn with and without suggestions, B none; A has more pages with suggestions."""
    every = [made.span(turn, "TSI") for turn in range(1, 17, 2)]
    pages = [
        made.page("A", first, first + 3, every[at : at + 2], shown=first != 13)
        for at, first in ((0, 1), (2, 5), (4, 9), (6, 13))
    ]
    pages += [made.page("B", first, first + 3, shown=first == 1) for first in (1, 5, 9, 13)]
    found = anchoring(made, pages, [made.session(turns=16)])
    assert found.within == "unit"
    assert row(found, "TSI").difference.value == pytest.approx(0, abs=1e-9)


def test_pages_of_a_session_are_compared_where_nobody_else_coded_them(made: SimpleNamespace) -> None:
    sessions = [made.session(name, turns=8) for name in ("S1", "S2")]
    pages = []
    for coder, session_id in (("A", "S1"), ("B", "S2")):
        spans = [made.span(turn, "TSI", session_id=session_id) for turn in (1, 3)]
        pages.append(made.page(coder, 1, 4, spans, session_id=session_id))
        pages.append(made.page(coder, 5, 8, spans[:0], session_id=session_id, shown=False))
    # Both coded S3 with suggestions, so that there is something to compare them by.
    sessions.append(made.session("S3", turns=4))
    pages += [made.page(coder, 1, 4, session_id="S3", page=f"{coder}3") for coder in "AB"]
    found = anchoring(made, pages, sessions)
    assert found.within == "session"
    assert row(found, "TSI").difference.value == pytest.approx(1)


def test_without_blind_pages_acceptance_is_all_that_is_known(made: SimpleNamespace) -> None:
    offered = (made.span(1, "TSI"), made.span(3, "TSI"), made.span(5, "TSI"), made.span(7, "TSI"))
    taken = [made.span(1, "TSI"), made.span(3, "TSI", end=13), made.span(5, "TSD")]
    pages = [made.page("A", 1, 8, taken, suggestions=offered), made.page("B", 1, 8)]
    found = anchoring(made, pages, [made.session(turns=TURNS)])
    assert "pushed without suggestions" in str(found.reason)
    tsi = row(found, "TSI")
    assert tsi.difference.value is None
    assert tsi.difference.reason
    assert tsi.suggested == 4
    assert {name: share.value for name, share in tsi.fates.items()} == dict.fromkeys(tsi.fates, 0.25)
    assert tsi.kept.value == pytest.approx(0.5)


def test_suggestions_that_were_withheld_are_found_or_not(made: SimpleNamespace) -> None:
    offered = (made.span(1, "TSI"), made.span(3, "TSI"))
    pages = [
        made.page("A", 1, 4, [made.span(1, "TSI"), made.span(3, "TSI")], suggestions=offered),
        made.page("B", 1, 4, [made.span(3, "TSI", start=2, end=13)], suggestions=offered, shown=False),
    ]
    tsi = row(anchoring(made, pages, [made.session()]), "TSI")
    assert (tsi.suggested, tsi.withheld) == (2, 2)
    assert (tsi.kept.value, tsi.found_blind.value, tsi.kept_difference.value) == (1, 0.5, 0.5)


def test_agreement_is_told_apart_by_what_both_saw(made: SimpleNamespace) -> None:
    both = [made.span(1, "TSI"), made.span(3, "TSI")]
    pages = [
        *(made.page(coder, 1, 4, both) for coder in "AB"),
        made.page("A", 5, 8, [made.span(5, "TSI")]),
        made.page("B", 5, 8, [made.span(7, "TSI")], shown=False),
    ]
    tsi = row(anchoring(made, pages, [made.session(turns=TURNS)]), "TSI")
    assert (tsi.agreement_shown.value, tsi.agreement_other.value, tsi.agreement_difference.value) == (1, 0, 1)


def test_labels_from_files_say_nothing_of_what_was_shown(made: SimpleNamespace) -> None:
    codings = [Coding(coder, (), {"S1": None}) for coder in "AB"]
    found = estimate_anchoring(prepare(codings, [made.session()], made.codebook()))
    assert found.rows == []
    assert "files" in str(found.reason)


def simulated(made: SimpleNamespace, seed: int) -> Any:
    """Twelve sessions by two coders; the code is on a fifth of the turns of some sessions, twice as many of others; who is
    shown suggestions gives it to a tenth of all turns besides. A fourth of the pages is blind."""
    drawn = np.random.default_rng(seed)
    sessions = [made.session(f"S{number}", turns=80) for number in range(12)]
    pages = []
    for session in sessions:
        there = drawn.random(81) < drawn.choice([0.2, 0.4])
        for coder in "AB":
            for first in range(1, 81, 10):
                shown = bool(drawn.random() < 0.75)
                turns = range(first, first + 10, 2)
                labelled = [
                    turn for turn in turns if (there[turn] and drawn.random() < 0.9) or (shown and drawn.random() < 0.1)
                ]
                spans = [made.span(turn, "TSI", session_id=session.session_id) for turn in labelled]
                pages.append(
                    made.page(
                        coder,
                        first,
                        first + 9,
                        spans,
                        session_id=session.session_id,
                        shown=shown,
                        page=f"{coder}{session.session_id}{first}",
                    )
                )
    return row(anchoring(made, pages, sessions, draws=200, seed=seed), "TSI")


def test_the_interval_holds_a_known_effect(made: SimpleNamespace) -> None:
    # What is not labelled anyway (.73 of turns on average) gets a tenth more.
    effect = 0.1 * (1 - 0.3 * 0.9)
    rows = [simulated(made, seed) for seed in range(20)]
    held = [each.difference.low <= effect <= each.difference.high for each in rows]
    assert sum(held) >= 16
    assert np.mean([each.difference.value for each in rows]) == pytest.approx(effect, abs=0.01)
    assert sum(each.difference.low > 0 for each in rows) >= 10
