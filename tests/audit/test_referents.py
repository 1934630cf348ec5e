"""Whom the therapist speaks of: words -> class, with a near miss beside each hit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.audit.intervals import jeffreys
from relcode.audit.material import Material
from relcode.audit.referents import early_life, referent, referent_figures

Make = Callable[..., Material]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i felt you pull away", "you and I"),
        ("i think you pulled away", "you"),
        ("i just think that's sad", "nobody"),
        ("we keep circling", "you and I"),
        ("let's stop there", "nobody"),
        ("what happened between us", "you and I"),
        ("i was late", "I"),
        ("i mean, it was late", "it"),
        ("my own father died", "I"),
        ("do you know her?", "you"),
        ("she was, you know, late", "others"),
        ("you know what she wants", "you"),
        ("thank you", "nobody"),
        ("tell me more", "nobody"),
        ("tell me what you saw", "you"),
        ("it's raining", "it"),
        ("its roof fell on them", "others"),
        ("going on", "nobody"),
        ("i feel like you were tired", "you"),
        ("i feel close to you", "you and I"),
        ("i'm wondering what it was", "it"),
        ("i'm moved by that", "I"),
        ("i see. it was late", "it"),
        ("i see it in your face", "you and I"),
        ("i hear you", "nobody"),
        ("i hear something sad", "I"),
    ],
)
def test_pronouns_say_of_whom_a_segment_speaks_and_formulas_of_nobody(text: str, kind: str) -> None:
    assert referent(text) == kind


def figure(table: Material, key: str):  # type: ignore[no-untyped-def]
    return next(figure for figure in referent_figures(table) if figure.id == key)


def test_each_therapist_segment_is_in_one_class_and_the_clients_in_none(material: Make) -> None:
    table = material(*["T: I felt you go. It rained. [you] Mm.", "C: I like you."] * 10)
    found = {f.id: f.estimate.value for f in referent_figures(table)[:6]}
    assert sum(value or 0 for value in found.values()) == pytest.approx(100)
    assert found["refers_you_and_I"] == pytest.approx(100 / 3)
    assert found["refers_nobody"] == pytest.approx(100 / 3)
    assert figure(table, "us_share").estimate == jeffreys(10, 10)
    assert figure(table, "us_share").places_total == 10


def test_early_life_by_words_or_by_code_stands_against_the_present_dyad(material: Make) -> None:
    lines = [
        "T: What was it like when you were little?",
        "T: When you were late I worried. | TSI",
        "T: You learned it from him. | INT.genetic",
        "T: Back then nobody came. | INT.genetic",
        *["T: We went quiet. | META"] * 5,
        *["T: Well."] * 12,
    ]
    found = early_life(material(*lines))
    assert found.counted.startswith("3 therapist segments: early life")
    assert found.estimate.value == jeffreys(3, 6).value


def test_too_few_segments_have_no_figures_but_counts(material: Make) -> None:
    for found in referent_figures(material("T: It rained. I saw you.", "C: Yes.")):
        assert found.estimate.value is None
        assert "2 therapist segment(s)" in found.estimate.reason
