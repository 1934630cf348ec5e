"""Words that make a name or a place of the capitalised words beside them; names spelled letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relcode.deid.heard import Heard

TITLES = "Dr|Mr|Mrs|Ms|Miss|Mx|Professor|Prof|Doctor|Nurse|Officer|Judge|Pastor|Father|Sister|Rabbi|Coach|Principal|Detective"
STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Terrace|Way|Circle|Close|"
    r"Crescent|Bend|Vista|Row|Square|Parkway|Highway)"
)
# `S-A-R-A`; not the stutter `I-I-I`.
_SPELLED_NAME = re.compile(r"\b(?!([A-Z])(?:-\1)+\b)(?:[A-Z]-){2,}[A-Z]\b|\b(?:[A-Za-z], ){3,}[A-Za-z]\b")


def find_spelled_names(heard: Heard) -> Iterator[tuple[int, int, str, float, str]]:
    """Names that are spelled letter by letter."""
    if "-" in heard.text or "," in heard.text:
        for match in _SPELLED_NAME.finditer(heard.text):
            yield *match.span(), "NAME", 0.92, "spelled name"
