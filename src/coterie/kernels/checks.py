"""What a kernel takes: finite, contiguous arrays of one kind."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError

Rows = npt.NDArray[np.float64]


def finite_rows(X: npt.ArrayLike) -> Rows:
    """X as a C-contiguous float64 array of shape (n, d).

    Raises
    ------
    ParameterError
        If X is not a table of at least one column, or holds NaN or infinity.
    """
    rows = np.ascontiguousarray(X, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ParameterError(f"X has shape {rows.shape}; it must be (n, d) with d >= 1", where="X")
    if not np.isfinite(rows).all():
        raise ParameterError("X holds NaN or infinity; fill or drop those rows first", where="X")
    return rows
