"""Numbers, addresses, codes, places and organisations that are nobody's, in the form of those they replace."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import pytest

from relcode.deid import Finding, Key, deidentify
from relcode.deid.date_shift import DateShift
from relcode.deid.invented_names import invented_names
from relcode.deid.invented_numbers import invented_host, invented_number, plain_address, plain_number
from relcode.deid.invented_places import invented_place
from relcode.deid.lists import words
from relcode.deid.surrogates import Replacements
from relcode.records import Session, Turn


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("PHONE", "260-555-0199", "555-555-0107"),
        ("PHONE", "(309) 555 0138", "(555) 555 0107"),
        ("PHONE", "+1 309.555.0138", "+1 555.555.0107"),
        ("PHONE", "555-1234", "555-0107"),
        ("PHONE", "07911 123456", "07700 900007"),
        ("PHONE", "+44 7911 123456", "+44 7700 900007"),
        (
            "PHONE",
            "Two six oh, five five five, double oh eight three",
            "Five five five, five five five, oh one oh seven",
        ),
        (
            "FAX",
            "two zero eight, five five five, zero one five six",
            "five five five, five five five, zero one zero seven",
        ),
        (
            "PHONE",
            "two six oh, um, five five five, uh, oh one double eight",
            "five five five, um, five five five, uh, oh one oh seven",
        ),
        ("PHONE", "two six oh something", None),
        ("PHONE", "the usual one", None),
        ("SSN", "900-51-3387", "900-00-0007"),
        ("SSN", "6620", "0007"),
        ("SSN", "four four one nine", "zero zero zero seven"),
        ("MRN", "MB-0048291", "XX-0000007"),
        ("PLAN_ID", "YRP 418 M77203", "XXX 000 X00007"),
        ("ACCOUNT", "three one seven, double oh, eight", "oh oh oh, double oh, seven"),
        ("VEHICLE", "7klm249", "0xxx007"),
        ("BIOMETRIC", "OMN-THUMB-3312", "XXX-XXXXX-0007"),
        ("OTHER_ID", "@noodle_thesis", "@user7"),
        ("OTHER_ID", "tired_lil_pierogi", "user_7"),
        ("OTHER_ID", "Idaho Pickle", None),
    ],
)
def test_numbers_and_codes(label: str, text: str, expected: str | None) -> None:
    assert invented_number(label, text, 7) == expected


def test_a_range_that_is_used_up_gives_nothing() -> None:
    assert invented_number("PHONE", "260-555-0112", 99) == "555-555-0199"
    assert invented_number("PHONE", "260-555-0112", 100) is None
    assert invented_number("MRN", "AB-1", 10) is None


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("EMAIL", "hope.d@linen.example", "person7@example.com"),
        ("EMAIL", "aunt bea at juno dot com", "person seven at example dot com"),
        ("URL", "https://amber.example/2022", "https://site7.example.com"),
        ("URL", "www.lotus-gg.example", "www.site7.example.com"),
        ("URL", "www dot fern therapy dot com", "www dot site seven dot example dot com"),
        ("IP", "203.0.113.58", "192.0.2.7"),
        ("IP", "2001:db8:41::9f", "2001:db8::7"),
    ],
)
def test_hosts(label: str, text: str, expected: str) -> None:
    new = invented_host(label, text, 7)
    assert new == expected
    if label == "IP":
        assert ipaddress.ip_address(expected).is_private  # of the ranges for documentation


def test_written_and_spoken_forms_are_one() -> None:
    assert plain_number("two six oh, double five") == plain_number("260 55") == "26055"
    assert plain_address("aunt bea at juno dot com") == plain_address("AuntBea@juno.com") == "auntbea@juno.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Worcester", "Fernmere"),
        ("Fort Wayne", "Fort Fernmere"),
        ("Lake Lowell", "Lake Fernmere"),
        ("Himmel Park", "Fernmere Park"),
        ("Marge's Kitchen", "Fernmere's Kitchen"),
        ("Larkmoor Elementary", "Fernmere Elementary"),
        ("Maumee Bend Family Medicine", "Fernmere Bend Family Medicine"),
        ("University of Larkmoor", "University of Fernmere"),
        ("St. Hyacinth's", "St. Fernmere's"),
        ("Our Lady of Czestochowa", "Our Lady of Fernmere"),
        ("new covenant tabernacle", "fernmere tabernacle"),
        ("Orchard Street, apartment four b", "Fernmere"),  # "four b" must not stay
        ("46815", "00007"),
        ("four six eight one five", "zero zero zero zero seven"),
        ("46815-1234", "00007-0000"),
        ("2026", None),
    ],
)
def test_places_and_organisations_keep_their_kind(text: str, expected: str | None) -> None:
    assert invented_place(text, lambda: "Fernmere", 7, b"seed") == expected


def test_a_street_gets_another_number_and_name() -> None:
    new = invented_place("40 Fell Avenue, unit 6", lambda: "Fernmere", 7, b"seed") or ""
    number, rest = new.split(" ", 1)
    unit = rest.removeprefix("Fernmere Avenue, unit ")
    assert number.isdigit()
    assert len(number) == 2
    assert number != "40"
    assert unit.isdigit()
    assert unit != "6"


def test_invented_names_are_no_words_and_invented_towns_no_names() -> None:
    for kind, least in (("female", 200), ("male", 200), ("surnames", 400), ("towns", 700)):
        names = {name.lower() for name in invented_names(kind)}
        assert len(names) >= least
        assert not names & words("name_words")
    towns = {town.lower() for town in invented_names("towns")}
    assert not towns & (words("first_names") | words("last_names"))


def test_the_last_four_of_a_number_given_in_full_are_those_of_its_surrogate(session_of: Callable[..., Session]) -> None:
    session = session_of(
        "C: My social is 900-51-3387.", "C: The last four of my social are three three eight seven.", dyad="D"
    )
    first, second = deidentify([session], mode="surrogate").sessions[0].turns
    assert first.text == "My social is 900-00-0001."
    assert second.text == "The last four of my social are zero zero zero one."


def test_an_extension_becomes_zeros(session_of: Callable[..., Session]) -> None:
    session = session_of("C: Ring 260-555-0112 now.", dyad="D")
    replacements = Replacements("D", Key(), "surrogate", [session])
    text = "260-555-0112, extension 12"
    finding = Finding("S1", 1, 0, len(text), "PHONE", 0.9, "test", text)
    new = replacements.replacement(finding, Turn(1, "C", text), DateShift(7))
    assert new == "555-555-0101, extension 00"


def test_a_place_is_the_same_in_all_sessions_and_keeps_its_case(session_of: Callable[..., Session]) -> None:
    sessions = [
        session_of("C: We met in Toledo.", session_id="A", dyad="D"),
        session_of("C: We left Toledo, and moved to Muncie.", session_id="B", dyad="D"),
    ]
    first, second = (session.turns[0].text for session in deidentify(sessions, mode="surrogate", key=Key()).sessions)
    town = first.removeprefix("We met in ").removesuffix(".")
    assert town in invented_names("towns")
    assert second.startswith(f"We left {town}, and moved to ")
    assert "Toledo" not in second
    assert "Muncie" not in second


def test_ages_of_ninety_and_over_are_grouped_and_others_stay(session_of: Callable[..., Session]) -> None:
    session = session_of("C: He is ninety-one.", "C: She is 94.", "C: I'm fifty-one.")
    assert [turn.text for turn in deidentify([session], mode="surrogate").sessions[0]] == [
        "He is ninety or over.",
        "She is 90 or over.",
        "I'm fifty-one.",
    ]
    assert deidentify([session]).sessions[0].turns[0].text == "He is [AGE_1]."
