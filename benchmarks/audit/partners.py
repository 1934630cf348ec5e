"""How near actor and partner effects come to the truth, and how often their intervals hold it, in invented studies.

Usage: python benchmarks/audit/partners.py [studies a setting, default 200]
"""

from __future__ import annotations

import sys

import numpy as np

from relcode.audit.partners import actor_partner_effects

TRUE = np.array([[0.4, 0.2], [0.0, 0.3]])  # (from, to), therapist then client
# sessions, windows, standard deviation of the effects between sessions
SETTINGS = ((1, 30, 0.0), (5, 10, 0.0), (12, 15, 0.0), (12, 15, 0.15), (40, 7, 0.0), (40, 4, 0.0))


def invented(generator: np.random.Generator, sessions: int, windows: int, unlike: float):  # type: ignore[no-untyped-def]
    """Two series a session with levels of their own and errors that go together (.3)."""
    together = np.linalg.cholesky([[1.0, 0.3], [0.3, 1.0]])
    values = np.zeros((sessions, windows, 2))
    for session in range(sessions):
        effects, now = TRUE + unlike * generator.normal(size=(2, 2)), np.zeros(2)
        for window in range(-25, windows):
            now = effects.T @ now + together @ generator.normal(size=2)
            if window >= 0:
                values[session, window] = now
    values += generator.normal(size=(sessions, 1, 2))
    return values.reshape(-1, 2), np.repeat(np.arange(sessions), windows), np.tile(np.arange(windows), sessions)


def main() -> None:
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"true effects {TRUE.ravel()}: therapist on own, on client's; client on therapist's, on own")
    for setting in SETTINGS:
        generator = np.random.default_rng(1)
        found = [actor_partner_effects(*invented(generator, *setting), seed=number) for number in range(studies)]
        sound = [effects for effects in found if not effects.fault]
        mean = np.mean([effects.value for effects in sound], axis=0).ravel()
        held = np.mean([(effects.low <= TRUE) & (effects.high >= TRUE) for effects in sound], axis=0).ravel()
        print(
            "{} sessions of {} windows, effects differ by {}: ".format(*setting)
            + f"mean {mean.round(2)}, held {held.round(2)}, without value {studies - len(sound)} of {studies}",
            flush=True,
        )


if __name__ == "__main__":
    main()
