"""From utterances to turns: neighbouring utterances of one speaker are one turn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts.roles import NOBODY, Cast, Utterance, plain
from relcode.transcripts.typed_notes import to_normal_form

_BREAK = re.compile(r"[\n\r\v\f\u2028\u2029]")


def turns_of(utterances: Sequence[Utterance], cast: Cast, path: Path) -> tuple[Turn, ...]:
    """Give each utterance its speaker and join neighbouring utterances of one speaker into a turn.

    Line breaks within an utterance become spaces, notes such as `(laughs)` take the normal form. What `cast`
    gives to nobody is left out.

    Raises
    ------
    TranscriptError
        Utterances that end before they start.
    """
    backwards = [u.place for u in utterances if u.t0 is not None and u.t1 is not None and u.t1 < u.t0]
    if backwards:
        faults = [f"{path}:{place.removeprefix('line ')}: it ends before it starts" for place in backwards]
        raise TranscriptError(f"{path}: some times run backwards:", faults)
    turns: list[Turn] = []
    texts: list[str] = []  # of the turn that is not yet complete
    start: float | None = None
    end: float | None = None
    before: str | None = None
    for utterance in utterances:
        text = written(utterance)
        speaker = cast.speakers[plain(utterance.mark)] if text else NOBODY
        if speaker == NOBODY:
            continue
        if speaker != before:
            if before is not None:
                turns.append(Turn(len(turns) + 1, before, " ".join(texts), start, end))
            before, texts, start, end = speaker, [text], utterance.t0, utterance.t1
        else:
            texts.append(text)
            end = _latest(start, end, utterance.t1)
    if before is not None:
        turns.append(Turn(len(turns) + 1, before, " ".join(texts), start, end))
    return tuple(turns)


def written(utterance: Utterance) -> str:
    """The utterance as its turn holds it: on one line, notes in the normal form."""
    text = utterance.text
    one_line = " ".join(filter(None, map(str.strip, _BREAK.split(text)))) if _BREAK.search(text) else text.strip()
    return to_normal_form(one_line)


def _latest(start: float | None, *ends: float | None) -> float | None:
    known = [end for end in ends if end is not None]
    return max(known) if known and max(known) >= (start or 0) else None
