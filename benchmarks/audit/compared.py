"""How often intervals of differences between two sides hold the true difference, in invented sessions.

Sessions have 80 segments and differ from each other (intraclass correlation .03); with `paired`, both sides have the same
clients, who differ too (.05), three sessions a side each.

Run: python benchmarks/audit/compared.py (half a minute).
"""

from __future__ import annotations

import numpy as np

from relcode.audit.differences import joined, paired_interval, resampled_interval
from relcode.audit.intervals import share_over_sessions

RUNS, SEGMENTS = 400, 80


def drawn(mean: np.ndarray | float, correlation: float, size: int, generator: np.random.Generator) -> np.ndarray:
    """Shares about a mean; the mean of each may differ."""
    spread = 1 / correlation - 1
    return np.asarray(generator.beta(np.asarray(mean) * spread, (1 - np.asarray(mean)) * spread, size))


def of_sessions(sessions: int, rates: tuple[float, float], generator: np.random.Generator) -> tuple[bool, bool]:
    """Whether the joined interval of two sets of sessions holds the difference of their rates, and the wider of both."""
    counts = [generator.binomial(SEGMENTS, drawn(rate, 0.03, sessions, generator)) for rate in rates]
    sides = [share_over_sessions(of, np.full(sessions, SEGMENTS), seed=0) for of in counts]
    tallies = [np.stack([of, SEGMENTS - of], axis=1).astype(float) for of in counts]
    low, high = joined(*sides) or (0.0, 0.0)
    least, most = resampled_interval(tallies[0], tallies[1], seed=0) or (0.0, 0.0)
    truth = rates[1] - rates[0]
    return low <= truth <= high, min(low, least) <= truth <= max(high, most)


def of_clients(
    clients: int, rates: tuple[float, float], generator: np.random.Generator
) -> tuple[bool, bool, float, float]:
    """Whether the interval within clients, and the joined one, hold the difference; and how wide they are."""
    own = drawn(rates[0], 0.05, clients, generator)
    counts = []
    for rate in rates:
        mean = np.clip(own * rate / rates[0], 1e-6, 1 - 1e-6)
        counts.append(
            np.stack([generator.binomial(SEGMENTS, drawn(mean, 0.03, clients, generator)) for _ in range(3)], axis=1)
        )
    tallies = [np.stack([of.sum(axis=1), 3 * SEGMENTS - of.sum(axis=1)], axis=1).astype(float) for of in counts]
    within = paired_interval(tallies[0], tallies[1], seed=0) or (0.0, 0.0)
    sides = [share_over_sessions(of.ravel(), np.full(of.size, SEGMENTS), seed=0) for of in counts]
    apart = joined(sides[0], sides[1]) or (0.0, 0.0)
    truth = rates[1] - rates[0]
    held = [bool(low <= truth <= high) for low, high in (within, apart)]
    return held[0], held[1], within[1] - within[0], apart[1] - apart[0]


def main() -> None:
    generator = np.random.default_rng(0)
    for sessions in (2, 5, 10, 20, 40):
        for rates in ((0.02, 0.02), (0.05, 0.1), (0.3, 0.3)):
            apart, wider = np.mean([of_sessions(sessions, rates, generator) for _ in range(RUNS)], axis=0)
            print(
                f"{sessions} sessions a side, rates {rates}: joined {apart:.3f}, or resampled where wider {wider:.3f}"
            )
    for clients in (5, 8, 12, 20):
        for rates in ((0.05, 0.1), (0.3, 0.3)):
            held = [of_clients(clients, rates, generator) for _ in range(RUNS)]
            within, apart, width, other = np.mean(held, axis=0)
            print(
                f"{clients} clients, rates {rates}: within {within:.3f} (width {width:.3f}), joined {apart:.3f} ({other:.3f})"
            )


if __name__ == "__main__":
    main()
