"""Nicknames that point to one person: "call me Idaho Pickle", "Captain Orange. That's what he calls her"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relcode.deid.heard import Heard
from relcode.deid.lexicon import know
from relcode.deid.lists import NOT_NAMES, TALK_WORDS, common_words
from relcode.deid.spoken import NUMBER_WORD, NUMBER_WORDS, PHONETIC, PHONETIC_WORD, UNIT, word_set

Found = tuple[int, int, str, float, str]

WITH_TITLE = "unusual nickname, with a title"
_WHOM = r"(?:me|him|her|us|you|them|myself|himself|herself)"
_CALLING = (
    rf"(?:call(?:s|ed|ing)? {_WHOM}|(?:nicknam|dubb|christen)(?:es?|ed)?(?: (?:{_WHOM}|was|is))?|known (?:\w+ ){{0,3}}as|"
    r"w[ea]nt by|goes by|go by|going by|(?:nick|pet )?names? for (?:me|him|her|us|you)(?: was| is|['’]?s)?|"
    r"(?:cb|radio|trail|derby|stage|pen|drag|ring|street|dj|road|camp|code) (?:name|handle)(?: was| is|['’]?s)?|"
    r"call ?sign(?: was| is|['’]?s)?|"
    r"nickname(?: was| is|['’]?s)?|on the (?:cb|radio) (?:i|he|she) (?:was|am|is)|i was always|answers? to)"
)
_RUN = r"[A-Z][\w'’]+(?: [A-Z][\w'’]+)"
_CALLED = re.compile(rf"\b(?i:{_CALLING}),? (?:the )?[\"“']?(?P<x>{_RUN}{{1,2}})\b(?! [A-Z])")
_CALLED_UNCASED = re.compile(rf"\b{_CALLING} (?:the )?(?P<x>(?P<first>[a-z]{{3,}}) (?P<second>[a-z]{{3,}}))\b")
_NAMED_SO = re.compile(
    r"\b(?:(?:(?:cb|radio|trail|derby|stage|pen|drag|ring|street|dj|camp|code) (?:name|handle)|nickname|call ?sign)"
    r"(?: was| is|s)|on the (?:cb|radio) (?:i|he|she) (?:was|am|is)(?! [a-z]+ing\b)) (?P<x>[a-z]{3,}(?: [a-z]{3,})?)\b"
)
_IS_CALLED = (
    rf"[.,!?…\"”-]* (?:that['’]?s (?:{_WHOM})[.,!]* )?(?:that['’]?s|that was|that is|is|was) what "
    rf"(?:he|she|they|we|i|everyone|everybody|people|\w+) (?:always |used to |all )?(?:calls?|called|calling) {_WHOM}\b"
)
_RANK = (
    r"(?:captain|mrs|mr|ms|miss|mister|king|queen|prince|princess|lady|lord|sir|doctor|dr|professor|chief|general|sergeant|"
    r"major|colonel|agent|saint|big|little|lil|old)"
)
_SO_CALLED = (
    re.compile(rf"\b(?P<x>{_RUN}{{1,2}})(?i:{_IS_CALLED})"),
    re.compile(rf"\b(?P<x>{_RANK} [a-z]{{3,}})(?:{_IS_CALLED})"),
    re.compile(rf"\b(?P<x>(?i:[a-z]{{4,}}))(?i:{_IS_CALLED})"),
)
# "He was Badger One and I was Badger Two."
_NUMBERED = r"(?:one|two|three|four|five|six|seven|number \w+)"
_SOMEBODY = r"(?:(?:i|you|he|she) (?:was|were|am|are|is)|(?:i['’]?m|you['’]?re|he['’]?s|she['’]?s))"
_COUNTED = (
    r"(?:number|no|the|only|plan|grade|phase|stage|level|step|day|week|year|class|row|group|room|type|choice|option|"
    r"priority|person|patient|student|player|team|seat|bed|twin|child|kid|age|form)"
)
_PAIR = re.compile(
    rf"\b{_SOMEBODY} (?P<x>(?!{_COUNTED}\b)(?P<name>[a-z]{{3,}}) {_NUMBERED}),? and {_SOMEBODY} (?P<y>(?P=name) {_NUMBERED})\b",
    re.I,
)
# "Ten Minute Terry": an amount and a name; a vocative has a comma.
_AMOUNT = (
    rf"(?:{NUMBER_WORD}|\d{{1,3}})[ -](?:minute|second|hour|dollar|pound|mile|beer|bottle|star|finger|shot|gallon)"
)
_TIMED = (
    re.compile(rf"\b(?i:{_AMOUNT}) (?P<name>[A-Z][a-z]{{2,}})\b"),
    re.compile(rf"(?<![Ii]n )(?<![Ff]or )(?<![Aa]bout )(?<![Ll]ast )\b(?i:{_AMOUNT})s (?P<name>[A-Z][a-z]{{2,}})\b"),
)
_TIMED_SMALL = (
    re.compile(
        rf"(?<!\ba )(?<!the )(?<!an )(?<!this )(?<!costs )(?<!every )(?<!for )\b{_AMOUNT} (?P<name>[a-z]{{3,}})\b"
    ),
)
_AMOUNT_SEEN = re.compile(r"(?:inute|econd|our|ollar|ound|ile|eer|ottle|tar|inger|hot|allon)s? [A-Z]")
_AMOUNTS = word_set(
    "minute minutes second seconds hour hours dollar dollars pound pounds mile miles beer beers bottle star finger shot gallon"
)
_SIGN = re.compile(
    rf"\bcall ?sign(?:,| was| is|['’]?s)* (?P<x>(?:{PHONETIC_WORD}|[a-z]|[a-z]+(?= (?:{NUMBER_WORD}|\d)))"
    rf"(?:[ ,-]{{1,2}}(?:{PHONETIC_WORD}|{NUMBER_WORD}|[b-hj-z]|\d{{1,4}})\b)+)",
    re.I,
)
# "My call sign, they used it for years. Cobalt Six Tango": a word, digits and a letter of the radio alphabet.
_RADIO = re.compile(rf"\b(?P<x>[a-z]{{4,}}(?: {UNIT}){{1,3}} {PHONETIC_WORD})\b", re.I)
_RADIO_TALK = re.compile(r"\bcall ?signs?\b|\b(?:over|on) the (?:radio|net)\b|\bcomms\b")
_NOBLE = r"(?:princess|queen|king|prince|duke|duchess|lady|lord|captain|boss|goblin|monster|fairy|wizard|ninja|gremlin)"
_ENDEARMENTS = word_set(
    "mama mamma momma mom mommy mum mummy dad daddy papa pop pops nana nanny gran granny grandma grandpa auntie aunt uncle "
    "sister brother sis bro son daughter cousin baby babe honey hon sweetheart sweetie darling dear love girl boy man woman "
    "lady guy one big little old lil miss mister sir kid child thing friend doctor sugar angel"
)
# What goes on after a name in small letters.
_GOES_ON = (
    TALK_WORDS
    | NOT_NAMES
    | word_set(
        "because cause when always today yesterday tonight and but for since like all now then again the that who said says "
        "really so kind sort very pretty not stupid dumb funny weird mean cute later back "
        "until once ever never every just only even still too one to in on at with from last this"
    )
)
_CALLED_RANK = re.compile(
    r"\b(?:call(?:s|ed|ing)?|nicknamed|dubbed) (?:me|him|her|us) (?P<x>(?P<words>[a-z]{3,} [a-z]{3,}) "
    r"(?:deputy|sheriff|mayor|sergeant|commander|inspector|marshal|admiral|senator|captain|princess|queen|king|prince|"
    r"duchess|wizard|ninja|bandit|goblin|gremlin|pirate|detective|ambassador))\b"
)
_SEEN = word_set(
    "call calls called calling nicknamed nickname dubbed christened goes go going went known answer answers radio cb always "
    "name names handle sign callsign"
)
_WHAT, _CALLS = word_set("what"), word_set("call calls called calling")
_FREQUENT = 3  # a first name, in half powers of ten
_PAIRED = word_set("one two")


def find_nicknames(heard: Heard) -> Iterator[Found]:
    """Names of several words, or in no list, by which people say that somebody is called."""
    text = heard.text
    if heard.has(_SEEN):
        so_called = _so_called(text) if heard.has(_WHAT) and heard.has(_CALLS) else ()
        found = [*_called(text, small=text == heard.lower), *so_called]
        for start, end, probability in found:
            yield start, end, "OTHER_ID", probability, "unusual nickname"
        yield from _with_rank(text, {text[start:end] for start, end, _ in found})
    if heard.has(_AMOUNTS) and (heard.has_digits or heard.has(NUMBER_WORDS)):
        yield from _timed(text, small=text == heard.lower)
    if "sign" in heard.words or "callsign" in heard.words:
        for match in _SIGN.finditer(text):
            yield *match.span("x"), "OTHER_ID", 0.9, "call sign"
    if heard.has(PHONETIC) and heard.has(NUMBER_WORDS):
        radio = _RADIO_TALK.search(f"{heard.before.lower()} {heard.lower}") is not None
        for match in _RADIO.finditer(text):
            words = match["x"].split()
            if all(word[0].isupper() for word in words) or (
                radio and words[0].lower() not in _GOES_ON and not re.fullmatch(_COUNTED, words[0], re.I)
            ):
                yield *match.span("x"), "OTHER_ID", 0.78 if radio else 0.7, "call sign"
    if heard.words >= _PAIRED:
        for match in _PAIR.finditer(text):
            yield *match.span("x"), "OTHER_ID", 0.7, "nicknames of two"
            yield *match.span("y"), "OTHER_ID", 0.7, "nicknames of two"


def _timed(text: str, *, small: bool) -> Iterator[Found]:
    """An amount and a first name; surer in the singular, which no vocative follows ("wait five minutes Frank")."""
    if not small and _AMOUNT_SEEN.search(text) is None:
        return
    for pattern in _TIMED_SMALL if small else _TIMED:
        for match in pattern.finditer(text):
            if _is_first_name(match["name"], cased=not small):
                plural = match.group().split()[-2].endswith("s")
                yield *match.span(), "OTHER_ID", 0.7 if plural else 0.93, "nickname of an amount and a name"


def _is_first_name(word: str, *, cased: bool) -> bool:
    """Whether a word after an amount is a first name; without capitals, one that is not mostly a word."""
    known = know(word.lower())
    return known.first >= _FREQUENT and (cased or known.odds >= -1)


def _called(text: str, *, small: bool) -> Iterator[tuple[int, int, float]]:
    if small:
        for match in _CALLED_UNCASED.finditer(text):
            first, second = match["first"], match["second"]
            if first.removesuffix("s") in common_words() and second in _CALLS:
                continue  # "nobodys called"
            noble = re.fullmatch(_NOBLE, second) is not None and first not in common_words()
            if noble or not {first, second} & common_words() or (know(first).unknown and second not in _GOES_ON):
                yield *match.span("x"), 0.58
        for match in _CALLED_RANK.finditer(text):
            if not _is_endearment(match["words"]) and _GOES_ON.isdisjoint(match["words"].split()):
                yield *match.span("x"), 0.58
        for match in _NAMED_SO.finditer(text):
            words = match["x"].split()
            if words[0] not in _GOES_ON:
                last = match.end() if words[-1] not in _GOES_ON else match.start("x") + len(words[0])
                yield match.start("x"), last, 0.6
    for match in _CALLED.finditer(text):
        if not _is_endearment(match["x"]):
            yield *match.span("x"), 0.62


def _so_called(text: str) -> Iterator[tuple[int, int, float]]:
    """What stands before "that's what he calls me"."""
    for pattern in _SO_CALLED:
        for match in pattern.finditer(text):
            words = match["x"].lower().split()
            if not _is_endearment(match["x"]) and (len(words) > 1 or know(words[0]).unknown):
                yield *match.span("x"), 0.6


def _with_rank(text: str, nicknames: set[str]) -> Iterator[Found]:
    """A title and the last word of a nickname: "Idaho Pickle", and then "Mrs. Pickle"."""
    last = sorted({re.escape(name.split()[-1]) for name in nicknames if " " in name})
    if last:
        for match in re.finditer(rf"\b{_RANK}\.? (?:{'|'.join(last)})\b", text, re.I):
            yield *match.span(), "OTHER_ID", 0.76, WITH_TITLE


def _is_endearment(words: str) -> bool:
    return all(word in _ENDEARMENTS for word in words.lower().split())
