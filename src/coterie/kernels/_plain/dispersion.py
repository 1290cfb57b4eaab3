"""Centres of clusters and distances to them, column by column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.kernels.checks import Codes, Rows


def dispersion(
    X: Rows, codes: Codes, n_clusters: int
) -> tuple[Rows, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """See `coterie.kernels.dispersion`."""
    kept = codes >= 0
    rows, codes = X[kept], codes[kept]
    sizes = np.bincount(codes, minlength=n_clusters)
    sums = [np.bincount(codes, weights=column, minlength=n_clusters) for column in rows.T]
    centers = np.column_stack(sums) / sizes[:, None]
    squared = ((rows - centers[codes]) ** 2).sum(axis=1)
    distances, squares = np.zeros(n_clusters), np.zeros(n_clusters)
    np.add.at(distances, codes, np.sqrt(squared))
    np.add.at(squares, codes, squared)
    return centers, distances, squares
