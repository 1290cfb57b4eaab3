"""The part of a partition that internal scores look at: assigned customers, clusters coded 0..k-1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

NOISE = -1


@dataclass(frozen=True)
class Partition:
    """Rows of X that are in a cluster, sorted by cluster; noise is left out.

    `starts[c]:starts[c + 1]` are the rows of cluster c. `reason` says why internal scores are undefined
    here, and is empty if they are not.
    """

    X: Floats
    starts: Codes
    reason: str

    @property
    def n(self) -> int:
        """How many customers are in a cluster."""
        return len(self.X)

    @property
    def k(self) -> int:
        """How many clusters there are."""
        return len(self.starts) - 1

    @property
    def sizes(self) -> Codes:
        """Customers per cluster, shape (k,)."""
        return np.diff(self.starts)

    @property
    def codes(self) -> Codes:
        """Cluster of each row, shape (n,)."""
        return np.repeat(np.arange(self.k), self.sizes)

    def members(self, cluster: int) -> Floats:
        """Rows of one cluster."""
        return self.X[self.starts[cluster] : self.starts[cluster + 1]]

    def centres(self) -> Floats:
        """Mean of each cluster, shape (k, p)."""
        return np.add.reduceat(self.X, self.starts[:-1], axis=0) / self.sizes[:, None]

    def deviations(self) -> Floats:
        """Each row minus the centre of its cluster, shape (n, p)."""
        return self.X - np.repeat(self.centres(), self.sizes, axis=0)


def partition(X: npt.ArrayLike, labels: npt.ArrayLike) -> Partition:
    """X and labels as a Partition.

    Raises
    ------
    ParameterError
        If X is not a finite matrix or the labels do not fit it.
    """
    matrix = np.asarray(X, dtype=np.float64)
    marks = np.asarray(labels)
    if matrix.ndim != 2 or marks.shape != (len(matrix),):
        raise ParameterError(
            f"A score needs a matrix and one label per row, not shapes {matrix.shape} and {marks.shape}"
        )
    if not np.isfinite(matrix).all():
        raise ParameterError("A score needs finite numbers", to_do="Fill or drop missing values first")
    kept = np.flatnonzero(marks != NOISE)
    _, codes = np.unique(marks[kept], return_inverse=True)
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes) if len(codes) else np.zeros(0, dtype=np.intp)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    return Partition(matrix[kept[order]], starts, _why_undefined(len(kept), len(sizes)))


def _why_undefined(n: int, k: int) -> str:
    if k == 0:
        return "no customer is in a segment"
    if k == 1:
        return "there is only one segment"
    if k == n:
        return "every customer is a segment of their own"
    return ""
