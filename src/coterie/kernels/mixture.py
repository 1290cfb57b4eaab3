"""One EM pass over a mixture of Gaussians, and which component a row is likeliest from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import finite_rows, row_weights

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Components:
    """A mixture as the kernels read it.

    Attributes
    ----------
    means : ndarray of shape (k, d)
    whitening : ndarray of shape (k, d, d) or (k, d)
        W, lower triangular, with W C W' = 1 for the covariance C; or one over the standard deviations.
    log_weights : ndarray of shape (k,)
        -inf for a component that takes no part.
    """

    means: Floats
    whitening: Floats
    log_weights: Floats

    @property
    def constants(self) -> Floats:
        """Log density at the mean, weight included; shape (k,)."""
        full = self.whitening.ndim == 3
        scales = np.diagonal(self.whitening, axis1=1, axis2=2) if full else self.whitening
        logs: Floats = np.log(scales).sum(axis=1) - 0.5 * self.means.shape[1] * np.log(2.0 * np.pi)
        return self.log_weights + logs

    def arrays(self, d: int) -> tuple[Floats, Floats, Floats]:
        """Means, whitening and constants, checked to be of d columns."""
        k = len(self.means)
        if self.means.shape != (k, d) or self.whitening.shape not in ((k, d), (k, d, d)) or k == 0:
            raise ParameterError(
                f"means {self.means.shape} and whitening {self.whitening.shape} do not fit {d} columns",
                where="components",
            )
        arrays = (self.means, self.whitening, self.constants)
        means, whitening, constants = (np.ascontiguousarray(array, dtype=np.float64) for array in arrays)
        return means, whitening, constants


@dataclass(frozen=True)
class Moments:
    """What a pass adds up, w being row weight times responsibility and g the gap to the current mean.

    Attributes
    ----------
    counts : ndarray of shape (k,)
        Sums of w.
    sums : ndarray of shape (k, d)
        Sums of w g.
    products : ndarray of shape (k, d, d) or (k, d)
        Sums of w g g', or of w g^2.
    log_likelihood : float
        Weighted sum over rows of the log density.
    entropy : float
        Weighted sum over rows of the entropy of the responsibilities, nats.
    """

    counts: Floats
    sums: Floats
    products: Floats
    log_likelihood: float
    entropy: float


def mixture_step(
    X: npt.ArrayLike,
    components: Components,
    *,
    weights: npt.ArrayLike | None = None,
    progress: Progress | None = None,
) -> Moments:
    """The E step and all that the M step needs of the rows.

    Parameters
    ----------
    X : array-like of shape (n, d)
    components : Components
    weights : array-like of shape (n,), optional
        Weight per row, 0 or more; default 1.
    progress : callable or None

    Returns
    -------
    Moments
        The same on any number of threads.

    Raises
    ------
    ParameterError
        If X is not finite, or the components or weights do not fit it.
    """
    rows = finite_rows(X)
    arrays = components.arrays(rows.shape[1])
    counts, sums, products, log_likelihood, entropy = kernels().mixture_step(
        rows, *arrays, row_weights(weights, len(rows)), progress
    )
    return Moments(counts, sums, products.reshape(arrays[1].shape), log_likelihood, entropy)


def mixture_logs(X: npt.ArrayLike, components: Components, *, progress: Progress | None = None) -> Floats:
    """Log of weight times density of every component for every row.

    Parameters
    ----------
    X : array-like of shape (n, d)
    components : Components
    progress : callable or None

    Returns
    -------
    ndarray of shape (n, k), float64
        A row's answer does not depend on the rows beside it.

    Raises
    ------
    ParameterError
        If X is not finite or the components do not fit it.
    """
    rows = finite_rows(X)
    logs: Floats = kernels().mixture_logs(rows, *components.arrays(rows.shape[1]), progress)
    return logs


def mixture_labels(
    X: npt.ArrayLike, components: Components, *, progress: Progress | None = None
) -> npt.NDArray[np.int32]:
    """The component every row is likeliest from; the first one on a tie.

    Parameters
    ----------
    X : array-like of shape (n, d)
    components : Components
    progress : callable or None

    Returns
    -------
    ndarray of shape (n,), int32
        Where `mixture_logs` is highest.

    Raises
    ------
    ParameterError
        If X is not finite or the components do not fit it.

    Examples
    --------
    >>> two = Components(np.array([[0.0], [4.0]]), np.ones((2, 1)), np.log([0.5, 0.5]))
    >>> mixture_labels([[1.0], [3.0]], two).tolist()
    [0, 1]
    """
    rows = finite_rows(X)
    labels: npt.NDArray[np.int32] = kernels().mixture_labels(
        rows, *components.arrays(rows.shape[1]), progress
    )
    return labels
