"""Labels against the sessions and the codebook that they are used with: every fault, nothing passed over in silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relcode.codebook import Codebook, OwnLabels
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.spans import span_fault, turn_texts


def label_faults(sessions: Sequence[Session], labels: OwnLabels, codebook: Codebook) -> list[str]:
    """All that is wrong with labels, a line a fault: no transcript, not the words of the turn, code, codebook, speaker."""
    texts = turn_texts(sessions)
    speakers = {(s.session_id, turn.turn): turn.speaker for s in sessions for turn in s.turns}
    missing = sorted(labels.sessions - set(texts))
    faults = [f"session {name}: labelled, but no transcript of it is there" for name in missing]
    for span in labels.spans:
        fault = span_fault(span, texts) or _code_fault(span, speakers.get((span.session_id, span.turn)), codebook)
        if fault:
            faults.append(f"session {span.session_id}, turn {span.turn}, {span.start} to {span.end}: {fault}")
    return faults


def labelled_sessions(sessions: Sequence[Session], labels: OwnLabels) -> list[Session]:
    """The sessions that the labels name, in the order of `sessions`."""
    return [session for session in sessions if session.session_id in labels.sessions]


def fitted_before(codebook: Codebook, sessions: Sequence[Session]) -> int:
    """To how many of the sessions the codebook's weights were fitted: figures on these are not held out."""
    known = codebook.fitted_to
    return sum(hash_session(session)[:12] in known for session in sessions)


def known_sessions(card: dict[str, Any]) -> list[dict[str, str]]:
    """The coded sessions (id, dyad, hash) that went into a model: those it was trained on, and its teacher's."""
    return [*card["training"]["sessions"], *card.get("teacher", {}).get("trained_on", [])]


def _code_fault(span: Span, speaker: str | None, codebook: Codebook) -> str | None:
    if span.code not in codebook.by_id:
        return f"there is no code {span.code} in {codebook.reference}"
    if speaker is not None and not codebook.allows(span.code, speaker):
        return f"{span.code} is not for speaker {speaker}"
    return None
