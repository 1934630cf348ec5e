"""The second look: names found anywhere in a dyad's sessions, in the turns where the first look passed them over."""

from __future__ import annotations

import re
from collections.abc import Sequence

from relcode.deid.detect import REPLACE_AT, Finding, detect
from relcode.records import Session

_WORD = re.compile(r"[^\W_]+")


def find_with_names(
    session: Session, found: Sequence[Finding], names: frozenset[str], *, entities: str | None = None
) -> list[Finding]:
    """What `detect(session)` has found, and what `detect` finds when it knows names of the dyad's other sessions.

    Only turns in which one of the names stands outside what was found as a name are looked at again. What was found there
    before stays (it may hang on the turns before, which are not looked at) unless something surer overlaps it.
    """
    parts = {part for name in names for part in _WORD.findall(name)}
    covered: dict[int, list[str]] = {}
    for finding in found:
        if finding.label == "NAME" and finding.probability >= REPLACE_AT:
            covered.setdefault(finding.turn, []).extend(_WORD.findall(finding.text.lower()))
    again = tuple(turn for turn in session.turns if _holds(turn.text.lower(), parts, covered.get(turn.turn, ())))
    if not again:
        return list(found)
    anew = detect(Session(session.session_id, again, session.metadata), names=names, entities=entities)
    looked_at = {turn.turn for turn in again}
    kept = [finding for finding in found if finding.turn not in looked_at]
    before = [finding for finding in found if finding.turn in looked_at]
    return sorted([*kept, *_surest([*anew, *before])], key=lambda finding: (finding.turn, finding.start))


def _surest(findings: Sequence[Finding]) -> list[Finding]:
    """Findings without overlaps: the surer, then the longer, then the earlier in the list stays."""
    kept: dict[int, list[Finding]] = {}
    for finding in sorted(findings, key=lambda f: (-f.probability, f.start - f.end)):
        others = kept.setdefault(finding.turn, [])
        if all(finding.end <= other.start or finding.start >= other.end for other in others):
            others.append(finding)
    return [finding for others in kept.values() for finding in others]


def _holds(lower: str, parts: set[str], covered: Sequence[str]) -> bool:
    """Whether words of the names stand in a turn more often than they were found."""
    words = _WORD.findall(lower)
    if parts.isdisjoint(words):
        return False
    return sum(word in parts for word in words) > sum(word in parts for word in covered)
