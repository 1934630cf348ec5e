"""Handles whose marks a recogniser has lost: "im paper kettle 41 on there", "theres an account paper kettle 41"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relcode.deid.heard import Heard
from relcode.deid.lexicon import know
from relcode.deid.lists import NOT_NAMES, TALK_WORDS, common_words
from relcode.deid.spoken import NUMBER_WORDS, word_set

Found = tuple[int, int, str, float, str]

_NET_TALK = re.compile(
    r"\b(?:online|internet|forum|discord|reddit|board|chat ?room|server|username|handle|gamer ?tag|insta|instagram|twitter|"
    r"tiktok|tumblr|twitch|snapchat|website|app|messages|comments?|posts?|posted|posting|mods?|playstation|xbox|game)\b"
)
# With dots, as a handle is written: three words and more, or two and a number.
_DOTTED = re.compile(
    r"(?<![\w.@/-])[a-z]{2,}(?:(?:\.[a-z]{2,}){2,}(?:\.?\d{1,4})?|\.[a-z]{2,}\.?\d{1,4})\b(?![@\w/%]|\.\w)"
)
_SOMEBODY = r"(?:i['’]?m|i am|he['’]?s|she['’]?s|they['’]?re|i go by|goes by)"
_NUMBERED = (
    re.compile(
        rf"\b{_SOMEBODY} (?P<x>(?P<words>[a-z]{{3,}}(?: [a-z]{{3,}}){{0,2}}) \d{{1,4}})"
        r"(?= (?:on (?:there|here|it|that)|there|over there)\b)"
    ),
    re.compile(
        r"\b(?:an?|this|one|another|some|the) (?:account|profile|user|poster)(?: called| named)? "
        r"(?P<x>(?P<words>[a-z]{3,}(?: [a-z]{3,}){0,2}) \d{1,4})\b"
    ),
)
_UNNUMBERED = (
    re.compile(rf"\b{_SOMEBODY} (?P<x>(?P<words>[a-z]{{3,}}(?: [a-z]{{3,}}){{1,2}}))(?= (?:on )?there\b)"),
    re.compile(r"\bthey['’]?re (?P<x>(?P<words>[a-z]{3,}(?: [a-z]{3,}){1,2}))(?= they['’]?re\b)"),
)
_SEEN = word_set("im am hes shes theyre re m goes go account profile user poster")
_WHERE = word_set("there here it that account profile user poster theyre")
_OF_AMOUNTS = word_set(
    "like about only just turning turned over under down number level page almost nearly already now still around past with "
    "has had was were balance ending ended from for opened closed charged owed charge worth least most another next last "
    "first best top rank ranked room unit aged age getting going been since until till ward bed seat"
)
_STATES = word_set(
    "always never really very not new safe happy lonely alone tired married busy famous fine good bad okay myself back still "
    "just only quite pretty too more most less least also even ever lost stuck sure glad sad scared worried welcome right "
    "home away out down up over under inside outside somewhere nowhere everywhere somebody anonymous nobody people friends "
    "half quiet invisible proud popular unwelcome depressed anxious awkward comfortable"
)
_RARE = 1  # how frequent (half powers of ten) the rarest word of a handle without a number may be
_ENDED = re.compile(r"(?:ing|ed|ly|er)$")


def find_handles(heard: Heard) -> Iterator[Found]:
    """Names of two words and more that somebody has on the net, where the talk is of the net."""
    text = heard.text
    if "." in text:
        yield from _dotted(text)
    if text != heard.lower or not (heard.has(_SEEN) and heard.has(_WHERE)):
        return
    found = list(_undotted(heard))
    if found and (_NET_TALK.search(heard.before) or _NET_TALK.search(text)):
        yield from found


def _undotted(heard: Heard) -> Iterator[Found]:
    text = heard.text
    if heard.has_digits:
        for pattern in _NUMBERED:
            for match in pattern.finditer(text):
                if _may_be_handle(match["words"]):
                    yield *match.span("x"), "OTHER_ID", 0.72, "name on the net, with a number"
    for pattern in _UNNUMBERED:
        for match in pattern.finditer(text):
            words = match["words"].split()
            rare = any(know(word).word <= _RARE or word in NOT_NAMES for word in words if word not in common_words())
            if rare and not any(word in TALK_WORDS or word in _STATES or _ENDED.search(word) for word in words):
                yield *match.span("x"), "OTHER_ID", 0.58, "name on the net"


def _may_be_handle(words: str) -> bool:
    said = words.split()
    return not any(
        word in _OF_AMOUNTS or word in TALK_WORDS or word in NOT_NAMES or word in NUMBER_WORDS for word in said
    )


def _dotted(text: str) -> Iterator[Found]:
    """A handle of words with dots, and no sentences whose space is lost ("wait.no.what")."""
    for match in _DOTTED.finditer(text):
        words = re.findall(r"[a-z]+", match.group())
        if len(set(words)) == len(words) and not any(word in TALK_WORDS or word in NOT_NAMES for word in words):
            yield *match.span(), "OTHER_ID", 0.72, "handle with dots"
