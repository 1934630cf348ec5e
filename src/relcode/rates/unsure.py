"""Where the machine should rather not decide: a band of probabilities whose segments a person looks at.

From its upper edge on a code holds, below its lower edge it does not, and of both a hand-coded sample of sessions that the
model never saw says how often that is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import pandas as pd

from relcode.codebook import Codebook
from relcode.rates.hand import HandCoded, matched
from relcode.rates.sums import Bools, Floats

LEAST_HITS = 10
NEVER = float("inf")


class Band(msgspec.Struct, frozen=True):
    """The probabilities of a code at which the machine does not decide: from `low` (in) up to `high` (not in).

    Attributes
    ----------
    low, high
        `low` 0: too few units bear the code to leave any out. `high` infinite: nowhere so many are right as wished. Equal: both
        wishes are kept without a person.
    units, bearing
        Of the hand-coded sample: units, and those with the code.
    unsure, precision, recall
        In that sample: the share of units in the band; of the units from `high` on, the share that bears the code; of the
        units that bear it, the share from `low` on. None where there is no such unit.
    """

    low: float
    high: float
    units: int
    bearing: int
    unsure: float
    precision: float | None
    recall: float | None

    def holds(self, probability: Floats) -> Bools:
        """Where a segment lies in the band."""
        return np.asarray((probability >= self.low) & (probability < self.high), dtype=np.bool_)


def band_of(probable: Floats, present: Bools, *, precision: float = 0.8, recall: float = 0.9) -> Band:
    """Choose the band of one code so that these wishes are kept, with as few units in it as can be.

    `high` is the lowest probability from which on `precision` of the units bear the code (ten hits or more), `low` the highest
    below which no more than 1 - `recall` of the units with the code lie. Both counts are made as if one more unit spoke
    against: (right) / (held + 1) and (missed + 1) / (bearing + 1).

    Parameters
    ----------
    probable, present
        Of hand-coded units whose speaker may bear the code, of sessions that the model never saw. Axis: unit.

    Raises
    ------
    ValueError
        There is no unit.

    Source: a classifier that may pass: Geifman & El-Yaniv (2017), arXiv 1705.08500. The count with one more against, and what it
    promises of one exchangeable unit: conformal risk control, Angelopoulos, Bates, Fisch, Lei & Schuster (2022), arXiv
    2208.02814. Units of one session are not exchangeable, and precision does not fall evenly: what the wishes come to on other
    dyads is measured (docs/statistics.md).
    """
    if not len(probable):
        raise ValueError("a band needs hand-coded units")
    low, high = _low(probable[present], recall), _high(probable, present, precision)
    high = max(low, high)
    held, kept = probable >= high, probable >= low
    return Band(
        low,
        high,
        len(probable),
        int(present.sum()),
        float((kept & ~held).mean()),
        float(present[held].mean()) if held.any() else None,
        float(kept[present].mean()) if present.any() else None,
    )


def hand_coded_units(
    rows: pd.DataFrame, code: str, hand: Mapping[str, HandCoded], codebook: Codebook
) -> tuple[Floats, Bools]:
    """Of rows of scores of whole sessions, the probabilities and labels of hand-coded units whose speaker may bear a code.

    `hand`: what `hand_coded` found of this code alone.

    Raises
    ------
    LabelError
        As `matched`.
    """
    session, names = pd.factorize(rows["session_id"])
    present, weight = matched(rows, session, [str(name) for name in names], hand, 1)
    speakers = {name for name in rows["speaker"].unique() if codebook.allows(code, str(name))}
    own = (weight > 0) & rows["speaker"].isin(speakers).to_numpy()
    probable = rows.loc[own, f"p_{code.replace('.', '_')}"].to_numpy(np.float64)
    return probable, present[own, 0] > 0


def _low(bearing: Floats, recall: float) -> float:
    """The highest edge below which no more of the units with the code lie than may be missed."""
    missed = int(np.floor((1 - recall) * (len(bearing) + 1) + 1e-9)) - 1
    return 0.0 if missed < 0 else float(np.sort(bearing)[missed])


def _high(probable: Floats, present: Bools, precision: float) -> float:
    """The lowest edge from which on enough units are right; units with one probability stand on one side."""
    order = np.argsort(-probable, kind="stable")
    right, held = np.cumsum(present[order]), np.arange(1, len(order) + 1)
    last = np.append(np.diff(probable[order]) != 0, True)
    enough = np.flatnonzero(last & (right >= LEAST_HITS) & (right >= precision * (held + 1)))
    return float(probable[order[enough[-1]]]) if len(enough) else NEVER
