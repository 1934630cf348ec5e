"""The ledger: every push, label, confirmation and decision, append-only and hash-chained; current labels are a view."""

from relcode.ledger.events import CONSENSUS, KINDS, Event, NewEvent, write_events
from relcode.ledger.store import Ledger

__all__ = ["CONSENSUS", "KINDS", "Event", "Ledger", "NewEvent", "write_events"]
