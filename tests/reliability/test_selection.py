"""What is compared: pages of some coders, batches, days and versions; and the same tables in parts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from relcode.errors import LabelError, UsageError
from relcode.ledger import Ledger, NewEvent
from relcode.reliability import (
    Coding,
    Selection,
    agreement,
    codings_of_pages,
    read_pages,
    reliability_of,
    select_pages,
)
from relcode.reliability.coded_pages import window_of, windows_in_order
from relcode.reliability.versions import of_one_version, of_version


@pytest.mark.parametrize(
    ("selection", "kept", "note"),
    [
        ({}, [0, 1, 2, 3], None),
        ({"coders": ("A",)}, [0, 1], "2 page(s) of other coders left out."),
        ({"batches": ("2",)}, [1, 3], "2 page(s) of other batches left out."),
        ({"since": date(2026, 3, 9)}, [1, 3], "2 page(s) confirmed before or after these dates left out."),
        ({"until": date(2026, 3, 9)}, [0, 1, 2], "1 page(s) confirmed before or after these dates left out."),
        ({"until": date(2026, 3, 8)}, [0, 2], None),
        ({"version": "1.0.0"}, [0, 1, 2], "1 page(s) coded with another version (small@1.1.0) left out."),
        ({"version": "small@1.1.0"}, [3], None),
        ({"version": "1.1"}, [], None),
    ],
)
def test_pages_are_selected_and_what_is_left_out_is_said(
    made: SimpleNamespace, selection: dict[str, Any], kept: list[int], note: str | None
) -> None:
    pages = [
        made.page("A", 1, 2),
        made.page("A", 3, 4, day=7, batch="2"),
        made.page("B", 1, 2),
        made.page("B", 3, 4, day=8, batch="2", codebook="small@1.1.0"),
    ]
    notes: list[str] = []
    assert select_pages(pages, Selection(**selection), notes) == [pages[row] for row in kept]
    assert note is None or note in notes


def test_a_coder_or_batch_that_no_page_has_is_refused(made: SimpleNamespace) -> None:
    with pytest.raises(UsageError, match="coder Z; there are: A"):
        select_pages([made.page("A", 1, 2)], Selection(coders=("A", "Z")), [])
    with pytest.raises(UsageError, match="batch 3; there are: 1"):
        select_pages([made.page("A", 1, 2)], Selection(batches=("3",)), [])


def test_pages_are_read_from_the_ledger_as_they_stand_now(made: SimpleNamespace, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")

    def events(page: str, coder: str, at: str | None, *, role: str = "code") -> list[NewEvent]:
        to = {"page": page, "batch": "1", "coder": coder}
        entry = {**to, "session_id": "S1", "session_sha256": "", "first_turn": 1, "last_turn": 2, "text_sha256": ""}
        entry |= {"codebook": "small@1.0.0", "suggestions": [], "shown": True, "role": role}
        labels = [{**to, "span": msgspec.to_builtins(made.span(n, "TSI")), "provenance": "added"} for n in (1, 2, 3)]
        return [
            NewEvent("page", "t", entry),
            *(NewEvent("label", "t", label) for label in labels),
            NewEvent("unlabel", "t", labels[1]),
            NewEvent("confirm", "t", {**to, "at": at}),
        ]

    ledger.append(events("p1", "A", "2026-03-02T23:30:00-05:00"))
    ledger.append(events("p2", "B", "2026-02-01T10:00:00Z"))
    ledger.append(events("p3", "B", "2026-03-20T10:00:00Z", role="recode"))
    ledger.append(events("p4", "C", None))
    ledger.append([NewEvent("unconfirm", "t", {"page": "p4", "batch": "1", "coder": "C"})])
    pages = read_pages(ledger)
    assert [(page.page, page.role, page.confirmed.date().isoformat()) for page in pages] == [
        ("p2", "code", "2026-02-01"),
        ("p1", "code", "2026-03-03"),
        ("p3", "recode", "2026-03-20"),
    ]
    # Turn 2 was taken back, turn 3 is not on the page.
    assert [span.turn for span in pages[0].spans] == [1]
    assert {span.source for span in pages[0].spans} == {"coder:B"}


def test_of_a_turn_coded_twice_the_last_page_counts(made: SimpleNamespace) -> None:
    pages = [
        made.page("A", 1, 4, [made.span(1, "TSI"), made.span(3, "TSI")]),
        made.page("A", 1, 2, [made.span(1, "TSD")], day=3, batch="2", page="A-1b"),
        made.page("A", 3, 4, [made.span(3, "TSD")], day=9, role="recode", page="A-3r"),
        made.page("B", 1, 4),
    ]
    coding = codings_of_pages(pages)[0]
    assert [(span.turn, span.code) for span in coding.spans] == [(3, "TSI"), (1, "TSD")]


@pytest.mark.parametrize(
    ("window", "names"),
    [
        ("day", ["2026-03-02", "2026-03-09", "2026-04-01"]),
        ("week", ["2026-W10", "2026-W11", "2026-W14"]),
        ("month", ["2026-03", "2026-04"]),
        ("batch", ["z", "a"]),
    ],
)
def test_windows_stand_in_the_order_of_time(made: SimpleNamespace, window: str, names: list[str]) -> None:
    pages = [
        made.page("A", 1, 2, day=30, batch="a"),
        made.page("A", 1, 2, batch="z"),
        made.page("A", 1, 2, day=7, batch="z"),
    ]
    assert windows_in_order(pages, window) == names
    assert window_of(pages[0], window) == names[-1]


# --- versions -----------------------------------------------------------------------------------------------------------


def test_turns_coded_with_several_versions_are_compared_as_most_coded_them(made: SimpleNamespace) -> None:
    pages = [
        made.page("A", 1, 4, codebook="small@1.0.0"),
        made.page("B", 1, 2, codebook="small@1.0.0"),
        made.page("B", 3, 4, [made.span(3, "TSI")], codebook="small@1.1.0"),
        made.page("C", 1, 2, codebook="small@1.1.0"),
        made.page("C", 3, 4, codebook="small@1.1.0"),
    ]
    notes: list[str] = []
    kept = of_one_version(codings_of_pages(pages), notes)
    assert [coding.covered.get("S1") for coding in kept] == [{1, 2}, {1, 2, 3, 4}, {3, 4}]
    assert [note.partition(",")[0] for note in notes] == ["A: 2 turn(s) left out", "C: 2 turn(s) left out"]


def test_of_two_versions_with_as_many_coders_the_higher_counts(made: SimpleNamespace) -> None:
    pages = [made.page("A", 1, 4, codebook="small@1.10.0"), made.page("B", 1, 4, codebook="small@1.9.0")]
    kept = of_one_version(codings_of_pages(pages), [])
    assert [bool(coding.covered) for coding in kept] == [True, False]


def test_files_are_compared_by_session_and_an_unknown_version_fits_any(made: SimpleNamespace) -> None:
    def coding(coder: str, version: str | None) -> Coding:
        return Coding(coder, (made.span(1, "TSI", codebook=version),), {"S1": None, "S2": None})

    notes: list[str] = []
    kept = of_one_version([coding("A", "small@1.0.0"), coding("B", None), coding("C", "other@2.0.0")], notes)
    assert (notes, [len(each.covered) for each in kept]) == ([], [2, 2, 2])
    kept = of_one_version([coding("A", "small@1.0.0"), coding("B", "small@1.0.1")], notes)
    assert [sorted(each.covered) for each in kept] == [["S2"], ["S1", "S2"]]
    assert "A: 1 session(s) left out, coded with small@1.0.0" in notes[0]
    assert [sorted(each.covered) for each in of_version([coding("A", "small@1.0.0")], "1.0.1")] == [["S2"]]


def test_a_model_of_another_version_stays_and_is_noted(made: SimpleNamespace) -> None:
    model = Coding("model:m", (made.span(1, "TSI", codebook="small@0.9.0"),), {"S1": None})
    notes: list[str] = []
    kept = of_one_version([*codings_of_pages([made.page("A", 1, 4), made.page("B", 1, 4)]), model], notes)
    assert sorted(kept[2].covered) == ["S1"]
    assert notes == ["model:m: knows small@0.9.0; the coders used another version."]


def test_nothing_of_one_version_is_an_error_that_says_why(made: SimpleNamespace) -> None:
    pages = [made.page("A", 1, 4), made.page("B", 1, 4, codebook="small@2.0.0")]
    with pytest.raises(LabelError, match=r"small@1\.0\.0.*codebook migrate"):
        agreement(codings_of_pages(pages), draws=0)


# --- groups -------------------------------------------------------------------------------------------------------------


def three(made: SimpleNamespace) -> tuple[list[Any], list[Any]]:
    """Three coders, two sessions, of which C coded one; A coded in the first week, B in the second."""
    sessions = [made.session(name, turns=8) for name in ("S1", "S2")]
    pages = []
    for session in sessions:
        name = session.session_id
        for coder, day, turns in (("A", 0, (1, 3)), ("B", 7, (1, 5)), ("C", 7, (1, 3, 5))):
            if (coder, name) != ("C", "S2"):
                spans = [made.span(turn, "TSI", session_id=name) for turn in turns]
                version = "small@1.0.0" if name == "S1" else "small@1.1.0"
                more = {"session_id": name, "page": f"{coder}{name}", "codebook": version}
                pages.append(made.page(coder, 1, 8, spans, day=day, **more))
    return made.hashed(pages, sessions), sessions


def test_the_figures_of_a_pair_are_those_of_the_two_alone(made: SimpleNamespace) -> None:
    pages, sessions = three(made)
    codings = codings_of_pages(pages)
    options: dict[str, Any] = {"sessions": sessions, "codebook": made.codebook(), "draws": 50}
    groups = reliability_of(codings, by=["pair"], **options).groups
    assert [group.name for group in groups] == ["A – B", "A – C", "B – C"]
    for group, pair in zip(groups, ((0, 1), (0, 2), (1, 2)), strict=True):
        alone = agreement([codings[row] for row in pair], **options)
        assert (group.rows, group.macro, group.sessions) == (alone.rows, alone.macro, alone.sessions)


def test_versions_and_windows_part_what_was_compared(made: SimpleNamespace) -> None:
    pages, sessions = three(made)
    result = reliability_of(
        codings_of_pages(pages), sessions=sessions, codebook=made.codebook(), by=["version", "window"], draws=0
    )
    assert [(group.name, group.sessions, group.turns) for group in result.of_kind("version")] == [
        ("small@1.0.0", ("S1",), 8),
        ("small@1.1.0", ("S2",), 8),
    ]
    # A turn belongs to the window in which its last coder confirmed it.
    assert [(group.name, group.turns) for group in result.of_kind("window")] == [("2026-W11", 16)]


def test_a_recode_is_compared_with_what_its_coder_said_before(made: SimpleNamespace) -> None:
    pages = [
        made.page("A", 1, 4, [made.span(1, "TSI"), made.span(3, "TSI")]),
        made.page("A", 5, 8, [made.span(5, "TSI")], day=20),
        made.page("B", 1, 8),
        made.page("A", 1, 4, [made.span(1, "TSI")], day=14, role="recode", page="A-1r"),
        made.page("A", 5, 8, [made.span(7, "TSI")], day=15, role="recode", page="A-5r"),  # before the first coding
        made.page("B", 1, 8, day=1, role="calibration", page="B-1c"),
    ]
    sessions = [made.session(turns=8)]
    pages = made.hashed(pages, sessions)
    result = reliability_of(codings_of_pages(pages), sessions=sessions, codebook=made.codebook(), pages=pages, draws=0)
    (group,) = result.of_kind("recode")
    assert (group.name, group.coders, group.turns, group.days) == ("A", ("A, first", "A, again"), 4, 14)
    tsi = next(row for row in group.of_level("turn") if row.code == "TSI")
    assert tsi.instances == {"A, first": 2, "A, again": 1}
    assert tsi.coefficients["positive_agreement"].value == pytest.approx(2 / 3)


def test_models_are_in_the_figures_of_pairs_alone_where_two_people_are(made: SimpleNamespace) -> None:
    people = [Coding(coder, (made.span(1, "TSI"),), {"S1": None}) for coder in "AB"]
    model = Coding("model:m", (made.span(3, "TSI"),), {"S1": None})
    result = reliability_of([*people, model], sessions=[made.session()], codebook=made.codebook(), draws=0)
    assert result.coders == ("A", "B")
    assert [group.name for group in result.groups] == ["A – B", "A – model:m", "B – model:m"]
    assert any("model:m: no person" in note for note in result.notes)
    one = reliability_of([people[0], model], sessions=[made.session()], codebook=made.codebook(), draws=0)
    assert one.coders == ("A", "model:m")
