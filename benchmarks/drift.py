"""How often drift is noticed, in many draws at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coterie.movement import psi, psi_threshold
from coterie.segmentation import bins_of

SPREAD = 1.0
"""Standard deviation of the logarithm of spend."""
STEP = 100


def noticed_share(n: int, *, doubled: float, n_draws: int, random_state: int) -> float:
    """The share of draws noticed: n customers of a fit, n later ones, a part of whom spend twice as much.

    Spend is lognormal. Each draw has another fit; bins come from the code of the product.
    """
    random, n_noticed = np.random.default_rng(random_state), 0
    for start in range(0, n_draws, STEP):
        n_now = min(STEP, n_draws - start)
        later = random.lognormal(3.0, SPREAD, (n_now, n))
        later[:, : round(doubled * n)] *= 2.0
        for spend in later:
            bins = bins_of(pd.Series(random.lognormal(3.0, SPREAD, n)))
            value = psi(bins.counts, bins.count(pd.Series(spend)))
            n_noticed += int(value > psi_threshold(n, n, n_bins=len(bins.counts)))
    return n_noticed / n_draws
