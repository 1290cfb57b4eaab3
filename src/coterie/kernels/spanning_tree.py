"""The shortest tree that joins all rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import finite_rows


def spanning_tree(
    X: npt.ArrayLike,
    min_samples: int = 1,
    *,
    core_distances: npt.ArrayLike | None = None,
    progress: Progress | None = None,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """The minimum spanning tree of the rows by mutual reachability.

    The mutual reachability of two rows is the largest of their Euclidean distance and their core
    distances. Equal edges are put in order by distance, then by rows, so that there is one tree.

    Parameters
    ----------
    X : array-like of shape (n, d)
    min_samples : int, 1 to n
        The core distance of a row is that to its `min_samples`-th nearest row, itself the first; 1 gives
        the Euclidean minimum spanning tree.
    core_distances : array-like of shape (n,), optional
        Core distances to use in their place, 0 or more; equal rows must have equal ones.
    progress : callable or None

    Returns
    -------
    edges : ndarray of shape (n - 1, 2), int32
        The smaller row first; ascending by weight, then by distance, then by rows.
    weights : ndarray of shape (n - 1,), float64
        Mutual reachability of the two rows.

    Raises
    ------
    ParameterError
        If X is not finite or empty, `min_samples` is not from 1 to n, or `core_distances` do not fit.

    References
    ----------
    .. [1] March, Ram, Gray (2010). Fast Euclidean minimum spanning tree. KDD.
    .. [2] Campello, Moulavi, Sander (2013). Density-based clustering based on hierarchical density
       estimates. PAKDD, definition 4 (mutual reachability).

    Examples
    --------
    >>> edges, weights = spanning_tree([[0.0], [5.0], [1.0]])
    >>> edges.tolist(), weights.tolist()
    ([[0, 2], [1, 2]], [1.0, 4.0])
    """
    rows = finite_rows(X)
    if not 1 <= min_samples <= len(rows):
        raise ParameterError(
            f"min_samples={min_samples} is not from 1 to the {len(rows)} rows", where="min_samples"
        )
    core = None if core_distances is None else _checked_core(core_distances, len(rows))
    found: tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]] = kernels().spanning_tree(
        rows, min_samples, core, progress
    )
    return found


def _checked_core(core_distances: npt.ArrayLike, n: int) -> npt.NDArray[np.float64]:
    core = np.ascontiguousarray(core_distances, dtype=np.float64)
    if core.shape != (n,) or not (np.isfinite(core) & (core >= 0)).all():
        raise ParameterError(
            "core_distances must hold a finite distance of 0 or more for every row", where="core_distances"
        )
    return core
