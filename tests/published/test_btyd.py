"""Numbers printed elsewhere, reproduced."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.prediction import BetaGeoNBD

CDNOW_PAPER = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
"""Fader, Hardie, Lee (2005), table 2: BG/NBD on 39 weeks of CDNOW."""


@pytest.mark.parametrize(("history", "expected"), [((0, 0, 40), -0.59947), ((200, 38, 40), 100.7957)])
def test_the_log_likelihood_is_stable_for_few_and_for_many_orders(
    history: tuple[float, float, float], expected: float
) -> None:
    """pymc-marketing, tests/clv/test_distributions.py, BG/NBD with r=.25, alpha=4, a=.8, b=2.5."""
    model = BetaGeoNBD.from_params({"r": 0.25, "alpha": 4.0, "a": 0.8, "b": 2.5})
    x, t_x, T = history
    assert model.log_likelihood_rows(x, t_x, T)[0] == pytest.approx(expected, abs=1e-5)


def test_customer_1516_is_expected_to_order_1_226_times_in_39_weeks() -> None:
    """Fader, Hardie, Lee, "Implementing the BG/NBD model in Excel" (2005): x = 2, t_x = 30.43, T = 38.86."""
    orders = BetaGeoNBD.from_params(CDNOW_PAPER).expected_orders(39.0, 2, 30.43, 38.86)
    np.testing.assert_allclose(orders, [1.226], atol=5e-4)
