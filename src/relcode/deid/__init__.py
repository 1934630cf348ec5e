"""De-identification: find identifiers, replace them by tags or surrogates, review, and the gate before text leaves."""

from relcode.deid.decision_file import append_decisions, read_decisions
from relcode.deid.decisions import Decision, Decisions, decisions_in_force, new_decisions
from relcode.deid.detect import Finding, detect, known_names
from relcode.deid.gate import check_gate, gate_faults, override, record_deid
from relcode.deid.replace import DeidResult, OffsetMap, deidentify, move_spans

__all__ = [
    "Decision",
    "Decisions",
    "DeidResult",
    "Finding",
    "OffsetMap",
    "append_decisions",
    "check_gate",
    "decisions_in_force",
    "deidentify",
    "detect",
    "gate_faults",
    "known_names",
    "move_spans",
    "new_decisions",
    "override",
    "read_decisions",
    "record_deid",
]
