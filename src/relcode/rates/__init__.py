"""Rates that are right: machine scores corrected by what was coded by hand, with intervals by session."""

from relcode.rates.cells import Cells
from relcode.rates.estimates import Figure
from relcode.rates.groups import Condition
from relcode.rates.hand import HandCoded, hand_coded
from relcode.rates.query import segments_behind
from relcode.rates.sample_file import read_sample
from relcode.rates.sampling import BatchWeights, batch_weights, even_weights
from relcode.rates.table import RateRow, Rates, rate_rows
from relcode.rates.unions import Union, union_cells, union_rows
from relcode.rates.unsure import Band, band_of, hand_coded_units

__all__ = [
    "Band",
    "BatchWeights",
    "Cells",
    "Condition",
    "Figure",
    "HandCoded",
    "RateRow",
    "Rates",
    "Union",
    "band_of",
    "batch_weights",
    "even_weights",
    "hand_coded",
    "hand_coded_units",
    "rate_rows",
    "read_sample",
    "segments_behind",
    "union_cells",
    "union_rows",
]
