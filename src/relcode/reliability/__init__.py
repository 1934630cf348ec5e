"""Reliability: how far coders agree, per code, on segments, turns and sessions, with intervals."""

from relcode.reliability.agreement import agreement
from relcode.reliability.bootstrap import coefficients, session_draws
from relcode.reliability.coded_pages import CodedPage, Selection, read_pages, select_pages
from relcode.reliability.codings import Coding, codings_of_pages, ledger_codings, read_codings, read_suggestions
from relcode.reliability.coefficients import COEFFICIENTS, Coefficient, Scale
from relcode.reliability.confusions import with_words
from relcode.reliability.doses import dose_coefficients
from relcode.reliability.ratings import LEVELS, Level, Ratings
from relcode.reliability.results import Agreement, Group, Machine, Macro, Row, SpanRow, write_agreement
from relcode.reliability.study import reliability_of

__all__ = [
    "COEFFICIENTS",
    "LEVELS",
    "Agreement",
    "CodedPage",
    "Coding",
    "Coefficient",
    "Group",
    "Level",
    "Machine",
    "Macro",
    "Ratings",
    "Row",
    "Scale",
    "Selection",
    "SpanRow",
    "agreement",
    "codings_of_pages",
    "coefficients",
    "dose_coefficients",
    "ledger_codings",
    "read_codings",
    "read_pages",
    "read_suggestions",
    "reliability_of",
    "select_pages",
    "session_draws",
    "with_words",
    "write_agreement",
]
