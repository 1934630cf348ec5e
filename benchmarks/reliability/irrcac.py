"""Reference figures of irrCAC for random tables; tests/reliability/test_coefficients.py compares with them.

irrCAC (MIT; Gwet's formulas) asks for older libraries than relcode; it has an environment of its own:

    python -m venv irrcac && irrcac/bin/pip install irrCAC==0.4.4
    irrcac/bin/python benchmarks/reliability/irrcac.py > tests/reliability/data/irrcac.json
"""

from __future__ import annotations

import json
from importlib.metadata import version

import numpy as np
import pandas as pd
from irrCAC.raw import CAC

CASES = [(2, 20, 2, 0.0), (3, 30, 2, 0.2), (3, 15, 3, 0.0), (4, 25, 4, 0.3), (5, 40, 2, 0.4), (2, 50, 5, 0.1)]


def some_table(random: np.random.Generator, coders: int, units: int, categories: int, missing: float) -> np.ndarray:
    truth = random.integers(categories, size=units)
    guess = random.integers(categories, size=(coders, units))
    ratings = np.where(random.random((coders, units)) < 0.6, truth, guess).astype(float)
    ratings[random.random((coders, units)) < missing] = np.nan
    return ratings


def measured(ratings: np.ndarray) -> dict[str, float]:
    program = CAC(pd.DataFrame(ratings.T), digits=9)
    found = {
        "fleiss_kappa": program.fleiss(),
        "ac1": program.gwet(),
        "pabak": program.bp(),
        "alpha": program.krippendorff(),
    }
    values = {name: float(result["est"]["coefficient_value"]) for name, result in found.items()}
    return values | {"percent_agreement": float(found["ac1"]["est"]["pa"])}


def main() -> None:
    random = np.random.default_rng(3)
    cases = []
    for shape in CASES:
        ratings = some_table(random, *shape)
        table = [[None if np.isnan(value) else int(value) for value in row] for row in ratings]
        cases.append({"ratings": table, **measured(ratings)})
    print(json.dumps({"irrCAC": version("irrCAC"), "cases": cases}))


if __name__ == "__main__":
    main()
