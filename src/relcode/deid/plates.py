"""Plates with a word on them ("he has a vanity plate, it's KETTLE 9"): too short to be a number of their own form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relcode.deid.heard import Heard
from relcode.deid.lists import NOT_NAMES, TALK_WORDS
from relcode.deid.spoken import NUMBER_WORDS, word_set

Found = tuple[int, int, str, float, str]

_SEEN = word_set("plate plates numberplate numberplates rego vanity")
_PLATE = re.compile(
    r"\b(?:(?:number|licen[cs]e|vanity|car|private|personali[sz]ed|custom) ?plates?|plates?|rego|vanity)\b", re.I
)
_SAYS = re.compile(
    r"\b(?:it['’]?s|says?|said|reads?|spells?|is|was)[ ,:]+(?:the )?(?P<x>(?P<word>[a-z]{2,7})[ -]?\d{1,4}|"
    r"\d{1,4} (?P<last>[a-z]{2,6}))\b"
    r"(?! ?(?:percent|dollars?|bucks|pounds?|years?|times|minutes|miles|inches|hours|days|weeks|months|"
    r"grams|calories|cups)\b|[.:]\d)",
    re.I,
)
_NEAR = 80
_NO_WORD = word_set(
    "only about like just over under around almost nearly number from for in at on by since with to of up and or an the "
    "least most plus now then page size table step degrees dollars inches people of in on at pounds percent times years"
)


def find_plates(heard: Heard) -> Iterator[Found]:
    """A word and digits that are said to stand on a plate of a vehicle."""
    if not (heard.has_digits and heard.has(_SEEN)):
        return
    for match in _SAYS.finditer(heard.text):
        word = (match["word"] or match["last"]).lower()
        if match["last"] and not match["last"].isupper():
            continue  # "20 grams"
        if word in _NO_WORD or word in TALK_WORDS or word in NOT_NAMES or word in NUMBER_WORDS:
            continue
        if _PLATE.search(heard.text, max(0, match.start() - _NEAR), match.start()) is not None:
            yield *match.span("x"), "VEHICLE", 0.72, "word and number on a plate"
