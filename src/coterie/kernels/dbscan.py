"""Connected crowds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import finite_floats


def dbscan(
    X: npt.ArrayLike, eps: float, *, min_samples: int, progress: Progress | None = None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Core rows, the crowds they are connected to, and who is within reach of one.

    Unlike scikit-learn, where a row within reach of several crowds goes to the one that was found first,
    it goes to the crowd of its nearest core row: the earlier one if two are equally near.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Float32 is not copied.
    eps : float
        Reach, above 0, in the units of the columns.
    min_samples : int, 1 or more
        Rows within reach, the row itself included, that make a row core.
    progress : callable or None

    Returns
    -------
    labels : ndarray of shape (n,), int32
        -1 is noise; crowds are numbered by their first row.
    is_core : ndarray of shape (n,), bool

    Raises
    ------
    ParameterError
        If X is not finite, `eps` not above 0 or `min_samples` below 1.

    References
    ----------
    .. [1] Ester, Kriegel, Sander, Xu (1996). A density-based algorithm for discovering clusters in large
       spatial databases with noise. KDD.

    Examples
    --------
    >>> labels, is_core = dbscan([[9.0], [0.0], [0.1], [0.2], [0.6], [5.0]], 0.4, min_samples=3)
    >>> labels.tolist(), is_core.tolist()
    ([-1, 0, 0, 0, 0, -1], [False, True, True, True, False, False])
    """
    rows = finite_floats(X)
    if not 0 < eps < np.inf:
        raise ParameterError(f"eps={eps!r} is not above 0 and finite", where="eps")
    if min_samples < 1:
        raise ParameterError(f"min_samples={min_samples} is below 1", where="min_samples")
    if len(rows) == 0:
        return np.empty(0, dtype=np.int32), np.empty(0, dtype=bool)
    labels, is_core = kernels().dbscan(rows, float(eps), min(int(min_samples), len(rows) + 1), progress)
    return labels, is_core.view(bool)
