"""What the page's script reads: codes and episodes at once; turns and the lists of turns packed, until they are opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from relcode.audit.exchange import Episode
from relcode.audit.figure import Place
from relcode.audit.looks import Look
from relcode.audit.result import AuditResult
from relcode.codebook import Codebook
from relcode.pages import embedded_json, packed_json
from relcode.records import Session, Span
from relcode.transcripts.tokens import TokenTable, tokenize


class PlaceLists:
    """The lists of turns behind the page's figures, each kept once; a figure names its list by number.

    Turns are numbered through all sessions, in their order; a list holds the first number and then the steps.
    """

    def __init__(self, sessions: Sequence[Session]) -> None:
        turns = ((session.session_id, turn.turn) for session in sessions for turn in session.turns)
        self._row = {place: row for row, place in enumerate(turns)}
        self._number: dict[tuple[int, ...], int] = {}

    def number(self, places: Iterable[Place]) -> int:
        """The number of the list of these turns."""
        rows = sorted({self._row[place.session_id, place.turn] for place in places})
        steps = tuple(row - before for row, before in zip(rows, [0, *rows], strict=False))
        return self._number.setdefault(steps, len(self._number))

    def data(self) -> Markup:
        """The lists, in the order of their numbers; to be asked for last, when all figures are on the page."""
        return packed_json(list(self._number))


def page_data(result: AuditResult, codebook: Codebook, looks: dict[str, Look], spans: Sequence[Span]) -> Markup:
    """What is needed at once: codes, sources, the names of the sessions, the rupture episodes."""
    row = {line.session_id: number for number, line in enumerate(result.sessions)}
    return embedded_json(
        {
            "codes": [
                [code.id, code.name, looks[code.id].letters, looks[code.id].form, codebook.reference_of(code.id)]
                for code in codebook.codes
            ],
            "modes": [number for number, code in enumerate(codebook.codes) if code.mode],
            "sources": _sources(spans),
            "sessions": [[line.session_id, line.sha256, line.turns, line.coded] for line in result.sessions],
            "episodes": [_episode(episode, row) for episode in result.episodes],
        }
    )


def sessions_data(
    sessions: Sequence[Session], codebook: Codebook, spans: Sequence[Span], *, redact: bool
) -> list[Markup]:
    """By session: its turns `[number, speaker, words, text]` and its spans `[turn's row, code, start, end, source, score,
    reasons]`. With `redact` the texts are empty; offsets and counts of words stay."""
    column = {code: number for number, code in enumerate(codebook.code_ids)}
    source = {name: number for number, name in enumerate(_sources(spans))}
    words = _words(tokenize(sessions))
    of_session: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        of_session[span.session_id].append(span)
    found = []
    for session in sessions:
        row = {turn.turn: number for number, turn in enumerate(session.turns)}
        marks = sorted(of_session[session.session_id], key=lambda span: (span.turn, span.start, span.end))
        turns = [
            [turn.turn, turn.speaker, words[session.session_id, turn.turn], "" if redact else turn.text]
            for turn in session.turns
        ]
        lines = [
            [row[span.turn], column[span.code], span.start, span.end, source[span.source], *_made(span)]
            for span in marks
        ]
        found.append(packed_json({"turns": turns, "spans": lines}))
    return found


def _words(table: TokenTable) -> dict[tuple[str, int], int]:
    """(session, turn) -> words said, as the audit counts them."""
    counts = np.bincount(table.turn_row[table.is_spoken], minlength=len(table.turn_session)).tolist()
    turns = [(session.session_id, turn.turn) for session in table.sessions for turn in session.turns]
    return dict(zip(turns, counts, strict=True))


def _made(span: Span) -> list[Any]:
    """What a machine says of its span, if it says anything."""
    if span.why:
        return [span.score, list(span.why)]
    return [] if span.score is None else [span.score]


def _sources(spans: Sequence[Span]) -> list[str]:
    return sorted({span.source for span in spans})


def _episode(episode: Episode, row: dict[str, int]) -> list[Any]:
    return [
        row[episode.session_id],
        episode.speaker,
        episode.first_turn,
        episode.last_turn,
        list(episode.kinds),
        episode.turns_after,
        episode.repair_turn,
        episode.repair_kind,
        episode.latency_turns,
    ]
