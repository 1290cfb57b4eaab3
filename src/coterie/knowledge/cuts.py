"""Where a feature may be cut: round numbers a person can read, chosen so that little is lost.

Trees and rules are grown on these cuts only. A value is reduced once to the interval between cuts it
lies in, in float64, so that what the search saw, the Python predicate and the SQL all agree exactly.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable, Predicate

if TYPE_CHECKING:
    import pandas as pd

MAX_CUTS = 255
"""Cuts per number: finer than half a percent of customers changes no rule."""

MAX_LEVELS = 30
"""Levels per category a condition may name, the most frequent ones."""


def round_between(low: float, high: float) -> float:
    """The roundest number t with low <= t < high, the one nearest the middle if several are as round.

    Parameters
    ----------
    low, high : float
        Finite, low < high.

    Returns
    -------
    float

    Examples
    --------
    >>> round_between(3.0, 4.0), round_between(97.3, 104.8), round_between(0.123, 0.1249)
    (3.0, 100.0, 0.124)
    """
    bottom, top = Decimal(low), Decimal(high)
    middle = (bottom + top) / 2
    exponent = max(bottom.adjusted(), top.adjusted()) + 1
    for power in range(exponent, exponent - 18, -1):
        near = int(middle.scaleb(-power).to_integral_value(ROUND_FLOOR))
        tried = (float(f"{near + step}e{power}") for step in (0, 1, -1))
        found = [t for t in tried if low <= t < high]
        if found:
            return min(found, key=lambda t: (abs(Decimal(t) - middle), t))
    return low


def readable_cuts(values: npt.NDArray[np.float64], *, max_cuts: int = MAX_CUTS) -> npt.NDArray[np.float64]:
    """Round numbers that cut the values into intervals of about equal numbers of customers.

    Parameters
    ----------
    values : ndarray of shape (n_customers,), float64, finite
    max_cuts : int
        With fewer distinct values than this there is a cut between any two neighbours.

    Returns
    -------
    ndarray of shape (n_cuts,), float64, strictly ascending
        Empty for a constant. Each cut t leaves customers on both sides of ``value <= t``.
    """
    edges = np.unique(values)
    if len(edges) > max_cuts:
        shares = np.linspace(0, 1, max_cuts + 1)
        edges = np.unique(np.quantile(values, shares, method="lower"))
    return np.array([round_between(a, b) for a, b in itertools.pairwise(edges)], dtype=float)


@dataclass(frozen=True)
class Column:
    """One feature reduced to codes.

    Number: ``code <= j`` exactly where ``value <= cuts[j]``. Category: ``code == j`` exactly where
    ``value == levels[j]``; rarer levels share the code ``len(levels)``.
    """

    feature: str
    kind: Literal["number", "category"]
    codes: npt.NDArray[np.int32]
    cuts: npt.NDArray[np.float64]
    levels: tuple[str, ...]

    @property
    def n_cuts(self) -> int:
        """In how many places the feature may be split in two."""
        return len(self.cuts) if self.kind == "number" else len(self.levels)

    def low_side(self, cut: int) -> Predicate:
        """The condition ``value <= cuts[cut]`` or ``value != levels[cut]``."""
        if self.kind == "number":
            return Predicate(self.feature, "<=", float(self.cuts[cut]))
        return Predicate(self.feature, "!=", self.levels[cut])

    def high_side(self, cut: int) -> Predicate:
        """The opposite of `low_side`."""
        if self.kind == "number":
            return Predicate(self.feature, ">", float(self.cuts[cut]))
        return Predicate(self.feature, "==", self.levels[cut])

    def is_low(self, cut: int, rows: npt.NDArray[np.intp] | slice = slice(None)) -> npt.NDArray[np.bool_]:
        """Who of the customers at these positions fulfils `low_side`."""
        return self.codes[rows] <= cut if self.kind == "number" else self.codes[rows] != cut

    def low_sums(
        self, codes: npt.NDArray[np.int32], amounts: npt.NDArray[np.int64] | None = None
    ) -> npt.NDArray[np.int64]:
        """Sum of the amounts (default: number) of customers on the low side of each cut, shape (n_cuts,)."""
        per_code = np.bincount(codes, weights=amounts, minlength=self.n_cuts + 1).astype(np.int64)
        if self.kind == "number":
            return np.asarray(np.cumsum(per_code)[: self.n_cuts])
        return np.asarray(per_code.sum() - per_code[: self.n_cuts])


def code_columns(table: FeatureTable, features: Sequence[str]) -> tuple[Column, ...]:
    """These features of all customers, reduced to codes; constants are left out."""
    columns = []
    for name in features:
        column = _category if table.spec(name).kind == "category" else _number
        columns.append(column(name, table.X[name]))
    return tuple(column for column in columns if column.n_cuts)


def take(columns: Sequence[Column], rows: npt.NDArray[np.intp]) -> tuple[Column, ...]:
    """The same columns for some customers only."""
    return tuple(Column(c.feature, c.kind, c.codes[rows], c.cuts, c.levels) for c in columns)


def _number(name: str, values: pd.Series) -> Column:
    numbers = values.to_numpy(dtype=np.float64)
    cuts = readable_cuts(numbers)
    codes = np.searchsorted(cuts, numbers, side="left").astype(np.int32)
    return Column(name, "number", codes, cuts, ())


def _category(name: str, values: pd.Series) -> Column:
    text = values.astype(str)
    counts = text.value_counts()
    ranked = sorted(counts.index, key=lambda level: (-int(counts[level]), level))
    levels = tuple(ranked[:MAX_LEVELS]) if len(ranked) > 1 else ()
    position = {level: code for code, level in enumerate(levels)}
    codes = np.asarray(text.map(lambda level: position.get(level, len(levels))), dtype=np.int32)
    return Column(name, "category", codes, np.empty(0), levels)
