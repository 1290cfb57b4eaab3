"""Why a product is recommended to a customer, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.features import counted
from coterie.prediction.bought import Bought
from coterie.prediction.due import MIN_BOUGHT
from coterie.prediction.ease import ProductWeights

MOST_NAMED = 2
"""So many of the products that speak for another are named."""

LONGEST_NAME = 60
"""Characters of a product's name that a sentence shows."""


def shown(name: object) -> str:
    """A product's name on one line, cut to what a sentence can hold."""
    plain = " ".join(str(name).split())
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"


def popular(n_buyers: int, n_customers: int, *, among: str = "") -> str:
    """The reason of a product that is offered because many bought it."""
    place = f" in {among}" if among else ""
    return f"bought by {n_buyers:,} of {counted(n_customers, 'customer')}{place}"


class Reasons:
    """Writes the reasons for recommendations to customers who have bought before."""

    def __init__(self, bought: Bought, weights: ProductWeights | None) -> None:
        self._bought = bought
        self._weights = weights
        self._names = [shown(name) for name in bought.names]
        self._n_buyers = bought.n_buyers
        self._starts = bought.matrix().indptr
        self._columns = bought.pairs["column"].to_numpy()
        self._history = [bought.pairs[name].to_numpy() for name in ("n_bought", "gap_days")]
        self._days_ago = self._ages()

    def of(self, row: int, products: npt.NDArray[np.intp]) -> Iterator[str]:
        """One sentence per product for the customer in a row."""
        own = slice(self._starts[row], self._starts[row + 1])
        columns = self._columns[own]
        place = np.minimum(np.searchsorted(columns, products), len(columns) - 1)
        had = columns[place] == products
        goes_with = self._goes_with(columns, products)
        for i, product in enumerate(products):
            yield self._habit(own.start + int(place[i])) if had[i] else goes_with[i] or self._popular(product)

    def _habit(self, pair: int) -> str:
        n, gap = (values[pair] for values in self._history)
        times = {1: "once", 2: "twice"}.get(n, f"{n} times")
        about = f", about every {counted(max(1, round(gap)), 'day')}" if n >= MIN_BOUGHT and gap > 0 else ""
        if self._days_ago is None:
            return f"bought {times}"
        ago = "today" if self._days_ago[pair] == 0 else f"{counted(int(self._days_ago[pair]), 'day')} ago"
        return f"bought once, {ago}" if n == 1 else f"bought {times}{about}; last {ago}"

    def _goes_with(self, columns: npt.NDArray[np.intp], products: npt.NDArray[np.intp]) -> list[str]:
        """By product, the bought ones that speak most for it; empty where none does."""
        if self._weights is None:
            return [""] * len(products)
        weights = self._weights.between(columns, products)
        order = np.argsort(-weights, axis=0, kind="stable")[:MOST_NAMED]
        told = []
        for i in range(len(products)):
            names = [self._names[columns[j]] for j in order[:, i] if weights[j, i] > 0]
            told.append(f"people who bought {' and '.join(names)} also buy it" if names else "")
        return told

    def _popular(self, product: Any) -> str:
        return popular(int(self._n_buyers[product]), len(self._bought.customer_ids))

    def _ages(self) -> npt.NDArray[np.int64] | None:
        import pandas as pd

        if self._bought.end is None:
            return None
        last = pd.to_datetime(self._bought.pairs["last"])
        return np.asarray((pd.to_datetime(self._bought.end) - last).dt.days, dtype=np.int64)
