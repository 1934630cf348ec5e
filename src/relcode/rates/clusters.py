"""Clusters of sessions: the sessions of one client are alike, and then not each is a piece of evidence of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from relcode.rates.groups import SESSION, Metadata, check_keys
from relcode.rates.sums import Ints, Sums

BY_DEFAULT = ("dyad", "client")
LEAST_CLUSTERS = 5  # benchmarks/rates/designs.py


@dataclass(frozen=True)
class Clusters:
    """Which sessions belong together. `of_session`: by session of the corpus, its cluster's number.

    A session whose header does not say the key is a cluster of its own.
    """

    key: str
    of_session: Ints

    @classmethod
    def by(cls, sessions: Sequence[str], metadata: Metadata, key: str | None) -> Clusters:
        """Clusters by a key of headers; by default by `dyad`, else `client`, else each session alone.

        Raises
        ------
        UsageError
            No session says the key.
        """
        if key is None:
            said = {each for of_session in metadata.values() for each in of_session}
            key = next((each for each in BY_DEFAULT if each in said), SESSION)
        check_keys(metadata, [key])
        if key == SESSION:
            return cls(key, np.arange(len(sessions)))
        names = [(metadata.get(name, {}).get(key), name) for name in sessions]
        number: dict[object, int] = {}
        found = [number.setdefault((name,) if own in (None, "") else str(own), len(number)) for own, name in names]
        return cls(key, np.array(found, dtype=np.int64))

    def shared(self, rows: Ints, groups: Sequence[Sums]) -> Ints | None:
        """By session of `rows`, its cluster from 0 on, where intervals of these groups can be judged by clusters; else None.

        It takes `LEAST_CLUSTERS` in each group: of those with hand-coded sessions, where there are any.
        """
        own = np.unique(self.of_session[rows], return_inverse=True)[1].astype(np.int64)
        enough = all(_that_count(own, group) >= LEAST_CLUSTERS for group in groups)
        return own if enough and self.key != SESSION else None

    def count(self, rows: Ints) -> int:
        """How many clusters these sessions lie in."""
        return len(np.unique(self.of_session[rows]))


def _that_count(cluster: Ints, sums: Sums) -> int:
    return len(np.unique(cluster[sums.is_coded if sums.is_coded.any() else sums.units > 0]))
