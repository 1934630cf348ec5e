"""The segments behind a figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from relcode.rates.cells import thirds_of
from relcode.rates.groups import Condition, Metadata, holding
from relcode.rates.unsure import Band

PLACE = ["session_id", "turn", "segment", "speaker", "start", "end"]


def segments_behind(
    rows: pd.DataFrame,
    code: str,
    metadata: Metadata,
    where: Sequence[Condition] = (),
    *,
    at_least: float | None = None,
    unsure: Band | None = None,
) -> pd.DataFrame:
    """The segments in which the machine holds a code, of those sessions and thirds that fulfil all conditions.

    Parameters
    ----------
    rows
        Scores of whole sessions.
    at_least
        Take instead those from this probability on, whether it holds there or not.
    unsure
        Take instead those in this band, which the machine should not decide; of speakers who may bear the code (others have
        the probability 0).

    Returns
    -------
    Columns: those of `PLACE`, `probability` and `held`.
    """
    column = code.replace(".", "_")
    session, names = pd.factorize(rows["session_id"])
    kept = holding([str(name) for name in names], metadata, where)
    probable, held = rows[f"p_{column}"].to_numpy(), rows[f"y_{column}"].to_numpy(np.bool_)
    wanted = held if at_least is None else probable >= at_least
    if unsure is not None:
        wanted = unsure.holds(probable) & (probable > 0)
    wanted = wanted & kept[session, thirds_of(rows["turn"].to_numpy(), session, len(names))]
    found = rows.loc[wanted, PLACE].copy()
    found["probability"], found["held"] = probable[wanted], held[wanted]
    return found
