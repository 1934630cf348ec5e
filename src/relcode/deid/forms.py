"""What a run is by its form alone: a telephone or social security number, a vehicle, or many digits of something."""

from __future__ import annotations

import re

from relcode.deid.letter_groups import BODY
from relcode.deid.number_runs import Run

MANY_DIGITS = "seven digits or more"
_PHONE_FORM = re.compile(r"\+?(?:1[ .-]*)?\(?\d{3}\)?[ .-]*\d{3}[ .-]\d{4}(?:[ ,]*(?:x|ext\.?|extension) ?\d+)?")
_SSN_FORM = re.compile(r"\d{3}[- ]\d{2}[- ]\d{4}")
_INSURANCE_FORM = re.compile(r"[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]", re.I)  # national insurance, Great Britain
_VIN_FORM = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-HJ-NPR-Z0-9]{17}", re.I)
_PLATE_FORM = re.compile(r"\d[A-Z]{3} ?\d{3}|[A-Z]{3}[ -]\d[A-Z]\d\d|[A-Z]{2}\d\d [A-Z]{3}", re.I)
# Great Britain; states of the USA that write groups (Florida, Illinois, Wisconsin).
_DRIVER_FORM = re.compile(
    r"[A-Z]{2,5}9{0,3}[ -]?\d{6}[ -]?[A-Z9]{2}\d[A-Z]{2}|[A-Z]\d{3}[- ]\d{3,4}[- ]\d{3,4}(?:[- ]\d{2,3}(?:[- ]\d)?)?",
    re.I,
)
_BODY = re.compile(rf"\b(?:{BODY}|FP|BIO)\b", re.I)
_UNPRONOUNCED = re.compile(r"\b[b-df-hj-np-tv-xz]{2,4} \d{2}|\d{3} [b-df-hj-np-tv-xz]{2,4}\b")
_LISTED = re.compile(r", | then ")
_JOINED = re.compile(r"\d{4}|\b0|\b(?!then\b)[a-z]{3,}", re.I)


def is_phone(run: Run) -> bool:
    """Whether a run has as many digits as a telephone number."""
    digits = run.digits
    if run.letters:
        return False
    abroad = 11 <= len(digits) <= 13 and digits.startswith(("44", "61", "91", "353"))
    return abroad or len(digits) in (7, 10) or (len(digits) == 11 and digits[0] in "01")


def by_form(run: Run) -> tuple[str, float, str] | None:
    """Label, probability and reason of what needs no words beside it; None for what does."""
    digits, text = run.digits, run.text
    if _PHONE_FORM.fullmatch(text):
        return "PHONE", 0.92, "form of a telephone number"
    if _SSN_FORM.fullmatch(text):
        return "SSN", 0.93, "form of a social security number"
    if _INSURANCE_FORM.fullmatch(text):
        return "SSN", 0.93, "form of a national insurance number"
    if _VIN_FORM.fullmatch(text):
        return "VEHICLE", 0.95, "form of a vehicle identification number"
    if _DRIVER_FORM.fullmatch(text):
        return "LICENSE", 0.85, "form of a driver's number"
    if text.startswith("+") and 8 <= len(digits) <= 15:
        return "PHONE", 0.95, "form of an international telephone number"
    if run.written and _PLATE_FORM.fullmatch(text):
        return "VEHICLE", 0.75, "form of a licence plate"
    if (
        run.letters
        and run.written
        and run.size >= 6
        and len(digits) >= 3
        and re.search(r"\d[\s-]*[A-Z]|[A-Z][\s-]*\d", text)
    ):
        return "BIOMETRIC" if _BODY.search(text) else "OTHER_ID", 0.8, "form of a code"
    if run.written and run.letters >= 2 and run.size >= 6 and len(digits) >= 4 and _UNPRONOUNCED.search(text):
        return "BIOMETRIC" if _BODY.search(text) else "OTHER_ID", 0.74, "form of a code"
    return _by_length(run)


def _by_length(run: Run) -> tuple[str, float, str] | None:
    digits = run.digits
    listed = _LISTED.search(run.text) is not None and _JOINED.search(run.text) is None
    if listed or "thousand" in run.text.lower():
        return None
    if len(digits) < 7 or (not run.written and run.spoken < 4) or digits.count("0") > len(digits) - 3:
        return None
    if re.fullmatch(r"\d{3}[-. ]\d{4}", run.text):
        return "PHONE", 0.8, "form of a local telephone number"
    if len(digits) >= 10 and is_phone(run) and (not run.written or digits[0] == "0" or len(digits) >= 12):
        return "PHONE", 0.86, "as many digits as a telephone number"
    if [len(part) for part in re.findall(r"\d+", run.text)] in ([3, 3, 4], [1] * 10) and run.letters == 0:
        return "PHONE", 0.86, "grouped like a telephone number"
    if len(digits) == 7 and not run.written:
        return "PHONE", 0.85, "as many digits as a local telephone number"
    if 13 <= len(digits) <= 19 and run.letters == 0:
        return "ACCOUNT", 0.88, "as many digits as a card"
    if len(digits) == 9 and re.match(r"\w+ \w+ \w+, ", run.text) and run.letters == 0 and not run.written:
        return "SSN", 0.8, "as many digits as a social security number"
    return "OTHER_ID", 0.81, MANY_DIGITS
