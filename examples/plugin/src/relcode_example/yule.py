"""A coefficient of agreement: Yule's Q of two coders on a code that is absent or present. Source: Yule (1900)."""

from __future__ import annotations

import numpy as np

from relcode.reliability.coefficients import Floats, Sums


def yule_q(sums: Sums) -> Floats:
    """(ad - bc) / (ad + bc) over the fourfold table, for any leading axes; NaN where it is undefined."""
    if sums.coders != 2 or sums.joint.shape[-1] != 2:
        return np.full(sums.paired.shape, np.nan)
    agreed = sums.joint[..., 0, 0] * sums.joint[..., 1, 1]
    differed = sums.joint[..., 0, 1] * sums.joint[..., 1, 0]
    both = agreed + differed
    return np.divide(agreed - differed, both, out=np.full(both.shape, np.nan), where=both != 0)
