"""De-identification: find identifiers, replace them by tags or surrogates, review, and the gate before text leaves."""

from relcode.deid.decision_file import append_decisions, read_decisions
from relcode.deid.decisions import Decision, Decisions, decisions_in_force, new_decisions
from relcode.deid.detect import Finding, detect, known_names
from relcode.deid.gate import check_gate, gate_faults, override, record_deid
from relcode.deid.key import Key
from relcode.deid.key_file import KeyFile, is_encrypted, open_key
from relcode.deid.offsets import OffsetMap, move_spans
from relcode.deid.replace import DeidResult, deidentify, deidentify_by_dyad

__all__ = [
    "Decision",
    "Decisions",
    "DeidResult",
    "Finding",
    "Key",
    "KeyFile",
    "OffsetMap",
    "append_decisions",
    "check_gate",
    "decisions_in_force",
    "deidentify",
    "deidentify_by_dyad",
    "detect",
    "gate_faults",
    "is_encrypted",
    "known_names",
    "move_spans",
    "new_decisions",
    "open_key",
    "override",
    "read_decisions",
    "record_deid",
]
