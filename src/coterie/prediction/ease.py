"""Which products go with which: weights between products, from who bought what.

EASE [1]_ solves for all weights at once, but inverts a matrix of products x products; catalogues that are
too large for that get neighbours by cosine instead, each customer counting less the more they bought, and
pairs of little evidence shrunk towards 0.

.. [1] Steck, H. (2019). Embarrassingly shallow autoencoders for sparse data. WWW 2019, equation 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MAX_EASE_PRODUCTS = 10_000
"""The inverse of more takes minutes, and gigabytes."""

DOUBLE_UP_TO = 5_000
"""Larger inverses are taken in single precision: half the memory, and the weights are good to 1e-3."""

PENALTY_PER_CUSTOMER = 0.1
N_NEIGHBORS = 200
SHRINKAGE = 2.0
"""Added to the denominator of a cosine, in customers who bought a single product."""

BLOCK_CELLS = 8_000_000
"""Dense cells held at a time."""

PANEL = 1024
"""Columns counted, or mirrored, at a time."""


@dataclass(frozen=True)
class ProductWeights:
    """How much having bought one product speaks for another.

    Attributes
    ----------
    method : str
        "EASE" or "item-kNN".
    weights : ndarray or csr_matrix of shape (n_products, n_products)
        Row: the product bought; column: the product it speaks for. The diagonal is 0.
    """

    method: Literal["EASE", "item-kNN"]
    weights: Any

    def score(self, bought: csr_matrix) -> npt.NDArray[np.float64]:
        """Score all products for some customers.

        Parameters
        ----------
        bought : csr_matrix of shape (n_customers, n_products), 0 and 1
            A block of few customers: the answer is dense.

        Returns
        -------
        ndarray of shape (n_customers, n_products), float64
        """
        scores = bought.astype(self.weights.dtype) @ self.weights
        return np.asarray(scores if isinstance(scores, np.ndarray) else scores.toarray(), dtype=np.float64)

    def between(self, bought: npt.NDArray[np.intp], wanted: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """The weights from some products to others.

        Parameters
        ----------
        bought, wanted : ndarray of int
            Positions of products.

        Returns
        -------
        ndarray of shape (len(bought), len(wanted)), float64
        """
        if isinstance(self.weights, np.ndarray):
            return np.asarray(self.weights[np.ix_(bought, wanted)], dtype=np.float64)
        return np.asarray(self.weights[bought][:, wanted].toarray(), dtype=np.float64)


def fit_product_weights(bought: csr_matrix) -> ProductWeights:
    """EASE, or item-kNN above `MAX_EASE_PRODUCTS` products.

    Parameters
    ----------
    bought : csr_matrix of shape (n_customers, n_products), 0 and 1

    Returns
    -------
    ProductWeights
    """
    return fit_ease(bought) if bought.shape[1] <= MAX_EASE_PRODUCTS else fit_item_knn(bought)


def fit_ease(bought: csr_matrix, *, penalty: float | None = None) -> ProductWeights:
    """The linear weights that best rebuild each customer's products from their other products.

    Parameters
    ----------
    bought : csr_matrix of shape (n_customers, n_products), 0 and 1
    penalty : float, optional
        On the squares of the weights. Default: a tenth of the number of customers.

    Returns
    -------
    ProductWeights
    """
    from scipy.linalg import lapack

    n_customers, n_products = bought.shape
    double = n_products <= DOUBLE_UP_TO
    counts = bought.astype(np.float64 if double else np.float32).tocsc()
    gram = np.empty((n_products, n_products), dtype=counts.dtype, order="F")
    for start in range(0, n_products, PANEL):
        gram[:, start : start + PANEL] = (counts.T @ counts[:, start : start + PANEL]).toarray()
    gram[np.diag_indices(n_products)] += PENALTY_PER_CUSTOMER * n_customers if penalty is None else penalty
    factorise, invert = (lapack.dpotrf, lapack.dpotri) if double else (lapack.spotrf, lapack.spotri)
    factor, _ = factorise(gram, lower=1, overwrite_a=1)
    inverse, _ = invert(factor, lower=1, overwrite_c=1)
    diagonal = inverse.diagonal().copy()
    for start in range(0, n_products, PANEL):
        # LAPACK gives one triangle and leaves the other at 0; this doubles the diagonal, which is not used.
        inverse[start : start + PANEL, start:] += inverse[start:, start : start + PANEL].T
    # It is symmetric, and sparse products want rows that lie together.
    weights = inverse.T
    weights /= -diagonal
    np.fill_diagonal(weights, 0.0)
    return ProductWeights("EASE", weights)


def fit_item_knn(
    bought: csr_matrix, *, n_neighbors: int = N_NEIGHBORS, shrinkage: float = SHRINKAGE
) -> ProductWeights:
    """The nearest neighbours of each product by shrunk cosine.

    Parameters
    ----------
    bought : csr_matrix of shape (n_customers, n_products), 0 and 1
    n_neighbors : int
        Products kept that speak for a product.
    shrinkage : float
        Added to the denominator of the cosine.

    Returns
    -------
    ProductWeights

    Notes
    -----
    A customer who bought m products counts 1 / m in a pair, as somebody who bought everything says
    nothing of what goes together.
    """
    from scipy import sparse

    per_customer = np.maximum(np.asarray(bought.sum(axis=1)).ravel(), 1.0)
    scaled = (sparse.diags(per_customer**-0.5) @ bought).astype(np.float32).tocsc()
    size = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=0)).ravel())
    n_products = scaled.shape[1]
    step = max(1, BLOCK_CELLS // max(n_products, 1))
    across = scaled.T.tocsr()
    parts = []
    for start in range(0, n_products, step):
        block = (across[start : start + step] @ scaled).tocsr()
        wanted = np.repeat(np.arange(start, start + block.shape[0]), np.diff(block.indptr))
        block.data /= (size[wanted] * size[block.indices] + shrinkage).astype(np.float32)
        block.data[block.indices == wanted] = 0.0
        parts.append(_largest_of_each_row(block, n_neighbors))
    return ProductWeights("item-kNN", sparse.vstack(parts).T.tocsr())


def _largest_of_each_row(block: csr_matrix, n: int) -> csr_matrix:
    """The n largest positive values of each row; of equal ones those further left."""
    from scipy import sparse

    rows = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
    order = np.lexsort((block.indices, -block.data, rows))
    place = np.arange(len(order)) - block.indptr[rows]
    kept = order[(place < n) & (block.data[order] > 0)]
    return sparse.csr_matrix((block.data[kept], (rows[kept], block.indices[kept])), shape=block.shape)
