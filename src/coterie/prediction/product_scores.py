"""What a customer may buy next: scores of all products, by one of a few methods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from coterie.prediction.bought import Bought
from coterie.prediction.ease import BLOCK_CELLS, ProductWeights, fit_product_weights

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Mode: TypeAlias = Literal["discover", "replenish"]
MODES: tuple[Mode, ...] = ("discover", "replenish")

POPULARITY = "popularity"
FREQUENCY = "personal frequency"

WEIGHT = 2.0
"""Of what goes with the customer's products, beside how often they bought a product of late."""

TIE = 1e-6
"""Between products of equal score the one with more buyers goes first; nothing else is as small."""


@dataclass(frozen=True)
class ProductScores:
    """Scores of products for customers, by one method.

    Attributes
    ----------
    bought : Bought
    mode : str
        "discover": what a customer never bought; "replenish": all products.
    weights : ProductWeights or None
        None leaves the plain baselines only.
    """

    bought: Bought
    mode: Mode
    weights: ProductWeights | None

    @property
    def method(self) -> str:
        """The name of what `learned` scores by."""
        name = self.weights.method if self.weights else ""
        return f"{name} + {FREQUENCY}" if name and self.mode == "replenish" else name

    @property
    def baselines(self) -> tuple[str, ...]:
        """The plain rankings that a method must beat."""
        return (POPULARITY,) if self.mode == "discover" else (POPULARITY, FREQUENCY)

    @property
    def methods(self) -> tuple[str, ...]:
        """The method and the baselines."""
        return (self.method, *self.baselines) if self.weights else self.baselines

    def blocks(
        self, rows: npt.NDArray[np.intp], methods: tuple[str, ...]
    ) -> Iterator[tuple[npt.NDArray[np.intp], dict[str, npt.NDArray[np.float64]]]]:
        """Scores of customers, a few at a time; -inf where a product is not on offer.

        Parameters
        ----------
        rows : ndarray of int
            Positions of customers.
        methods : tuple of str

        Yields
        ------
        ndarray of int, dict of ndarray of shape (n_rows, n_products) by method
        """
        n_products = len(self.bought.products)
        shares = self.bought.n_buyers / max(len(self.bought.customer_ids), 1)
        step = max(1, BLOCK_CELLS // max(n_products, 1))
        own, times, recent = (self.bought.matrix(name) for name in (None, "n_bought", "recent"))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            scores = {}
            for method in methods:
                if method == POPULARITY:
                    values = np.tile(shares, (len(some), 1))
                elif method == FREQUENCY:
                    values = times[some].toarray() + TIE * shares
                else:
                    values = self._learned(own[some], recent[some]) + TIE * shares
                if self.mode == "discover":
                    values[own[some].nonzero()] = -np.inf
                scores[method] = values
            yield some, scores

    def _learned(self, own: csr_matrix, recent: csr_matrix) -> npt.NDArray[np.float64]:
        assert self.weights is not None, "there is no method without weights"
        scores = self.weights.score(own)
        return scores if self.mode == "discover" else WEIGHT * scores + recent.toarray()


def fit_product_scores(bought: Bought, mode: Mode) -> ProductScores:
    """Learn which products go together, if there are two.

    Parameters
    ----------
    bought : Bought
    mode : str

    Returns
    -------
    ProductScores
    """
    weights = fit_product_weights(bought.matrix()) if len(bought.products) > 1 else None
    return ProductScores(bought, mode, weights)


def best(scores: npt.NDArray[np.float64], n: int) -> npt.NDArray[np.intp]:
    """The positions of the n highest scores of each row, highest first; of equal ones those further left."""
    n = min(n, scores.shape[1])
    top = np.sort(np.argpartition(-scores, n - 1, axis=1)[:, :n], axis=1)
    order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1)
