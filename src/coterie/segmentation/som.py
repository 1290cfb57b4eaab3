"""A self-organising chain: a handful of units in a row that spread over the data in order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.segmentation.nearest import nearest_center

N_ROUNDS = 20


def train_chain(X: npt.NDArray[np.float64], n_units: int) -> npt.NDArray[np.float64]:
    """Units of a one-dimensional self-organising map by the batch rule, which has no random part.

    Parameters
    ----------
    X : ndarray of shape (n, d), n >= 1
    n_units : int

    Returns
    -------
    ndarray of shape (n_units, d)
        Neighbours on the chain are alike.

    References
    ----------
    .. [1] Kohonen (2001). Self-organizing maps, 3rd ed., section 3.6 (batch map).
    """
    units = _along_first_axis(X, n_units)
    steps = np.abs(np.subtract.outer(np.arange(n_units), np.arange(n_units)))
    for width in np.linspace(n_units / 2.0, 0.3, N_ROUNDS):
        nearest = nearest_center(X, units)
        pull = np.exp(-0.5 * (steps / width) ** 2)[:, nearest]
        units = (pull @ X) / pull.sum(axis=1, keepdims=True)
    return units


def _along_first_axis(X: npt.NDArray[np.float64], n_units: int) -> npt.NDArray[np.float64]:
    """Units spread along the direction of largest variance, two standard deviations long."""
    centred = X - X.mean(axis=0)
    spread, axes = np.linalg.eigh(centred.T @ centred / len(X))
    # The sign of an eigenvector is arbitrary: its largest part points up.
    axis = axes[:, -1] * np.sign(axes[np.abs(axes[:, -1]).argmax(), -1])
    steps = np.linspace(-1.0, 1.0, n_units) * np.sqrt(max(spread[-1], 0.0))
    return np.asarray(X.mean(axis=0) + np.outer(steps, axis))
