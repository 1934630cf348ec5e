"""The ledger: every push, label, confirmation and decision, append-only and hash-chained; current labels are a view."""

from relcode.ledger.events import KINDS, Event, NewEvent, write_events
from relcode.ledger.store import Ledger

__all__ = ["KINDS", "Event", "Ledger", "NewEvent", "write_events"]
