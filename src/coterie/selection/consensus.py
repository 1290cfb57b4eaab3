"""Into a given number of groups: the division that the other ways of dividing agree with most.

No index of "good clusters" is right on every kind of data, but methods that err do so in different
directions: what is really there is found by several. So every candidate is compared with all others by the
adjusted Rand index, and the one with the highest mean wins. Nothing is tuned.

References
----------
.. [1] Strehl, Ghosh (2002). Cluster ensembles. JMLR 3, 583-617: the "best of ensemble" by mean agreement.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from coterie.assessment import ari
from coterie.kernels import genie_linkage, spanning_tree
from coterie.selection.clustering import Attempt, Clustering

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

GINI_THRESHOLDS = (0.1, 0.3, 0.5, 0.7)
SMOOTHED_SAMPLES = 6
"""Neighbours, the row itself included, that make a crowd in the smoothed trees."""

MIN_CROWD_SHARE, MIN_CROWD = 0.02, 5
"""A smaller crowd is noise to the single-linkage cut."""


def agreed_groups(X: Floats, n_clusters: int, *, random_state: int) -> Clustering:
    """The division into `n_clusters` that the others agree with most.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    n_clusters : int, 2 to n
    random_state : int

    Returns
    -------
    Clustering
        Fewer groups only if there are fewer distinct rows.
    """
    found = dict(_candidates(X, n_clusters, random_state=random_state))
    agreement = {
        name: float(np.mean([float(ari(labels, other)) for o, other in found.items() if o != name]))
        for name, labels in found.items()
    }
    best = max(agreement, key=lambda name: round(agreement[name], 9))
    tried = tuple(
        Attempt(name, int(labels.max()) + 1, f"agrees with the others to {agreement[name]:.2f} of 1")
        for name, labels in found.items()
    )
    why = f"Of {len(found)} divisions, the others agree most with that of {best}."
    return Clustering(found[best], "constructive", why, tried)


def _candidates(X: Floats, k: int, *, random_state: int) -> Iterator[tuple[str, Labels]]:
    """Divisions into k by methods that err in different directions."""
    from coterie.segmentation import GaussianMixture, Genie, Hierarchical, KMeans
    from coterie.segmentation.ladder import RUNG_STARTS

    yield "K-Means", KMeans(k, n_starts=RUNG_STARTS, random_state=random_state).fit(X).labels_
    yield "Ward", Hierarchical(k).fit(X).labels_
    for threshold in GINI_THRESHOLDS:
        yield f"Genie, Gini {threshold}", Genie(k, gini_threshold=threshold).fit(X).labels_
    smoothed = min(SMOOTHED_SAMPLES, len(X))
    yield "Genie, smoothed", Genie(k, min_samples=smoothed).fit(X).labels_
    yield "Gaussian mixture", GaussianMixture(k, random_state=random_state).fit(X).labels_
    diagonal = GaussianMixture(k, covariance_type="diag", random_state=random_state).fit(X)
    yield "Gaussian mixture, diagonal", diagonal.labels_
    crowds = _crowds(X, k, min_samples=smoothed)
    if crowds is not None:
        yield "Crowds of HDBSCAN's tree", crowds


def _crowds(X: Floats, k: int, *, min_samples: int) -> Labels | None:
    """The last cut of the smoothed single-linkage tree at which k crowds are large, if there is one."""
    from coterie.segmentation.hierarchical import cut_tree
    from coterie.segmentation.members import numbered_by_first_row, with_noise_assigned

    edges, _ = spanning_tree(X, min_samples)
    merges = genie_linkage(edges, gini_threshold=1.0)
    least = max(MIN_CROWD, round(MIN_CROWD_SHARE * len(X)))
    last = np.flatnonzero(_n_large(merges, least) == k)
    if not len(last):
        return None
    labels = cut_tree(merges, len(X) - 1 - int(last[-1]))
    crowds = np.where(np.bincount(labels)[labels] >= least, labels, np.int32(-1))
    return with_noise_assigned(X, numbered_by_first_row(crowds))


def _n_large(merges: npt.NDArray[np.int32], least: int) -> npt.NDArray[np.intp]:
    """After each merge, how many clusters have at least that many rows."""
    n = len(merges) + 1
    sizes = np.ones(2 * n - 1, dtype=np.intp)
    change = np.zeros(n - 1, dtype=np.intp)
    for step, (a, b) in enumerate(merges.tolist()):
        sizes[n + step] = sizes[a] + sizes[b]
        change[step] = int(sizes[n + step] >= least) - int(sizes[a] >= least) - int(sizes[b] >= least)
    return np.cumsum(change) + (n if least <= 1 else 0)
