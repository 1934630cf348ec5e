"""How much there is to look at, before any code: turns, words, time, questions, silence, and who coded it."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from relcode.audit.clock import TIMED, gaps_before, seconds_by_session, session_minutes, turn_seconds
from relcode.audit.figure import Figure
from relcode.audit.intervals import Estimate, Ints, counted_over_sessions, without_value
from relcode.audit.material import Material
from relcode.audit.result import Exposure
from relcode.audit.shares import SPEAKERS, Words, rate_figure, share_of_segments
from relcode.records import Role

SILENCE_SECONDS = 3
_COUNTED = "Counted in full; over several sessions with the session bootstrap."
_SILENCE = re.compile(r"\[[^\[\]]*\b(?:pauses?|silences?|silent)\b[^\[\]]*\]", re.IGNORECASE)
_UNHEARD = re.compile(
    r"\[(?:unintelligible|inaudible|unclear|indistinct|indiscernible|not transcribed)\b[^\[\]]*\]", re.IGNORECASE
)
_NUMBERS = {"half a": 0.5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}
_LENGTH = re.compile(
    rf"(?P<number>\d+(?:[.,]\d+)?|\b(?:{'|'.join(_NUMBERS)}))[\s-]*(?P<unit>s\b|secs?\b|seconds?\b|mins?\b|minutes?\b)",
    re.IGNORECASE,
)


def exposure(material: Material, *, seed: int = 0) -> Exposure:
    """Count turns, words and segments; the therapist's share of the words and of questions; time, silence, coders.

    The talk share is counted, not estimated, within one session. A therapist segment is a question when it ends in a
    question mark, whatever its code. All sessions count, coded or not.
    """
    therapist = material.turn_is_therapist
    spoken = [_by_session(material, material.turn_words * side) for side in (therapist, ~therapist)]
    segments = {role: material.speaks(role) for role in SPEAKERS}
    minutes = session_minutes(material)
    return Exposure(
        sessions=len(material.sessions),
        turns=len(therapist),
        therapist_turns=int(therapist.sum()),
        client_turns=int((~therapist).sum()),
        therapist_words=int(spoken[0].sum()),
        client_words=int(spoken[1].sum()),
        therapist_segments=int(segments["T"].sum()),
        client_segments=int(segments["C"].sum()),
        talk_share=counted_over_sessions(spoken[0], spoken[0] + spoken[1], seed=seed),
        question_share=share_of_segments(material, "T", segments["T"] & material.is_question, seed=seed),
        timed_sessions=int((~np.isnan(minutes)).sum()),
        minutes=float(np.nansum(minutes)),
        coded_by=material.coded_by,
        codebooks=material.codebooks,
        figures=(
            talk_time(material, seed=seed),
            *(questions(material, role, seed=seed) for role in SPEAKERS),
            silent_time(material, seed=seed),
            noted_silences(material, seed=seed),
            unintelligible(material, seed=seed),
            human_coded(material),
        ),
    )


def talk_time(material: Material, *, seed: int = 0) -> Figure:
    """The therapist's share of the time in which somebody speaks; where there are no times, of the words.

    `n` of the estimate: seconds, or words. A session counts by the clock where nine in ten of its turns have a start
    and an end; then only such sessions count.
    """
    seconds = turn_seconds(material)
    known = _by_session(material, ~np.isnan(seconds))
    timed = known >= 0.9 * np.maximum(_by_session(material, np.ones(len(seconds))), 1)
    by_time = bool(timed.any())
    if by_time:
        own = seconds_by_session(material, np.where(material.turn_is_therapist, seconds, 0)) * timed
        all_of_it = seconds_by_session(material, seconds) * timed
        counted = f"{all_of_it.sum() / 60:.0f} minutes of speech in {int(timed.sum())} session(s) with times"
    else:
        own = _by_session(material, material.turn_words * material.turn_is_therapist).astype(np.float64)
        all_of_it = _by_session(material, material.turn_words).astype(np.float64)
        counted = f"{int(all_of_it.sum())} words: the transcripts do not say when turns start and end"
    return Figure(
        id="talk_time" if by_time else "talk_words",
        label=f"Therapist's share of the {'time spoken' if by_time else 'words, for want of times'}",
        short="therapist's talk",
        unit="share",
        estimate=counted_over_sessions(own, all_of_it, seed=seed),
        counted=counted,
        method=_COUNTED,
    )


def questions(material: Material, role: Role, *, seed: int = 0) -> Figure:
    """Segments of a speaker that end in a question mark, per 100; recognisers' transcripts may lack the marks."""
    speaks = material.speaks(role)
    mask = speaks & material.is_question
    words = Words(
        id=f"questions_{role}",
        label=f"{SPEAKERS[role].capitalize()}'s questions",
        short=f"{SPEAKERS[role]}'s questions",
        counted=f"{int(mask.sum())} of {int(speaks.sum())} segments end in a question mark",
        method="Per 100 segments of the speaker, whatever their code.",
    )
    return rate_figure(material, words, role, mask, seed=seed)


def silent_time(material: Material, *, seed: int = 0) -> Figure:
    """Share of the sessions' time that passes in gaps of three seconds or more between two turns.

    Silence within a turn is not seen. `n` of the estimate: seconds.

    Source: the three seconds are those of Frankel, Levitt, Murray, Greenberg & Angus 2006, Psychother Res 16:627-638.
    """
    gaps, minutes = gaps_before(material), session_minutes(material)
    usable = ~np.isnan(minutes) & (_by_session(material, ~np.isnan(gaps)) > 0)
    long = np.where(gaps >= SILENCE_SECONDS, gaps, 0) * usable[material.turn_session]
    places = material.turn_places(np.flatnonzero(long > 0))
    if not usable.any():
        estimate, counted = without_value(0, f"no turn's end and next turn's start are given ({TIMED})"), "no times"
    else:
        all_of_it = np.where(usable, 60 * np.nan_to_num(minutes), 0)
        estimate = counted_over_sessions(seconds_by_session(material, long), all_of_it, seed=seed)
        counted = (
            f"{len(places)} gaps, together {long.sum() / 60:.1f} of {all_of_it.sum() / 60:.0f} minutes, "
            f"the longest {long.max():.0f} seconds"
        )
    return Figure(
        id="silent_time",
        label="Time in gaps of three seconds or more between turns",
        short="silent time",
        unit="share",
        estimate=estimate,
        counted=counted,
        method=f"{_COUNTED} The turn listed is the one that ends the silence.",
        places=places,
    )


def noted_silences(material: Material, *, seed: int = 0) -> Figure:
    """Turns in which the transcript notes a pause or a silence (`[pause]`, `[silence, 40 sec]`), per 100 turns.

    How short a pause is noted depends on who transcribed: compare transcripts of one hand alone.
    """
    notes = [_SILENCE.findall(text) for text in _turn_texts(material)]
    noted = np.array([len(found) for found in notes], dtype=np.int64)
    lengths = [seconds for found in notes for note in found if (seconds := length_in_words(note)) is not None]
    places = material.turn_places(np.flatnonzero(noted))
    turns = _by_session(material, np.ones(len(noted)))
    return Figure(
        id="noted_silences",
        label="Turns with a noted pause or silence",
        short="noted silences",
        unit="per_100",
        estimate=counted_over_sessions(_by_session(material, noted > 0), turns, seed=seed).scaled(100),
        counted=f"{int(noted.sum())} notes in {len(places)} of {len(noted)} turns"
        + (f"; {len(lengths)} say how long, together {sum(lengths):.0f} seconds" if lengths else ""),
        method=_COUNTED,
        places=places,
    )


def length_in_words(note: str) -> float | None:
    """The seconds that a note names, in figures or in words.

    >>> length_in_words("[silence, about half a minute]"), length_in_words("[pause 1.5 seconds]")
    (30.0, 1.5)
    >>> length_in_words("[long pause]") is None
    True
    """
    found = _LENGTH.search(note)
    if found is None:
        return None
    number = found["number"].lower()
    value = _NUMBERS.get(number) or float(number.replace(",", "."))
    return value * (60 if found["unit"].lower().startswith("m") else 1)


def unintelligible(material: Material, *, seed: int = 0) -> Figure:
    """Stretches that were not understood, among them and the words; a lower bound, since a stretch may hide many words."""
    unheard = np.array([len(_UNHEARD.findall(text)) for text in _turn_texts(material)], dtype=np.int64)
    stretches = _by_session(material, unheard)
    places = material.turn_places(np.flatnonzero(unheard))
    return Figure(
        id="unintelligible",
        label="Not understood, of what was said (at least)",
        short="not understood",
        unit="share",
        estimate=counted_over_sessions(stretches, stretches + _by_session(material, material.turn_words), seed=seed),
        counted=f"{int(unheard.sum())} stretch(es) in {len(places)} of {len(unheard)} turns, each counted as one word",
        method=_COUNTED,
        places=places,
    )


def human_coded(material: Material) -> Figure:
    """Share of all segments that lie in sessions which people alone coded."""
    n = len(material.segment_turn)
    by_people = int(material.human[material.segment_session].sum())
    sessions = int(material.human.sum())
    return Figure(
        id="human_coded",
        label="Coded by people",
        short="coded by people",
        unit="share",
        estimate=Estimate(by_people / n, None, None, n) if n else without_value(0, "there are no segments"),
        counted=f"{by_people} of {n} segments, in {sessions} of {len(material.sessions)} session(s)",
        method="Counted. A session in which any label is a machine's counts as not coded by people.",
    )


def _turn_texts(material: Material) -> list[str]:
    return [turn.text for session in material.sessions for turn in session.turns]


def _by_session(material: Material, values: npt.NDArray[np.generic]) -> Ints:
    """The sum of something over the turns (axis) of each session."""
    sums = np.bincount(material.turn_session, weights=values, minlength=len(material.sessions))
    return sums.astype(np.int64)
