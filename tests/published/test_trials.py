"""Published results of the statistics of trials."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.experiments.evidence import random_effects

BCG = """
4 119 11 128
6 300 29 274
3 228 11 209
62 13536 248 12619
33 5036 47 5761
180 1361 372 1079
8 2537 10 619
505 87886 499 87892
29 7470 45 7232
17 1699 65 1600
186 50448 141 27197
5 2493 3 2338
27 16886 29 17825
"""
"""Tuberculosis with and without, among vaccinated and not: Colditz et al. (1994), JAMA 271: 698-702."""


def test_thirteen_vaccine_trials_combine_as_published() -> None:
    """Viechtbauer (2010), Journal of Statistical Software 36(3): log relative risks, DerSimonian-Laird."""
    a, b, c, d = np.array(BCG.split(), dtype=np.float64).reshape(-1, 4).T
    effects = np.log(a / (a + b)) - np.log(c / (c + d))
    variances = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    effect, error, between = random_effects(effects, variances)
    assert effect == pytest.approx(-0.7141, abs=5e-5)
    assert error == pytest.approx(0.1787, abs=5e-5)
    assert between == pytest.approx(0.3088, abs=5e-5)
