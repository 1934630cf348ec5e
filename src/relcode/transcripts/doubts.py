"""Doubts on what was read: true things that often mean a wrongly read file. They hold no words and no names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from relcode.records import Session, Turn
from relcode.transcripts.roles import Cast, Utterance, ordinal, plain
from relcode.transcripts.times import AN_HOUR

_LONG_TURN = 1000  # words
_SHARE = 0.98
_FEW_WORDS = 200  # a session so short says nothing of shares
_SLACK = 1.0  # seconds by which a turn may begin before the one before it: speakers overlap
_RESTART = 60.0
_LONGEST = 6 * AN_HOUR
# words of file names that begin with a capital and are nobody's name
_COMMON = """session sessions transcript transcription interview tape recording audio video final draft copy clean edited version
    part week day month year client patient therapist counsellor counselor clinic group couple family intake follow up case
    study site cohort wave time point baseline dyad pilot training supervision zoom teams otter rev new old the of and
    january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday speaker meeting untitled document"""


def doubts_of(session: Session, utterances: Sequence[Utterance], cast: Cast) -> list[str]:
    """Doubts on times, speakers and turns of one session."""
    return [*_of_times(session.turns), *_of_turns(session.turns), *_of_speakers(session.turns, utterances, cast)]


def doubt_of_name(path: Path, session_id: str) -> str | None:
    """A doubt where a file's name, which becomes the session's id, looks as if it holds a person's name."""
    if session_id != path.stem:
        return None
    words = re.findall(r"[^\W\d_]+", path.stem)
    capitals = [word for word in words if word.istitle() and len(word) > 2 and word.lower() not in _COMMON.split()]
    together = re.search(r"(?<![^\W\d_])[A-Z][^\W\d_]+[ _.-]+[A-Z][^\W\d_]+", path.stem)
    if not capitals or (len(capitals) < 2 and not together):
        return None
    return "the file's name may hold a person's name; it becomes the session's id: rename the file before coding"


def _of_times(turns: Sequence[Turn]) -> list[str]:
    doubts: list[str] = []
    timed = [turn for turn in turns if turn.t0 is not None]
    if timed and len(timed) < len(turns):
        doubts.append(f"{len(turns) - len(timed)} of {len(turns)} turns have no time")
    restarts: list[int] = []
    backwards: list[int] = []
    latest = 0.0
    for turn in timed:
        start = turn.t0 or 0.0
        if start < latest - _SLACK:
            is_restart = start < _RESTART and latest > 4 * _RESTART
            (restarts if is_restart else backwards).append(turn.turn)
            latest = start if is_restart else latest
        latest = max(latest, start)
    if restarts:
        doubts.append(
            f"times start anew {_times(len(restarts))}, first in turn {restarts[0]} (a second tape?); they are kept as they are"
        )
    if backwards:
        doubts.append(f"times run backwards {_times(len(backwards))}, first in turn {backwards[0]}")
    if timed and (timed[0].t0 or 0) >= AN_HOUR:
        doubts.append("the first time is later than an hour: times of the day?")
    if timed and (timed[-1].t0 or 0) - (timed[0].t0 or 0) > _LONGEST:
        hours = ((timed[-1].t0 or 0) - (timed[0].t0 or 0)) / AN_HOUR
        doubts.append(f"the session would last {hours:.1f} hours: minutes and seconds read as hours and minutes?")
    return doubts


def _of_turns(turns: Sequence[Turn]) -> list[str]:
    long = [(turn.turn, words) for turn in turns if (words := turn.text.count(" ") + 1) > _LONG_TURN]
    if not long:
        return []
    number, words = max(long, key=lambda turn: turn[1])
    return [
        f"{len(long)} turn(s) of more than {_LONG_TURN} words, the longest is turn {number} ({words}): a mark missed?"
    ]


def _of_speakers(turns: Sequence[Turn], utterances: Sequence[Utterance], cast: Cast) -> list[str]:
    words: dict[str, int] = {}
    for turn in turns:
        words[turn.speaker] = words.get(turn.speaker, 0) + turn.text.count(" ") + 1
    total = sum(words.values())
    doubts: list[str] = []
    if len(words) == 1:
        doubts.append(f"only {next(iter(words))} speaks")
    elif total >= _FEW_WORDS and max(words.values()) >= _SHARE * total:
        speaker = max(words, key=words.__getitem__)
        doubts.append(f"{speaker} has {words[speaker] / total:.0%} of the words: marks missed?")
    order: dict[str, int] = {}
    counts: dict[str, int] = {}
    for utterance in utterances:
        mark = plain(utterance.mark)
        if utterance.text.strip():
            order.setdefault(mark, len(order) + 1)
            counts[mark] = counts.get(mark, 0) + 1
    if len(counts) > 2:
        doubts += [
            f"the {ordinal(order[mark])} speaker mark ({cast.speakers.get(mark, '?')}) has one utterance: words read as a mark?"
            for mark, number in counts.items()
            if number == 1 and len(utterances) > 10
        ]
    left_out = sum(counts[mark] for mark, speaker in cast.speakers.items() if speaker == "none" and mark in counts)
    return doubts + ([f"{left_out} utterance(s) of marks that are no speaker's were left out"] if left_out else [])


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
