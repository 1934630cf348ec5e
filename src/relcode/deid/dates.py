"""Dates as they are written and said: any month or day of a month, with the year that ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relcode.deid.heard import Heard
from relcode.deid.spoken import NONZERO, TEEN, TEN, UNIT, UP_TO_99, word_set

Found = tuple[int, int, str, float, str]

_LONG = "january|february|april|june|july|august|september|october|november|december"
_SHORT = r"(?:jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?"
_MONTH = rf"(?:{_LONG}|march|may|{_SHORT})"
_ORDINAL = (
    r"(?:(?:twenty|thirty)[- ](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|first|second|third|fourth|"
    r"fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|"
    r"eighteenth|nineteenth|twentieth|thirtieth|(?:[12]?\d|3[01])(?:st|nd|rd|th))"
)
_LATE_ORDINAL = (
    r"(?:(?:twenty|thirty)[- ](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|thirteenth|fourteenth|"
    r"fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|(?:[12]?\d|3[01])(?:st|nd|rd|th))"
)
_EARLY_ORDINAL = r"(?:fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_SAID_DAY = rf"(?:(?:twenty|thirty)(?:[ -]{NONZERO})?|{TEEN}|{NONZERO})"
_YEAR = (
    rf"(?:(?:19|20)\d\d|['’]\d\d|nineteen (?:oh[ -]{NONZERO}|hundred|{TEEN}|{TEN}(?:[ -]{NONZERO})?)|"
    rf"twenty (?:oh[ -]{NONZERO}|{TEEN}|(?:twenty|thirty)(?:[ -]{NONZERO})?)|two thousand(?:(?: and)? (?:{TEEN}|{UNIT}))?)"
)
_END_YEAR = (
    rf"(?:,? (?:of |in )?(?:{_YEAR}|(?:sixty|seventy|eighty|ninety|fifty|forty)[ -]{NONZERO})|,? oh[ -]{NONZERO})"
)
_NO_UNIT = (
    r"(?![ -]?(?:percent|%|years?|days?|weeks?|months?|hours?|minutes?|times?|people|kids|dollars|of (?:us|them))\b)"
)
_I = re.IGNORECASE

_BEFORE_MONTH = (
    r"(?:in|since|last|next|until|till|til|by|through|thru|of|early|late|mid|back in|every|before|after|during|around|"
    r"from|to|between|and|or|end of|this past|this coming|for|started|starts|comes?|was|is|it's|its|beginning of|"
    r"middle of|first week of|when|into|towards?|on)"
)
_WITH_MONTH: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    ("month and day", 0.96, re.compile(rf"\b{_MONTH},? (?:the )?(?:{_ORDINAL}|{_DAY}(?![\d:/%]|\.\d)){_NO_UNIT}(?:{_END_YEAR}| [4-9]\d(?=$|[.,]| (?:and|in|at|is|was)\b))?(?!\w)", _I)),
    ("month and day", 0.94, re.compile(rf"\b(?:{_LONG}|(?-i:March|May)) {_SAID_DAY}{_NO_UNIT}(?:{_END_YEAR})?\b", _I)),
    ("day of month", 0.96, re.compile(rf"\b(?:{_ORDINAL}|{_SAID_DAY}|{_DAY})(?: day)?,? of (?:{_MONTH})(?:{_END_YEAR})?(?!\w)", _I)),
    ("day and month", 0.94, re.compile(rf"\b(?:{_ORDINAL}|{_DAY}) (?:{_LONG}|(?-i:March|May|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec))\b(?:{_END_YEAR})?", _I)),
    ("month of a year", 0.93, re.compile(rf"\b(?:{_LONG}|(?-i:March|May|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|(?<=in )(?:march|may)),? (?:(?:of )?{_YEAR}|of (?:(?:forty|fifty|sixty|seventy|eighty|ninety)(?:[ -]{NONZERO})?|\d\d))(?!\w)", _I)),
    ("month of a year", 0.9, re.compile(rf"\b(?:march|may),? {_YEAR}{_NO_UNIT}(?! (?:miles|steps|met|feet|strong|men|women|of)\w*)(?!\w)", _I)),
    ("month of an anniversary", 0.8, re.compile(r"\b(?:years?|months|weeks|days|ago|again|back|due|gone|dead|married|sober) (?:in |this |last |next |come )(?P<x>march|may)\b(?! (?:be|have|not|well|seem|sound|help|take|get|come|go|look|never|just|also|or|on|in|to|past|with)\b)", _I)),
    ("month", 0.86, re.compile(rf"\b(?:{_LONG})\b", _I)),
    ("month", 0.8, re.compile(r"\b(?:in|since|until|till|by|early|late|mid|last|next|end of) (?P<x>jan|feb|apr|jun|jul|aug|sept|oct|nov|dec)\b", _I)),
    ("month", 0.84, re.compile(rf"\b{_BEFORE_MONTH}[ -](?:the |early |late |mid )?(?P<x>(?-i:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|March|May))\b(?! (?:I|we|you|he|she|they|have|be|not|get|hurt)\b)", _I)),
    ("month", 0.82, re.compile(r"\b(?:in|since|early|late|mid|during|end of|beginning of|middle of) (?P<x>march|may)\b(?! be\b)", _I)),
    ("month", 0.8, re.compile(r"\b(?:until|till|by|of|through|around|before|after|last|next|every|to|mid|say|said)[ -](?P<x>march|may)\b(?! (?:i|we|you|he|she|they|have|be|not|get|hurt|on|in protest|or may)\b)", _I)),
    ("month", 0.8, re.compile(rf"\b(?P<x>march|may) (?:or|and|to|through|until|till) (?=(?:{_LONG}|march)\b)", _I)),
    ("month", 0.8, re.compile(rf"\b(?:{_LONG}) (?:or|and|to|through|until|till) (?P<x>march|may)\b", _I)),
    ("month", 0.72, re.compile(r"(?:^|[.?!] )(?P<x>March|May)(?=[.?!]| (?:was|is|to|through|or|and|of|comes|came|last|this)\b)")),
    ("month", 0.7, re.compile(r"(?<=[a-z,] )(?P<x>March|May)(?=[.,?!;]|$)")),
)  # fmt: skip
# Where no capital tells a month from a word, after a look for a number.
_DAY_FIRST: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    ("day and month", 0.93, re.compile(rf"\b(?:{_ORDINAL}|{_DAY}|{_SAID_DAY}) (?:march|may|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?:,? {_YEAR})(?!\w)", _I)),
    ("day and month", 0.85, re.compile(rf"\b(?:{_ORDINAL}|{_DAY}) (?:(?:jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)\b|march\b(?! (?:or|on|in|into|to|out|through|past|down|up|off|over|for|around)\b))", _I)),
    ("day and month", 0.82, re.compile(rf"\b(?:on|till?|until|since|by|for|from|dated?|after|before|was|is|its|born)(?: the)? (?P<x>(?:{_ORDINAL}|{_DAY}) may)\b(?=$| (?:and|at|to|until|till|because|so|but|when|this|last|next|i|we|he|she|they)\b)", _I)),
)  # fmt: skip
_IN_NUMBERS: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    ("day of month in numbers", 0.85, re.compile(rf"\b{_ORDINAL} of the (?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|1?\d(?:st|nd|rd|th))\b(?! (?:year|week|month|class|time|day|session|grade))(?:{_END_YEAR})?", _I)),
    ("date in digits", 0.95, re.compile(r"(?<![\d/.-])(?:(?:0?[1-9]|1[0-2])([/.-])(?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|1[0-2]))(?:\1|\2)(?:19|20)?\d\d(?![\d/-])")),
    ("date in digits", 0.95, re.compile(r"(?<!\d)(?:19|20)\d\d(?:[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])| (?:0[1-9]|1[0-2]) (?:0[1-9]|[12]\d|3[01]))(?!\d)")),
    ("date in digits", 0.84, re.compile(r"(?<![\d/.-])(?<!\d )(?:0?[1-9]|[12]\d|3[01]) (?:0?[1-9]|[12]\d|3[01]) (?:19|20)\d\d(?![\d/-]| \d)")),
    ("day of month in digits", 0.88, re.compile(r"\b(?:on|by|until|till|is|was|since|before|after|of|dated?|from|for|the|for|born|it's|its) (?P<x>(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])|(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2]))(?![\d/%])(?! (?:of|pain|full|chance|the|cup))", _I)),
    ("days of months in digits", 0.82, re.compile(r"(?<![\d/])(?P<x>(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))(?![\d/])(?=,? (?:or|and|then|to|through)(?: the)? (?:0?[1-9]|1[0-2])/\d)", _I)),
    ("days of months in digits", 0.82, re.compile(r"(?<=\d/\d or )(?P<x>(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))(?![\d/])", _I)),
    ("days of months in digits", 0.82, re.compile(r"(?<=/\d\d or )(?P<x>(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))(?![\d/])", _I)),
    ("date said in numbers", 0.88, re.compile(rf"\b{_SAID_DAY} slash {_SAID_DAY}(?: slash {UP_TO_99}(?:[ -]{UP_TO_99})?)?\b", _I)),
)  # fmt: skip
_SAID_DATE = (
    rf"(?P<x>(?:(?:(?:oh|zero)[ -])?{UP_TO_99}[, -]+(?:the )?(?:(?:oh|zero)[ -])?{UP_TO_99}[, -]+(?:{_YEAR}|(?:oh|zero)[ -]{UNIT}|"
    rf"{UP_TO_99})|(?:0?[1-9]|[12]\d|3[01])[ ,-]+(?:0?[1-9]|[12]\d|3[01])[ ,-]+(?:(?:19|20)?\d\d)))\b{_NO_UNIT}"
)
_BORN = re.compile(
    rf"\b(?:born|birth|birthday|birthdate|birth date|dob|d\.? ?o\.? ?b\.?|date)\b[^?!\n]{{0,40}}?\b{_SAID_DATE}", _I
)
_ANSWER = re.compile(rf"^(?:[a-z'’]+,? ){{0,4}}?{_SAID_DATE}", _I)
_AFTER_DAY = (
    r"(?=\s*(?:$|[.,;:?!…—–)\]\"”-])|['’]s\b| (?:at|in|and|or|so|but|if|because|cause|i|i'm|im|we|he|she|they|it|it's|its|is|was|"
    r"works?|same|instead|didn['’]?t|isn['’]?t|wasn['’]?t|don['’]?t|won['’]?t|can['’]?t|doesn['’]?t|then|for|when|that|not|right|okay|ok|again|this|to|until|till|through|maybe|after|before|"
    r"with|would|will|should|around|about|you|my|his|her|our|the|please|did|good|fine|um|uh|like|you're|youre|yes|yeah|no|hopefully|god willing|thank|thanks|"
    r"thinking|going|coming|saying|hoping|being|having|knowing|waiting|doing|getting|taking|making|looking|trying|"
    r"of (?:this|next|last|the|every) month|of next|(?:a )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b(?! (?:place|row|gear)\b))"
)
_LED = (
    r"(?:on|until|till|til|by|of|for|before|after|since|week of|is|was|it's|its|it’s|from|to|around|through|between|about|"
    r"do|you|see you|called|moved|due|weekend of|night of|morning of|day|and|or|that's|thats|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday)"
)
_NOT_DAY = (
    r"(?! (?:(?:or|and) (?:the )?\w+ )?(?:grade|grader|floor|time|century|centuries|street|st|avenue|ave|birthday|anniversary|percentile|year|step|session|row|one|"
    r"psalm|amendment|chapter|place|hole|mile|week|day|lap|attempt|draft|person|president|dynasty|edition|season|episode|"
    r"infantry|regiment|ward|precinct|district|night|month|hour|minute|letter|verse|pill|bottle|beer|drink|call|text|car|"
    r"house|job|try|reunion|wedding|trimester|round|century's|largest|biggest)s?\b)"
)
_THE_DAY = re.compile(
    rf"\b(?P<led>{_LED},? )?the (?P<x>{_EARLY_ORDINAL}\b{_NOT_DAY}{_AFTER_DAY}|{_LATE_ORDINAL}\b{_NOT_DAY})"
    rf"(?! of (?!this|next|last|the month|every))",
    _I,
)
_OF_THE_MONTH = re.compile(rf"\bthe (?P<x>{_ORDINAL})(?= of (?:the|each|every|next|this|last|that) month\b)", _I)
_THE_FIRST = re.compile(
    r"\b(?:on|until|till|til|by|due|due on|since|before|after) the (?P<x>first|second|third|1st|2nd|3rd)\b"
    r"(?=\s*(?:$|[.,;?!])| (?:at|of (?:this|next|last|the|every) month|and|or|so|because|if|yes|yeah|no|hopefully)\b)",
    _I,
)
# A meeting agreed on: what follows the day is no matter ("see you on the 12th one more thing").
_NEXT_MEETING = re.compile(
    rf"\b(?:see (?:you|ye|him|her|them|me)|meet|meeting|appointment|back|again|next) (?:again |next |up |here |in )?(?:on|by|until|till|is) "
    rf"the (?P<x>{_ORDINAL})\b(?! (?:floor|street|avenue|grade|try|attempt|time|day|page|step|one,)\b)",
    _I,
)
_MONTHS = word_set(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sept "
    "sep oct nov dec"
)
_BIRTH = word_set("born birth birthday birthdate dob date")
_ORDINALS = word_set(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)
_CENTURIES = word_set("nineteen twenty thousand")
_THE = frozenset({"the"})
_SLASH = frozenset({"slash"})
_NUMBERS_SEEN = re.compile(r"\d(?:[/. -]|(?:st|nd|rd|th) of the )\d")
_DAY_SEEN = re.compile(r"\bthe \d{1,2}(?:st|nd|rd|th)\b")
_D_O_B = re.compile(r"\bd\.? ?o\.? ?b\b")
_NAMED = re.compile(r"\b(?:names?(?:['’]?s)?(?: is| was)?|named|called) $", _I)
_NO_EVENT = re.compile(r"9/11|24/7|7/11", _I)
_MAY_VERB = re.compile(r"\b(?:i|you|we|they|he|she|it|that|this|who|there|which|what|one|people|and|or)\s$", _I)


def find_dates(heard: Heard) -> Iterator[Found]:
    """Months, days of months and whole dates; each group of patterns after a cheap look at the words of the turn."""
    text = heard.text
    ordinals = heard.has(_ORDINALS)
    if _asks_for_birth(heard.before[-80:].lower()) and (answer := _ANSWER.match(text)):
        yield *answer.span("x"), "DATE", 0.9, "numbers for a date that was asked for"
    if heard.has(_MONTHS):
        yield from _by_patterns(text, _WITH_MONTH)
        if ordinals or heard.has_digits or heard.has(_CENTURIES):
            yield from _by_patterns(text, _DAY_FIRST)
    if ordinals or heard.has(_SLASH) or (heard.has_digits and _NUMBERS_SEEN.search(text)):
        yield from _by_patterns(text, _IN_NUMBERS)
    if heard.has(_BIRTH) or _D_O_B.search(heard.lower):
        for match in _BORN.finditer(text):
            yield *match.span("x"), "DATE", 0.9, "numbers after a word of birth or date"
    if heard.has(_THE) and (ordinals or (heard.has_digits and _DAY_SEEN.search(heard.lower))):
        for match in _THE_DAY.finditer(text):
            yield *match.span("x"), "DATE", 0.8 if match["led"] else 0.62, "day of a month"
        for match in _OF_THE_MONTH.finditer(text):
            yield *match.span("x"), "DATE", 0.82, "day of a month"
        for match in _NEXT_MEETING.finditer(text):
            yield *match.span("x"), "DATE", 0.72, "day of the next meeting"
        for match in _THE_FIRST.finditer(text):
            yield *match.span("x"), "DATE", 0.66, "day of a month"


def _asks_for_birth(before: str) -> bool:
    return any(word in before for word in ("born", "birth", "date", "d.o.b", "dob"))


def _by_patterns(text: str, patterns: tuple[tuple[str, float, re.Pattern[str]], ...]) -> Iterator[Found]:
    for name, probability, pattern in patterns:
        for match in pattern.finditer(text):
            start, end = match.span("x" if "x" in pattern.groupindex else 0)
            words = text[start:end]
            adjective = words == "august" and name == "month" and not text.islower()
            verb = words[:3].lower() == "may" and name != "month of an anniversary" and _is_verb(text, start, words)
            person = name == "month" and _NAMED.search(text[max(0, start - 14) : start]) is not None
            if not (adjective or verb or person or _NO_EVENT.fullmatch(words)):
                yield start, end, "DATE", probability, name


def _is_verb(text: str, start: int, words: str) -> bool:
    """Whether `may` or `march` is the verb: "you may second that"."""
    return words[0].islower() and _MAY_VERB.search(text[max(0, start - 12) : start]) is not None
