"""Drawing pages so that promising ones come more often, unlike ones together, and each with a known probability."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from relcode.transcripts.tokens import Floats

_DECIDED = 1e-9  # a probability this near to 0 or 1 is 0 or 1


def inclusion_probabilities(scores: Floats, count: int, *, random_share: float) -> Floats:
    """How likely each page is to be among the `count` that are drawn.

    Parameters
    ----------
    scores
        How promising each page is (0 or more); only their ratios count.
    count
        How many pages are drawn, 0 to `len(scores)`: the sum of the result.
    random_share
        The share of the draw (above 0, up to 1) that every page has the same part in. No page is less likely than
        `random_share * count / len(scores)`; the rest of the draw is dealt out in proportion to the scores. What would be
        above 1 goes to the others.
    """
    found = np.full(len(scores), random_share * count / max(len(scores), 1))
    weights = np.maximum(scores, 0.0)
    free = np.ones(len(scores), dtype=np.bool_)
    while free.any():
        left = count - (~free).sum() - found[free].sum()
        shares = weights[free] if weights[free].sum() > 0 else np.ones(free.sum())
        raised = found[free] + max(left, 0.0) * (shares / shares.sum())
        certain = np.flatnonzero(free)[raised >= 1 - _DECIDED]
        if not len(certain):
            found[free] = raised
            break
        found[certain] = 1.0
        free[certain] = False
    return found


def draw_spread(probabilities: Floats, coordinates: npt.NDArray[np.float32], *, seed: int) -> npt.NDArray[np.intp]:
    """Draw so that each item has exactly its probability, and items that are alike seldom come together.

    The local pivotal method (Grafström, Lundström and Schelin 2012): an item and the nearest one to it decide between
    them which takes over the other's probability, until each is in or out.

    Parameters
    ----------
    coordinates
        Axes (item, dimension), rows of one length: the larger their product, the nearer two items are.

    Returns
    -------
    The rows that were drawn, in order: as many as the probabilities sum up to.
    """
    drawn = np.random.default_rng(seed)
    likely = probabilities.copy()
    open_ = np.flatnonzero((likely > _DECIDED) & (likely < 1 - _DECIDED))
    near = coordinates[open_]
    count = len(open_)
    while count > 1:
        one = int(drawn.integers(count))
        likeness = near[:count] @ near[one]
        likeness[one] = -np.inf
        nearest = np.flatnonzero(likeness >= likeness.max())
        other = int(nearest[drawn.integers(len(nearest))])
        pair = open_[[one, other]]
        likely[pair] = _pivot(float(likely[pair[0]]), float(likely[pair[1]]), drawn.random())
        for place in sorted((one, other), reverse=True):
            if not _DECIDED < likely[open_[place]] < 1 - _DECIDED:
                count -= 1
                open_[place], near[place] = open_[count], near[count]
    if count:
        likely[open_[0]] = drawn.random() < likely[open_[0]]
    return np.flatnonzero(likely > 0.5)


def _pivot(one: float, other: float, chance: float) -> tuple[float, float]:
    """What two probabilities become, so that one of them is 0 or 1, and each as before on average."""
    both = one + other
    if both < 1:
        return (both, 0.0) if chance * both < one else (0.0, both)
    return (1.0, both - 1) if chance * (2 - both) < 1 - other else (both - 1, 1.0)
