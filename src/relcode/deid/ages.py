"""Ages of 90 and over, the number alone; not degrees, scores, percentages or the age of things.

An age that was said of somebody is found again where the number is said again soon after ("at ninety-one you forget").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from relcode.deid.heard import Heard
from relcode.deid.spoken import NONZERO, TEEN, TEN, digits_of, word_set

Found = tuple[int, int, str, float, str]

_AGE = rf"(?:ninety(?:[ -]{NONZERO})?|(?:a|one) hundred(?:(?: and)? (?:{NONZERO}|{TEEN}))?|9\d|1[01]\d)"
_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
_BIRTHDAY = rf"(?:ninety[ -]{_ORDINAL}|ninetieth|hundredth|hundred and {_ORDINAL}|(?:9\d|1[01]\d)(?:st|nd|rd|th))"
_UNIT = (
    rf"(?! and (?:{NONZERO}|{TEEN}|{TEN})\b|[ -]{NONZERO}\b|[ -]{_ORDINAL}\b|[\w%°]|[.,:/]\d|['’]s\b|[ -]?(?:percent|per cent|%|degrees?|minutes?|mins?|hours?|seconds?|days?|weeks?|months?|dollars?|bucks|"
    r"pounds?|lbs?|kilos?|miles?|kilometers?|times|people(?! (?:say|said|tell|told|ask|asked|think|always|keep|kept|come|came)\b)|milligrams?|mg|mcg|of|and (?:ten|counting)|thousand|million|calories|"
    r"feet|meters|sessions|pages|points?|meetings|cents|proof|steps|reps|kids|students|or so (?:dollars|minutes)|in a|on the|"
    rf"out of|over|bpm|beats|something)\b|-(?:day|minute|hour|second|degree|mile|pound|percent|page|proof))"
)
_COUNTED = r"(?!(?:is|was|as|has|hes|shes|this|its|always|does|yes|his|theres|thats|whats|us)\b)[a-z]+s\b"
_PERSON = (
    r"(?:he|she|i|you|mom|mum|dad|mother|father|mama|papa|gran|gram|grandma|grandpa|grandmother|grandfather|gran?dad|granddad|gramps|grampa|granny|nana|nan|"
    r"nanny|aunt|auntie|uncle|great[- ]\w+|husband|wife|sister|brother|lady|woman|man|guy|patient|neighbou?r|who|"
    r"pop|poppy|abuela|abuelo|oma|opa|bubbe|nonna|nonno|friend|client|teacher|boss|pastor|priest|doctor)"
)
_THINGS = (
    r"it|temp|temperature|score|fever|that|this|grade|weight|rate|pressure|which|there|here|what|house|pulse|limit|speed|"
    r"average|total|bill|price|number|rent|cost|fee|copay|one|building|church|school|tree|book|car|place|town|thing|all|"
    r"heat|sugar|capacity|attendance|humidity|oxygen|sat|everything|company|clock|recipe|farm|barn|piano|percent|iq"
)
_BARELY = (
    r"(?:only|already|now|almost|nearly|about|just|like|going on|still|over|past|a spry|um|uh|what|maybe|probably)"
)
_PATTERNS = (
    (0.93, "person's age", re.compile(rf"\b{_PERSON}(?:['’]?s| is| was|['’]d be| would be|['’]?d have been|(?: would| could| might)(?:['’]?ve| have) been|d be| will be|['’]ll be|ll be|['’]?m| am|['’]re|re| are| be| been|'s gonna be| must be| might be)(?: {_BARELY},?)*,? (?P<x>{_AGE}){_UNIT}", re.I)),
    (0.92, "turning an age", re.compile(rf"\b(?:turn(?:s|ed|ing)?|aged?|lived? to(?: be)?|living to|made it to|gets? to|mak(?:e|es|ing) it to|got to|reach(?:ed|es)?|live(?:s|d)? (?:un)?till?|past the age of|age of)(?: {_BARELY})* (?P<x>{_AGE}){_UNIT}", re.I)),
    (0.9, "age at an event", re.compile(rf"\b(?:died?|dying|passed(?: away)?|gone|went|sharp|lost (?:him|her)|still (?:\w+ )?(?:drives?|drove|alive|going|working|kicking|dancing|golfs?|gardens?)|buried (?:him|her)|old) (?:\w+ )?at(?: {_BARELY})* (?P<x>{_AGE}){_UNIT}", re.I)),
    (0.85, "pushing an age", re.compile(rf"\b(?:pushing|nearing|coming up on|close to turning)(?: {_BARELY})* (?P<x>{_AGE}){_UNIT}", re.I)),
    (0.75, "to be of an age", re.compile(rf"\b(?<!it )(?:to|gonna|will|would|might|should|could|i|i['’]?ll) be(?: {_BARELY})* (?P<x>{_AGE}){_UNIT}", re.I)),
    (0.9, "birthday", re.compile(rf"\b(?P<x>{_BIRTHDAY})(?= birthday\b)", re.I)),
    (0.85, "of an age both", re.compile(rf"\b(?:they|we|you)(?:['’]?re| are| were| both)+ (?<=both )(?P<x>{_AGE}){_UNIT}", re.I)),
    (0.85, "well for an age", re.compile(rf"\b(?:good|great|spry|sharp|strong|fit|well|bad|quick|active|young|healthy|amazing|sprightly|lively) for (?P<x>{_AGE}){_UNIT}(?! {_COUNTED})", re.I)),
    (0.7, "to live to an age", re.compile(rf"\b(?:(?:to|she['’]?ll|he['’]?ll|will|might|hope i|hope you) (?:make|see|reach|hit)|(?<!i )(?<!you )(?<!he )(?<!she )\b(?!(?:i|you|he|she|who)\b){_PERSON} (?:just )?(?:hit|saw|made)) (?P<x>{_AGE}){_UNIT}(?! (?:the|a|an|my|his|her|new|more)\b)(?! {_COUNTED})", re.I)),
    (0.75, "an age he was", re.compile(rf"(?<!since )(?<!in )(?<!by )(?<!of )\b(?P<x>(?:a hundred and|ninety)(?:[ -]{NONZERO})?),? (?:he|she) (?:was|is)\b(?! \w+ing\b)", re.I)),
    (0.94, "years old", re.compile(rf"(?<![\w.,])(?P<x>{_AGE})(?:[- ]years?[- ](?:old|young|of age)\b|[- ]yo\b|[- ]year[- ]old)", re.I)),
    (0.66, "said to be of an age", re.compile(rf"\b(?!(?:{_THINGS})\b)[a-z]+(?:['’]s| is| was| turns| turned)(?: {_BARELY},?)*,? (?P<x>{_AGE}){_UNIT}", re.I)),
    (0.75, "age alone", re.compile(rf"(?:^|[.?!] )(?P<x>(?:ninety|9\d)(?:[ -]{NONZERO})?)(?=[.?!]|$| (?:now|and (?:still|on|she|he))\b)", re.I)),
    (0.72, "age in apposition", re.compile(rf"\b(?:old as \w+|sharp as \w+ \w+|spry),? (?P<x>{_AGE}){_UNIT}", re.I)),
    (0.65, "age in apposition", re.compile(rf"\b(?!i\b|you\b|he\b|she\b){_PERSON} (?P<x>ninety(?:[ -]{NONZERO})?){_UNIT}", re.I)),
    (0.8, "age in apposition", re.compile(rf"\b{_PERSON}, (?:she['’]?s |he['’]?s )?(?P<x>{_AGE})(?=[,.])", re.I)),
    (0.8, "age in apposition", re.compile(rf"\b(?-i:Mrs?|Ms|Miss|Dr)\.? (?-i:[A-Z])[\w'’-]+, (?P<x>{_AGE})(?=[,.])", re.I)),
    (0.75, "age at an event", re.compile(rf"(?:\bat|\bis|'s|’s) (?P<x>{_AGE}),? (?=(?:and (?:still|sharp|she|he|on)|she|he|you|they|i|still|my|who)\b)", re.I)),
    (0.7, "age at an event", re.compile(rf"\b(?:mother|father|mom|dad|mum|gran\w*|nana|aunt|uncle|sharp|driving|alive|kicking|around)\b[^.?!]{{0,20}} at (?P<x>{_AGE}){_UNIT}", re.I)),
)  # fmt: skip
_ASKED = re.compile(
    r"\b(?:how old|what age|(?:her|his|your|their) age)\b|"
    rf"\b{_PERSON}(?:['’]?s)?(?: is| are| was)?(?: (?:still|both))? (?:alive|living|around|with us)\W*$",
    re.I,
)
_OTHER_QUESTION = re.compile(r"\bhow (?!old)\w+|\bwhat (?:temp|time|percent|score|number)|\bscore\b|\bcount\b", re.I)
_ANSWER = re.compile(rf"^(?:[a-z'’]+,? ){{0,4}}?(?P<x>{_AGE}){_UNIT}", re.I)
_THING = re.compile(rf"\b(?:{_THINGS})(?:['’]?s| is| was| about| over| (?:is|was) (?:about|almost|over))? $", re.I)


_SAID = word_set("ninety hundred ninetieth hundredth")
_SEEN = re.compile(r"\b(?:9\d|1[01]\d)(?:st|nd|rd|th)?\b")
_NUMBER = re.compile(rf"(?<![\w$£€.,:/#-])(?P<x>{_AGE}){_UNIT}(?!-)(?! {_COUNTED})", re.I)
_MEASURED = re.compile(
    r"\b(?:by|times|since|of|in|route|highway|room|page|channel|number|bus|exit|section|psalm|scored?|weigh\w*|"
    r"degrees|cost|costs|paid|about|nineteen|like an?|an?|doing|first|last|every|the|"
    r"(?:go|goes|went|buy|bought|get|got|sell|sold|pay|sat|it|that|them|this|one|on|up|down|in|there|here) for) $",
    re.I,
)


def find_ages(heard: Heard) -> Iterator[Found]:
    """Ages of 90 and over; what was said just before counts ("how old is she?")."""
    if not (heard.has(_SAID) or (heard.has_digits and _SEEN.search(heard.text))):
        return
    found = list(_ages(heard.text, heard.before))
    yield from found
    yield from _said_again(heard.text, found, heard.ages)


def _ages(text: str, before: str) -> Iterator[Found]:
    if _ASKED.search(before[-80:]) and (answer := _ANSWER.match(text)):
        yield *answer.span("x"), "AGE", 0.88, "age that was asked for"
    for probability, name, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if (name == "age alone" and _OTHER_QUESTION.search(before[-80:])) or _THING.search(
                text[max(0, match.start() - 30) : match.start()]
            ):
                continue
            yield *match.span("x"), "AGE", probability, name


def _said_again(text: str, found: list[Found], elsewhere: frozenset[str]) -> Iterator[Found]:
    """The number of an age that was said in this turn or elsewhere in the session, where it counts nothing else."""
    for match in _NUMBER.finditer(text):
        said = years(match["x"])
        here = any(end <= match.start() and years(text[start:end]) == said for start, end, *_ in found)
        if (here or said in elsewhere) and not _MEASURED.search(text[max(0, match.start() - 16) : match.start()]):
            yield *match.span("x"), "AGE", 0.7 if here else 0.6, "age said again"


def years(words: str) -> str:
    """An age in digits: "a hundred and two" is 102, "ninety-one" 91."""
    said, hundred, rest = words.lower().partition("hundred")
    return f"1{digits_of(rest).zfill(2)}" if hundred else digits_of(said)
