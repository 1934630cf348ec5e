"""Two audits side by side: differences by hand, what is refused and why, the page, the command."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from page_elements import Page
from relcode.audit import AuditResult, Estimate, audit
from relcode.audit.comparison import APART, DRAWN, PAIRED, Comparison, compare
from relcode.audit.comparison_page import difference_shown, render_comparison
from relcode.audit.differences import joined, paired_interval, resampled_interval
from relcode.audit.intervals import wilson
from relcode.codebook import Codebook
from relcode.codebook.write import write_codebook
from relcode.errors import DataError
from relcode.records import Session, Span
from relcode.spans import write_spans
from relcode.transcripts import write_session

Coded = Callable[..., tuple[Session, list[Span]]]
SHARES = st.tuples(st.integers(0, 30), st.integers(1, 30)).map(lambda pair: wilson(min(pair), max(pair)))
ASKING = ["T: What is that like? | INQ", "C: It is hard. | COOP"]
TELLING = ["T: You hide it. | INT.dynamic", "C: No. | RUP.withdrawal"]


def side(
    codebook: Codebook, coded: Coded, therapist: str, first: int, sizes: list[tuple[int, int]], **metadata: Any
) -> AuditResult:
    """An audit of sessions with so many exchanges of either kind, by clients C0, C1 ... or `client`."""
    made = [
        coded(
            *(ASKING * asks + TELLING * tells),
            f"C: Session {first + n}.",
            session_id=f"S{first + n}",
            therapist=therapist,
            **{"client": f"C{n}", "dyad": f"D{first + n}", **metadata},
        )
        for n, (asks, tells) in enumerate(sizes)
    ]
    return audit([s for s, _ in made], codebook, labels=[x for _, spans in made for x in spans], source=therapist)


@pytest.fixture(scope="module")
def two(codebook: Codebook, coded: Coded) -> tuple[AuditResult, AuditResult]:
    asking = [(20 + n, 3 + n % 3) for n in range(6)]
    return side(codebook, coded, "T01", 0, asking), side(codebook, coded, "T02", 50, [(b, a) for a, b in asking])


def line(found: Comparison, measure: str) -> Any:
    return next(each for each in found.lines if each.measure == measure)


def test_independent_shares_have_the_interval_of_newcombe_1998_method_10() -> None:
    # 56/70 against 48/80, table II, example (a): .0524 to .3339; 9/10 against 3/10, (b): .1705 to .8090;
    # 10/10 against 0/10, (h): .6075 to 1
    for one, two, low, high in (
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((0, 10), (10, 10), 0.6075, 1.0),
    ):
        assert joined(wilson(*one), wilson(*two)) == pytest.approx((low, high), abs=1e-4)


@given(SHARES, SHARES)
def test_exchanged_sides_have_the_mirrored_difference(one: Estimate, two: Estimate) -> None:
    low, high = joined(one, two) or (0, 0)
    assert joined(two, one) == pytest.approx((-high, -low))
    assert low <= (two.value or 0) - (one.value or 0) <= high


def test_without_an_interval_on_a_side_there_is_none_of_the_difference() -> None:
    assert joined(Estimate(0.4, None, None, 9), wilson(3, 9)) is None
    assert resampled_interval(np.array([[3.0, 6.0]]), np.array([[1.0, 2.0], [2.0, 2.0]]), seed=0) is None


def test_within_clients_what_clients_share_does_not_widen_the_difference() -> None:
    counts = np.array([[2.0, 98], [10, 90], [20, 80], [30, 70], [40, 60], [50, 50], [60, 40], [70, 30]])
    more = counts + np.array([5.0, -5.0])
    low, high = paired_interval(counts, more, seed=0) or (0, 0)
    assert (low, high) == pytest.approx((0.05, 0.05), abs=1e-9) or high - low < 0.02
    apart = resampled_interval(counts, more, seed=0) or (0, 0)
    assert apart[1] - apart[0] > 0.3


def test_each_line_has_the_figures_of_both_reports_and_the_second_less_the_first(
    two: tuple[AuditResult, AuditResult],
) -> None:
    found = compare(*two, names=("T01", "T02"))
    rate = line(found, "int_rate")
    assert rate.first == two[0].headline[1].estimate
    assert rate.second == two[1].headline[1].estimate
    assert rate.difference.value == pytest.approx(rate.second.value - rate.first.value)
    assert rate.difference.low > 0
    assert rate.how == DRAWN
    assert (found.first.name, found.first.therapists, found.first.coded_sessions) == ("T01", ("T01",), 6)
    assert {line.measure for line in found.lines} >= {
        "tsi_share",
        "COOP_C",
        "talk_share",
        "refers_it",
        "repair_latency",
    }


def test_a_difference_of_single_sessions_joins_their_intervals(codebook: Codebook, coded: Coded) -> None:
    one, two = (side(codebook, coded, "T01", n, [(30, 20 * n)]) for n in (1, 2))
    found = compare(one, two)
    rate = line(found, "int_rate")
    assert rate.how == APART
    assert (rate.difference.low, rate.difference.high) == pytest.approx(joined(rate.first, rate.second))
    assert any("A has 1 coded session(s)" in note for note in found.notes)
    assert line(found, "talk_share").difference.reason.startswith("counted")


def test_the_same_eight_clients_on_both_sides_are_compared_within_clients(codebook: Codebook, coded: Coded) -> None:
    sizes = [(20, 2 * n) for n in range(8)]
    one, two = side(codebook, coded, "T01", 0, sizes), side(codebook, coded, "T01", 50, [(20, n + 3) for _, n in sizes])
    found = compare(one, two)
    assert found.paired
    assert line(found, "int_rate").how == PAIRED
    seven = compare(one, side(codebook, coded, "T01", 50, sizes[:7]))
    assert not seven.paired
    assert line(seven, "int_rate").how == DRAWN
    assert any("7 client(s) are on both sides" in note for note in seven.notes)


def test_a_figure_that_one_side_lacks_has_no_difference_and_a_reason(codebook: Codebook, coded: Coded) -> None:
    short = side(codebook, coded, "T02", 9, [(3, 2)])
    found = compare(side(codebook, coded, "T01", 0, [(30, 2)]), short)
    assert line(found, "int_rate").difference == Estimate(None, None, None, 0, "B has no figure")
    assert "5 therapist segment(s)" in line(found, "int_rate").second.reason


def test_a_corrected_and_an_uncorrected_figure_are_not_compared(two: tuple[AuditResult, AuditResult]) -> None:
    figure = two[0].headline[1]
    corrected = msgspec.structs.replace(figure, estimate=msgspec.structs.replace(figure.estimate, mark="corrected"))
    one = msgspec.structs.replace(two[0], headline=(corrected,))
    assert "one side is corrected" in line(compare(one, two[1]), "int_rate").difference.reason
    other = msgspec.structs.replace(two[1], headline=(msgspec.structs.replace(corrected),))
    both = line(compare(one, other), "int_rate")
    assert (both.difference.mark, both.how) == ("corrected", APART)


def changed(result: AuditResult, **values: Any) -> AuditResult:
    exposure = {name: values.pop(name) for name in ("coded_by", "codebooks") if name in values}
    return msgspec.structs.replace(result, exposure=msgspec.structs.replace(result.exposure, **exposure), **values)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ({}, {"codebook": "small@2.0.0"}, ["small@1.0.0", "small@2.0.0", "codebook migrate"]),
        ({}, {"codebooks": ("small@0.9.0",)}, ["small@0.9.0"]),
        ({}, {"source_kind": "machine scores"}, ["come from coders", "from a machine"]),
        ({}, {"source_kind": "none"}, ["no session is coded"]),
        (
            {"source_kind": "machine scores", "coded_by": ("model:a",)},
            {"source_kind": "machine scores", "coded_by": ("model:b",)},
            ["model:a", "model:b", "one model"],
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(
    two: tuple[AuditResult, AuditResult], first: dict[str, Any], second: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(DataError) as refused:
        compare(changed(two[0], **first), changed(two[1], **second))
    for word in words:
        assert word in str(refused.value)


def test_sessions_on_both_sides_are_refused_by_name(two: tuple[AuditResult, AuditResult]) -> None:
    with pytest.raises(DataError, match=r"6 session\(s\) are in both: S0, S1"):
        compare(two[0], two[0])


def test_other_coders_are_a_note_and_no_refusal(two: tuple[AuditResult, AuditResult]) -> None:
    found = compare(two[0], changed(two[1], coded_by=("coder:B",)))
    assert any("Not the same coders" in note for note in found.notes)


def test_the_page_has_the_figures_is_self_contained_and_shows_hostile_names_as_text(
    two: tuple[AuditResult, AuditResult],
) -> None:
    found = compare(*two, names=("<script>x</script>", "B&B"))
    html = render_comparison(found)
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert "default-src 'none'" in html
    assert "url(" not in html
    elements = Page(html).elements
    assert {tag for tag, _ in elements}.isdisjoint({"script", "img", "iframe", "object", "link"})
    assert all(attributes.get("scope") for tag, attributes in elements if tag == "th")
    assert all(str(a.get("href", "#")).startswith("#") for _, a in elements)
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    shown = {str(a["id"]): float(str(a["value"])) for tag, a in elements if tag == "data"}
    rate = line(found, "int_rate")
    assert shown["fig-1-int_rate-d"] == rate.difference.value
    values = [x.value for each in found.lines for x in (each.first, each.second, each.difference)]
    assert len(shown) == sum(value is not None for value in values)
    assert not re.search(r"\d %", html)  # the sign stays with its number
    assert not re.search(r"zebra|hard", html)


def test_differences_of_shares_are_shown_in_points_with_a_true_minus() -> None:
    assert difference_shown(Estimate(-0.041, -0.2, 0.123, 9), "share") == "\u22124 (\u221220 to +12)"
    assert difference_shown(Estimate(1.25, None, None, 9), "per_100") == "+1.2"
    assert difference_shown(Estimate(None, None, None, 0, "why"), "share") == ""


@pytest.fixture
def files(tmp_path: Path, codebook: Codebook, coded: Coded, two: tuple[AuditResult, AuditResult]) -> Path:
    for name, result in zip(("one", "two"), two, strict=True):
        (tmp_path / f"{name}.json").write_bytes(msgspec.json.encode(result))
    made = [
        coded(*ASKING * (12 + n), *TELLING * n, session_id=f"S{n}", dyad=f"D{n}", date=f"2024-0{n}-01", therapist="T01")
        for n in range(1, 7)
    ]
    for session, _ in made:
        write_session(session, tmp_path / "all")
    write_spans(tmp_path / "labels.jsonl", [label for _, labels in made for label in labels])
    write_codebook(codebook, tmp_path / "small.yaml")
    return tmp_path


def test_the_command_puts_two_files_side_by_side(files: Path, relcode: Callable[..., Any]) -> None:
    out, table = files / "compare.html", files / "compare.csv"
    done = relcode("compare", files / "one.json", files / "two.json", "--out", out, "--csv", table, "--json")
    assert done.status == 0, done.err
    found = msgspec.json.decode(done.out, type=Comparison)
    assert (found.first.name, found.second.name) == ("one", "two")
    assert "one and two, side by side" in out.read_text(encoding="utf-8")
    assert (out.stat().st_mode & 0o777, table.stat().st_mode & 0o777) == (0o600, 0o600)
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["measure"] for row in rows] == [each.measure for each in found.lines]
    (rate,) = (row for row in rows if row["measure"] == "int_rate")
    assert float(rate["difference_low"]) == line(found, "int_rate").difference.low


def test_the_command_compares_selections_of_one_source(files: Path, relcode: Callable[..., Any]) -> None:
    options = ("--labels", files / "labels.jsonl", "--codebook", files / "small.yaml", "--json")
    done = relcode("compare", files / "all", "--contrast", "date<2024-04-01", *options)
    assert done.status == 0, done.err
    found = msgspec.json.decode(done.out, type=Comparison)
    assert (found.first.name, found.second.name) == ("date<2024-04-01", "date>=2024-04-01")
    assert (found.first.sessions, found.second.sessions) == (3, 3)
    assert (line(found, "int_rate").difference.value or 0) > 0


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("one.json",), 2, "Give two files"),
        (("one.json", "two.json", "--names", "A"), 2, "two names"),
        (("one.json", "two.json", "--labels", "labels.jsonl"), 2, "--labels goes with --contrast"),
        (("one.json", "labels.jsonl"), 1, "labels.jsonl: no figures"),
        (("one.json", "missing.json"), 1, "missing.json: No such file"),
        (("one.json", "one.json"), 1, "6 session(s) are in both"),
        (("all", "--contrast", "therapist=T09", "--labels", "labels.jsonl"), 2, "therapist is T01"),
        (("all", "--contrast", "colour=red", "--labels", "labels.jsonl"), 2, "No session says colour"),
        (("all", "--contrast", "date<2024-04-01"), 2, "either --labels or --scores"),
    ],
)
def test_what_is_wrong_is_said(
    files: Path, relcode: Callable[..., Any], options: tuple[str, ...], status: int, words: str
) -> None:
    done = relcode("compare", *(files / x if x in ("all",) or "." in x else x for x in options), "--json")
    assert done.status == status
    assert words in done.err
