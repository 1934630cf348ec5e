"""The estimators on worked examples, against other programs' figures, and what must hold of any data."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.rates.estimates import Estimate, Figure, difference_figure, share_figure
from relcode.rates.estimators import adjusted_share, labelled_share, powered_share, raw_share
from relcode.rates.sums import Floats, Sums


def sums_of(
    units: Floats,
    present: Floats,
    decided: Floats,
    probable: Floats,
    both: Floats,
    coded: Floats,
    weight: Floats | None = None,
) -> Sums:
    """Sums of sessions of which those marked in `coded` were coded wholly, with a weight each.

    Within a session the probability is the same in all units, as where a unit is a session.
    """
    weight = coded * (1.0 if weight is None else weight)
    return Sums(
        units=units,
        decided=decided,
        probable=probable,
        squared=probable**2 / units,
        coded=coded * units,
        present=coded * present,
        weight=weight * units,
        w_present=weight * present,
        w_decided=weight * decided,
        w_probable=weight * probable,
        w_both=weight * both,
        w_expected=weight * present * probable / units,
    )


def invented(sessions: int = 30, coded: int = 12, seed: int = 1) -> Sums:
    drawn = np.random.default_rng(seed)
    units = drawn.integers(40, 160, sessions).astype(float)
    present = drawn.binomial(units.astype(int), drawn.beta(4, 36, sessions)).astype(float)
    both = drawn.binomial(present.astype(int), 0.7).astype(float)
    decided = both + drawn.binomial((units - present).astype(int), 0.05)
    probable = 0.6 * decided + 0.03 * units
    return sums_of(units, present, decided, probable, both, (np.arange(sessions) < coded).astype(float))


def only(sums: Sums, rows: Floats) -> Sums:
    return Sums(*(getattr(sums, each.name)[rows] for each in fields(Sums)))


def iid(labelled: int, unlabelled: int, seed: int) -> tuple[Sums, Floats, Floats]:
    """Sessions of one unit each: the case of the paper. Also the labels, and the predictions of all."""
    drawn = np.random.default_rng(seed)
    present = drawn.random(labelled + unlabelled) < 0.2
    predicted = np.clip(0.1 + 0.8 * present + drawn.normal(0, 0.3, len(present)), 0, 1)
    ones, coded = np.ones(len(present)), np.arange(len(present)) < labelled
    truth = present.astype(float)
    return sums_of(ones, truth, predicted > 0.4, predicted, truth * 0, coded.astype(float)), truth, predicted


def test_the_adjusted_count_undoes_false_positives() -> None:
    """At a rate of 1.7 %, sensitivity .8 and specificity .97 the raw count gives 4.3 %: (.043 + .97 - 1)/(.8 + .97 - 1)."""
    units, present = np.full(10, 10_000.0), np.full(10, 170.0)
    both = np.full(10, 136.0)  # .8 of 170
    decided = both + 294.9  # and .03 of 9,830
    sums = sums_of(units, present, decided, decided, both, np.ones(10))
    found = adjusted_share(sums)
    assert raw_share(sums.units, sums.decided).value == pytest.approx(0.04309)
    assert (found.sensitivity, found.specificity) == pytest.approx((0.8, 0.97))
    assert found.estimate.value == pytest.approx(0.017)


def test_a_group_is_adjusted_by_the_errors_of_the_whole_sample() -> None:
    units, both = np.full(10, 1000.0), np.full(10, 80.0)
    sums = sums_of(units, np.full(10, 100.0), both + 27, both + 27, both, np.ones(10))  # se .8, sp .97
    group = np.where(np.arange(10) < 6, units, 0)
    found = adjusted_share(sums, group, group * 0.338)  # .4 * .8 + .6 * .03
    assert found.estimate.value == pytest.approx(0.4)


def test_weights_are_hajeks() -> None:
    """Two sessions of 10 units, the second half as likely: (1 * 1 + 2 * 4) / (10 + 20)."""
    ones = np.full(2, 10.0)
    zero = np.zeros(2)
    sums = sums_of(ones, np.array([1.0, 4.0]), zero, zero, zero, np.ones(2), np.array([1.0, 2.0]))
    assert labelled_share(sums).value == pytest.approx(9 / 30)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_powered_estimate_is_the_papers_with_its_lambda(seed: int) -> None:
    """PPI++ with disjoint sets: lambda of the paper is ours times (N - n) / N."""
    sums, truth, predicted = iid(60, 400, seed)
    found = powered_share(sums)
    power = found.power * 400 / 460
    papers = truth[:60].mean() + power * (predicted[60:].mean() - predicted[:60].mean())
    assert 0 < found.power < 1
    assert found.estimate.value == pytest.approx(papers, abs=1e-12)


@pytest.mark.parametrize(("seed", "theirs"), [(1, 0.1659), (2, 0.2078), (3, 0.1470)])
def test_the_powered_estimate_is_that_of_ppi_python(seed: int, theirs: float) -> None:
    """Figures by `benchmarks/rates/ppi_python.py`; their lambda differs a little, since it centres by its own estimate."""
    assert powered_share(iid(60, 400, seed)[0]).estimate.value == pytest.approx(theirs, abs=2e-4)


def test_lambda_is_the_slope_over_units() -> None:
    """The optimum of a mean in PPI++, with the variance of the predictions in the whole corpus."""
    sums, truth, predicted = iid(60, 400, 1)
    covariance = np.cov(truth[:60], predicted[:60], bias=True)[0, 1]
    assert powered_share(sums).power == pytest.approx(covariance / predicted.var())


def test_with_decisions_it_is_the_count_corrected_by_predictive_values() -> None:
    """On units that are sessions of their own: p_raw PPV + (1 - p_raw)(1 - NPV)."""
    drawn = np.random.default_rng(4)
    present = (drawn.random(500) < 0.3).astype(float)
    decided = (drawn.random(500) < 0.1 + 0.6 * present).astype(float)
    sums = sums_of(np.ones(500), present, decided, decided, present * decided, (np.arange(500) < 100).astype(float))
    held = decided[:100] == 1
    share = decided.mean()
    expected = share * present[:100][held].mean() + (1 - share) * present[:100][~held].mean()
    assert powered_share(sums, "decision").estimate.value == pytest.approx(expected, rel=0.01)


def test_each_coded_session_is_left_out_in_turn_wherever_it_counts() -> None:
    sums = invented(12, 6)
    for name, estimate in (
        ("powered", lambda kept: powered_share(kept).estimate),
        ("adjusted", lambda kept: adjusted_share(kept).estimate),
        ("labelled", labelled_share),
    ):
        rows = np.arange(12)
        without = np.array([estimate(only(sums, rows[rows != row])).value for row in range(6)])
        spread = 5 / 6 * ((without - without.mean()) ** 2).sum()
        assert (estimate(sums).influence[:6] ** 2).sum() == pytest.approx(spread, rel=1e-3), name


def test_predictions_that_say_nothing_get_no_weight_and_perfect_ones_all() -> None:
    sums = invented()
    constant = replace(sums, probable=0.2 * sums.units, w_probable=0.2 * sums.weight)
    assert powered_share(constant).estimate.value == pytest.approx(labelled_share(sums).value)
    truth = (np.random.default_rng(3).random(300) < 0.2).astype(float)
    perfect = sums_of(np.ones(300), truth, truth, truth, truth, (np.arange(300) < 100).astype(float))
    found = powered_share(perfect, "decision")
    assert found.power == pytest.approx(1, abs=0.1)
    assert found.estimate.value == pytest.approx(truth.mean(), abs=0.01)
    assert found.estimate.variance < 0.4 * labelled_share(perfect).variance


def test_where_all_is_coded_the_machine_does_not_matter() -> None:
    sums = invented(20, 20)
    assert powered_share(sums).estimate.value == pytest.approx(sums.present.sum() / sums.units.sum())


def test_predictions_narrow_the_interval_where_they_are_good() -> None:
    sums = invented(300, 40)
    powered, alone = powered_share(sums).estimate.variance, labelled_share(sums).variance
    assert powered < 0.8 * alone


@given(st.randoms(use_true_random=False), st.floats(0.01, 100))
def test_neither_order_nor_the_unit_of_weights_matters(chance: object, factor: float) -> None:
    sums = invented()
    order = np.arange(30)
    chance.shuffle(order)  # type: ignore[attr-defined]
    moved = only(sums, order)
    names = ("weight", "w_present", "w_decided", "w_probable", "w_both", "w_expected")
    moved = replace(moved, **{name: factor * getattr(moved, name) for name in names})
    for estimate in (labelled_share, lambda s: powered_share(s).estimate, lambda s: adjusted_share(s).estimate):
        ours, theirs = estimate(sums), estimate(moved)
        assert ours.value == pytest.approx(theirs.value)
        assert ours.variance == pytest.approx(theirs.variance)


def test_freedom_is_that_of_the_coded_sessions_that_bear_the_code() -> None:
    units, zero = np.full(40, 100.0), np.zeros(40)
    for bearing, freedom in ((20, 19), (6, 5), (3, 2), (1, 2)):
        present = np.where(np.arange(40) < bearing, 2.0, 0.0)
        sums = sums_of(units, present, zero, zero, zero, np.ones(40))
        assert labelled_share(sums).freedom == freedom


def test_an_interval_of_independent_units_is_wilsons() -> None:
    """Newcombe (1998), example (a): 81 of 263 is .2553 to .3662."""
    share = 81 / 263
    figure = share_figure(Estimate(share, np.array([np.sqrt(share * (1 - share) / 263)]), 1e7))
    assert (figure.low, figure.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@pytest.mark.parametrize(("value", "shown"), [(-0.01, 0.0), (1.01, 1.0)])
def test_an_estimate_beyond_0_and_1_is_shown_at_the_end(value: float, shown: float) -> None:
    figure = share_figure(Estimate(value, np.array([0.02]), 10))
    assert figure.value == shown
    assert figure.low is not None
    assert figure.high is not None
    assert 0 <= figure.low < figure.high <= 1


def test_what_two_groups_share_cancels_out_of_their_difference() -> None:
    one = Estimate(0.3, np.array([0.01, 0.02, 0.0]), 10)
    assert difference_figure(one - one) == Figure(0.0, 0.0, 0.0)
    apart = one - Estimate(0.1, np.array([0.0, 0.0, 0.02]), 5)
    assert apart.variance == pytest.approx(0.01**2 + 0.02**2 + 0.02**2)
    assert 5 < apart.freedom < 15
