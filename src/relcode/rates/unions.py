"""Rates of codes taken together, or of one speaker: what `Cells` adds up for each of them as if it were a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import pandas as pd

from relcode.codebook import Code, Codebook
from relcode.rates.cells import Cells
from relcode.rates.hand import HandCoded
from relcode.records import Role

_KEYS = ["session_id", "turn", "segment", "speaker", "start", "end"]


class Union(msgspec.Struct, frozen=True):
    """Segments of one speaker that carry any of these codes. `codes`: ids as they stand in the codebook."""

    role: Role
    codes: tuple[str, ...]

    @property
    def id(self) -> str:
        """What it is called among the columns of scores."""
        return "_or_".join([self.role, *self.codes]).replace(".", "_")


def union_cells(
    codebook: Codebook, unions: Sequence[Union], codes: Sequence[str], hand: Mapping[str, HandCoded]
) -> Cells:
    """Empty `Cells` of these unions; add rows as `union_rows` makes them.

    `codes`: those that `hand` has, in the order of its columns.
    """
    named = [Code(id=union.id, name=union.id, speakers=[union.role], definition="", prior=0.5) for union in unions]
    book = Codebook(
        id=codebook.id, version=codebook.version, title=codebook.title, authors=codebook.authors, codes=named
    )
    columns = [[codes.index(code) for code in union.codes] for union in unions]
    together = {
        name: HandCoded(
            coded.places,
            np.stack([coded.present[:, own].any(axis=1) for own in columns], axis=1),
            coded.weight,
        )
        for name, coded in hand.items()
    }
    return Cells(book, [union.id for union in unions], together)


def union_rows(rows: pd.DataFrame, unions: Sequence[Union]) -> pd.DataFrame:
    """Scores (contract form 3) of unions: held where any of the codes is, as probable as the most probable of them.

    Probabilities need not be those of the union: whatever the predictions are, the estimate is right on average.
    """
    made = {name: rows[name] for name in _KEYS}
    for union in unions:
        own = [code.replace(".", "_") for code in union.codes]
        made[f"p_{union.id}"] = rows[[f"p_{code}" for code in own]].max(axis=1)
        made[f"y_{union.id}"] = rows[[f"y_{code}" for code in own]].any(axis=1)
    return pd.DataFrame(made)
