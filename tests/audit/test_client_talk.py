"""Client talk after an intervention against the client's own baseline."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import WLS

from relcode.audit.client_talk import client_talk, stratified_difference
from relcode.audit.exchange import Measure, TalkChange
from relcode.audit.material import Material, material_from_labels
from relcode.audit.wording import turn_wording
from relcode.records import Session, Turn
from relcode.transcripts.tokens import tokenize

Make = Callable[..., Material]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I feel awful and I don't know why.", (2, 2, 0)),
        ("I felt awful and I didn't know why.", (2, 0, 2)),
        ("My mum was shouting at me.", (2, 0, 1)),
        ("It's my fault, that's how it is.", (1, 3, 0)),
        ("The boss's car has a dent.", (0, 1, 0)),  # a possessive is no verb
        ("I've worked there for years.", (1, 0, 0)),  # a perfect has neither tense
        ("I have two sisters.", (1, 1, 0)),
        ("I worked there, and she left me.", (2, 0, 1)),  # `left` may be a participle or a side
        ("I'm tired.", (1, 1, 0)),  # `tired` after `'m` is no past form
        ("To feel better I would need sleep.", (1, 0, 0)),  # infinitives and modals have no tense
        ("I really never sleep.", (1, 1, 0)),  # the subject is found over adverbs
        ("We needed three hundred beds.", (0, 0, 1)),
        ("She says she hates it.", (0, 2, 0)),
        ("Mm-hm. [pause]", (0, 0, 0)),
        ("", (0, 0, 0)),
    ],
)
def test_words_of_self_present_and_past_are_counted_by_turn(text: str, expected: tuple[int, int, int]) -> None:
    session = Session("S1", (Turn(1, "C", text), Turn(2, "T", "I was here.")), {})
    counts = turn_wording(tokenize([session]))
    assert tuple(counts[0]) == expected
    assert tuple(counts[1]) == (1, 0, 1)


def test_no_turn_at_all_has_no_words() -> None:
    assert turn_wording(tokenize([])).shape == (0, 3)


def line(table: Material, measure: Measure, intervention: str) -> TalkChange:
    return next(x for x in client_talk(table) if (x.measure, x.intervention) == (measure, intervention))


def test_the_turn_after_is_compared_with_the_clients_other_turns(material: Make) -> None:
    lines = ["T: What is it like? | INQ", "C: I hate this whole thing."] * 6 + ["T: Go on.", "C: It rained."] * 20
    table = material(*lines)
    words = line(table, "words", "INQ")
    assert words.occasions == 6
    assert (words.usual, words.after, words.difference.value) == pytest.approx((2, 5, 3))
    assert words.places_total == 6
    assert [place.turn for place in words.places] == [2, 4, 6, 8, 10, 12]
    assert line(table, "self_reference", "INQ").difference.value == pytest.approx(20)
    tense = line(table, "present_tense", "INQ")
    assert (tense.usual, tense.after) == pytest.approx((0, 100))
    assert line(table, "words", "TSI").difference.reason == "0 occasion(s); a figure needs 5"


def test_a_talkative_session_with_many_interventions_is_no_difference(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    # Turns are long in S1 and short in S2, whatever the therapist does.
    first, labels = coded(*["T: What? | INQ", "C: a b c d e f g h"] * 20, *["T: Mm.", "C: a b c d e f g h"] * 5)
    second, more = coded(*["T: What? | INQ", "C: a b"] * 5, *["T: Mm.", "C: a b"] * 20, session_id="S2")
    found = line(material_from_labels([first, second], codebook, labels + more), "words", "INQ")
    assert found.difference.value == pytest.approx(0)
    assert (found.usual, found.after) == pytest.approx((5, 5))


def test_two_clients_are_each_their_own_baseline(material: Make) -> None:
    lines = [*["T: What? | INQ", "C: a b c d e f"] * 8, *["T: Mm.", "C: a b c d e f"] * 3]
    lines += [*["T: What? | INQ", "C2: a"] * 3, *["T: Mm.", "C2: a"] * 8]
    assert line(material(*lines), "words", "INQ").difference.value == pytest.approx(0)


def test_within_one_session_the_difference_of_means_has_the_error_of_welchs_test() -> None:
    generator = np.random.default_rng(1)
    done = np.repeat([True, False], [8, 22])
    y = generator.normal(size=30) + done * (1 + generator.normal(size=30))
    zero = np.zeros(30, dtype=np.int64)
    found = stratified_difference(y, done, weight=np.ones(30), stratum=zero, session=zero, seed=0)
    assert found is not None
    assert found.value == pytest.approx(y[done].mean() - y[~done].mean())
    assert found.usual == pytest.approx(y[~done].mean())
    welch = np.sqrt(y[done].var(ddof=1) / 8 + y[~done].var(ddof=1) / 22)
    assert (found.high - found.low) / 2 == pytest.approx(welch * stats.t.ppf(0.975, 7))


def test_strata_and_weights_give_the_coefficient_of_a_weighted_regression_and_its_hc2_error() -> None:
    generator = np.random.default_rng(2)
    stratum = np.repeat([0, 1, 2], [12, 20, 15])
    done = generator.random(47) < 0.4
    weight = generator.integers(1, 9, 47)
    y = generator.normal(size=47) + stratum + 0.5 * done
    design = np.column_stack([done, *(stratum == s for s in range(3))]).astype(float)
    fitted = WLS(y, design, weights=weight).fit(cov_type="HC2")
    one = np.zeros(47, dtype=np.int64)
    found = stratified_difference(y, done, weight=weight, stratum=stratum, session=one, seed=0)
    assert found is not None
    assert found.value == pytest.approx(fitted.params[0])
    quantile = stats.t.ppf(0.975, min(done.sum(), (~done).sum()) - 1)
    assert (found.high - found.low) / 2 == pytest.approx(fitted.bse[0] * quantile)


def test_over_sessions_the_interval_is_never_narrower_than_within(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    stratum = np.repeat([0, 1, 2, 3], 20)
    done = np.tile(np.arange(20) < 8, 4)
    y = np.tile([0.0, 1.0], 40) + done * np.repeat([-4.0, 4.0, -4.0, 4.0], 20)
    apart = stratified_difference(y, done, weight=np.ones(80), stratum=stratum, session=stratum, seed=0)
    within = stratified_difference(y, done, weight=np.ones(80), stratum=stratum, session=stratum * 0, seed=0)
    assert apart is not None
    assert within is not None
    assert apart.value == within.value == pytest.approx(0)
    assert apart.low < within.low < within.high < apart.high


def test_where_every_turn_follows_the_intervention_there_is_nothing_to_compare_with(material: Make) -> None:
    found = line(material(*["T: What? | INQ", "C: It is hard."] * 22), "words", "INQ")
    assert found.difference.value is None
    assert found.difference.reason == "0 other turn(s) to compare with; a figure needs 5"
