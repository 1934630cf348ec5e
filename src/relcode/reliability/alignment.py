"""The best alignment of coders' units, exact, and how much disorder remains in it (Mathet et al., 2015, section 4).

Disorder is counted in units of that of an unaligned unit (the paper's empty-unit cost is 1). A unitary alignment holds
at most one unit of each coder. Its disorder is the mean over pairs of coders: the pair's dissimilarity, or 1 where one
of them has no unit in it. The work is done on what an alignment saves against leaving each unit alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relcode.reliability.continuum import Floats, Ints

_ROUNDING = 1e-9


def best_disorder(units: Sequence[Ints]) -> float:
    """The summed disorder of the unitary alignments in the best alignment.

    Parameters
    ----------
    units
        By coder, two or more: axes (unit, 2), start and end.

    Returns
    -------
    0 where all coders marked the same units; at most the number of units. The paper divides it by the mean number of
    units a coder.
    """
    together = np.concatenate(units)
    coder = np.repeat(np.arange(len(units)), [len(own) for own in units])
    if len(together) == 0:
        return 0.0
    if len(units) == 2:
        first, second = units
        return len(together) - _saved_by_pairs(np.maximum(2 - dissimilarity(first, second), 0))
    distance = np.where(coder[:, None] == coder, np.inf, dissimilarity(together, together))
    return len(together) - _saved_by_sets(*_useful_sets(distance, coder, len(units)), len(together))


def dissimilarity(first: Ints, second: Ints) -> Floats:
    """How far units lie apart (Mathet et al., 2015, equation 3): 0 for the same place, 1 or more without overlap.

    Returns
    -------
    array, axes (unit of `first`, unit of `second`).
    """
    apart = np.abs(first[:, None, :] - second[None, :, :]).sum(axis=-1)
    lengths = (first[:, 1] - first[:, 0])[:, None] + (second[:, 1] - second[:, 0])
    squared: Floats = (apart / lengths) ** 2
    return squared


def _saved_by_pairs(savings: Floats) -> float:
    """The most that a matching of two coders' units saves."""
    useful = savings > 0
    if (useful.sum(axis=0) <= 1).all() and (useful.sum(axis=1) <= 1).all():
        return float(savings.sum())
    from scipy.optimize import linear_sum_assignment  # slow to import, and gamma alone needs it

    rows, columns = linear_sum_assignment(savings, maximize=True)
    return float(savings[rows, columns].sum())


def _useful_sets(distance: Floats, coder: Ints, coders: int) -> tuple[list[Ints], list[Floats]]:
    """Sets of units of different coders that save something together: by size, axes (set, unit), and what each saves.

    A unit whose distances to the others of its set add up to more than leaving it alone costs has no place there;
    that bounds the distance of any pair.
    """
    pairs = coders * (coders - 1) / 2
    near = distance < pairs + coders - 1
    sets = np.arange(len(distance))[:, None]
    sums = np.zeros(len(distance))
    found: list[Ints] = []
    saved: list[Floats] = []
    for size in range(2, coders + 1):
        later = coder > coder[sets[:, -1]][:, None]
        rows, added = np.nonzero(near[sets].all(axis=1) & later)
        sums = sums[rows] + distance[sets[rows], added[:, None]].sum(axis=1)
        sets = np.column_stack([sets[rows], added])
        saving = size - (sums + pairs - size * (size - 1) / 2) / pairs
        to_others = np.where(np.eye(size, dtype=np.bool_), 0, distance[sets[:, :, None], sets[:, None, :]]).sum(axis=2)
        useful = (saving > _ROUNDING) & (to_others < pairs + size - 1).all(axis=1)
        found.append(sets[useful])
        saved.append(saving[useful])
    return found, saved


def _saved_by_sets(sets: Sequence[Ints], savings: Sequence[Floats], n_units: int) -> float:
    """The most that sets without a common unit save together."""
    saving = np.concatenate(savings)
    if not len(saving):
        return 0.0
    size = np.concatenate([np.full(len(part), part.shape[1]) for part in sets])
    member = np.concatenate([part.ravel() for part in sets])
    number = np.repeat(np.arange(len(saving)), size)
    best_share = np.zeros(n_units)
    np.maximum.at(best_share, member, (saving / size)[number])
    starts = np.cumsum(size) - size
    used = np.zeros(n_units, dtype=np.bool_)
    greedy = 0.0
    for row in np.argsort(-saving / size, kind="stable"):
        units = member[starts[row] : starts[row] + size[row]]
        if not used[units].any():
            used[units] = True
            greedy += float(saving[row])
    if greedy >= best_share.sum() - _ROUNDING:  # no set could give its units more
        return greedy
    return _packed(member, number, saving, n_units)


def _packed(member: Ints, number: Ints, saving: Floats, n_units: int) -> float:
    """The most that sets save when each unit is in one at most, by HiGHS. `member`, `number`: a unit, and its set."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    once = csr_array((np.ones(len(member)), (member, number)), shape=(n_units, len(saving)))
    solved = milp(
        -saving,
        integrality=np.ones(len(saving), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(once, ub=1),
    )
    if solved.x is None:
        raise RuntimeError(f"HiGHS found no alignment: {solved.message}")
    return float(saving @ np.round(solved.x))
