"""Ids from the names of another program's codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

LONGEST = 40
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "ł": "l", "Ł": "L", "đ": "d"})


def id_from_name(name: str, taken: Container[str], *, within: str = "", fallback: str = "code") -> str:
    """A valid code id that is not taken: lower case, words joined by dashes, cut at LONGEST; `TSI` stays `TSI`.

    Parameters
    ----------
    within
        The id of the code or folder around it, set in front with a dot.
    fallback
        What stands for a name without any Latin letter or digit.

    Examples
    --------
    >>> id_from_name("Angst & Wärme", set(), within="emotions")
    'emotions.angst-warme'
    >>> id_from_name("Trust", {"trust"})
    'trust-2'
    """
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    plain = re.sub(r"['`]", "", plain)
    words = re.findall(r"[A-Za-z0-9_]+", plain if plain.isupper() else plain.lower())
    slug = "-".join(words)
    if len(slug) > LONGEST:
        slug = slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
    if not re.match("[A-Za-z]", slug):
        slug = f"{fallback}-{slug}".strip("-_")
    base = f"{within}.{slug}" if within else slug
    found, number = base, 1
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found
