"""The design of a batch: what a coordinator asks for, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from relcode.configuration import coder_faults
from relcode.ledger import CONSENSUS

UNITS = ("session", "page")
_SHARES = ("double_share", "blind_share", "recode_share", "calibration_share")


class Chosen(msgspec.Struct, frozen=True, omit_defaults=True):
    """A session, or one turn of it, that was chosen; `probability`: how likely it was to be chosen, where known."""

    session_id: str
    turn: int | None = None
    probability: float | None = None


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch is to be.

    Parameters
    ----------
    unit
        What is dealt out: whole sessions, or pages (runs of about 15 turns).
    coders_a_unit
        How many coders each unit gets.
    double_share
        Share of the units (0 to 1) that get a second coder, where `coders_a_unit` is 1; a fifth by default.
    blind_share
        Share of each coder's pages that come without suggestions, to measure anchoring.
    recode_share
        Pages to be coded again, unmarked, for every page to be coded; of those the coder confirmed in earlier batches at
        least `recode_gap_days` ago.
    calibration, calibration_share
        Sessions with accepted labels that all coders get, blind; or how many pages of such sessions are drawn for every
        page to be coded.
    sessions, pages
        How many of the sessions are drawn, and (unit `page`) how many of their pages; None: all.
    chosen
        What to take instead of drawing.
    again
        Take also what earlier batches had.
    seed
        Draws everything that is drawn.
    """

    unit: str = "session"
    coders_a_unit: int = 1
    double_share: float | None = None
    blind_share: float = 0.1
    recode_share: float = 0.0
    recode_gap_days: float = 14.0
    calibration: tuple[str, ...] = ()
    calibration_share: float = 0.0
    sessions: int | None = None
    pages: int | None = None
    chosen: tuple[Chosen, ...] | None = None
    again: bool = False
    seed: int = 0

    def doubled(self, coders: int) -> float:
        """The share of units that get one coder more than `coders_a_unit`."""
        if self.double_share is not None:
            return self.double_share
        return 0.2 if self.coders_a_unit == 1 and coders > 1 else 0.0

    def arguments(self) -> dict[str, Any]:
        """The design as the ledger gives it back."""
        return msgspec.json.decode(msgspec.json.encode(self), type=dict[str, Any])


def design_faults(design: Design, coders: Sequence[str], name: str) -> list[str]:
    """Everything that is wrong with a call, in the words of the command line."""
    return [*_name_faults(coders, name), *_number_faults(design), *_contradictions(design, len(set(coders)))]


def _name_faults(coders: Sequence[str], name: str) -> Iterator[str]:
    if not name.strip() or not name.isprintable() or set("/\\") & set(name):
        yield "the batch's name: expected one such as pilot; transcripts are named after it"
    if not coders:
        yield "there is no coder; name them with --coder, or `coders` in relcode.toml"
    if CONSENSUS in coders:
        yield f"{CONSENSUS!r} names the project of adjudication; choose another name for the coder"
    yield from coder_faults(list(coders))


def _number_faults(design: Design) -> Iterator[str]:
    if design.unit not in UNITS:
        yield f"--unit: expected {' or '.join(UNITS)}"
    for key in _SHARES:
        value = getattr(design, key)
        if value is not None and not 0 <= value <= 1:
            yield f"--{key.replace('_', '-')}: expected a number from 0 to 1"
    if design.coders_a_unit < 1:
        yield "--coders-a-unit: expected a number of 1 or more"
    if not 0 <= design.recode_gap_days < float("inf"):
        yield "--recode-gap: expected a number of days, 0 or more"
    for key in ("sessions", "pages"):
        value = getattr(design, key)
        if value is not None and value < 0:
            yield f"--{key}: expected a number of 0 or more"


def _contradictions(design: Design, coders: int) -> Iterator[str]:
    if coders and design.coders_a_unit > coders:
        yield f"--coders-a-unit {design.coders_a_unit}: there are only {coders} coder(s)"
    if design.double_share and design.coders_a_unit > 1:
        yield "--double-share is for units of one coder; with --coders-a-unit of 2 or more every unit is coded doubly"
    if design.double_share and coders == 1:
        yield "--double-share: one coder alone cannot code doubly; name another with --coder"
    if design.pages is not None and design.unit != "page":
        yield "--pages is for --unit page; draw sessions with --sessions"
    if design.chosen is not None and (design.sessions is not None or design.pages is not None):
        yield "--chosen says what is taken; leave out --sessions and --pages"
    for session_id in sorted({each.session_id for each in design.chosen or ()} & set(design.calibration)):
        yield f"--chosen and --calibration both name session {session_id}"
    if design.calibration and design.calibration_share:
        yield "--calibration names the sessions; leave out --calibration-share"
