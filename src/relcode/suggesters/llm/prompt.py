"""What a language model is asked: the codebook in its own words, then a window of turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from relcode.codebook import Codebook
from relcode.records import Session, Turn

WINDOW_TURNS = 12
WINDOW_CHARACTERS = 6000  # of small contexts the codebook takes the most
CONTEXT_TURNS = 4
MOST_LABELS_A_TURN = 4  # so that a model that repeats itself comes to an end
EXAMPLES = 3  # of each kind that tells a code from others: all of them would fill a small model's context
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, repr=False)
class Window:
    """Turns of a session to be coded, and some before them that are shown for their sense alone."""

    session_id: str
    before: tuple[Turn, ...]
    turns: tuple[Turn, ...]


def windows_of(sessions: Sequence[Session]) -> Iterator[Window]:
    """All turns of the sessions, each in one window; a long turn is a window of its own."""
    for session in sessions:
        first = 0
        while first < len(session.turns):
            last = first + 1
            length = len(session.turns[first].text)
            while last < len(session.turns) and last - first < WINDOW_TURNS:
                length += len(session.turns[last].text)
                if length > WINDOW_CHARACTERS:
                    break
                last += 1
            before = session.turns[max(first - CONTEXT_TURNS, 0) : first]
            yield Window(session.session_id, before, session.turns[first:last])
            first = last


def messages_for(codebook: Codebook, window: Window) -> list[dict[str, str]]:
    """The messages of a request: the codebook and the task, then the turns."""
    asked = _environment().get_template("window.txt.j2").render(window=window)
    return [{"role": "system", "content": instructions(codebook)}, {"role": "user", "content": asked}]


def answer_schema(codebook: Codebook, window: Window) -> dict[str, Any]:
    """The form of the answer, for servers that hold a model to one: small models lose themselves without."""
    fields = {
        "turn": {"type": "integer", "enum": [turn.turn for turn in window.turns]},
        "code": {"type": "string", "enum": list(codebook.code_ids)},
        "quote": {"type": "string"},
        "occurrence": {"type": "integer"},
        "reason": {"type": "string"},
    }
    item = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    labels = {"labels": {"type": "array", "items": item, "maxItems": MOST_LABELS_A_TURN * len(window.turns)}}
    whole = {"type": "object", "properties": labels, "required": ["labels"], "additionalProperties": False}
    return {"name": "labels", "strict": True, "schema": whole}


def instructions(codebook: Codebook) -> str:
    """The codebook's codes with definitions, what they include and exclude, rules and the first examples; and the task."""
    return _environment().get_template("codebook.txt.j2").render(codebook=codebook, most=EXAMPLES)


@cache
def _environment() -> Environment:
    # Plain text for a model, not a page for a browser: nothing is escaped.
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
