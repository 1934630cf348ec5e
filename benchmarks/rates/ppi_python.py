"""Figures of ppi-python 0.2.3, which `tests/rates/test_estimators.py` holds relcode's against.

It needs numba, statsmodels and gdown and knows no sessions, and so is no dependency:

    python -m venv ppi && ppi/bin/pip install ppi-python==0.2.3 && ppi/bin/python benchmarks/rates/ppi_python.py
"""

import numpy as np
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

for seed in (1, 2, 3):
    drawn = np.random.default_rng(seed)
    present = drawn.random(460) < 0.2
    predicted = np.clip(0.1 + 0.8 * present + drawn.normal(0, 0.3, 460), 0, 1)
    given = present[:60].astype(float), predicted[:60], predicted[60:]
    low, high = ppi_mean_ci(*given, alpha=0.05)
    print(seed, *(round(float(np.ravel(each)[0]), 4) for each in (ppi_mean_pointestimate(*given), low, high)))
