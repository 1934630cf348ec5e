"""The ledger: every push, label, confirmation and decision, append-only and hash-chained; current labels are a view."""

from relcode.ledger.events import CALIBRATION, CODE, CONSENSUS, KINDS, RECODE, Event, NewEvent, Row, write_events
from relcode.ledger.store import Ledger, LedgerMoved

__all__ = [
    "CALIBRATION",
    "CODE",
    "CONSENSUS",
    "KINDS",
    "RECODE",
    "Event",
    "Ledger",
    "LedgerMoved",
    "NewEvent",
    "Row",
    "write_events",
]
