"""Scores of a partition by the distances in X: silhouette, Davies-Bouldin, Calinski-Harabasz.

Distances are Euclidean. Noise (label -1) is left out: these scores judge the segments, `noise_share`
says how many customers they cover.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie import kernels
from coterie.assessment.partition import Codes, Floats, Partition, Space, partition
from coterie.assessment.score import Score

SAMPLE_ROWS = 20_000
"""Rows of the sampled silhouette: its standard error is then at most about 0.003."""

_MIN_SAMPLED_PER_CLUSTER = 30


def silhouette(
    X: npt.ArrayLike | Space, labels: npt.ArrayLike, *, exact_rows: int = 30_000, random_state: int = 0
) -> Score:
    """Mean of (b - a) / max(a, b) over customers.

    a is a customer's mean distance to the others of the own cluster, b that to the nearest other
    cluster; 0 for a cluster of one.

    Parameters
    ----------
    X : array of shape (n, p), or Space
    labels : array of shape (n,)
        -1 is noise and left out.
    exact_rows : int
        Above this number of assigned customers the score is that of a sample of 20,000 drawn per
        cluster in proportion (at least 30 each), and `standard_error` is its standard error.
    random_state : int
        Seed of that sample.

    Returns
    -------
    Score, -1 to 1, higher is better

    References
    ----------
    .. [1] Rousseeuw (1987). Silhouettes. J. Comput. Appl. Math. 20, 53-65.

    Examples
    --------
    >>> round(float(silhouette([[0.0], [1.0], [9.0], [10.0]], [0, 0, 1, 1])), 3)
    0.889
    """
    parts = partition(X, labels)
    if parts.reason:
        return Score("silhouette", None, reason=parts.reason, low=-1.0)
    if parts.n <= exact_rows:
        return Score("silhouette", float(kernels.silhouette(*parts.assigned()).mean()), low=-1.0)
    value, error = _sampled_silhouette(parts, random_state)
    return Score("silhouette", value, standard_error=error, low=-1.0)


def _sampled_silhouette(parts: Partition, random_state: int) -> tuple[float, float]:
    """Stratified estimate and its standard error (Cochran 1977, Sampling Techniques, 5.9)."""
    rows, sizes = _stratified(parts, random_state)
    codes, starts = np.repeat(np.arange(parts.k), sizes), np.cumsum(sizes) - sizes
    each = kernels.silhouette(rows, codes)
    shares = parts.sizes / parts.n
    means = np.add.reduceat(each, starts) / sizes
    squares = np.add.reduceat((each - means[codes]) ** 2, starts)
    variances = squares / np.maximum(sizes - 1, 1)
    left_out = 1 - sizes / parts.sizes
    error = np.sqrt(np.sum(shares**2 * variances / sizes * left_out))
    return float(shares @ means), float(error)


def _stratified(parts: Partition, random_state: int) -> tuple[Floats, Codes]:
    """Rows of the sample, sorted by cluster, and how many each cluster has."""
    rng = np.random.default_rng(random_state)
    fair = np.round(SAMPLE_ROWS * parts.sizes / parts.n).astype(np.intp)
    takes = np.minimum(parts.sizes, np.maximum(fair, _MIN_SAMPLED_PER_CLUSTER))
    chosen = [
        start + np.sort(rng.choice(size, take, replace=False))
        for start, size, take in zip(parts.starts[:-1], parts.sizes, takes, strict=True)
    ]
    return parts.space.X[parts.positions[np.concatenate(chosen)]], takes


def davies_bouldin(X: npt.ArrayLike | Space, labels: npt.ArrayLike) -> Score:
    """Mean over clusters of the worst (s_i + s_j) / d_ij.

    s is the mean distance of members to their centre, d the distance of two centres.

    Parameters
    ----------
    X : array of shape (n, p), or Space
    labels : array of shape (n,)
        -1 is noise and left out.

    Returns
    -------
    Score, 0 or more, lower is better

    References
    ----------
    .. [1] Davies & Bouldin (1979). A cluster separation measure. IEEE TPAMI 1(2), 224-227.
    """
    parts = partition(X, labels)
    reason = parts.reason
    value = None
    if not reason:
        value, reason = _davies_bouldin(parts)
    return Score("davies_bouldin", value, reason=reason, high=np.inf, higher_is_better=False)


def _davies_bouldin(parts: Partition) -> tuple[float | None, str]:
    centres, distances, _ = kernels.dispersion(parts.space.X, parts.codes, n_clusters=parts.k)
    width = distances / parts.sizes
    apart = np.array([np.linalg.norm(centres - centre, axis=1) for centre in centres])
    np.fill_diagonal(apart, np.inf)
    if not apart.min() > 0:
        return None, "two segments have the same centre"
    return float(((width[:, None] + width) / apart).max(axis=1).mean()), ""


def calinski_harabasz(X: npt.ArrayLike | Space, labels: npt.ArrayLike) -> Score:
    """Variance between clusters over variance within, per degree of freedom.

    Parameters
    ----------
    X : array of shape (n, p), or Space
    labels : array of shape (n,)
        -1 is noise and left out.

    Returns
    -------
    Score, 0 or more, higher is better

    References
    ----------
    .. [1] Calinski & Harabasz (1974). A dendrite method for cluster analysis. Comm. Stat. 3(1), 1-27.
    """
    parts = partition(X, labels)
    reason = parts.reason
    value = None
    if not reason:
        value, reason = _calinski_harabasz(parts)
    return Score("calinski_harabasz", value, reason=reason, high=np.inf)


def _calinski_harabasz(parts: Partition) -> tuple[float | None, str]:
    centres, _, squares = kernels.dispersion(parts.space.X, parts.codes, n_clusters=parts.k)
    within = float(squares.sum())
    if within == 0:
        return None, "customers of a segment do not differ at all"
    middle = parts.sizes @ centres / parts.n
    between = float(parts.sizes @ np.sum((centres - middle) ** 2, axis=1))
    return between / within * (parts.n - parts.k) / (parts.k - 1), ""
