"""What a person looks through after the detectors: findings and doubts in context, as one HTML page without network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment
from markupsafe import Markup

from relcode.deid.decisions import LABELS, Decision, Decisions, decisions_in_force, plain_words
from relcode.deid.detect import REPLACE_AT, Finding, detect, known_names
from relcode.pages import embedded_json, joined_script, page_environment, source_hash
from relcode.provenance import hash_text
from relcode.records import Session

DOUBT_AT = 0.2
_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPT = ("sessions", "decisions", "groups", "turns", "missed", "files", "begin")


def findings_for_review(
    sessions: Iterable[Session],
    decisions: Iterable[Decision] = (),
    *,
    least: float = DOUBT_AT,
    entities: str | None = None,
) -> list[Finding]:
    """What the detectors find at `least` this probability; below `REPLACE_AT` it is a doubt, and stays unless accepted.

    As in `deidentify`, names found (or accepted or added by a person) anywhere in a dyad's sessions are looked for in all.
    """
    kept = list(sessions)
    review = decisions_in_force(decisions, kept)
    by_dyad: dict[str, list[Session]] = {}
    for session in kept:
        by_dyad.setdefault(session.dyad, []).append(session)
    names = {
        dyad: known_names(
            finding for session in group for finding in review.settle(session, detect(session, entities=entities))[0]
        )
        for dyad, group in by_dyad.items()
    }
    return [
        finding
        for session in kept
        for finding in detect(session, names=names[session.dyad], entities=entities)
        if finding.probability >= least
    ]


def is_decided(finding: Finding, session: Session, review: Decisions) -> bool:
    """Whether a person has said what a finding is, here or for the client's words."""
    here = review.here.get((finding.session_id, finding.turn), ())
    if any((decision.start, decision.end) == (finding.start, finding.end) for decision in here):
        return True
    return plain_words(finding.text) in review.client.get(session.dyad, {})


def render_review(
    sessions: Sequence[Session], findings: Sequence[Finding], decisions: Sequence[Decision] = (), *, who: str = ""
) -> str:
    """Render the page on which a person decides: self-contained, no network, nothing kept by the browser.

    The page holds the words of the sessions: whoever writes it makes the file readable by its owner alone.

    Parameters
    ----------
    findings
        Against the sessions' turns, as `findings_for_review` gives them.
    decisions
        What was decided before; the page begins with what of it still fits.
    who
        The name that the page begins with; the person may change it.
    """
    style = (_TEMPLATES / "review.css").read_text(encoding="utf-8")
    script = joined_script(_TEMPLATES / "review", _SCRIPT)
    return (
        _environment()
        .get_template("review.html.j2")
        .render(
            style=Markup(style),
            style_hash=source_hash(style),
            script=script,
            script_hash=source_hash(script),
            data=embedded_json(_page_data(sessions, findings, decisions, who)),
            sessions=len(sessions),
            labels=LABELS,
            replace_at=REPLACE_AT,
            who=who,
        )
    )


def _page_data(
    sessions: Sequence[Session], findings: Sequence[Finding], decisions: Sequence[Decision], who: str
) -> dict[str, Any]:
    """What the script reads. Offsets are code points here; the script turns them into those of its own strings."""
    row = {session.session_id: number for number, session in enumerate(sessions)}
    place = {(s.session_id, turn.turn): number for s in sessions for number, turn in enumerate(s.turns)}
    review = decisions_in_force(decisions, sessions)
    held = [decision for group in review.here.values() for decision in group]
    held += [decision for group in review.client.values() for decision in group.values()]
    others = {finding.label for finding in findings} | {decision.label for decision in held}
    return {
        "replaceAt": REPLACE_AT,
        "who": who,
        "labels": [*LABELS, *sorted(others - set(LABELS))],
        "sessions": [
            {
                "id": session.session_id,
                "dyad": session.dyad,
                "turns": [[turn.turn, turn.speaker, turn.text, hash_text(turn.text)] for turn in session.turns],
            }
            for session in sessions
        ],
        "findings": [
            [
                row[finding.session_id],
                place[finding.session_id, finding.turn],
                finding.start,
                finding.end,
                finding.label,
                round(finding.probability, 3),
                finding.reason,
            ]
            for finding in findings
        ],
        "decisions": msgspec.to_builtins(held),
    }


@cache
def _environment() -> Environment:
    return page_environment(_TEMPLATES)
