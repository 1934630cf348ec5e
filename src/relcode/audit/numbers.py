"""How figures are written for a reader."""

from __future__ import annotations

from relcode.audit.figure import Unit
from relcode.audit.intervals import Estimate

HARD = "\u00a0"  # no line breaks here
PERCENT = f"{HARD}%"


def number(value: float, unit: Unit) -> str:
    """A value as a reader wants it: `4.2` per hundred, `0.41`, `34 %`; shares near 0 or 100 % never look like these."""
    if unit == "index":
        return f"{value:.2f}"
    if unit != "share":
        return f"{value:.1f}"
    percent = 100 * value
    if 0 < percent < 0.1:
        return f"under{HARD}0.1{HARD}%"
    if 99.9 < percent < 100:
        return f"over{HARD}99.9{HARD}%"
    return f"{percent:.1f}{HARD}%" if 0 < percent < 1 or 99 < percent < 100 else f"{percent:.0f}{HARD}%"


def interval(estimate: Estimate, unit: Unit) -> str:
    """`2.1 to 8.0`, on one line, or nothing where the value was counted."""
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = number(estimate.low, unit), number(estimate.high, unit)
    return f"{low.removesuffix(PERCENT) if unit == 'share' else low}{HARD}to{HARD}{high}"


def probability(value: float | None) -> str:
    """A p value to three decimals, or nothing."""
    if value is None:
        return ""
    return f"<{HARD}0.001" if value < 0.001 else f"{value:.3f}"


def signed(estimate: Estimate) -> str:
    """A figure from -1 to 1 with its interval, or nothing."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return ""
    return f"{estimate.value:+.2f} ({estimate.low:+.2f}{HARD}to{HARD}{estimate.high:+.2f})"


def count(n: int, one: str, many: str | None = None) -> str:
    """`1 turn`, `2 turns`, with thousands apart."""
    return f"{n:,}{HARD}{one if n == 1 else many or one + 's'}"
