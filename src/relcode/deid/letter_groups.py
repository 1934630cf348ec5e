"""Letter groups of codes in text without capitals: `yrp 418 22`, and not "web 418" or "asked 418".

Where a transcript has capitals, a group of capitals is a part of a code. A recogniser's text has none: there a group
counts when it is no word, or stands where only a code can stand.
"""

from __future__ import annotations

import re

from relcode.deid.code_context import announced_before
from relcode.deid.lexicon import NEVER, know
from relcode.deid.lists import NOT_NAMES, TALK_WORDS, common_words, words
from relcode.deid.spoken import FILLER, NUMBER_WORD, word_set

ATTACHED_UNIT = r"(?:st|nd|rd|th|s|am|pm|a|p|mg|mcg|ml|kg|g|k|m|lbs?|ft|in|x|hrs?|mins?|min|h|d|km|mph|yo|yrs?|cm)"
# They announce a number, and are no part of it.
ANNOUNCING = "vin|ssn|mrn|id|pin|nhs|ip|fax|zip|dob|dea|npi|imei|iban"
NO_GROUP = (
    "mr|mrs|ms|dr|st|vs|tv|pm|ft|lb|lbs|mg|kg|km|mm|ml|hm|hmm|mmm|shh|ct|nd|rd|th|phq|gad|dsm|ptsd|bdd|sst|pls|plz|hrs|"
    "yrs|cm|mph|ppl|ok|am|tv|dvd|cd|ocd|adhd|add|cbt|dbt|emdr|aa|na|us|uk|usa|omg|lol|er|icu|hiv|std|er|nyc|la|dc|bdi|"
    rf"{ANNOUNCING}|cpap|gps|"
    "bai|suds|iq|bmi|gpa|sat|act|ssri|ekg|mri|ct|iv|ac|bc|ad"
)
_FUNCTION = word_set(
    "is its it at on in the my was for to of and or as an so no says said like has had his her he she we us me you but not are "
    "all out up off old new one two from with that this then them they who what when just over only about after also been by "
    "can did do does done got get gave go goes id if im ill ive into last left made may more most much need now our own read "
    "ran said saw see sent than took upon very want well went were will your that thats mine "
    "says say number numbers id serial code card file form plan site"
)
_GROUP_BEFORE = re.compile(r"(number |numbers |id |is |its |it |was |says |serial |code )?(?<![\w'’])([a-z]{2,4}) $")
_MOST_GROUPS, _LONG, _NEAR = 3, 4, 36
_GROUP = re.compile(r"(?<![\w'’])([a-z]{2,8}) $")
_LINK = re.compile(r" ?(?:['’]?s |is |its |it |thats |that |was |as |number )*")
BODY = r"(?:palm|(?:finger|voice|face|hand)?prints?|thumb|iris|retina|bio|(?:ear|face) ?maps?|ear|voice|vein|gait)"
_OF_BODY = re.compile(rf"(?<![\w'’])(?:(?P<small>[a-z]{{2,4}})|[A-Z]{{2,8}}) (?P<body>{BODY}) $")
_FILE_BODY = re.compile(r"(?<![\w'’])(?:bio|(?:ear|face)maps?) $")  # said of files alone: a part of their number
# "Im gate tp 20117": a word before letters that are none, where a code begins.
_LETTERS_AND_DIGITS = re.compile(r"[bcdfghjklmnpqrstvwxz]{2,3} \d{5,}\b")
_WORD_FIRST = re.compile(r"(?:^|(?<![\w'’])(?P<before>[a-z]+) )(?P<word>[a-z]{3,5}) $")
_BEGINS_AFTER = word_set("im is its was thats says as under after")
# A British driver's number: five letters of the name, six digits, two letters and more.
_DRIVER_NAME, _DRIVER_REST = re.compile(r"\b[a-z]{2,5} $"), re.compile(r"\d{6} ?[a-z9]{2}\d[a-z]{2}")
_WORDLIKE = re.compile(
    r"[^aeiou]*[aeiou][^aeiou]|[^aeiou]+[aeiou]+|[aeiou][^aeiou][aeiou]|[^aeiou][aeiou]\w\w|[^aeiou]{2}[aeiou]+[^aeiou]"
)
# Short for something else, but not before two groups of digits ("pm 40 8812").
_BEFORE_GROUPS = word_set("pm mm ml cm km kg ft lb ac bc ct rd nd iv tv ad")
_TWO_GROUPS = re.compile(r"\d{2,4} (?:[a-z]{1,3} )?\d{2,}")
_AFTER_NUMBER = re.compile(rf"(?:\d|\b{NUMBER_WORD}|\b(?:oh|half|hundred|oclock)) $")
_CODE_TOO = word_set("pm dr am ms st tv us uk ct la ny ca tx fl mr rn md pt er or")
_GROUP_AFTER = re.compile(r" ([a-z]{2,3})(?![\w'’])")
_CONTRACTED = word_set(
    "ive ill im id hes shes were its thats youre youve wed theyd isnt cant dont wont didnt whos hows"
)
_STATES = {"ohio", "iowa", "utah", "guam"}


def with_letter_groups(text: str, start: int, end: int) -> tuple[int, int]:
    """A run with the letter groups beside written digits that are no words ("yrp 418 22")."""
    if not any(character.isdigit() for character in text[start:end]):
        return start, end
    if _DRIVER_REST.fullmatch(text, start, end) and (name := _DRIVER_NAME.search(text, max(0, start - 7), start)):
        start = name.start()
    for _ in range(2):
        before = _GROUP_BEFORE.search(text[max(0, start - 18) : start])
        if before is None:
            break
        as_code = (
            before[1] is not None and before[2] not in _FUNCTION and (before[2] in _CODE_TOO or not _is_word(before[2]))
        )
        as_code = as_code or _begins_groups(text, before[2], start, end)
        if not as_code and (_is_word(before[2]) or _WORDLIKE.fullmatch(before[2])):
            break
        start -= len(before[2]) + 1
    start = _with_word_first(text, start, end)
    after = _GROUP_AFTER.match(text[end : end + 8])
    if after is not None and not _is_word(after[1]) and after[1] not in NOT_NAMES:
        end += len(after[0])
    return start, end


def _with_word_first(text: str, start: int, end: int) -> int:
    """The start of a run with the word that begins its code, after a name or "is" and nothing that announces it."""
    if _LETTERS_AND_DIGITS.match(text, start, end) is None:
        return start
    first = _WORD_FIRST.search(text[max(0, start - 24) : start])
    if first is None or first["word"] in _FUNCTION or first["word"] in TALK_WORDS or announced_before(first["word"]):
        return start
    before = first["before"]
    at_start = before is None and len(first["word"]) + 1 == start
    named = before is not None and (before in _BEGINS_AFTER or know(before).clear)
    return start - len(first["word"]) - 1 if at_start or named else start


def _begins_groups(text: str, group: str, start: int, end: int) -> bool:
    """Whether a group that is short for something stands before groups of digits, and after no time or amount."""
    if group not in _BEFORE_GROUPS or _TWO_GROUPS.match(text, start, end) is None:
        return False
    at = start - len(group) - 1
    return _AFTER_NUMBER.search(text, max(0, at - 12), at) is None


def with_announced_group(text: str, start: int) -> int:
    """A run's start with the letter groups right between the announcing words and the digits ("policy ho 2281").

    Up to three, words or not: nothing else stands there in speech. Long groups count only where they are no words.
    """
    before = text[max(0, start - 80) : start]
    at = len(before)
    for _ in range(_MOST_GROUPS):
        group = _GROUP.search(before, 0, at)
        if group is None or group[1] in _FUNCTION or re.fullmatch(rf"{NUMBER_WORD}|{FILLER}", group[1]):
            return start
        if (len(group[1]) > _LONG and know(group[1]).word != NEVER) or announced_before(group[1]) is not None:
            return start
        at = group.start()
        near = announced_before(before[max(0, at - _NEAR) : at])
        if near is not None and _LINK.fullmatch(before[at - near.distance : at]):
            return start - len(before) + at
    return start


def with_part_of_body(text: str, start: int) -> int:
    """A run's start with what names the file of a print: "twic print 5508", "tv palm 4413"; else the run's own start."""
    named = _OF_BODY.search(text, max(0, start - 20), start)
    file = _FILE_BODY.search(text, max(0, start - 10), start)
    begins = named.start() if named is not None else start
    if named is not None and (small := named["small"]) and _is_word(small) and not re.fullmatch(NO_GROUP, small):
        begins = start if file is None or small in _FUNCTION or small in TALK_WORDS else begins
    return min(begins, file.start() if file is not None else start)


def _is_word(group: str) -> bool:
    return (
        group in common_words()
        or group in TALK_WORDS
        or group in words("first_names")
        or group in _STATES
        or group in _CONTRACTED
        or re.fullmatch(
            rf"{NO_GROUP}|{ATTACHED_UNIT}|{NUMBER_WORD}|{FILLER}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec", group
        )
        is not None
    )
