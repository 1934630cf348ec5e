"""What was audited, in a few plain sentences: the first thing on the page."""

from __future__ import annotations

from collections.abc import Sequence

from relcode.audit.numbers import HARD, count, interval, number
from relcode.audit.result import AuditResult

_MOST_NAMED = 4
_MOST_CODES = 3


def title(result: AuditResult) -> str:
    """Whether this is a session, a course of sessions or a caseload."""
    lines = result.sessions
    if len(lines) == 1:
        return f"Audit of session {lines[0].session_id}"
    dyads = {line.dyad for line in lines}
    if len(dyads) == 1:
        return f"Audit of the course of {lines[0].dyad}"
    therapists = {line.therapist for line in lines if line.therapist}
    return f"Audit of the caseload of {therapists.pop()}" if len(therapists) == 1 else f"Audit of {len(lines)} sessions"


def sentences(result: AuditResult) -> list[str]:
    """Who, how much, what was coded most, and what became of the ruptures; each sentence by itself."""
    return [_who(result), _how_much(result), *_codes(result), *_ruptures(result)]


def _who(result: AuditResult) -> str:
    lines = result.sessions
    therapists = sorted({line.therapist for line in lines if line.therapist})
    by = f"therapist{'s' if len(therapists) > 1 else ''} {_some(therapists)}" if therapists else "no therapist named"
    if len(lines) == 1:
        (line,) = lines
        numbered = "A session" if line.session_number is None else f"Session {line.session_number}"
        return f"{numbered} of dyad {line.dyad}, with {by}{'' if line.coded else '; no codes were given for it'}."
    coded = sum(line.coded for line in lines)
    numbers = sorted(line.session_number for line in lines if line.session_number is not None)
    dyads = sorted({line.dyad for line in lines})
    of = f"dyad {dyads[0]}" if len(dyads) == 1 else f"{len(dyads)} dyads"
    which = f", numbers {numbers[0]} to {numbers[-1]}" if len(dyads) == 1 and numbers else ""
    all_coded = "all of them coded" if coded == len(lines) else f"{coded} of them coded"
    return f"{len(lines)} sessions of {of}{which}, with {by}; {all_coded}."


def _how_much(result: AuditResult) -> str:
    found = result.exposure
    words = count(found.therapist_words + found.client_words, "word")
    talk = found.talk_share
    said = ""
    if talk.value is not None:
        limits = interval(talk, "share")
        said = f"; the therapist says {number(talk.value, 'share')} of them{f' ({limits})' if limits else ''}"
    timed, minutes = "", f"{found.minutes:.0f}{HARD}minutes"
    if found.timed_sessions == found.sessions:
        timed = f" in {minutes}"
    elif found.timed_sessions:
        said += f"; {found.timed_sessions} of {count(found.sessions, 'session')} have times ({minutes})"
    return f"{count(found.turns, 'turn')} and {words}{timed}{said}."


def _codes(result: AuditResult) -> list[str]:
    """The relational codes given most often, by speaker; a machine's counts are said to be that."""
    told = []
    for role, name in (("T", "therapist"), ("C", "client")):
        rates = [
            rate
            for rate in result.rates
            if rate.speaker == role and rate.count and not rate.mode and not rate.name.endswith(", of any kind")
        ]
        most = sorted(rates, key=lambda rate: -rate.count)[:_MOST_CODES]
        if most:
            listed = ", ".join(f"{rate.name} ({rate.code}, {rate.count})" for rate in most)
            told.append(f"Segments of the {name} carry most often{_whose(result)}: {listed}.")
    if not told and any(line.coded for line in result.sessions):
        told.append("No relational code was given.")
    return told


def _ruptures(result: AuditResult) -> list[str]:
    episodes = result.episodes
    if not episodes:
        return []
    met = sum(episode.repair_turn is not None for episode in episodes)
    return [f"{count(len(episodes), 'rupture episode')}; {met} met a repair within five turns{_whose(result)}."]


def _whose(result: AuditResult) -> str:
    return ", by a machine's count" if result.uncorrected else ""


def _some(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"
