"""Control charts: limits by hand, what leaves them and what does not; and coders over weeks."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from relcode.reliability import Coding, codings_of_pages
from relcode.reliability.control import TAIL, binomial_limits, control_chart
from relcode.reliability.drift import Drift, find_drift
from relcode.reliability.material import prepare


@pytest.mark.parametrize(
    ("share", "units", "low", "high"),
    [
        (0.1, 10, 0.0, 0.5),  # P(X <= 4) = .9984, P(X <= 5) = .9999
        (0.5, 5, 0.0, 1.0),  # five of five has a probability of .031
        (0.5, 10, 0.1, 0.9),  # none of ten: .00098
        (0.02, 1, 0.0, 1.0),
        (0.0, 50, 0.0, 0.0),
        (1.0, 50, 1.0, 1.0),
    ],
)
def test_limits_of_small_windows_are_exact(share: float, units: int, low: float, high: float) -> None:
    assert binomial_limits(share, units) == (pytest.approx(low), pytest.approx(high))


def test_limits_of_large_windows_are_those_of_three_sigma() -> None:
    low, high = binomial_limits(0.3, 10_000)
    sigma = (0.3 * 0.7 / 10_000) ** 0.5
    assert (low, high) == (pytest.approx(0.3 - 3 * sigma, abs=5e-4), pytest.approx(0.3 + 3 * sigma, abs=5e-4))


@given(st.floats(0.001, 0.999), st.integers(1, 500))
def test_beyond_each_limit_lies_no_more_than_the_tail(share: float, units: int) -> None:
    low, high = binomial_limits(share, units)
    assert stats.binom.cdf(round(low * units) - 1, units, share) <= TAIL
    assert stats.binom.sf(round(high * units), units, share) <= TAIL


def test_a_jump_leaves_the_limits_and_a_wobble_does_not() -> None:
    chart = control_chart("abcdef", [[50], [54], [47], [52], [49], [75]], [[100]] * 6)
    assert chart is not None
    assert [point.window for point in chart.points if "share" in point.signals] == ["f"]


def test_slow_change_is_seen_by_the_weighted_mean_alone() -> None:
    chart = control_chart("abcdefghijklmnop", [[43]] * 8 + [[57]] * 8, [[100]] * 16)
    assert chart is not None
    assert {name for point in chart.points for name in point.signals} == {"mean"}


def test_the_weighted_mean_is_as_by_hand() -> None:
    chart = control_chart("ab", [[60], [40]], [[100], [100]])
    assert chart is not None
    assert [point.mean for point in chart.points] == [pytest.approx(0.52), pytest.approx(0.496)]
    # Variances of the mean: .04 * .0025, then that * .64 more.
    reach = 3 * (0.04 * 0.0025 * 1.64) ** 0.5
    assert chart.points[1].mean_high == pytest.approx(0.5 + reach)


def test_pages_that_differ_widen_the_limits() -> None:
    alike = control_chart("ab", [[5, 5], [5, 5]], [[10, 10], [10, 10]])
    apart = control_chart("ab", [[10, 0], [10, 0]], [[10, 10], [10, 10]])
    assert alike is not None
    assert apart is not None
    assert alike.dispersion == 1
    assert apart.dispersion == pytest.approx(20)  # by window 2 * 25 / (10 * .5 * .5), one degree of freedom
    assert apart.points[0].high == 1
    assert alike.points[0].high == pytest.approx(0.8)  # P(X <= 16 of 20) = .9987


def test_a_window_without_units_has_no_point_and_no_unit_at_all_no_chart() -> None:
    chart = control_chart("abc", [[5], [0], [5]], [[10], [0], [10]])
    assert chart is not None
    assert [point.share for point in chart.points] == [0.5, None, 0.5]
    assert control_chart("a", [[0]], [[0]]) is None


def test_a_steady_coder_gives_few_false_alarms() -> None:
    drawn = np.random.default_rng(0).binomial(40, 0.15, size=(150, 10))
    charts = [control_chart("abcdefghij", [[int(n)] for n in row], [[40]] * 10) for row in drawn]
    alarms = [point.signals for chart in charts if chart for point in chart.points]
    assert sum("share" in signals for signals in alarms) / len(alarms) < 0.006
    assert sum("mean" in signals for signals in alarms) / len(alarms) < 0.006


def drift_of(made: SimpleNamespace, *, joint: bool, weeks: int = 5) -> Drift:
    """Two coders, a session a week; in the last A gives TSI all along, B as well (`joint`) or as before."""
    sessions = [made.session(f"S{week}", turns=40) for week in range(weeks)]
    pages = []
    for week in range(weeks):
        for coder in "AB":
            often = week == weeks - 1 and (joint or coder == "A")
            turns = range(1, 41, 2) if often else (1, 9, 17) if coder == "A" else (1, 9, 25)
            spans = [made.span(turn, "TSI", session_id=f"S{week}") for turn in turns]
            pages.append(made.page(coder, 1, 40, spans, session_id=f"S{week}", day=7 * week, page=f"{coder}{week}"))
    codings = codings_of_pages(made.hashed(pages, sessions))
    return find_drift(prepare(codings, sessions, made.codebook()))


def signals(drift: Drift, kind: str) -> dict[str, list[str]]:
    found = [each for each in drift.series if each.kind == kind and each.code == "TSI"]
    return {each.coder: [point.window for point in each.signals if "share" in point.signals] for each in found}


def test_a_rate_that_both_coders_raise_is_of_the_sessions(made: SimpleNamespace) -> None:
    drift = drift_of(made, joint=True)
    assert drift.windows == ["2026-W10", "2026-W11", "2026-W12", "2026-W13", "2026-W14"]
    assert signals(drift, "rate") == {"A": ["2026-W14"], "B": ["2026-W14"]}
    assert all(not windows for windows in signals(drift, "balance").values())


def test_a_rate_that_one_coder_raises_moves_the_balance_and_the_agreement(made: SimpleNamespace) -> None:
    drift = drift_of(made, joint=False)
    assert signals(drift, "rate")["A"] == ["2026-W14"]
    (balance,) = [each for each in drift.series if (each.coder, each.kind, each.code) == ("A", "balance", "TSI")]
    assert [(point.count, point.of) for point in balance.points] == [(1, 2)] * 4 + [(17, 17)]
    (agreed,) = [each for each in drift.series if (each.coder, each.kind) == ("A", "agreement")]
    assert [(point.count, point.of) for point in agreed.points] == [(2, 4)] * 4 + [(3, 20)]


def test_without_dates_or_with_one_window_there_is_a_reason(made: SimpleNamespace) -> None:
    assert "one week" in str(drift_of(made, joint=False, weeks=1).reason)
    codings = [Coding(coder, (), {"S1": None}) for coder in "AB"]
    assert "from files" in str(find_drift(prepare(codings, [made.session()], made.codebook())).reason)
