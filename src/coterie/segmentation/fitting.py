"""What every clusterer does around its own work: check rows, sample, export and restore its state."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils.random import sample_without_replacement
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from coterie.errors import ParameterError

State: TypeAlias = "dict[str, npt.NDArray[Any] | float | int | str | bool]"
"""Fitted state and constructor parameters, ready for JSON and npz."""

_Estimator = TypeVar("_Estimator", bound=BaseEstimator)


def rows_to_fit(estimator: BaseEstimator, X: npt.ArrayLike, **checks: Any) -> npt.NDArray[np.float64]:
    """X as a finite C-ordered float64 array; its width is remembered by the estimator."""
    rows: npt.NDArray[np.float64] = validate_data(estimator, X, dtype=np.float64, order="C", **checks)
    return rows


def rows_to_place(estimator: BaseEstimator, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """X as in the fit, checked to have the same width."""
    check_is_fitted(estimator)
    rows: npt.NDArray[np.float64] = validate_data(estimator, X, dtype=np.float64, order="C", reset=False)
    return rows


def weights_to_fit(
    X: npt.NDArray[np.float64], sample_weight: npt.ArrayLike | None
) -> npt.NDArray[np.float64] | None:
    """Weights of the rows of X, finite, none below 0 and not all 0; None for 1 each."""
    if sample_weight is None:
        return None
    weights: npt.NDArray[np.float64] = _check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )
    if not weights.any():
        raise ParameterError("All weights of rows are 0", where="sample_weight")
    return weights


def one_thread() -> AbstractContextManager[object]:
    """Keep BLAS and OpenMP to one thread, so that sums are added in one order on every machine."""
    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def require_at_least(name: str, value: float, *, minimum: float) -> None:
    """Refuse a constructor parameter below its minimum."""
    if value < minimum:
        raise ParameterError(f"{name}={value!r} is below {minimum}", where=name)


def require_rows(n_rows: int, name: str, *, wanted: int) -> None:
    """Refuse to look for more groups than there are rows."""
    require_at_least(name, wanted, minimum=1)
    if n_rows < wanted:
        raise ParameterError(f"n_samples={n_rows} should be >= {name}={wanted}", where=name)


def seeded_sample(n_rows: int, size: int, *, random: np.random.RandomState) -> npt.NDArray[np.intp]:
    """Positions of a random sample without replacement, ascending; all rows if they are no more."""
    if n_rows <= size:
        return np.arange(n_rows)
    drawn: npt.NDArray[np.intp] = np.sort(sample_without_replacement(n_rows, size, random_state=random))
    return drawn


def export_state(estimator: BaseEstimator, *fitted: str) -> State:
    """Constructor parameters and the named fitted attributes; parameters that are None are left out."""
    check_is_fitted(estimator)
    state = {**estimator.get_params(deep=False), **{name: getattr(estimator, name) for name in fitted}}
    return {
        name: np.array(value, dtype=np.str_) if isinstance(value, tuple) else value
        for name, value in state.items()
        if value is not None and not isinstance(value, np.random.RandomState)
    }


def restore_state(kind: type[_Estimator], state: Mapping[str, Any]) -> _Estimator:
    """The estimator whose `export_state` this is."""
    names = set(kind().get_params(deep=False))
    estimator: _Estimator = kind(**{name: value for name, value in state.items() if name in names})
    for name, value in state.items():
        if name not in names:
            is_text = isinstance(value, np.ndarray) and value.dtype.kind == "U"
            setattr(estimator, name, tuple(value.tolist()) if is_text else value)
    return estimator
