"""De-identification: find identifiers, replace them by tags or surrogates, and the gate before the coders' server."""

from relcode.deid.detect import Finding, detect, known_names
from relcode.deid.gate import check_gate, gate_faults, override, record_deid
from relcode.deid.replace import DeidResult, OffsetMap, deidentify, move_spans

__all__ = [
    "DeidResult",
    "Finding",
    "OffsetMap",
    "check_gate",
    "deidentify",
    "detect",
    "gate_faults",
    "known_names",
    "move_spans",
    "override",
    "record_deid",
]
