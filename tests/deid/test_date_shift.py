"""Dates moved in the form they had: exact forms, near misses, and that intervals and weekdays stay."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.deid.date_shift import MONTHS, DateShift, header_date, names_day_first, shifted_header_date
from relcode.deid.key import Key
from relcode.deid.spoken_numbers import ordinal_in_digits, ordinal_in_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("March 3rd", "May 12th"),
        ("MARCH 3", "MAY 12"),
        ("eleventh of March", "twentieth of May"),
        ("third of february", "fourteenth of april"),
        ("May second", "July eleventh"),
        ("fourteenth of the second", "twenty-fifth of the fourth"),
        ("fourteenth of the thirteenth", None),
        ("2nd of May", "11th of July"),
        ("June the twelfth, 1974", "August the twenty-first, 1974"),
        ("April 19th, 1981", "June 28th, 1981"),
        ("December 29th, 1981", "March 9th, 1982"),
        ("December the thirty first, nineteen ninety nine", "March the tenth, two thousand"),
        ("December 1, two thousand and four", "February 9, two thousand and five"),
        ("Tuesday, March 3rd", "Tuesday, May 12th"),
        ("May 3rd to 5th", "July 12th to 14th"),
        ("October", "December"),
        ("Feb", "Apr"),
        ("June of 2002", "August of 2002"),
        ("5/14", "7/23"),
        ("05/14/2011", "07/23/2011"),
        ("12/14/11", "2/22/12"),
        ("14/5/2011", "23/7/2011"),
        ("12/2019", "2/2020"),
        ("2019-03-04", "2019-05-13"),
        ("4.3.2019", "6.12.2019"),
        ("February 29th", "May 9th"),
        # cannot be read, or is no day: a tag stands there
        ("February 30th", None),
        ("the feast of March", None),
        ("13/32/2011", None),
        ("nineteen eighty-one", None),
        ("March 3rd and April 4th", None),
        ("April 20th to 25th", None),  # would run over the end of a month
        ("sixteenth", None),  # of which month?
    ],
)
def test_dates_are_moved_in_their_form(text: str, expected: str | None) -> None:
    assert DateShift(70).shifted(text) == expected


def test_a_day_alone_is_the_nearest_to_the_session_or_of_the_month_named_last() -> None:
    assert DateShift(-21, today=date(2024, 3, 5)).shifted("sixteenth") == "twenty-fourth"  # 16 March to 24 February
    assert DateShift(-21, today=date(2024, 3, 25)).shifted("2nd") == "12th"  # 2 April to 12 March
    dates = DateShift(-21)
    assert dates.shifted("March 3rd") == "February 10th"
    assert dates.shifted("the 16th") == "the 23rd"


def test_the_day_stands_first_where_a_date_of_the_dyad_can_only_be_read_so() -> None:
    assert names_day_first("14/5")
    assert not names_day_first("5/14")
    assert not names_day_first("2019-14-05")
    assert DateShift(7, day_first=True).shifted("3/4") == "10/4"
    assert DateShift(7).shifted("3/4") == "3/11"


@given(
    st.dates(date(1950, 1, 1), date(2040, 12, 31)), st.dates(date(1950, 1, 1), date(2040, 12, 31)), st.text(min_size=1)
)
def test_intervals_and_weekdays_are_kept(one: date, other: date, dyad: str) -> None:
    days = Key().shift_days(dyad)
    assert days % 7 == 0
    assert 21 <= abs(days) <= 182
    moved = [date.fromisoformat(DateShift(days).shifted(day.isoformat()) or "") for day in (one, other)]
    assert moved[1] - moved[0] == other - one
    assert moved[0].weekday() == one.weekday()


@given(st.dates(date(1950, 1, 1), date(2040, 12, 31)), st.integers(-26, 26))
def test_all_forms_of_a_day_move_to_the_same_day(day: date, weeks: int) -> None:
    def forms(d: date) -> list[str]:
        month = MONTHS[d.month - 1]
        return [
            f"{month} {ordinal_in_digits(d.day)}, {d.year}",
            f"the {ordinal_in_words(d.day)} of {month} {d.year}",
            f"{d.month}/{d.day}/{d.year}",
            d.isoformat(),
            # May is no abbreviation, and moves to a month in full
            f"{month[:3].lower()} {d.day} {d.year}" if day.month != 5 else f"{d.day} {month} {d.year}",
        ]

    moved = [DateShift(7 * weeks).shifted(form) for form in forms(day)]
    assert moved == forms(day + timedelta(7 * weeks))


def test_dates_of_headers() -> None:
    assert header_date("2024-03-05T10:00") == date(2024, 3, 5)
    assert header_date("2024-13-05") is None
    assert header_date("tape 2024-03-05") is None
    assert shifted_header_date("2024-03-05T10:00", DateShift(7)) == "2024-03-12T10:00"
    assert shifted_header_date("March 5, 2024", DateShift(7)) == "March 12, 2024"
