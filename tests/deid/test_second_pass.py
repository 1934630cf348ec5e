"""The second look: names of the dyad where the first look passed them over, without losing what it found."""

from __future__ import annotations

from collections.abc import Callable

from relcode.deid import Finding, detect
from relcode.deid.second_pass import find_with_names
from relcode.records import Session

NAMES = frozenset({"casimir", "penny"})


def test_it_finds_what_the_detectors_find_that_know_the_names(session_of: Callable[..., Session]) -> None:
    session = session_of(
        "C: I told casimir, on March 3rd.", "C: Penny and I found a penny.", "C: Nothing here.", "C: Dr. Okafor said."
    )
    found = find_with_names(session, detect(session), NAMES)
    assert found == detect(session, names=NAMES)
    assert [finding.text for finding in found] == ["casimir", "March 3rd", "Penny", "Okafor"]


def test_what_hangs_on_the_turns_before_is_not_lost(session_of: Callable[..., Session]) -> None:
    session = session_of("T: Your number?", "C: 4417, casimir said.")
    answer = Finding("S1", 2, 0, 4, "ACCOUNT", 0.8, "answer", "4417")
    found = find_with_names(session, [answer], NAMES)
    assert [(finding.label, finding.text) for finding in found] == [("ACCOUNT", "4417"), ("NAME", "casimir")]


def test_the_surer_of_two_that_overlap_stays(session_of: Callable[..., Session]) -> None:
    session = session_of("C: I met casimir.")
    doubt = Finding("S1", 1, 6, 14, "LOCATION", 0.6, "unknown-place", "casimir.")
    sure = Finding("S1", 1, 2, 14, "ORG", 0.99, "test", "met casimir.")
    assert [finding.label for finding in find_with_names(session, [doubt], NAMES)] == ["NAME"]
    assert [finding.label for finding in find_with_names(session, [sure], NAMES)] == ["ORG"]


def test_without_a_new_name_nothing_is_looked_at_again(session_of: Callable[..., Session]) -> None:
    session = session_of("C: I told Casimir.")
    known = Finding("S1", 1, 7, 14, "NAME", 0.9, "test", "Casimir")
    assert find_with_names(session, [known], NAMES) == [known]
