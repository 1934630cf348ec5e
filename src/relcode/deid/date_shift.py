"""Dates, written or spoken, moved by a number of days and said again in the form they had.

The parts of a date (month, day, year) are found and replaced where they stand, each in its own form, so that whatever
order and words they come in stay: "eleventh of March" becomes "third of June". A library of dates would read these
forms, but none says them back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from relcode.deid.letter_case import in_case_of
from relcode.deid.spoken_numbers import (
    CARDINALS,
    ORDINALS,
    SAID_YEARS,
    in_words,
    ordinal_in_digits,
    ordinal_in_words,
    year_in_words,
)

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH_OF = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
_MONTH_OF |= {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)} | {"sept": 9}


def _any_of(words: object) -> str:
    """A pattern for words, the longest first, with a hyphen or space where they have a hyphen."""
    longest_first = sorted(map(str, words), key=len, reverse=True)  # type: ignore[call-overload]
    return "|".join(word.replace("-", "[- ]") for word in longest_first)


_PART = re.compile(
    rf"\b(?:(?P<month>{_any_of(_MONTH_OF)})|(?P<ordinal>{_any_of(ORDINALS)})|(?P<said_year>{_any_of(SAID_YEARS)})|"
    rf"(?P<cardinal>{_any_of(word for word, number in CARDINALS.items() if 1 <= number <= 31)})|"
    r"(?P<year>(?:19|20)\d\d)|(?P<digit_ordinal>\d{1,2}(?:st|nd|rd|th))|(?P<digits>\d{1,2}))\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"(?:[\s,.\-–]|\b(?:the|of|on|in|and|to|through|until|early|late|mid|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)*",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(\d{1,4})([/.-])(\d{1,2})(?:\2(\d{2,4}))?|(\d{1,2})/(\d{4})")
_ISO_START = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?=$|[T ])")
_PADDED = re.compile(r"(?<!\d)0\d")
_DAYS = {"ordinal", "cardinal", "digit_ordinal", "digits"}
_MID_MONTH = 15
_LEAP_YEAR, _OTHER_YEAR = 2024, 2023


@dataclass
class DateShift:
    """Moves the dates of one session.

    Parameters
    ----------
    days
        By how many: a multiple of 7, so that weekdays still fit.
    day_first
        Whether "3/4" is the third of April.
    today
        The session's own date, if known: a day without a month ("the sixteenth") is the one nearest to it. Without it
        the month named last in the session counts; `month` holds that one.
    """

    days: int
    day_first: bool = False
    today: date | None = None
    month: int | None = None

    def shifted(self, text: str) -> str | None:
        """The date moved, in the same form; None where it cannot be read."""
        numeric = _NUMERIC.fullmatch(text)
        try:
            return self._numeric(numeric) if numeric else self._in_words(text)
        except (ValueError, OverflowError):  # no such day, or beyond the calendar
            return None

    def _moved(self, year: int | None, month: int, day: int) -> date:
        if year is None:
            year = _LEAP_YEAR if (month, day) == (2, 29) else self.today.year if self.today else _OTHER_YEAR
        return date(year, month, day) + timedelta(self.days)

    def _in_words(self, text: str) -> str | None:
        parts = _parts_of(text)
        if not _BETWEEN.fullmatch(_PART.sub(" ", text)):
            return None
        months = [_month_of(kind, m.group()) for kind, m in parts if kind in ("month", "nth_month")]
        years = [_year_of(m.group()) for kind, m in parts if kind in ("year", "said_year")]
        days = [_day_of(kind, m.group()) for kind, m in parts if kind in _DAYS]
        if len(months) > 1 or len(years) > 1 or not (months or days):
            return None
        year = years[0] if years else None
        if months:
            self.month = months[0]
            moved = [self._moved(year, months[0], day) for day in days or [_MID_MONTH]]
        else:
            moved = [self._without_month(day) for day in days]
        if len({day.month for day in moved}) > 1:
            return None  # a stretch of days that runs over the end of a month would be said in another form
        said = iter(moved)
        pieces, read = [], 0
        for kind, match in parts:
            day = next(said) if kind in _DAYS else moved[0]
            pieces += [text[read : match.start()], in_case_of(match.group(), _said(kind, match.group(), day))]
            read = match.end()
        return "".join([*pieces, text[read:]])

    def _without_month(self, day: int) -> date:
        """A day of the month alone, moved. Raises ValueError where no month is known that has it."""
        if self.today is not None:
            middle = self.today.replace(day=_MID_MONTH)
            near = []
            for month in {(middle + timedelta(days)).replace(day=1) for days in (-30, 0, 30)}:
                if (month + timedelta(day - 1)).month == month.month:
                    near.append(month.replace(day=day))
            return min(near, key=lambda candidate: abs(candidate - self.today)) + timedelta(self.days)  # type: ignore[operator]
        if self.month is None:
            raise ValueError
        return self._moved(None, self.month, day)

    def _numeric(self, match: re.Match[str]) -> str:
        text = match.group()
        if match.group(5):
            month, year = int(match.group(5)), int(match.group(6))
            new = self._moved(year, month, _MID_MONTH)
            return f"{_padded(new.month, text)}/{new.year}"
        first, mark, second, third = match.group(1), match.group(2), match.group(3), match.group(4)
        if len(first) == 4:
            if third is None:
                raise ValueError
            new = self._moved(int(first), int(second), int(third))
            width = min(len(second), len(third))
            return f"{new.year}{mark}{new.month:0{width}d}{mark}{new.day:0{width}d}"
        day_first = (self.day_first or int(first) > 12) and int(second) <= 12
        day, month = (int(first), int(second)) if day_first else (int(second), int(first))
        self.month = month
        new = self._moved(None if third is None else _year_of(third), month, day)
        pair = (new.day, new.month) if day_first else (new.month, new.day)
        said = [_padded(pair[0], text), _padded(pair[1], text)]
        return mark.join(said if third is None else [*said, str(new.year)[-len(third) :]])


def shifted_header_date(text: str, shift: DateShift) -> str | None:
    """A date of a header, with a time of day behind it or not, moved; None where it cannot be read."""
    start = _ISO_START.match(text)
    moved = shift.shifted(start.group() if start else text)
    return moved if moved is None or start is None else moved + text[start.end() :]


def header_date(text: object) -> date | None:
    """The day that a header's ISO date names, or None."""
    match = _ISO_START.match(text) if isinstance(text, str) else None
    try:
        return None if match is None else date.fromisoformat(match.group())
    except ValueError:
        return None


def names_day_first(text: str) -> bool:
    """Whether a date can only be read with its day before its month ("14/5")."""
    match = _NUMERIC.fullmatch(text)
    if match is None or match.group(1) is None or len(match.group(1)) > 2:
        return False
    return 12 < int(match.group(1)) <= 31 and 1 <= int(match.group(3)) <= 12


def _parts_of(text: str) -> list[tuple[str, re.Match[str]]]:
    """The parts of a date with their kinds; in "fourteenth of the second" the second ordinal is a month."""
    parts = [(match.lastgroup or "", match) for match in _PART.finditer(text)]
    if [kind for kind, _ in parts] == ["ordinal", "ordinal"]:
        (_, first), (_, second) = parts
        if text[first.end() : second.start()].lower() == " of the ":
            return [("ordinal", first), ("nth_month", second)]
    return parts


def _month_of(kind: str, text: str) -> int:
    return _day_of("ordinal", text) if kind == "nth_month" else _MONTH_OF[text.lower()]


def _year_of(text: str) -> int:
    plain = re.sub(r"[-\s]+", " ", text.lower())
    if not plain.isdigit():
        return next(year for said, year in SAID_YEARS.items() if said.replace("-", " ") == plain)
    year = int(plain)
    return year if year > 99 else year + (1900 if year > 30 else 2000)


def _day_of(kind: str, text: str) -> int:
    if kind in ("digits", "digit_ordinal"):
        return int(re.sub(r"\D", "", text))
    plain = re.sub(r"[-\s]+", "-", text.lower())
    return (ORDINALS if kind == "ordinal" else CARDINALS)[plain]


def _said(kind: str, former: str, day: date) -> str:
    """The part of a date in the form that its former one had."""
    join = " " if " " in former else "-"
    if kind == "month":
        full = len(former) > 4 or former.lower() in ("may", "june", "july")
        return MONTHS[day.month - 1] if full else MONTHS[day.month - 1][:3]
    if kind == "nth_month":
        return ordinal_in_words(day.month, join=join)
    if kind == "year":
        return str(day.year)
    if kind == "said_year":
        if _year_of(former) == day.year:
            return former
        return year_in_words(day.year, join="-" if "-" in former else " ", linked=" and " in former)
    if kind == "ordinal":
        return ordinal_in_words(day.day, join=join)
    if kind == "cardinal":
        return in_words(day.day, join=join)
    return ordinal_in_digits(day.day) if kind == "digit_ordinal" else str(day.day)


def _padded(number: int, whole: str) -> str:
    """Two digits where a number of that date was written with a zero before it."""
    return f"{number:02d}" if _PADDED.search(whole) else str(number)
