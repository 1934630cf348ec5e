"""The gate and surrogates: what relcode put in does not keep it shut, what it left in does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from relcode.deid import deidentify, gate_faults, record_deid
from relcode.deid.invented_stretches import found_outside, invented_stretches
from relcode.ledger import Ledger
from relcode.records import Session, Turn

LINES = ("C: I told Dr. Okafor on March 3rd, in Toledo.", "C: Ring 260-555-0112, or ask at Larkmoor Elementary.")


def test_the_gate_opens_for_surrogates_and_its_record_holds_no_words(
    tmp_path: Path, session_of: Callable[..., Session]
) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    result = deidentify([session_of(*LINES, session_id="Sarah Jones 1", dyad="D")], mode="surrogate")
    assert record_deid(result, ledger) == 1
    assert record_deid(result, ledger) == 0
    assert gate_faults(result.sessions, ledger) == []
    (event,) = ledger.events("deid")
    assert event.payload["session_id"] == "S-1"
    assert event.payload["mode"] == "surrogate"
    assert event.payload["labels"] == {"DATE": 1, "LOCATION": 1, "NAME": 1, "ORG": 1, "PHONE": 1}
    assert event.payload["findings"] == 5
    assert len(event.payload["detectors"]) == 16
    assert all(isinstance(part, int) or part.isupper() for place in event.payload["invented"] for part in place)


def test_without_the_record_of_its_places_the_gate_would_stumble(session_of: Callable[..., Session]) -> None:
    result = deidentify([session_of(*LINES)], mode="surrogate")
    assert found_outside(result.sessions[0], (), 0.8)
    assert not found_outside(result.sessions[0], invented_stretches(result)["S1"], 0.8)


def test_a_real_name_beside_a_surrogate_is_found_where_it_stands(session_of: Callable[..., Session]) -> None:
    text = "I told Peter, and Dr. Okafor told Anna."
    session = session_of(f"C: {text}")
    places = [(1, 7, 12, "NAME"), (1, text.index("Anna"), text.index("Anna") + 4, "NAME")]
    ((turn, start, end),) = found_outside(session, places, 0.8)
    assert (turn, text[start:end]) == (1, "Okafor")


def test_the_gate_still_finds_what_was_left_in_a_text_on_record(
    tmp_path: Path, session_of: Callable[..., Session]
) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    result = deidentify([session_of(*LINES)], mode="surrogate")
    left = Session("S1", (*result.sessions[0].turns, Turn(3, "C", "Then Dr. Okafor rang.")))
    record_deid(replace(result, sessions=(left,)), ledger)
    (fault,) = gate_faults([left], ledger)
    assert fault == "session S1: still something found in turn 3"
