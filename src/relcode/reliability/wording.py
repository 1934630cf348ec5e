"""Figures in words: values with intervals, what limits a row, and a paragraph for a paper's section on methods."""

from __future__ import annotations

from collections.abc import Sequence

from relcode.reliability.coefficients import Coefficient
from relcode.reliability.results import Agreement, Macro, Row

NAMES = {
    "percent_agreement": "agreement",
    "positive_agreement": "positive agreement (F1)",
    "negative_agreement": "negative agreement",
    "cohen_kappa": "Cohen's kappa",
    "fleiss_kappa": "Fleiss' kappa",
    "alpha": "Krippendorff's alpha",
    "ac1": "Gwet's AC1",
    "pabak": "PABAK",
    "icc": "ICC(2,1)",
}
FEW, RARE, WIDE, UNEVEN = 10, 0.02, 0.3, 2.0


def number(value: float | None, digits: int = 2) -> str:
    """`0.84`; a dash where there is no value."""
    return "–" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"  # + 0: no minus zero


def percent(value: float | None) -> str:
    """`8.4 %`; a dash where there is no value."""
    return "–" if value is None else f"{100 * value:.1f} %"


def interval(found: Coefficient, digits: int = 2) -> str:
    """`0.78 to 0.90`; empty where there is no interval."""
    if found.low is None or found.high is None:
        return ""
    return f"{number(found.low, digits)} to {number(found.high, digits)}"


def prevalence(row: Row) -> float | None:
    """The mean of the coders' shares of units with the code."""
    shares = [share for share in row.prevalence.values() if share is not None]
    return sum(shares) / len(shares) if shares else None


def limits(row: Row) -> str:
    """What limits the figures of a row, in plain words; empty where nothing does. It describes and does not judge."""
    given = {coder: count for coder, count in row.instances.items() if count}
    if not given:
        return "nobody gave it"
    words = []
    mean = sum(row.instances.values()) / len(row.instances)
    found = row.coefficients["alpha"]
    if mean < FEW:
        words.append(f"few: {mean:.1f} on average" if mean >= 1 else "hardly ever given")
    if found.value is not None and found.low is None and found.reason:
        words.append(found.reason)
    elif found.low is not None and found.high is not None and found.high - found.low > WIDE:
        words.append("wide interval")
    share = prevalence(row)
    if mean >= FEW and share is not None and share < RARE:
        words.append("rare: chance-corrected figures fall with every difference")
    least, most = min(row.instances.items(), key=_count), max(row.instances.items(), key=_count)
    if most[1] >= FEW and most[1] >= UNEVEN * least[1]:
        words.append(f"{most[0]} gave it {most[1]} times, {least[0]} {least[1]}")
    return "; ".join(words)


def methods_paragraph(result: Agreement, version: str) -> str:
    """What a paper can say of the reliability of its coding, with the figures filled in."""
    people = [coded for coded in result.coded if coded.coder in result.coders]
    units = f"{len(result.sessions)} session{'s' if len(result.sessions) != 1 else ''}"
    level = next((name for name in ("segment", "turn") if any(macro.level == name for macro in result.macro)), None)
    rated = max((row.units for row in result.rows if row.level == level), default=0)
    books = ", ".join(dict.fromkeys(version for coded in people for version in coded.versions)) or result.codebook
    text = [
        f"{_counted(len(result.coders), 'coder')} coded {units} independently"
        + (f" with the codebook {books}" if books else "")
        + (f"; up to {rated:,} {level}s were rated by two coders or more." if level else "."),
    ]
    if any(coded.first for coded in people):
        first, last = min(c.first for c in people if c.first), max(c.last for c in people if c.last)
        text.append(f"Pages were confirmed between {first} and {last}.")
    for macro in result.macro:
        if sentence := _macro_sentence(macro):
            text.append(sentence)
    if result.draws:
        text.append(
            f"Intervals are 95 % expanded percentile intervals (Hesterberg, 2015) of {result.draws:,} resamples of whole "
            f"sessions (seed {result.seed})."
        )
    text.append("Turns that a coder had not been shown are missing, not absent.")
    text += _recode_sentences(result) + _anchor_sentences(result)
    text.append(f"Figures were computed with relcode {version}.")
    return " ".join(text)


def _macro_sentence(macro: Macro) -> str:
    shown = ("positive_agreement", "alpha", "ac1")
    figures = [
        f"{NAMES[name]} {_with_interval(macro.coefficients[name])}"
        for name in shown
        if name in macro.coefficients and macro.coefficients[name].value is not None
    ]
    if not macro.codes or not figures:
        return ""
    return (
        f"On {macro.level}s, over the {_counted(macro.codes, 'code')} that coders gave to {macro.at_least} turns or more "
        f"on average, mean {_listed(figures)}."
    )


def _recode_sentences(result: Agreement) -> list[str]:
    found = []
    for group in result.of_kind("recode"):
        macro = next((each for each in group.macro if each.level == "turn" and each.codes), None)
        if macro is not None and macro.coefficients["alpha"].value is not None:
            found.append(
                f"Coder {group.name} coded {group.turns} turns again without being told, a median of {group.days:.0f} days "
                f"later: mean alpha with the first coding {_with_interval(macro.coefficients['alpha'])}."
            )
    return found


def _anchor_sentences(result: Agreement) -> list[str]:
    anchoring = result.anchoring
    if anchoring is None or anchoring.reason or not anchoring.rows:
        return []
    total = anchoring.rows[0]
    share = anchoring.blind_pages / (anchoring.blind_pages + anchoring.shown_pages)
    if total.because_shown.value is None:
        return []
    return [
        f"Suggestions were withheld from {100 * share:.0f} % of the pages, drawn at random; by comparison, "
        f"{_with_interval(total.because_shown)} of the labels on the other pages exist only because suggestions were shown."
    ]


def _with_interval(found: Coefficient) -> str:
    between = interval(found)
    return number(found.value) + (f" [{between.replace(' to ', ', ')}]" if between else "")


def _counted(count: int, what: str) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    named = words[count] if what == "coder" and count < len(words) else str(count)
    return f"{named} {what}{'' if count == 1 else 's'}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _count(item: tuple[str, int]) -> int:
    return item[1]
