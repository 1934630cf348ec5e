"""The second look: names of the dyad where the first look passed them over, without losing what it found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.deid import Finding, deidentify, detect, known_names
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


@pytest.mark.parametrize(
    "later",
    ["C: it was xolthar again", "C: It was xolthar again, on Friday.", "C: I said so. xolthar said no.", "C: XOLTHAR!"],
)
def test_a_name_in_no_list_is_found_in_small_letters_once_another_session_has_it_with_a_capital(
    session_of: Callable[..., Session], later: str
) -> None:
    first = session_of("C: I told Xolthar about it.", session_id="A", dyad="D")
    second = session_of(later, session_id="B", dyad="D")
    turn = deidentify([first, second]).sessions[1].turns[0].text
    assert "xolthar" not in turn.lower()
    assert "[NAME_1]" in turn


def test_a_word_that_was_introduced_as_a_name_is_one_with_a_capital_and_not_without(
    session_of: Callable[..., Session],
) -> None:
    first = session_of("C: They call me Deuce.", session_id="A", dyad="D")
    second = session_of("C: So Deuce left. Deuce says hi. Deuce of clubs, and a deuce.", session_id="B", dyad="D")
    result = deidentify([first, second])
    assert known_names(result.findings) == {"deuce"}
    assert result.sessions[1].turns[0].text == "So [NAME_1] left. [NAME_1] says hi. Deuce of clubs, and a deuce."
