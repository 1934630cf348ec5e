"""First names with their sex and short forms, and the names that invented people and places get."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from relcode.deid.lists import words

_DATA = Path(__file__).with_name("data")


def sex_of_first_name(name: str) -> str:
    """`f` or `m` where the lists tell it, else ""."""
    female, male = name in words("female_names"), name in words("male_names")
    return "f" if female and not male else "m" if male and not female else ""


def diminutives(name: str) -> tuple[str, ...]:
    """The short forms that the list has for a first name in lower case, the most usual first."""
    return _short_forms().get(name, ())


@cache
def invented_names(kind: str) -> tuple[str, ...]:
    """The names of a kind to invent from: `female`, `male`, `neutral`, `surnames`, `towns`; with a capital."""
    return tuple(name.capitalize() for name in _lines(f"invented_{kind}"))


@cache
def _short_forms() -> dict[str, tuple[str, ...]]:
    entries = (line.split() for line in _lines("diminutives"))
    return {name: tuple(short) for name, *short in entries}


def _lines(name: str) -> list[str]:
    return (_DATA / f"{name}.txt").read_text(encoding="utf-8").split("\n")[:-1]
