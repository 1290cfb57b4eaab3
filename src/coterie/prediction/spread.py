"""How far a forecast may miss: the range that eight in ten of such customers end up in."""

from __future__ import annotations

import numpy as np

from coterie.prediction.histories import Floats

LOW, HIGH = 0.10, 0.90


def order_range(p_active: Floats, expected: Floats, *, shape: Floats) -> tuple[Floats, Floats]:
    """Range of the orders of each customer.

    Parameters
    ----------
    p_active : ndarray of shape (n,)
        Chance of at least one order.
    expected : ndarray of shape (n,)
        Expected orders.
    shape : ndarray of shape (n,)
        Of the gamma distribution of the customer's rate: r + x.

    Returns
    -------
    low, high : ndarray of shape (n,)

    Notes
    -----
    Both the chance of none and the mean are those of the model; those who order at least once are taken to
    order one time more than a negative binomial variable.
    """
    from scipy.stats import nbinom

    more = np.maximum(expected / np.maximum(p_active, 1e-12) - 1.0, 1e-9)
    found = []
    for level in (LOW, HIGH):
        above = _level_if_active(level, p_active)
        times = 1.0 + nbinom.ppf(above, shape, shape / (shape + more))
        found.append(np.where(above > 0.0, times, 0.0))
    return found[0], found[1]


def spend_range(
    p_active: Floats, expected: Floats, *, shape: Floats, value: Floats, spread: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Range of the spend of each customer.

    Parameters
    ----------
    p_active, expected, shape : ndarray of shape (n,)
        As in `order_range`.
    value : ndarray of shape (n,)
        Expected value of an order.
    spread : two ndarrays of shape (n,)
        Squared coefficients of variation: of one order about the customer's mean, and of what is known of
        that mean.

    Returns
    -------
    low, high : ndarray of shape (n,)

    Notes
    -----
    The spend of those who order is taken to be gamma distributed with the mean and variance it has; its
    quantiles by the cube root of Wilson and Hilferty (1931).
    """
    from scipy.special import ndtri

    orders = np.maximum(expected / np.maximum(p_active, 1e-12), 1.0)
    more = orders - 1.0
    of_orders = more + more**2 / shape
    variation = spread[0] / orders + of_orders / orders**2 + spread[1]
    found = []
    for level in (LOW, HIGH):
        above = _level_if_active(level, p_active)
        z = ndtri(np.clip(above, 1e-9, 1.0 - 1e-9))
        root = np.maximum(1.0 - variation / 9.0 + z * np.sqrt(variation / 9.0), 0.0)
        found.append(np.where(above > 0.0, orders * value * root**3, 0.0))
    return found[0], found[1]


def _level_if_active(level: float, p_active: Floats) -> Floats:
    """The quantile among those with an order that is the quantile `level` among all; 0 if that is none."""
    active = np.maximum(p_active, 1e-12)
    return np.clip((level - (1.0 - active)) / active, 0.0, 1.0 - 1e-9)
