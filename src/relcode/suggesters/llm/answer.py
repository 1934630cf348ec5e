"""From what a model wrote to exact spans: a known code, a turn that was asked for, words that stand there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from relcode.records import Span, Turn
from relcode.suggesters.llm.client import NoAnswerError
from relcode.suggesters.llm.prompt import Window

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
# Models straighten what typesetting bent. One character for one, so that offsets stay.
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "–": "-", "—": "-"})
_MOST_OF_A_REASON = 200


class _Item(msgspec.Struct):
    turn: int
    code: str
    quote: str
    occurrence: int | None = None
    reason: str = ""


def items_of(content: str) -> list[Any]:
    """The items of an answer, not yet looked at.

    Raises
    ------
    NoAnswerError
        It is not the JSON that was asked for.
    """
    text = _THOUGHTS.sub("", content)
    fenced = _FENCED.match(text)
    try:
        found = msgspec.json.decode(fenced[1] if fenced else text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise NoAnswerError("an answer that is no JSON") from None
    items = found.get("labels") if isinstance(found, dict) else None
    if not isinstance(items, list):
        raise NoAnswerError("an answer without a list of labels")
    return items


def spans_of(items: Sequence[Any], window: Window) -> tuple[list[Span], Counter[str]]:
    """The spans that items stand for, code and speaker not yet checked; and why others stand for none, counted."""
    turns = {turn.turn: turn for turn in window.turns}
    spans: list[Span] = []
    left_out: Counter[str] = Counter()
    for raw in items:
        try:
            item = msgspec.convert(raw, _Item, strict=False)
        except msgspec.ValidationError:
            left_out["not of the form asked for"] += 1
            continue
        turn = turns.get(item.turn)
        place = "the turn was not asked for" if turn is None else _place(item, turn)
        if turn is None or isinstance(place, str):
            left_out[str(place)] += 1
            continue
        start, end = place
        reason = " ".join(item.reason.split())[:_MOST_OF_A_REASON]
        why = (reason,) if reason else ()
        spans.append(Span(window.session_id, turn.turn, start, end, turn.text[start:end], item.code, why=why))
    return spans, left_out


def _place(item: _Item, turn: Turn) -> tuple[int, int] | str:
    """Where the quoted words stand in the turn; or why that cannot be said."""
    quote, text = item.quote.strip().translate(_PLAIN), turn.text.translate(_PLAIN)
    if not quote:
        return "no words are quoted"
    starts = [start for start in range(len(text) - len(quote) + 1) if text.startswith(quote, start)]
    if not starts:
        return "the words do not stand in the turn"
    if len(starts) == 1:
        return starts[0], starts[0] + len(quote)
    if item.occurrence is None or not 1 <= item.occurrence <= len(starts):
        return "the words stand several times in the turn"
    return starts[item.occurrence - 1], starts[item.occurrence - 1] + len(quote)
