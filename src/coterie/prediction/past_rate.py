"""The plain baseline: everybody goes on ordering as often as before."""

from __future__ import annotations

import numpy as np

from coterie.prediction.histories import Floats

_LEAST_TIME = 1.0
"""Weeks: one order yesterday is no rate of 365 a year."""


class PastRate:
    """Orders in the horizon at the rate of the past, and as if they came at random."""

    TITLE = "past rate"

    def expected_orders(self, horizon: float, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Repeat orders so far by the time, times the horizon; shape (n,)."""
        orders: Floats = x / np.maximum(T, _LEAST_TIME) * horizon
        return orders

    def p_active(self, horizon: float, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Chance of at least one order in the horizon; shape (n,)."""
        bought: Floats = -np.expm1(-self.expected_orders(horizon, x, t_x, T))
        return bought

    def median_wait(self, x: Floats, T: Floats) -> Floats:
        """Median time until the next order, infinite without a repeat order; shape (n,)."""
        with np.errstate(divide="ignore"):
            waiting: Floats = np.log(2.0) * np.maximum(T, _LEAST_TIME) / x
        return waiting
