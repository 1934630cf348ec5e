"""The posterior of a balance: worked by hand and by integration; sessions that differ."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from relcode.audit.intervals import jeffreys
from relcode.audit.measures import headline
from relcode.audit.posterior import BINS, Posterior, one_session, over_sessions
from relcode.records import Session, Span

COUNTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(any), min_size=2, max_size=6)


def arrays(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.array(pairs, dtype=np.int64).T
    return first, second


def test_one_session_is_jeffreys_posterior_and_its_masses_are_those_of_the_beta_distribution() -> None:
    shape = one_session(7, 2, 1.0)
    assert shape.estimate(9) == jeffreys(7, 2)
    edges = np.linspace(0, 1, BINS + 1)
    assert shape.drawn().mass == pytest.approx(np.diff(stats.beta.cdf(edges, 7.5, 2.5)), abs=1e-5)
    assert shape.drawn().above_half == pytest.approx(stats.beta.sf(0.5, 7.5, 2.5), abs=1e-5)


def test_the_design_effect_widens_one_session_and_leaves_its_mean() -> None:
    plain, bursts = one_session(8, 4, 1.0), one_session(8, 4, 4.0)
    assert bursts.mean == plain.mean
    assert bursts.limits == pytest.approx(stats.beta.ppf([0.025, 0.975], 2.5, 1.5))


def test_two_sessions_have_the_posterior_found_by_integrating_over_how_much_sessions_differ() -> None:
    first, second = arrays([(3, 1), (0, 4)])

    def _weight(log_size: float, mean: float) -> float:
        size = np.exp(log_size)
        alpha, beta = mean * size, (1 - mean) * size
        fits = sum(
            special.betaln(alpha + a, beta + b) - special.betaln(alpha, beta)
            for a, b in zip(first, second, strict=True)
        )
        return float(np.exp(fits - 0.5 * log_size) * (mean * (1 - mean)) ** -0.5)

    bounds = np.log(0.5), np.log(20000)
    whole, _ = integrate.dblquad(_weight, 0, 1, *bounds, epsabs=1e-9, epsrel=1e-4)
    mean, _ = integrate.dblquad(lambda size, m: m * _weight(size, m), 0, 1, *bounds, epsabs=1e-9, epsrel=1e-4)
    low, _ = integrate.dblquad(_weight, 0, over_sessions(first, second).limits[0], *bounds, epsabs=1e-9, epsrel=1e-4)
    assert over_sessions(first, second).mean == pytest.approx(mean / whole, abs=0.002)
    assert low / whole == pytest.approx(0.025, abs=0.001)


def test_many_sessions_that_do_not_differ_come_near_the_posterior_of_their_sums() -> None:
    first, second = arrays([(4, 6)] * 60)
    found, pooled = over_sessions(first, second).estimate(600), jeffreys(240, 360)
    assert found.value == pytest.approx(pooled.value, abs=0.002)
    assert (found.low, found.high) == pytest.approx((pooled.low, pooled.high), abs=0.005)


def test_sessions_that_differ_leave_more_open_than_the_posterior_of_their_sums() -> None:
    unlike = over_sessions(*arrays([(30, 0), (0, 30), (30, 0), (0, 30)])).estimate(120)
    pooled = jeffreys(60, 60)
    assert unlike.value == pytest.approx(0.5, abs=1e-3)
    assert (unlike.low or 1) < (pooled.low or 0) - 0.2


def test_no_self_involving_statement_in_any_session_gives_a_share_near_but_not_at_zero() -> None:
    found = over_sessions(*arrays([(0, 3), (0, 2), (0, 4)])).estimate(9)
    assert 0 < (found.value or 0) < 0.15
    assert (found.low or 0) < 0.001
    assert 0.2 < (found.high or 0) < 0.6


@given(COUNTS)
def test_the_sides_exchanged_are_the_mirror_and_masses_add_up_to_one(pairs: list[tuple[int, int]]) -> None:
    first, second = arrays(pairs)
    here, there = over_sessions(first, second), over_sessions(second, first)
    assert here.mean == pytest.approx(1 - there.mean, abs=1e-6)
    assert here.limits == pytest.approx((1 - there.limits[1], 1 - there.limits[0]), abs=1e-6)
    drawn = here.drawn()
    assert len(drawn.mass) == BINS
    assert sum(drawn.mass) == pytest.approx(1, abs=1e-3)
    assert min(drawn.mass) >= 0
    assert here.limits[0] < here.mean < here.limits[1]


def test_intervals_hold_the_mean_of_sessions_that_differ() -> None:
    # six occurrences a session, shares of sessions with an intraclass correlation of .3 about .5; docs/statistics.md
    generator = np.random.default_rng(0)
    held = np.zeros(2)
    for _ in range(150):
        n = 1 + generator.poisson(5, 6)
        first = generator.binomial(n, generator.beta(0.5 / 0.3 - 0.5, 0.5 / 0.3 - 0.5, 6))
        estimates = over_sessions(first, n - first).estimate(1), jeffreys(int(first.sum()), int((n - first).sum()))
        held += [(x.low or 0) <= 0.5 <= (x.high or 1) for x in estimates]
    assert held[0] >= 0.91 * 150
    assert held[1] < 0.85 * 150


def test_the_share_of_tsi_brings_its_distribution_where_there_is_one(
    codebook, coded: Callable[..., tuple[Session, list[Span]]]
) -> None:  # type: ignore[no-untyped-def]
    from relcode.audit.material import material_from_labels

    def _share(*codes: list[str]):  # type: ignore[no-untyped-def]
        made = [
            coded(*(f"T: I am moved. | {code}" for code in each), *["T: Go on."] * 20, session_id=f"S{n}")
            for n, each in enumerate(codes)
        ]
        table = material_from_labels([s for s, _ in made], codebook, [x for _, more in made for x in more])
        return headline(table)[0]

    two = _share(["TSI", "TSI", "TSD"], ["TSD", "INQ"])
    assert two.estimate == over_sessions(np.array([2, 0]), np.array([1, 1])).estimate(4)
    assert isinstance(two.posterior, Posterior)
    one = _share(["TSI", "TSI", "TSD"], ["INQ"])  # the other session has neither
    assert one.estimate == jeffreys(2, 1)
    assert _share(["INQ"], ["INQ"]).posterior is None
