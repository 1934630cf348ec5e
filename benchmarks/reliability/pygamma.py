"""Reference figures of pygamma-agreement for random continua; tests/reliability/test_gamma.py compares with them.

pygamma-agreement (MIT) needs cvxpy and numba; it has an environment of its own:

    python -m venv pygamma && pygamma/bin/pip install pygamma-agreement==0.5.9
    pygamma/bin/python benchmarks/reliability/pygamma.py > tests/reliability/data/pygamma.json

Observed is the disorder of its best alignment, expected the mean of that of 1,500 continua of its
`ShuffleContinuumSampler`, which keeps shifts half a mean unit apart (the paper: a whole one).
"""

from __future__ import annotations

import json
import time
from importlib.metadata import version

import numpy as np
from pyannote.core import Segment
from pygamma_agreement import Continuum, PositionalSporadicDissimilarity, ShuffleContinuumSampler

SAMPLES = 1500
CASES = [(2, 5, 200), (2, 12, 400), (2, 3, 600), (3, 4, 200), (3, 8, 300), (3, 2, 500), (4, 3, 200), (4, 5, 300)]


def some_units(random: np.random.Generator, coders: int, places: int, words: int) -> list[list[list[int]]]:
    """Places in the text that coders find with errors: misses, other edges, and units of their own."""
    truth = np.sort(random.choice(words - 20, places, replace=False))
    units = []
    for _ in range(coders):
        own: list[list[int]] = []
        for place in truth:
            start = int(place + random.integers(-3, 4))
            end = start + int(random.integers(2, 15))
            if random.random() < 0.8 and start >= 0 and end <= words and (not own or start >= own[-1][1]):
                own.append([start, end])
        units.append(own)
    return units


def measured(units: list[list[list[int]]], words: int) -> dict[str, float]:
    continuum = Continuum()
    for coder, own in enumerate(units):
        continuum.add_annotator(f"coder {coder}")
        for start, end in own:
            continuum.add(f"coder {coder}", Segment(float(start), float(end)), "code")
    continuum.bound_inf, continuum.bound_sup = 0.0, float(words)
    dissimilarity = PositionalSporadicDissimilarity(delta_empty=1.0)
    started = time.perf_counter()
    observed = continuum.get_best_alignment(dissimilarity).disorder
    sampler = ShuffleContinuumSampler()
    sampler.init_sampling(continuum)
    drawn = [sampler.sample_from_continuum.get_best_alignment(dissimilarity).disorder for _ in range(SAMPLES)]
    return {
        "observed": float(observed),
        "expected": float(np.mean(drawn)),
        "standard_error": float(np.std(drawn) / SAMPLES**0.5),
        "seconds": round(time.perf_counter() - started, 2),
    }


def main() -> None:
    np.random.seed(5)  # pygamma's sampler draws from numpy's global generator
    random = np.random.default_rng(5)
    cases = []
    for coders, places, words in CASES:
        units = some_units(random, coders, places, words)
        cases.append({"words": words, "units": units, **measured(units, words)})
    print(json.dumps({"pygamma-agreement": version("pygamma-agreement"), "samples": SAMPLES, "cases": cases}))


if __name__ == "__main__":
    main()
