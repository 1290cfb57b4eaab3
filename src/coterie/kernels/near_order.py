"""An order of rows in which neighbours stand side by side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.kernels.backend import kernels
from coterie.kernels.checks import finite_rows


def near_order(X: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """Positions of the rows in an order in which neighbours stand side by side.

    What searches among rows in this order can leave out whole ranges of them.

    Parameters
    ----------
    X : array-like of shape (n, d)

    Returns
    -------
    ndarray of shape (n,), int32
        Every position once.

    Raises
    ------
    ParameterError
        If X is not finite.

    Examples
    --------
    >>> sorted(near_order([[5.0], [0.0], [1.0]]).tolist())
    [0, 1, 2]
    """
    found: npt.NDArray[np.int32] = kernels().near_order(finite_rows(X))
    return found
