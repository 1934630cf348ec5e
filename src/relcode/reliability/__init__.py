"""Reliability: how far coders agree, per code, on segments, turns and sessions, with intervals."""

from relcode.reliability.agreement import agreement
from relcode.reliability.bootstrap import coefficients, session_draws
from relcode.reliability.codings import Coding, ledger_codings, read_codings
from relcode.reliability.coefficients import COEFFICIENTS, Coefficient, Scale
from relcode.reliability.doses import dose_coefficients
from relcode.reliability.ratings import LEVELS, Level, Ratings
from relcode.reliability.results import Agreement, Macro, Row, SpanRow, write_agreement

__all__ = [
    "COEFFICIENTS",
    "LEVELS",
    "Agreement",
    "Coding",
    "Coefficient",
    "Level",
    "Macro",
    "Ratings",
    "Row",
    "Scale",
    "SpanRow",
    "agreement",
    "coefficients",
    "dose_coefficients",
    "ledger_codings",
    "read_codings",
    "session_draws",
    "write_agreement",
]
