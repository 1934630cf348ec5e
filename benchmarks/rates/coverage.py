"""How often nominal 95 % intervals of rates hold the true rate, in simulated corpora.

Sessions differ in their rates (beta-binomial, intraclass correlation RHO), in their length, and in how the machine errs
on them. The machine was trained where the code was on 5 % of units: its probabilities are wrong everywhere else. A random
part of the sessions is coded by hand, or (`--uneven`) those with many decisions for the code more often, with known
probabilities.

    python benchmarks/rates/coverage.py [--runs 1000] [--rho 0.015] [--sensitivity 0.7] [--specificity 0.97] [--uneven]

RHO: in the largest published table, self-disclosure had 1.73 % of a session's interventions (SD 2.03) and talk of the
therapeutic relationship 1.60 % (SD 1.52), of about 110 a session (Gumz et al. 2017): intraclass correlations of .015 and .006.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from scipy.stats import norm

from relcode.rates.estimates import Figure
from relcode.rates.rules import figure_of, results_of
from relcode.rates.sums import Floats, Sums

SESSIONS, LENGTH = 400, 150  # of the corpus; units a session on average
TRAINED_AT = 0.05
PREVALENCES = (0.01, 0.03, 0.10, 0.30)
CODED = (5, 10, 20, 40, 80)
FIGURES = ("raw", "labels alone", "adjusted", "powered", "powered, decisions")


def corpus(
    prevalence: float, rho: float, sensitivity: float, specificity: float, drawn: np.random.Generator
) -> dict[str, Floats]:
    """Sums by session: units, the code present, the machine's decisions and probabilities, both."""
    length = np.maximum(30, drawn.negative_binomial(9, 9 / (9 + LENGTH), SESSIONS))
    spread = 1 / rho - 1
    rates = drawn.beta(prevalence * spread, (1 - prevalence) * spread, SESSIONS)
    session = np.repeat(np.arange(SESSIONS), length)
    present = drawn.random(len(session)) < rates[session]
    threshold = norm.ppf(specificity)
    distance = threshold - norm.ppf(1 - sensitivity)
    habit = drawn.normal(0, 0.25, SESSIONS)[session]
    score = drawn.normal(0, 1, len(session)) + present * distance + habit
    decided = score > threshold
    odds = distance * score - distance**2 / 2 + np.log(TRAINED_AT / (1 - TRAINED_AT))
    probable = 1 / (1 + np.exp(-odds))
    columns = {
        "present": present,
        "decided": decided,
        "probable": probable,
        "squared": probable**2,
        "both": present & decided,
        "expected": probable * present,
    }
    sums = {name: np.bincount(session, values, SESSIONS) for name, values in columns.items()}
    return {"units": length.astype(np.float64), **sums}


def draw(found: dict[str, Floats], coded: int, uneven: bool, drawn: np.random.Generator) -> Floats:
    """By session, 1 / (how likely it was to be coded), 0 where it was not: exactly so many, drawn systematically."""
    likely = np.full(SESSIONS, coded / SESSIONS)
    if uneven:
        size = 0.2 * np.mean(found["decided"]) + found["decided"]
        likely = np.minimum(coded * size / size.sum(), 1.0)
        likely[likely < 1] *= (coded - (likely == 1).sum()) / likely[likely < 1].sum()
    order = drawn.permutation(SESSIONS)
    steps = np.floor(np.cumsum(likely[order]) + drawn.random())
    weight = np.zeros(SESSIONS)
    chosen = order[np.diff(steps, prepend=0.0) > 0]
    weight[chosen] = 1 / likely[chosen]
    return weight


def sums_of(found: dict[str, Floats], weight: Floats) -> Sums:
    coded = weight > 0
    return Sums(
        units=found["units"],
        decided=found["decided"],
        probable=found["probable"],
        squared=found["squared"],
        coded=coded * found["units"],
        present=coded * found["present"],
        weight=weight * found["units"],
        w_present=weight * found["present"],
        w_decided=weight * found["decided"],
        w_probable=weight * found["probable"],
        w_both=weight * found["both"],
        w_expected=weight * found["expected"],
    )


def figures(sums: Sums) -> Iterator[tuple[str, Figure]]:
    results = results_of(sums, sums)
    yield "raw", figure_of(results.raw)
    yield "labels alone", figure_of(results.labelled)
    yield "adjusted", figure_of(results.adjusted, symmetrical=True)
    yield "powered", figure_of(results.powered)
    yield "powered, decisions", figure_of(results_of(sums, sums, predictor="decision").powered)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--rho", type=float, default=0.015)
    parser.add_argument("--sensitivity", type=float, default=0.7)
    parser.add_argument("--specificity", type=float, default=0.97)
    parser.add_argument("--uneven", action="store_true")
    parser.add_argument("--coded", type=int, nargs="+", default=CODED)
    parser.add_argument("--prevalences", type=float, nargs="+", default=PREVALENCES)
    given = parser.parse_args()
    print("Held the true rate in % of runs / mean width in percentage points (not given in % of runs)")
    print("| rate | coded sessions |", " | ".join(FIGURES), "|", flush=True)
    print("|---|---|" + "---|" * len(FIGURES))
    for prevalence in given.prevalences:
        for coded in given.coded:
            held, widths = defaultdict(list), defaultdict(list)
            drawn = np.random.default_rng([coded, round(1000 * prevalence)])
            for _ in range(given.runs):
                found = corpus(prevalence, given.rho, given.sensitivity, given.specificity, drawn)
                weight = draw(found, coded, given.uneven, drawn)
                sums = sums_of(found, weight)
                for name, figure in figures(sums):
                    if figure.low is not None and figure.high is not None:
                        held[name].append(figure.low <= prevalence <= figure.high)
                        widths[name].append(figure.high - figure.low)
            cells = []
            for name in FIGURES:
                if not held[name]:
                    cells.append("never given")
                    continue
                refused = 1 - len(held[name]) / given.runs
                cell = f"{100 * np.mean(held[name]):.1f} / {100 * np.mean(widths[name]):.2f}"
                cells.append(cell + (f" ({100 * refused:.0f})" if refused > 0.005 else ""))
            print(f"| {100 * prevalence:g} % | {coded} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
