"""What internal scores look at: rows, checked once, and assigned customers, clusters coded 0..k-1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels import near_order
from coterie.kernels.checks import by_code, cluster_codes

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

NOISE = -1
CROWD = 16
"""Rows that `gap_and_width` looks at together."""


@dataclass(frozen=True)
class Space:
    """Rows that several labellings are judged on: checked once, and brought in order once.

    Every internal score takes it in the place of X.

    Examples
    --------
    >>> from coterie.assessment import davies_bouldin, dunn
    >>> space = Space.of([[0.0], [1.0], [4.0], [6.0]])
    >>> labels = [0, 0, 1, 1]
    >>> float(dunn(space, labels)), round(float(davies_bouldin(space, labels)), 3)
    (1.5, 0.333)
    """

    X: Floats

    @classmethod
    def of(cls, X: npt.ArrayLike | Space) -> Space:
        """X as a Space.

        Parameters
        ----------
        X : array-like of shape (n, d), or Space
            A Space is given back as it is.

        Returns
        -------
        Space

        Raises
        ------
        ParameterError
            If X is not a finite matrix.
        """
        if isinstance(X, Space):
            return X
        matrix = np.ascontiguousarray(X, dtype=np.float64)
        if matrix.ndim != 2:
            raise ParameterError(f"A score needs a matrix, not an array of shape {matrix.shape}")
        if not np.isfinite(matrix).all():
            raise ParameterError("A score needs finite numbers", to_do="Fill or drop missing values first")
        return cls(matrix)

    @cached_property
    def near_order(self) -> npt.NDArray[np.int32]:
        """Positions of the rows in an order in which neighbours stand side by side."""
        return near_order(self.X)

    @cached_property
    def near_rows(self) -> Floats:
        """The rows in that order."""
        return self.X[self.near_order]


@dataclass(frozen=True)
class Partition:
    """Rows that are in a cluster; noise is left out.

    `codes` says the cluster of each row of the space, 0 to k - 1, -1 for noise; `sizes` how many rows each
    has. `reason` says why internal scores are undefined here, and is empty if they are not.
    """

    space: Space
    codes: npt.NDArray[np.int32]
    sizes: Codes
    reason: str

    @property
    def n(self) -> int:
        """How many customers are in a cluster."""
        return int(self.sizes.sum())

    @property
    def k(self) -> int:
        """How many clusters there are."""
        return len(self.sizes)

    @cached_property
    def starts(self) -> Codes:
        """`positions[starts[c]:starts[c + 1]]` are the rows of cluster c."""
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.intp)

    @cached_property
    def positions(self) -> Codes:
        """Rows that are in a cluster, sorted by cluster."""
        return by_code(self.codes, self.k)[len(self.codes) - self.n :]

    def members(self, cluster: int) -> Floats:
        """Rows of one cluster."""
        return self.space.X[self.positions[self.starts[cluster] : self.starts[cluster + 1]]]

    def assigned(self) -> tuple[Floats, npt.NDArray[np.int32]]:
        """Rows that are in a cluster, and their codes."""
        if self.n == len(self.codes):
            return self.space.X, self.codes
        kept = self.codes != NOISE
        return self.space.X[kept], self.codes[kept]

    def near(self) -> tuple[Floats, npt.NDArray[np.int32]]:
        """All rows and their codes with neighbours side by side.

        In the place of noise stands a copy of a row of a cluster, so that the others keep their places.
        """
        rows, codes = self.space.near_rows, self.codes[self.space.near_order]
        if self.n == len(codes):
            return rows, codes
        stand_ins = _stand_ins(codes != NOISE)
        return rows[stand_ins], codes[stand_ins]


def _stand_ins(kept: npt.NDArray[np.bool_]) -> Codes:
    """For each place itself if it is kept, else a kept one that is near."""
    places = np.arange(len(kept))
    before = np.maximum.accumulate(np.where(kept, places, -1))
    after = np.minimum.accumulate(np.where(kept, places, len(kept))[::-1])[::-1]
    is_near = (before >= 0) & (before // CROWD == places // CROWD)
    after_is_near = (after < len(kept)) & (after // CROWD == places // CROWD)
    return np.where(is_near | ((before >= 0) & ~after_is_near), before, after)


def partition(X: npt.ArrayLike | Space, labels: npt.ArrayLike) -> Partition:
    """X and labels as a Partition.

    Raises
    ------
    ParameterError
        If X is not a finite matrix or the labels do not fit it.
    """
    space, marks = Space.of(X), np.asarray(labels)
    if marks.shape != (len(space.X),):
        raise ParameterError(
            f"A score needs a matrix and one label per row, not shapes {space.X.shape} and {marks.shape}"
        )
    codes, sizes = cluster_codes(marks, len(marks))
    is_noise = marks == NOISE
    if is_noise.any():
        noise = codes[is_noise.argmax()]
        codes = np.where(is_noise, NOISE, codes - (codes > noise)).astype(np.int32)
        sizes = np.delete(sizes, noise)
    return Partition(space, codes, sizes, _why_undefined(int(sizes.sum()), len(sizes)))


def _why_undefined(n: int, k: int) -> str:
    if k == 0:
        return "no customer is in a segment"
    if k == 1:
        return "there is only one segment"
    if k == n:
        return "every customer is a segment of their own"
    return ""
