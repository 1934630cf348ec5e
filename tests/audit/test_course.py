"""A dyad's course: points and trends, against the penalized likelihood found by search, and what cannot be said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special

from relcode.audit.course import courses, trend
from relcode.audit.material import Material, material_from_labels

PLAIN = ["T: It rained.", "C: Oh well."]


def dyad(codebook, coded, counts, *, segments=30, **more) -> Material:  # type: ignore[no-untyped-def]
    """Session k has counts[k] interpretations, and `segments` therapist segments in all."""
    made = [
        coded(
            *["T: You hide it. | INT.dynamic", "C: Maybe."] * count,
            *PLAIN * (segments - count),
            session_id=f"S{number:02}",
            **{"dyad": "D1", "therapist": "T01", "session_number": number} | more,
        )
        for number, count in enumerate(counts, start=1)
    ]
    return material_from_labels([s for s, _ in made], codebook, [label for _, spans in made for label in spans])


def of(material: Material, measure: str):  # type: ignore[no-untyped-def]
    return next(course for course in courses(material) if course.measure == measure)


def test_points_stand_in_the_order_of_session_numbers_each_with_its_own_estimate(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    table = dyad(codebook, coded, [3, 0, 6, 9, 12])
    back = table.choose(np.array([True] * 5))
    course = of(back, "int_rate")
    assert [point.session_number for point in course.points] == [1, 2, 3, 4, 5]
    assert [point.estimate.value for point in course.points] == pytest.approx([10, 0, 20, 30, 40])
    assert (course.dyad, course.therapist, course.unit) == ("D1", "T01", "per_100")


def test_a_rising_measure_has_a_factor_above_one_and_its_ends_per_100(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    course = of(dyad(codebook, coded, [1, 2, 4, 7, 9, 13, 17]), "int_rate")
    assert course.trend.low is not None
    assert course.trend.low > 1
    assert course.first.value == pytest.approx(4.5, abs=1.5)
    assert course.last.value == pytest.approx(56, abs=5)


def test_the_line_is_where_firths_penalized_likelihood_is_highest() -> None:
    numbers, counts, totals = np.arange(1.0, 7), np.array([0, 0, 1, 3, 2, 6]), np.array([40, 35, 50, 45, 30, 44])

    def minus(line: np.ndarray) -> float:
        share = special.expit(line[0] + line[1] * (numbers - 3.5))
        design = np.column_stack([np.ones(6), numbers - 3.5])
        information = design.T @ (design * (totals * share * (1 - share))[:, None])
        likelihood = (counts * np.log(share) + (totals - counts) * np.log(1 - share)).sum()
        return -float(likelihood + 0.5 * np.linalg.slogdet(information)[1])

    best = optimize.minimize(minus, [-3.0, 0.5], method="BFGS").x
    factor, first, last = trend(numbers, counts, totals)
    assert factor.value == pytest.approx(np.exp(best[1]), rel=1e-4)
    assert first.value == pytest.approx(special.expit(best[0] - 2.5 * best[1]), rel=1e-4)
    assert last.value == pytest.approx(special.expit(best[0] + 2.5 * best[1]), rel=1e-4)


def test_sessions_all_without_and_then_all_with_a_mark_do_not_send_the_line_to_infinity() -> None:
    factor, _, _ = trend(np.arange(6.0), np.array([0, 0, 0, 9, 9, 9]), np.full(6, 9))
    assert factor.value is not None
    assert 1 < factor.value < 500
    assert (factor.low or 0) < 1  # nine segments a session say no more than that


def test_unlike_sessions_make_the_interval_wider() -> None:
    numbers, totals = np.arange(8.0), np.full(8, 50)
    like, _, _ = trend(numbers, np.full(8, 10), totals)
    unlike, _, _ = trend(numbers, np.array([20, 0, 0, 20, 20, 0, 0, 20]), totals)
    assert like.value == unlike.value == pytest.approx(1)
    assert (unlike.high or 0) - (unlike.low or 0) > 2 * ((like.high or 0) - (like.low or 0))


def test_intervals_of_a_level_course_hold_one_in_about_95_of_100() -> None:
    # sessions differ by a beta distribution with an intraclass correlation of .03
    generator, held = np.random.default_rng(5), 0
    for _ in range(200):
        shares = generator.beta(0.1 * 32, 0.9 * 32, 8)
        factor, _, _ = trend(np.arange(8.0), generator.binomial(60, shares), np.full(8, 60))
        held += (factor.low or 9) <= 1 <= (factor.high or 0)
    assert 184 <= held <= 199


@pytest.mark.parametrize(
    ("counts", "reason"), [([2, 3, 4, 5], "4 session(s)"), ([1, 1, 1, 1, 0], "4 occurrence(s) of the rarer side")]
)
def test_few_sessions_or_few_occurrences_have_points_but_no_trend(codebook, coded, counts, reason) -> None:  # type: ignore[no-untyped-def]
    course = of(dyad(codebook, coded, counts), "int_rate")
    assert len(course.points) == len(counts)
    for estimate in (course.trend, course.first, course.last):
        assert estimate.value is None
        assert estimate.reason.startswith(reason)


def test_sessions_without_numbers_have_no_trend(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    course = of(dyad(codebook, coded, [1, 2, 4, 7, 9], session_number=None), "int_rate")
    assert "no numbers" in course.trend.reason
    assert [point.session_number for point in course.points] == [None] * 5


def test_a_dyad_with_one_session_has_no_course(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    assert courses(dyad(codebook, coded, [3])) == ()
