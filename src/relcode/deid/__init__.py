"""De-identification: find identifiers, replace them by tags or surrogates, and the gate before the coders' server."""

from relcode.deid.detect import Finding, detect, known_names
from relcode.deid.gate import check_gate, gate_faults, override, record_deid
from relcode.deid.key import Key
from relcode.deid.key_file import KeyFile, is_encrypted, open_key
from relcode.deid.offsets import OffsetMap, move_spans
from relcode.deid.replace import DeidResult, deidentify, deidentify_by_dyad

__all__ = [
    "DeidResult",
    "Finding",
    "Key",
    "KeyFile",
    "OffsetMap",
    "check_gate",
    "deidentify",
    "deidentify_by_dyad",
    "detect",
    "gate_faults",
    "is_encrypted",
    "known_names",
    "move_spans",
    "open_key",
    "override",
    "record_deid",
]
