"""The directions that hold most of the variation, and where every customer lies on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.charts.scale import Floats

if TYPE_CHECKING:
    from coterie.segmentation import Segmentation

N_MAPPED = 3


def principal_coordinates(Z: Floats, n: int) -> tuple[Floats, tuple[float, ...]]:
    """Place customers on the first `n` principal components.

    Parameters
    ----------
    Z : ndarray of shape (n_customers, n_columns)
    n : int
        Components that Z does not have are 0.

    Returns
    -------
    ndarray of shape (n_customers, n), tuple of n shares
        Coordinates, and how much of the variation each holds.

    References
    ----------
    .. [1] Jolliffe (2002). Principal Component Analysis, 2nd ed. Eq. 1.1.4; signs fixed so that each
       component's largest loading is positive.
    """
    centred = Z - Z.mean(axis=0)
    missing = max(n - centred.shape[1], 0)
    centred = np.hstack([centred, np.zeros((len(centred), missing))])
    variances, directions = np.linalg.eigh(centred.T @ centred)
    first = directions[:, : -n - 1 : -1]
    largest = np.abs(first).argmax(axis=0)
    first = first * np.where(first[largest, np.arange(n)] < 0, -1.0, 1.0)
    total = max(float(variances.sum()), 1e-300)
    return centred @ first, tuple(max(float(v), 0.0) / total for v in variances[: -n - 1 : -1])


def map_coordinates(result: Segmentation) -> Floats:
    """Where every customer lies on the map: the first three directions of what clustered.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    ndarray of shape (n_customers, 3), float64
        The same each time; 0 on directions the data do not have.
    """
    return principal_coordinates(result.model.transformed(result.table), N_MAPPED)[0]
