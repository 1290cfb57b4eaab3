"""Whether clusters found on one half of the rows hold together on the other half."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from coterie.assessment import Score
from coterie.errors import ParameterError

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]


def prediction_strength(
    X: npt.ArrayLike, n_clusters: int, *, n_splits: int = 5, random_state: int = 0
) -> Score:
    """Share of the pairs in a cluster of one half that the centres of the other half keep together.

    K-means is fitted on both halves of the rows. The worst cluster counts, on average over the splits,
    each read from both sides.

    Parameters
    ----------
    X : array of shape (n, p)
    n_clusters : int
    n_splits : int
    random_state : int
        Seed of the splits and of k-means.

    Returns
    -------
    Score, 0 to 1, higher is better
        Not defined if a half has fewer rows than clusters.

    Raises
    ------
    ParameterError
        If `n_clusters` or `n_splits` is below 1.

    References
    ----------
    .. [1] Tibshirani, Walther (2005). Cluster validation by prediction strength. J. Comput. Graph. Stat.
       14(3), 511-528. There the largest k with 0.8 to 0.9 or more is taken.

    Examples
    --------
    >>> crowds = np.repeat([[0.0], [9.0]], 20, axis=0) + np.linspace(0, 1, 40)[:, None]
    >>> float(prediction_strength(crowds, 2))
    1.0
    """
    rows = np.asarray(X, dtype=np.float64)
    for name, value in (("n_clusters", n_clusters), ("n_splits", n_splits)):
        if value < 1:
            raise ParameterError(f"{name}={value} is below 1", where=name)
    if len(rows) // 2 < n_clusters:
        reason = f"half of {len(rows)} customers are fewer than {n_clusters} clusters"
        return Score("prediction_strength", None, reason=reason)
    rng = np.random.default_rng(random_state)
    strengths = [
        strength
        for _ in range(n_splits)
        for strength in _both_ways(rows[rng.permutation(len(rows))], n_clusters, random_state=random_state)
    ]
    return Score("prediction_strength", float(np.mean(strengths)))


def _both_ways(rows: Floats, n_clusters: int, *, random_state: int) -> Iterator[float]:
    from coterie.segmentation import KMeans
    from coterie.segmentation.ladder import RUNG_STARTS

    halves = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    one, other = (
        KMeans(n_clusters, n_starts=RUNG_STARTS, random_state=random_state).fit(half) for half in halves
    )
    yield worst_kept_pairs(other.labels_, one.predict(halves[1]))
    yield worst_kept_pairs(one.labels_, other.predict(halves[0]))


def worst_kept_pairs(labels: Labels, predicted: Labels) -> float:
    """Smallest over the clusters of the share of its pairs that are together in the prediction, too.

    A cluster of one row has no pairs and keeps them all.

    Parameters
    ----------
    labels, predicted : ndarrays of shape (n,), int32, 0 or more

    Returns
    -------
    float, 0-1

    Examples
    --------
    >>> worst_kept_pairs(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1]))
    0.3333333333333333
    """
    together = np.zeros((int(labels.max()) + 1, int(predicted.max()) + 1))
    np.add.at(together, (labels, predicted), 1.0)
    sizes = together.sum(axis=1)
    pairs = sizes * (sizes - 1)
    kept = (together * (together - 1)).sum(axis=1)
    return float(np.divide(kept, pairs, out=np.ones(len(sizes)), where=pairs > 0).min())
