"""How codes look on the page: letters, a colour and a form of each; never told apart by colour alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Literal

import msgspec

from relcode.codebook import Code

Form = Literal["full", "outline", "dashed"]
# Tol's "muted" colours, told apart by the colour-blind. Source: Tol 2021, Colour Schemes, SRON/EPS/TN/09-002, issue 3.2.
_COLOURS = ("#882255", "#44AA99", "#332288", "#DDCC77", "#117733", "#88CCEE", "#CC6677", "#999933", "#AA4499")
_FORMS: tuple[Form, ...] = ("full", "outline", "dashed")
_ORDINARY = "#D5DAE0"
_LAST: tuple[Form, str] = ("dashed", _COLOURS[0])  # of the families for which no dress is left
_DARK, _LIGHT = "#000000", "#FFFFFF"
_FIRST = ("RUP", "REP")  # so that ruptures and repairs look the same in every report


class Look(msgspec.Struct, frozen=True):
    """The look of one code: at most three `letters`, no two codes the same; `ink` is that of the letters on `color`."""

    letters: str
    color: str
    ink: str
    form: Form


def looks_of(codes: Sequence[Code]) -> dict[str, Look]:
    """The look of every code: a family (`INT` of `INT.genetic`) shares colour and form, ordinary modes are grey."""
    families = dict.fromkeys([*_FIRST, *(_family(code) for code in codes if not code.mode)])
    dressed = dict(zip(families, _dresses(), strict=False))
    letters = _letters([code.id for code in codes])
    found = {}
    for code in codes:
        dress: tuple[Form, str] = ("full", _ORDINARY) if code.mode else dressed.get(_family(code), _LAST)
        form, color = dress
        ink = _ink(color) if form == "full" else _DARK
        found[code.id] = Look(letters[code.id], color, ink, form)
    return found


def style_of(looks: Sequence[Look]) -> str:
    """The rules `.k0`, `.k1` ... of codes in this order: a page without inline styles needs them in its style sheet."""
    return "\n".join(f".k{row} {{ --c: {look.color}; --i: {look.ink}; }}" for row, look in enumerate(looks))


def _family(code: Code) -> str:
    return code.id.partition(".")[0]


def _dresses() -> Iterator[tuple[Form, str]]:
    return product(_FORMS, _COLOURS)


def _letters(ids: Sequence[str]) -> dict[str, str]:
    """Three letters of each id, changed at the end until no two are the same."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in ids:
        head, _, tail = name.partition(".")
        options = [head[:2] + tail[:1]] if tail else [head[:3]]
        options += [head[:1] + first + last for first, last in product(name[1:], name[2:] or "x")]
        options += [str(number) for number in range(1000)]
        found[name] = next(option for option in options if option not in taken)
        taken.add(found[name])
    return found


def _ink(color: str) -> str:
    """Dark or light letters, whichever stands out more on a colour (WCAG 2.1, relative luminance)."""
    luminance = _luminance(color)
    return _LIGHT if 1.05 / (luminance + 0.05) > (luminance + 0.05) / (_luminance(_DARK) + 0.05) else _DARK


def _luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
