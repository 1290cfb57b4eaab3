"""How one column becomes coordinates: a number bent and standardised, a category as its FAMD block.

Choice of the numeric transforms measured on Online Retail: log1p segments explain 23 % of the variance
of later spend, raw ones 15 %; ranks and quantiles 22 to 23 %, but they lose the largest spenders.

References
----------
.. [1] Pagès, J. (2004). Analyse factorielle de données mixtes. Revue de statistique appliquée 52(4).
.. [2] Yeo, I.-K. and Johnson, R. A. (2000). A new family of power transformations. Biometrika 87(4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

MAX_SKEW = 1.0
"""A column more skewed than this is bent towards symmetry before it is standardised."""

RARE_SHARE = 0.01
"""Levels of a category with a smaller share are pooled into one."""

ATOM_SHARE = 0.05
"""A value held by more customers than this is an atom: a density method would call it a cluster."""

POOLED = "(other)"
"""The pool of rare levels."""


@dataclass(frozen=True)
class NumberScale:
    """How one numeric column becomes one coordinate: bend, subtract `mean`, multiply by `factor`.

    `centre` and `spread` standardise before the Yeo-Johnson bend and are 0 and 1 for the others;
    `factor` is sqrt(weight) / deviation, 0 for a constant column.
    """

    name: str
    bend: Literal["none", "log1p", "yeo-johnson"]
    mean: float
    factor: float
    power: float = 1.0
    centre: float = 0.0
    spread: float = 1.0

    def place(self, values: pd.Series[Any]) -> Floats:
        """Coordinates of shape (n, 1)."""
        return self.place_numbers(finite_numbers(values))

    def place_numbers(self, x: Floats) -> Floats:
        """Coordinates of shape (n, 1) of finite numbers; below zero counts as zero for log1p."""
        if self.bend == "log1p":
            x = np.log1p(np.maximum(x, 0.0))
        elif self.bend == "yeo-johnson":
            x = _yeo_johnson((x - self.centre) / self.spread, self.power)
        return ((x - self.mean) * self.factor)[:, np.newaxis]


@dataclass(frozen=True)
class CategoryScale:
    """How one category becomes one coordinate per level: (indicator - share) / sqrt(share).

    `levels` are the kept levels in order of their text and, last, the pool of rare ones if that is
    large enough to count. A level that is not listed belongs to the pool; without a pool it lies at
    the mean of all customers, which says nothing for or against any segment.
    """

    name: str
    levels: tuple[str, ...]
    shares: tuple[float, ...]
    root_weight: float

    def place(self, values: pd.Series[Any]) -> Floats:
        """Coordinates of shape (n, n_levels)."""
        codes = self._codes(values)
        share = np.array(self.shares)
        coordinates: Floats = np.where(codes[:, np.newaxis] >= 0, -share, 0.0)
        known = np.flatnonzero(codes >= 0)
        coordinates[known, codes[known]] += 1.0
        coordinates *= self.root_weight / np.sqrt(share)
        return coordinates

    def _codes(self, values: pd.Series[Any]) -> npt.NDArray[np.intp]:
        import pandas as pd

        position = {level: i for i, level in enumerate(self.levels)}
        codes, found = pd.factorize(values)
        code_of = [position.get(str(level), position.get(POOLED, -1)) for level in found]
        return np.array([*code_of, position.get(POOLED, -1)], dtype=np.intp)[codes]


def is_number(column: pd.Series[Any]) -> bool:
    """Whether the column is placed as a number; all else is a category.

    Parameters
    ----------
    column : Series

    Returns
    -------
    bool
    """
    from pandas.api.types import is_numeric_dtype

    return is_numeric_dtype(column.dtype)


def fitted_scale(column: pd.Series[Any], weight: float) -> NumberScale | CategoryScale:
    """Learn the scale of one column.

    Parameters
    ----------
    column : Series of shape (n,)
    weight : float, above 0

    Returns
    -------
    NumberScale or CategoryScale

    Raises
    ------
    InputError
        If a number is missing or infinite.
    """
    if is_number(column):
        return _number_scale(str(column.name), finite_numbers(column), weight=weight)
    return _category_scale(column, weight)


def _number_scale(name: str, x: Floats, *, weight: float) -> NumberScale:
    skew = _skewness(x)
    shape: dict[str, Any] = {"bend": "none"}
    if skew > MAX_SKEW and x.min() >= 0:
        shape["bend"] = "log1p"
    elif abs(skew) > MAX_SKEW:
        centre, spread = float(x.mean()), _deviation(x)
        shape |= {"bend": "yeo-johnson", "centre": centre, "spread": spread}
        shape["power"] = _best_power((x - centre) / spread)
    return _standardised(NumberScale(name, mean=0.0, factor=1.0, **shape), x, weight=weight)


def refitted_scale(
    scale: NumberScale | CategoryScale, column: pd.Series[Any], *, weight: float
) -> NumberScale | CategoryScale:
    """Learn the scale of one column anew; a number keeps its bend.

    Parameters
    ----------
    scale : NumberScale or CategoryScale
    column : Series of shape (n,)
    weight : float, above 0

    Returns
    -------
    NumberScale or CategoryScale

    Raises
    ------
    InputError
        If a number is missing or infinite.
    """
    if isinstance(scale, NumberScale):
        return _standardised(scale, finite_numbers(column), weight=weight)
    return fitted_scale(column, weight)


def _standardised(scale: NumberScale, x: Floats, *, weight: float) -> NumberScale:
    """The scale with mean and factor such that these numbers, once bent, vary by the weight."""
    bent = replace(scale, mean=0.0, factor=1.0).place_numbers(x)[:, 0]
    deviation = _deviation(bent)
    factor = float(np.sqrt(weight)) / deviation if deviation else 0.0
    return replace(scale, mean=float(bent.mean()), factor=factor)


def _category_scale(column: pd.Series[Any], weight: float) -> CategoryScale:
    shares: dict[str, float] = {}
    for level, n in column.value_counts(sort=False).items():
        if n:
            shares[str(level)] = shares.get(str(level), 0.0) + int(n) / len(column)
    kept = {level: shares[level] for level in sorted(shares) if shares[level] >= RARE_SHARE}
    pool = sum(share for level, share in sorted(shares.items()) if level not in kept)
    if pool >= RARE_SHARE:
        kept[POOLED] = kept.pop(POOLED, 0.0) + pool
    return CategoryScale(
        str(column.name), levels=tuple(kept), shares=tuple(kept.values()), root_weight=float(np.sqrt(weight))
    )


def finite_numbers(column: pd.Series[Any]) -> Floats:
    """Read a numeric column as float64.

    Parameters
    ----------
    column : Series of shape (n,)

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    InputError
        If a value is missing or infinite.
    """
    x: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(x).all():
        raise InputError(
            f"{column.name} has missing or infinite values",
            to_do="Fill them, or leave the attribute out of the clustering",
        )
    return x


def _deviation(x: Floats) -> float:
    """Standard deviation; 0 if it is no more than rounding."""
    size = float(np.abs(x).max())
    if not size:
        return 0.0
    deviation = float((x / size).std())
    return deviation * size if deviation > 1e-12 else 0.0


def _skewness(x: Floats) -> float:
    size = float(np.abs(x).max()) or 1.0
    deviation = _deviation(x) / size
    if not deviation:
        return 0.0
    x = x / size
    return float((((x - x.mean()) / deviation) ** 3).mean())


def _best_power(x: Floats) -> float:
    """The Yeo-Johnson power of highest likelihood."""
    from scipy.stats import yeojohnson_normmax

    return float(yeojohnson_normmax(x))


def _yeo_johnson(x: Floats, power: float) -> Floats:
    from scipy.stats import yeojohnson

    bent: Floats = yeojohnson(x, lmbda=power)
    return bent


def dithered(x: Floats, random: np.random.Generator) -> Floats:
    """Spread a column with atoms by half its usual step to either side; leave any other as it is.

    Parameters
    ----------
    x : ndarray of shape (n,)
    random : Generator

    Returns
    -------
    ndarray of shape (n,)
        Without negative values if `x` has none.
    """
    values, counts = np.unique(x, return_counts=True)
    if len(values) < 2 or counts.max() <= ATOM_SHARE * len(x):
        return x
    half_step = float(np.median(np.diff(values))) / 2
    spread = x + random.uniform(-half_step, half_step, len(x))
    return np.abs(spread) if values[0] >= 0 else spread
