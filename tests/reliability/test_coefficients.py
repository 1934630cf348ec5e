"""Coefficients against published worked examples, against independent programs, and where they are undefined."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import cohen_kappa_score, f1_score

from relcode.reliability import COEFFICIENTS, Scale, coefficients
from relcode.reliability.coefficients import Floats

NAN = np.nan
DATA = Path(__file__).parent / "data"
PRESENCE = np.array([0.0, 1.0])

# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section C: four observers, twelve units. Gwet's
# irrCAC uses the same table (cac.raw4raters) for the other coefficients.
KRIPPENDORFF_2011 = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)

# Fleiss (1971), table 1: 30 patients, six psychiatrists, five diagnoses; how many chose each.
FLEISS_1971 = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""


def values(ratings: Floats, categories: Floats | None = None) -> dict[str, float | None]:
    found, _ = coefficients(ratings, categories=categories)
    return {name: coefficient.value for name, coefficient in found.items()}


def from_counts(table: list[list[int]]) -> Floats:
    """Two coders' ratings from a contingency table (row: the first coder)."""
    pairs = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return np.array(pairs, dtype=np.float64).T


def test_krippendorff_2011_four_observers_with_missing_ratings() -> None:
    found = values(KRIPPENDORFF_2011)
    assert found["alpha"] == pytest.approx(0.743, abs=5e-4)


def test_gwets_figures_for_the_same_table() -> None:
    found = values(KRIPPENDORFF_2011)
    assert found["percent_agreement"] == pytest.approx(0.81818, abs=5e-6)
    assert found["ac1"] == pytest.approx(0.77544, abs=5e-6)
    assert found["fleiss_kappa"] == pytest.approx(0.76117, abs=5e-6)
    assert found["alpha"] == pytest.approx(0.74342, abs=5e-6)


@pytest.mark.parametrize(
    ("first", "second", "alpha"),
    [("0100000010", "1110010000", 0.095), ("aabbdcccedda", "babbbccceddd", 0.692)],
)
def test_krippendorff_2011_two_observers(first: str, second: str, alpha: float) -> None:
    ratings = np.array([[ord(letter) for letter in row] for row in (first, second)], dtype=np.float64)
    assert values(ratings)["alpha"] == pytest.approx(alpha, abs=5e-4)


def test_fleiss_1971_diagnoses() -> None:
    counts = [[int(digit) for digit in patient] for patient in FLEISS_1971.split()]
    assert {sum(row) for row in counts} == {6}
    ratings = np.array([np.repeat(np.arange(5), row) for row in counts], dtype=np.float64).T
    assert values(ratings)["fleiss_kappa"] == pytest.approx(0.430, abs=5e-4)


def test_gwet_2008_the_paradox_of_kappa() -> None:
    found = values(from_counts([[118, 5], [2, 0]]))
    assert found["cohen_kappa"] == pytest.approx(-0.0234, abs=5e-5)
    assert found["ac1"] == pytest.approx(0.9408, abs=5e-5)


@pytest.mark.parametrize(
    ("table", "agreement", "kappa", "positive", "negative"),
    [
        # Feinstein & Cicchetti (1990); Cicchetti & Feinstein (1990): the same agreement, a very different kappa.
        ([[45, 6], [9, 40]], 0.85, 0.70, 2 * 40 / 95, 2 * 45 / 105),
        ([[5, 5], [10, 80]], 0.85, 0.32, 2 * 80 / 175, 2 * 5 / 25),
    ],
)
def test_feinstein_and_cicchetti_1990(
    table: list[list[int]], agreement: float, kappa: float, positive: float, negative: float
) -> None:
    found = values(from_counts(table), PRESENCE)
    assert found["percent_agreement"] == pytest.approx(agreement)
    assert found["cohen_kappa"] == pytest.approx(kappa, abs=5e-3)
    assert found["positive_agreement"] == pytest.approx(positive)
    assert found["negative_agreement"] == pytest.approx(negative)
    assert found["pabak"] == pytest.approx(2 * agreement - 1)


@pytest.mark.parametrize(
    ("scale", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorff_2011_on_all_four_scales(scale: Scale, alpha: float) -> None:
    found, _ = coefficients(KRIPPENDORFF_2011, scales=[scale])
    assert found[f"alpha_{scale}"].value == pytest.approx(alpha, abs=5e-4)
    assert "alpha_ordinal" not in coefficients(KRIPPENDORFF_2011)[0]


def test_the_interval_scale_knows_how_far_apart_numbers_are_and_the_ordinal_only_which_is_more() -> None:
    stretched = np.where(KRIPPENDORFF_2011 == 5, 50, KRIPPENDORFF_2011)
    before, _ = coefficients(KRIPPENDORFF_2011, scales=["ordinal", "interval"])
    after, _ = coefficients(stretched, scales=["ordinal", "interval"])
    assert after["alpha_ordinal"] == before["alpha_ordinal"]
    assert after["alpha_interval"].value == pytest.approx(0.999, abs=1e-3)


@pytest.mark.parametrize("case", json.loads((DATA / "irrcac.json").read_text())["cases"])
def test_random_tables_have_the_figures_of_irrcac(case: dict[str, Any]) -> None:
    found = values(np.array(case.pop("ratings"), dtype=np.float64))
    for name, expected in case.items():
        assert found[name] == pytest.approx(expected, abs=1e-8), name


def tables(max_coders: int = 4, max_category: int = 2) -> st.SearchStrategy[Floats]:
    elements = st.sampled_from([NAN, *(float(number) for number in range(max_category + 1))])
    shapes = st.tuples(st.integers(2, max_coders), st.integers(1, 20))
    return shapes.flatmap(lambda shape: hnp.arrays(np.float64, shape, elements=elements))


@given(tables())
def test_alpha_is_that_of_the_krippendorff_package(ratings: Floats) -> None:
    pairable = ratings[:, (~np.isnan(ratings)).sum(axis=0) >= 2]
    assume(len(np.unique(pairable[~np.isnan(pairable)])) > 1)
    expected = krippendorff.alpha(ratings, level_of_measurement="nominal")
    assert values(ratings)["alpha"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("scale", ["ordinal", "interval", "ratio"])
@given(ratings=tables(max_category=4))
def test_alpha_on_other_scales_is_that_of_the_krippendorff_package(scale: Scale, ratings: Floats) -> None:
    pairable = ratings[:, (~np.isnan(ratings)).sum(axis=0) >= 2]
    assume(len(np.unique(pairable[~np.isnan(pairable)])) > 1)
    expected = krippendorff.alpha(ratings, level_of_measurement=scale)
    found, _ = coefficients(ratings, scales=[scale])
    assert found[f"alpha_{scale}"].value == pytest.approx(expected, abs=1e-9)


@given(tables(max_coders=2))
def test_kappa_is_that_of_scikit_learn(ratings: Floats) -> None:
    both = ratings[:, ~np.isnan(ratings).any(axis=0)]
    assume(both.shape[1] > 0)
    assume(len(np.unique(both)) > 1)
    assert values(ratings)["cohen_kappa"] == pytest.approx(cohen_kappa_score(*both), abs=1e-9)


@given(tables(max_coders=2, max_category=1))
def test_positive_agreement_of_two_coders_is_f1(ratings: Floats) -> None:
    both = ratings[:, ~np.isnan(ratings).any(axis=0)]
    assume((both == 1).any())
    assert values(ratings, PRESENCE)["positive_agreement"] == pytest.approx(f1_score(*both))


@given(tables(), st.randoms())
def test_coders_and_units_may_change_places(ratings: Floats, random: Random) -> None:
    coders, units = list(range(ratings.shape[0])), list(range(ratings.shape[1]))
    random.shuffle(coders)
    random.shuffle(units)
    before, after = values(ratings), values(ratings[coders][:, units])
    for name, value in before.items():
        assert after[name] == (None if value is None else pytest.approx(value, abs=1e-9))


@given(tables())
def test_nothing_exceeds_one_and_every_gap_has_a_reason(ratings: Floats) -> None:
    found, _ = coefficients(ratings)
    assert set(found) == set(COEFFICIENTS)
    for coefficient in found.values():
        assert coefficient.reason
        assert coefficient.value is None or coefficient.value <= 1 + 1e-12


@given(tables(max_coders=3, max_category=1))
def test_units_of_one_rating_change_neither_alpha_nor_agreement(ratings: Floats) -> None:
    single = np.full((len(ratings), 1), NAN)
    single[0] = 1
    before, after = values(ratings, PRESENCE), values(np.hstack([ratings, single]), PRESENCE)
    for name in ("alpha", "percent_agreement", "positive_agreement", "cohen_kappa"):
        assert after[name] == (None if before[name] is None else pytest.approx(before[name]))


CHANCE_CORRECTED = ("cohen_kappa", "fleiss_kappa", "alpha", "ac1", "pabak")


@pytest.mark.parametrize("category", [0.0, 1.0])
def test_where_all_ratings_are_the_same_chance_correction_is_undefined(category: float) -> None:
    found, _ = coefficients(np.full((2, 10), category), categories=PRESENCE)
    for name in CHANCE_CORRECTED:
        assert found[name].value is None
        assert "all ratings are the same" in (found[name].reason or "")
    assert found["percent_agreement"].value == 1
    unused = "negative_agreement" if category else "positive_agreement"
    assert found[unused].value is None


def test_two_coders_who_always_differ_have_a_kappa() -> None:
    found = values(np.array([[0.0] * 5, [1.0] * 5]), PRESENCE)
    assert found["cohen_kappa"] == 0
    assert found["percent_agreement"] == 0
    assert found["positive_agreement"] == 0
    assert found["alpha"] == pytest.approx(-0.8)


@pytest.mark.parametrize("ratings", [np.array([[1, NAN], [NAN, 0]]), np.zeros((2, 0)), np.full((3, 4), NAN)])
def test_without_a_unit_rated_twice_nothing_is_defined(ratings: Floats) -> None:
    found, _ = coefficients(ratings, categories=PRESENCE)
    assert {coefficient.value for coefficient in found.values()} == {None}
    assert found["alpha"].reason == "no unit was rated by two coders"


def test_cohens_kappa_is_for_two_coders() -> None:
    found, _ = coefficients(KRIPPENDORFF_2011)
    assert found["cohen_kappa"].value is None
    assert "two coders, not 4" in (found["cohen_kappa"].reason or "")
