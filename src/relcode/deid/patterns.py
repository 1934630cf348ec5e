"""Recognisers of identifiers with a form of their own: numbers, dates, addresses, also as they are spoken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

TITLES = "Dr|Mr|Mrs|Ms|Miss|Mx|Professor|Prof|Doctor|Nurse|Officer|Judge|Pastor|Father|Sister|Rabbi|Coach|Principal|Detective"
STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Terrace|Way|Circle|Close|"
    r"Crescent|Bend|Vista|Row|Square|Parkway|Highway)"
)
_MONTH = r"(?:January|February|(?-i:March)|April|(?-i:May)|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_CLEAR_MONTH = r"(?:January|February|April|June|July|September|October|November|December|Feb|Sept|Oct|Nov)"
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
    r"sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|(?:twenty|thirty)[- ](?:first|second|third|fourth|fifth|"
    r"sixth|seventh|eighth|ninth)|\d{1,2}(?:st|nd|rd|th))"
)
_DIGIT_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_SPOKEN = rf"\b{_DIGIT_WORD}(?:[, -]+{_DIGIT_WORD}){{%s,}}\b"
_CODE = r"[A-Z0-9][A-Z0-9]*(?:[ -][A-Z0-9]*\d[A-Z0-9]*)*(?: [A-Z])?\b"
_DIGITS = re.compile(r"\d")
_SAID_DIGIT = re.compile(rf"\b{_DIGIT_WORD}\b")


@dataclass(frozen=True)
class Rule:
    """A recogniser. `flag` is the cheap first look at the turn in lower case; group `x` of `pattern` is the finding."""

    name: str
    label: str
    probability: float
    flag: Callable[[str], object]
    pattern: re.Pattern[str]


def _has(*parts: str) -> Callable[[str], object]:
    return lambda lower: any(part in lower for part in parts)


def _digits(lower: str) -> object:
    return _DIGITS.search(lower)


def _rule(
    name: str, label: str, probability: float, flag: Callable[[str], object], pattern: str, flags: int = 0
) -> Rule:
    return Rule(name, label, probability, flag, re.compile(pattern, flags))


def _near(words: str, what: str, reach: int = 40) -> str:
    """`what` (as group x) within `reach` characters after one of `words`."""
    return rf"(?i:\b(?:{words})\b)[^.?!\n]{{0,{reach}}}?(?<![\w-])(?P<x>{what})"


_I = re.IGNORECASE
_MONTHS = _has("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERED = r"(?=[A-Z0-9 -]*\d)" + _CODE

PATTERNS: tuple[Rule, ...] = (
    _rule("email", "EMAIL", 0.99, _has("@"), r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    _rule("spoken-email", "EMAIL", 0.9, _has(" at "), r"(?P<x>(?:\b[\w-]+ ){1,4}at (?:[\w-]+ ){1,3}dot (?:com|org|net|edu|co))\b", _I),
    _rule("handle", "OTHER_ID", 0.9, _has("@"), r"(?<![\w.])@[A-Za-z_]\w{2,}"),
    _rule("underscored-handle", "OTHER_ID", 0.85, _has("_"), r"(?<![\w\[])[a-z]+\d*(?:_[a-z0-9]+)+\b"),
    _rule("url", "URL", 0.98, _has("."), r"(?:https?://|www\.)[^\s,]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|edu|example|co\.uk|io)(?:/[^\s,]*)?", _I),
    _rule("spoken-url", "URL", 0.92, _has(" dot "), r"(?P<x>(?:www dot )?(?:[\w-]+ ){1,4}dot (?:com|org|net|edu))\b", _I),
    _rule("ip", "IP", 0.97, _has("."), r"\b(?:\d{1,3}\.){3}\d{1,3}\b"),
    _rule("ip6", "IP", 0.97, _has(":"), r"\b(?=[0-9a-f:]*(?:[a-f]|::))(?:(?:[0-9a-f]{1,4}:){2,7}:?[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:)+:[0-9a-f]{1,4})\b", _I),
    _rule("fax", "FAX", 0.95, _has("fax"), _near("fax|faxed|faxes", r"\(?\d{3}\)?[ .-]*\d{3}[ .-]\d{4}", 70)),
    _rule("phone", "PHONE", 0.9, _digits, r"(?<![\d-])(?:\+?1[ .-])?\(?\d{3}\)?[ .-]+\d{3}[ .-]\d{4}(?![\d-])"),
    _rule("uk-phone", "PHONE", 0.9, _digits, r"(?<![\d-])0\d{3,4}[ -]?\d{3}[ -]?\d{3,4}(?![\d-])"),
    _rule("ssn", "SSN", 0.93, _digits, r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"),
    _rule("social", "SSN", 0.94, _has("social", "ssn"), rf"\b(?:social|ssn)\b[^?\n]{{0,60}}?(?P<x>\d[\d -]{{2,}}\d|{_SPOKEN % 3})", _I),
    _rule("last-four", "SSN", 0.9, _has("last four"), rf"\blast four\b[^?\n]{{0,60}}?(?P<x>\d{{4}}|{_SPOKEN % 3})", _I),
    _rule("spoken-number", "PHONE", 0.85, _SAID_DIGIT.search, _SPOKEN % 6, _I),
    _rule("record-number", "MRN", 0.93, _has("record", "chart", "mrn", "patient number", "patient id"), _near("record|chart|mrn|patient number|patient id|medical record", _NUMBERED)),
    _rule("plan-number", "PLAN_ID", 0.93, _has("member", "policy", "plan", "insurance", "subscriber", "group number"), _near("member|policy|plan|insurance|subscriber|group number", _NUMBERED)),
    _rule("account-number", "ACCOUNT", 0.93, _has("account", "card", "routing", "loan", "ending in"), _near("account|card|routing|loan|ending in", rf"{_NUMBERED}|{_SPOKEN % 3}")),
    _rule("licence-number", "LICENSE", 0.93, _has("licen", "certificat", "registration", "permit"), _near(r"licen[sc]e\w*|certificat\w+|registration|permit", _NUMBERED)),
    _rule("vehicle-number", "VEHICLE", 0.93, _has("plate", "vin", "tag number", "license plate"), _near("plate|plates|vin|tag number|license plate", rf"{_NUMBERED}|\d?[A-Z]+ [A-Z]{{4,}}")),
    _rule("device-number", "DEVICE", 0.93, _has("serial", "device", "implant", "pump", "pacemaker", "stimulator", "machine", "laptop", "model"), _near("serial|device|implant|pump|pacemaker|stimulator|machine|laptop|model", _NUMBERED, 60)),
    _rule("biometric-number", "BIOMETRIC", 0.94, _has("fingerprint", "thumb", "iris", "retina", "voiceprint", "biometric", "face scan", "palm"), _near("fingerprints?|thumb|thumbprint|iris|retina|voiceprint|biometric|face scan|palm|print", r"(?:[A-Z]{2,}[ -])?(?:[A-Za-z]+ )?[A-Z]*-?\d[\w-]*(?:-[A-Z]+)*", 60)),
    _rule("case-number", "OTHER_ID", 0.92, _has("case", "badge", "docket", "student", "employee", "report number"), _near("case|badge|docket|student|employee|report", _NUMBERED)),
    _rule("long-code", "OTHER_ID", 0.65, _digits, r"(?<![\w.-])(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z-])[A-Z0-9]{2,}(?:-[A-Z0-9]+)+(?![\w-])"),
    _rule("spaced-code", "OTHER_ID", 0.85, _digits, r"(?<![\w$.-])(?:[A-Z]{2,4}[ -]\d{2,}(?:[ -][A-Z]?\d{2,})+(?: [A-Z]\b)?|\d{2,4}(?:[ -]\d{2,4}){2,}(?:[ -]\d)?)(?![\w-])"),
    _rule("plate-form", "VEHICLE", 0.8, _digits, r"(?<![\w-])(?=[A-Z0-9 -]*\d)(?=[A-Z0-9 -]*[A-Z])[A-Z0-9]{3}[ -][A-Z0-9]{4}(?![\w-])|(?<![\w-])\d[A-Z]{3}\d{3}\b"),
    _rule("digits", "OTHER_ID", 0.85, _digits, r"(?<![\w$.,-])[A-Z]?\d{7,}(?![\w,-])"),
    _rule("spelled-name", "NAME", 0.92, _has("-", ","), r"\b(?:[A-Z]-){2,}[A-Z]\b|\b(?:[A-Za-z], ){3,}[A-Za-z]\b"),
    _rule("month-and-day", "DATE", 0.95, _MONTHS, rf"\b{_MONTH}\.? (?:the )?(?:{_ORDINAL}|\d{{1,2}})(?:,? (?:19|20)\d\d|, nineteen [a-z]+[- ]?[a-z]*)?\b", _I),
    _rule("day-of-month", "DATE", 0.95, _MONTHS, rf"\b(?:{_ORDINAL}|\d{{1,2}}) of {_MONTH}(?:,? (?:19|20)\d\d)?\b", _I),
    _rule("month-of-year", "DATE", 0.93, _MONTHS, rf"\b{_MONTH},? (?:of )?(?:19|20)\d\d\b", _I),
    _rule("month", "DATE", 0.85, _MONTHS, rf"\b{_CLEAR_MONTH}\b"),
    _rule("month-word", "DATE", 0.8, _MONTHS, rf"\b(?i:in|since|last|this|next|until|till|by|through|of|early|late|mid|back in|every)[ -](?P<x>March|May|August|{_CLEAR_MONTH})\b"),
    _rule("month-lower-case", "DATE", 0.75, _MONTHS, r"\b(?:in|since|last|until|of|by) (?P<x>january|february|april|june|july|september|october|november|december)\b"),
    _rule("numeric-date", "DATE", 0.9, _digits, r"(?<![\d/])\d{1,2}/\d{1,2}(?:/\d{2,4})?(?![\d/])"),
    _rule("iso-date", "DATE", 0.95, _digits, r"\b(?:19|20)\d\d-\d\d-\d\d\b"),
    _rule("the-ordinal", "DATE", 0.75, _has(" the "), r"\b(?:on|until|till|by|of|for|before|after|since|week of|is) the (?P<x>(?:twenty[- ]\w+|thirty[- ]first|thirtieth|twentieth|eleventh|twelfth|\w+teenth|\d{1,2}(?:st|nd|rd|th)))\b(?! (?:grade|floor|time|century|street|avenue|birthday|anniversary|year|step|session|row|one))", _I),
    _rule("age-over-89", "AGE", 0.85, _has("ninet", "9", "hundred"), r"\b(?:was|is|he's|she's|i'm|turned|turns|turning|be|age|aged|at|nearly|almost|just|to|'s|’s)\s+(?P<x>ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|9\d|10\d)\b(?! ?(?:percent|%|degrees|minutes|dollars|miles|days|pounds|seconds))", _I),
    _rule("age-alone", "AGE", 0.75, _has("ninety"), r"(?:^|[.?!] )(?P<x>ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine)))(?=[.?!])", _I),
    _rule("age-years-old", "AGE", 0.9, _has("year"), r"\b(?P<x>ninety(?:[- ]\w+)?|9\d|10\d)[- ]years?[- ]old\b", _I),
    _rule("address", "LOCATION", 0.96, _digits, rf"\b\d{{1,5}} (?:[A-Z]\w+ ){{0,3}}[A-Z]\w+ {STREET}\b(?:, (?:unit|apartment|apt|flat|suite) \w+)?|\b\d{{2,5}} (?:[A-Z]\w+ ){{1,3}}{STREET}\b"),
    _rule("postcode", "LOCATION", 0.85, _digits, r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),
    _rule("zip", "LOCATION", 0.8, _digits, r"(?<![\d$,.-])\d{5}(?:-\d{4})?(?![\d,-]|\s+(?:dollars|people|a year|pounds))"),
)  # fmt: skip
