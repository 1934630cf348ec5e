"""How often the audit's intervals hold the truth, in invented sessions, balances, courses and caseloads.

Run: python benchmarks/audit/coverage.py [balance] (some minutes; with `balance` those alone).
"""

from __future__ import annotations

import sys

import numpy as np

from relcode.audit.blocks import design_effect
from relcode.audit.caseload import shrink
from relcode.audit.course import trend
from relcode.audit.intervals import jeffreys, ratio_over_sessions, score_limits
from relcode.audit.posterior import over_sessions

RUNS = 400


def one_session(turns: int, rate: float, stay: float, generator: np.random.Generator) -> tuple[bool, bool]:
    """Whether Wilson's interval, and that with blocks, hold the true rate of a session's therapist segments.

    A turn stays as the one before with the probability `stay`, else carries the code with `rate`; of the segments of a
    turn that carries it, four in five do.
    """
    own = turns // 2
    fresh, keep = generator.random(own) < rate, generator.random(own) < stay
    keep[0] = False
    on = fresh[np.maximum.accumulate(np.where(keep, 0, np.arange(own)))]
    segments = generator.geometric(0.45, own)
    marked = np.where(on, generator.binomial(segments, 0.8), 0)
    length = int(np.ceil(turns ** (1 / 3) - 1e-9))  # exchanges, each with one therapist turn
    block = np.minimum(np.arange(own) // length, max(own // length - 1, 0))
    counts, totals = (np.bincount(block, weights=values).astype(np.int64) for values in (marked, segments))
    n, share, truth = int(totals.sum()), counts.sum() / totals.sum(), 0.8 * rate
    limits = [score_limits(share, n), score_limits(share, n / design_effect(counts, totals))]
    return limits[0][0] <= truth <= limits[0][1], limits[1][0] <= truth <= limits[1][1]


def level_course(sessions: int, rate: float, generator: np.random.Generator) -> bool:
    """Whether the trend of a level course holds 1; 60 segments a session, intraclass correlation .03."""
    size = 1 / 0.03 - 1
    counts = generator.binomial(60, generator.beta(rate * size, (1 - rate) * size, sessions))
    factor, _, _ = trend(np.arange(float(sessions)), counts, np.full(sessions, 60))
    return (factor.low or 0) <= 1 <= (factor.high or 0)


def one_caseload(clients: int, generator: np.random.Generator) -> tuple[float, bool, float, float]:
    """Share of clients held, spread held, and the mean squared errors of the raw and of the drawn shares (x 10,000)."""
    truth = generator.beta(0.1 * 20, 0.9 * 20, clients)
    counts = generator.binomial(80, truth).astype(np.float64)
    lines, _, spread = shrink(counts, np.full(clients, 80.0))
    held = np.mean([(line.low or 0) <= share <= (line.high or 1) for line, share in zip(lines, truth, strict=True)])
    drawn = np.array([line.value for line in lines], dtype=np.float64)
    errors = (1e4 * np.mean((counts / 80 - truth) ** 2), 1e4 * np.mean((drawn - truth) ** 2))
    return (
        float(held),
        (spread.low or 0) <= np.sqrt(0.09 / 21) <= (spread.high or 1),
        float(errors[0]),
        float(errors[1]),
    )


def one_balance(
    sessions: int, occurrences: int, rho: float, share: float, generator: np.random.Generator
) -> np.ndarray:
    """Whether three intervals of a share of two hold the mean of sessions that differ, and how wide they are.

    Jeffreys' of the sums; the same, never narrower than the session bootstrap; `posterior.over_sessions`.
    """
    size = 1 / rho - 1
    n = 1 + generator.poisson(occurrences - 1, sessions)
    first = generator.binomial(n, generator.beta(share * size, (1 - share) * size, sessions))
    pooled, found = jeffreys(int(first.sum()), int((n - first).sum())), over_sessions(first, n - first).limits
    low, high = ratio_over_sessions(first, n, seed=0)
    plain = (pooled.low or 0.0, pooled.high or 1.0)
    ends = [plain, (min(plain[0], low), max(plain[1], high)), found]
    return np.array([*(a <= share <= b for a, b in ends), *(b - a for a, b in ends)], dtype=np.float64)


def balances(generator: np.random.Generator) -> None:
    for sessions in (3, 5, 10):
        for occurrences in (2, 6):
            for rho in (0.02, 0.1, 0.3):
                for share in (0.1, 0.5):
                    runs = [one_balance(sessions, occurrences, rho, share, generator) for _ in range(RUNS)]
                    held = np.mean(runs, axis=0)
                    shown = ", ".join(
                        f"{name} {held[row]:.2f} ({held[row + 3]:.2f})"
                        for row, name in enumerate(("Jeffreys", "or bootstrap", "beta-binomial"))
                    )
                    print(f"{sessions} sessions of {occurrences} occurrences, rho {rho}, share {share}: {shown}")


def main() -> None:
    generator = np.random.default_rng(0)
    balances(generator)
    if sys.argv[1:] == ["balance"]:
        return
    for turns in (120, 600):
        for rate in (0.05, 0.2):
            for stay in (0.0, 0.3, 0.6):
                held = np.mean([one_session(turns, rate, stay, generator) for _ in range(RUNS)], axis=0)
                print(
                    f"session of {turns} turns, rate {0.8 * rate:.2f}, stays {stay}: Wilson {held[0]:.2f}, blocks {held[1]:.2f}"
                )
    for sessions in (5, 8, 16):
        for rate in (0.03, 0.1):
            held = np.mean([level_course(sessions, rate, generator) for _ in range(RUNS)])
            print(f"course of {sessions} sessions, rate {rate}: {held:.3f}")
    for clients in (3, 6, 12):
        held, spread, raw, drawn = np.mean([one_caseload(clients, generator) for _ in range(RUNS // 2)], axis=0)
        print(
            f"caseload of {clients}: clients {held:.3f}, spread {spread:.3f}, squared error raw {raw:.1f}, drawn {drawn:.1f}"
        )


if __name__ == "__main__":
    main()
