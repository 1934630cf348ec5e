"""Words that make a name or a place of the capitalised words beside them; names spelled letter by letter."""

from __future__ import annotations

import re

TITLES = "Dr|Mr|Mrs|Ms|Miss|Mx|Professor|Prof|Doctor|Nurse|Officer|Judge|Pastor|Father|Sister|Rabbi|Coach|Principal|Detective"
STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Terrace|Way|Circle|Close|"
    r"Crescent|Bend|Vista|Row|Square|Parkway|Highway)"
)
# `S-A-R-A`; not the stutter `I-I-I`.
SPELLED_NAME = re.compile(r"\b(?!([A-Z])(?:-\1)+\b)(?:[A-Z]-){2,}[A-Z]\b|\b(?:[A-Za-z], ){3,}[A-Za-z]\b")
