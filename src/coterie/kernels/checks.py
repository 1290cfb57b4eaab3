"""What a kernel takes: finite, contiguous arrays of one kind."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError

Rows = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
Sizes = npt.NDArray[np.intp]
_Float = TypeVar("_Float", np.float32, np.float64)

_MAX_COUNTED = 100_000
"""Whole numbers within a range of so many are counted, which is quicker than to sort them."""


def finite_rows(X: npt.ArrayLike) -> Rows:
    """X as a C-contiguous float64 array of shape (n, d).

    Raises
    ------
    ParameterError
        If X is not a table of at least one column, or holds NaN, infinity or complex numbers.
    """
    return _finite_table(X, np.float64)


def finite_floats(X: npt.ArrayLike) -> Rows | npt.NDArray[np.float32]:
    """X as a C-contiguous array of shape (n, d): float32 if it is that, which saves a copy, else float64.

    Raises
    ------
    ParameterError
        As `finite_rows`.
    """
    if getattr(X, "dtype", None) == np.float32:
        return _finite_table(X, np.float32)
    return _finite_table(X, np.float64)


def row_weights(weights: npt.ArrayLike | None, n: int) -> npt.NDArray[np.float64] | None:
    """Weights of n rows as a float64 array, or None for 1 each.

    Raises
    ------
    ParameterError
        If there are not n of them, or one is negative or not finite.
    """
    if weights is None:
        return None
    values = np.ascontiguousarray(weights, dtype=np.float64)
    if values.shape != (n,):
        raise ParameterError(f"weights have shape {values.shape}; it must be ({n},)", where="weights")
    if not _finite(values) or values.min(initial=0.0) < 0:
        raise ParameterError("weights must be finite and 0 or more", where="weights")
    return values


def cluster_codes(labels: npt.ArrayLike, n: int) -> tuple[Codes, Sizes]:
    """Labels of n rows as numbers 0 to k - 1 in the order of the labels, and how many rows have each.

    Raises
    ------
    ParameterError
        If there is not one label per row.
    """
    marks = np.asarray(labels)
    if marks.shape != (n,):
        raise ParameterError(f"Labels of shape {marks.shape} do not fit {n} rows", where="labels")
    if n == 0 or marks.dtype.kind not in "iu" or int(marks.max()) - int(marks.min()) >= _MAX_COUNTED:
        _, codes, sizes = np.unique(marks, return_inverse=True, return_counts=True)
        return codes.astype(np.int32), sizes
    shifted = np.subtract(marks, marks.min(), dtype=np.intp, casting="unsafe")
    counts = np.bincount(shifted)
    numbers = np.cumsum(counts > 0, dtype=np.int32) - 1
    return numbers[shifted], counts[counts > 0]


def by_code(codes: Codes, n_clusters: int) -> npt.NDArray[np.intp]:
    """Positions of the rows sorted by code, those of one code as they stand."""
    # Numbers of 16 bits are sorted by counting.
    is_short = n_clusters <= np.iinfo(np.int16).max
    return np.argsort(codes.astype(np.int16) if is_short else codes, kind="stable")


def _finite_table(X: npt.ArrayLike, kind: type[_Float]) -> npt.NDArray[_Float]:
    if np.iscomplexobj(X):
        raise ParameterError("X holds complex numbers; it must hold real ones", where="X")
    rows = np.ascontiguousarray(X, dtype=kind)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ParameterError(f"X has shape {rows.shape}; it must be (n, d) with d >= 1", where="X")
    if not _finite(rows):
        raise ParameterError("X holds NaN or infinity; fill or drop those rows first", where="X")
    return rows


def _finite(values: npt.NDArray[Any]) -> bool:
    """Whether all are finite; a finite sum, which is quicker, proves it."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(values.sum())) or bool(np.isfinite(values).all())
