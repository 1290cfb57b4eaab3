"""Density clustering whose reach is chosen by how well the clusters survive resampling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state

from coterie.assessment import best_jaccards
from coterie.errors import ParameterError
from coterie.kernels import dbscan, neighbors, spanning_tree
from coterie.segmentation.fitting import (
    State,
    export_state,
    require_at_least,
    restore_state,
    rows_to_fit,
    rows_to_place,
    seeded_sample,
)
from coterie.segmentation.nearest import consecutive

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

FIT_ROWS = 2_000_000
"""Rows that form the clusters; further customers are placed by `predict`."""
MOST_POINTS = 50_000
"""Core points that are kept to place customers: a few MB, and some seconds for a million customers."""
REACH_QUANTILES = np.linspace(0.30, 0.98, 12)
"""Of the distance to the min_samples-th neighbour: the reaches that are tried."""
N_SUBSAMPLES = 6
SUBSAMPLE_SHARE = 0.7
MAX_NOISE_SHARE = 0.30
MIN_CLUSTER_SHARE = 0.01
STABLE = 0.8
"""Mean Jaccard of the worst cluster from which a partition counts as natural rather than accidental."""
MIN_SAMPLES_SHARE = 0.005
MARGIN_NEIGHBOURS = 5


class DBSCAN(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Clusters are connected crowds: `min_samples` neighbours within `eps`; the rest is noise (-1).

    Without `eps`, several reaches are tried on a sample. Each is judged by stability: the Jaccard
    similarity of its worst cluster with the best match in a subsample, averaged over subsamples.
    The most stable one with at most 30 % noise and two clusters of 1 % or more wins, the one with
    less noise on a tie. Crowds under 1 % are then noise. If nothing is stable, `eps` is the knee of
    the neighbour distances, and `notes_` says so.

    Parameters
    ----------
    eps : float or None
        Reach, in the units of the columns.
    min_samples : int or None
        Neighbours that make a crowd, the row itself included; None: the largest of 5, twice the
        number of columns and 0.5 % of the rows.
    assign_noise : bool
        Give noise to its nearest core point.
    sample_rows : int
        Rows on which reaches are tried.
    random_state : int, RandomState or None

    Attributes
    ----------
    labels_ : ndarray of shape (n,), int32, -1 = noise
    n_clusters_ : int
    eps_ : float
    min_samples_ : int
    core_points_, core_labels_ : ndarrays of shape (n_core, n_features) and (n_core,)
        The distinct rows in a crowd; any row belongs to its nearest one within `eps_`. Of more than
        MOST_POINTS one is kept for each crowd and cell of a grid; `labels_` are those by all, and
        `notes_` says how often `predict` differs.
    notes_ : tuple of str

    References
    ----------
    .. [1] Ester et al. (1996). A density-based algorithm for discovering clusters. KDD.
    .. [2] Hennig (2007). Cluster-wise assessment of cluster stability. CSDA 52.

    Examples
    --------
    >>> DBSCAN(0.5, min_samples=2).fit([[0.0], [0.1], [5.0], [5.1], [9.0]]).labels_.tolist()
    [0, 0, 1, 1, -1]
    """

    def __init__(
        self,
        eps: float | None = None,
        *,
        min_samples: int | None = None,
        assign_noise: bool = False,
        sample_rows: int = 5_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.eps = eps
        self.min_samples = min_samples
        self.assign_noise = assign_noise
        self.sample_rows = sample_rows
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Find the crowds; y is ignored.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
        y : object
            Is ignored.

        Returns
        -------
        self
        """
        rows = rows_to_fit(self, X)
        self._check_parameters()
        random = check_random_state(self.random_state)
        chosen = seeded_sample(len(rows), FIT_ROWS, random=random)
        inside = rows[chosen]
        notes = []
        if len(inside) < len(rows):
            notes.append(
                f"The crowds are those of {FIT_ROWS:,} sampled customers; the others are placed by them."
            )
        self.min_samples_ = self.min_samples or max(
            5, 2 * inside.shape[1], round(MIN_SAMPLES_SHARE * len(inside))
        )
        self.eps_ = self.eps or self._stable_reach(inside, random, notes=notes)
        members, is_core = dbscan(inside, self.eps_, min_samples=self.min_samples_)
        if self.eps is None:
            members = _without_small(members, MIN_CLUSTER_SHARE)
        is_core &= members >= 0
        crowd = _Crowd.of(inside[is_core], members[is_core], reach=self.eps_)
        kept = crowd.thinned()
        self.core_points_, self.core_labels_ = kept.points, kept.labels
        self.n_clusters_ = kept.n_clusters
        self.labels_ = self._place(rows)
        if kept is not crowd:
            notes.append(self._replace_labels(chosen, members, n_core=len(crowd.points)))
        self.notes_ = tuple(notes)
        return self

    def _replace_labels(self, chosen: npt.NDArray[np.intp], members: Labels, *, n_core: int) -> str:
        """Label members by all core points, and tell how often the kept ones differ."""
        is_member = members >= 0
        by_all, by_kept = members[is_member], self.labels_[chosen[is_member]]
        self.labels_[chosen[is_member]] = by_all
        share = (by_all != by_kept).sum() / len(members)
        return (
            f"Customers are placed by {len(self.core_points_):,} of {n_core:,} core points, which puts "
            f"{share:.2%} of them elsewhere than all would."
        )

    def _check_parameters(self) -> None:
        if self.eps is not None and self.eps <= 0:
            raise ParameterError(f"eps={self.eps!r} is not above 0", where="eps")
        if self.min_samples is not None:
            require_at_least("min_samples", self.min_samples, minimum=1)
        require_at_least("sample_rows", self.sample_rows, minimum=1)

    def _stable_reach(self, X: Floats, random: np.random.RandomState, *, notes: list[str]) -> float:
        """The most stable of several reaches, else the knee."""
        sample = X[seeded_sample(len(X), self.sample_rows, random=random)]
        # The same density on fewer rows means fewer neighbours within the same reach.
        n_near = _thinned(self.min_samples_, len(sample) / len(X))
        whole = _DensityTree.of(sample, n_near)
        reaches = np.unique(np.quantile(whole.core_distances, REACH_QUANTILES))
        reaches = reaches[(reaches > 0) & np.isfinite(reaches)]
        tried = {reach: whole.at(reach).place(sample) for reach in reaches.tolist()}
        hopeful = {reach: labels for reach, labels in tried.items() if _is_admissible(labels)}
        scores = _stabilities(sample, n_near, labels_at=hopeful, random=random) if hopeful else {}
        stable = [(round(score, 2), -_noise_share(tried[reach]), reach) for reach, score in scores.items()]
        if stable and max(stable)[0] >= STABLE:
            return float(max(stable)[2])
        notes.append("No reach gave clusters that survive resampling; eps is the knee of the distances.")
        return _knee(whole.core_distances)

    def predict(self, X: npt.ArrayLike) -> Labels:
        """Label of the nearest core point, int32; -1 beyond `eps_` unless noise is assigned.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        return self._place(rows_to_place(self, X))

    def _place(self, rows: Floats) -> Labels:
        reach = np.inf if self.assign_noise else self.eps_
        return _Crowd(self.core_points_, self.core_labels_, reach).place(rows)

    def margin(self, X: npt.ArrayLike) -> Floats:
        """How crowded it is: 1 - mean distance to the nearest core points / `eps_`, 0-1; nan for noise.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        rows = rows_to_place(self, X)
        if not len(self.core_points_):
            return np.full(len(rows), np.nan)
        n_near = min(MARGIN_NEIGHBOURS, len(self.core_points_))
        bound = np.inf if self.assign_noise else np.nextafter(self.eps_, np.inf)
        nearest = cKDTree(self.core_points_).query(
            rows, k=np.arange(1, n_near + 1), distance_upper_bound=bound
        )
        near = np.asarray(nearest[0])
        margin = np.clip(1.0 - near.mean(axis=1) / self.eps_, 0.0, 1.0)
        return np.where(near[:, 0] < bound, margin, np.nan)

    def export(self) -> State:
        """Everything `predict` and `margin` need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        crowd = ("core_points_", "core_labels_", "eps_", "min_samples_", "notes_")
        return export_state(self, *crowd, "n_clusters_", "n_features_in_")

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """The fitted estimator an `export` came from.

        Parameters
        ----------
        state : mapping
            What `export` gave.

        Returns
        -------
        Self
        """
        return restore_state(cls, state)


@dataclass(frozen=True)
class _Crowd:
    """Core points, the cluster of each, and how far a cluster reaches around them."""

    points: Floats
    labels: Labels
    reach: float

    @classmethod
    def of(cls, core: Floats, labels: Labels, *, reach: float) -> _Crowd:
        """The core points, once each."""
        points, first = np.unique(core, axis=0, return_index=True)
        return cls(points, labels[first], reach)

    def thinned(self) -> _Crowd:
        """Itself, or the first core point of each crowd and cell: of cells that leave MOST_POINTS."""
        kept, width = self, self.reach / 8
        while len(kept.points) > MOST_POINTS:
            first = _first_in_cells(kept.points, kept.labels, width=width)
            kept = replace(kept, points=kept.points[first], labels=kept.labels[first])
            width *= 1.25
        return kept

    @property
    def n_clusters(self) -> int:
        return int(self.labels.max(initial=-1)) + 1

    def place(self, X: Floats) -> Labels:
        """Cluster of the nearest core point within reach, else -1."""
        if not len(self.points):
            return np.full(len(X), -1, dtype=np.int32)
        # No neighbour within the bound gives the position len(points), where the label of noise stands.
        _, nearest = cKDTree(self.points).query(X, distance_upper_bound=np.nextafter(self.reach, np.inf))
        labels: Labels = np.append(self.labels, np.int32(-1))[nearest]
        return labels


@dataclass(frozen=True)
class _DensityTree:
    """The crowds of some rows at every reach: a minimum spanning tree of mutual reachability.

    Two rows are mutually reachable at the largest of their distance and their core distances (distance to the
    n-th neighbour), so cutting the tree at a reach leaves DBSCAN's clusters of core points
    (Campello, Moulavi, Sander 2013). One tree serves the whole scan, in memory linear in the rows.
    """

    points: Floats
    core_distances: Floats
    edges: npt.NDArray[np.int32]
    heights: Floats

    @classmethod
    def of(cls, X: Floats, n_near: int) -> _DensityTree:
        core = np.sqrt(neighbors(X, min(n_near, len(X)))[1][:, -1])
        return cls(X, core, *spanning_tree(X, core_distances=core))

    def at(self, reach: float) -> _Crowd:
        """Connected core points at this reach."""
        core = self.core_distances <= reach
        ends = self.edges[self.heights <= reach].T
        links = coo_array((np.ones(ends.shape[1]), (ends[0], ends[1])), shape=(len(core), len(core)))
        _, component = connected_components(links, directed=False)
        _, labels = consecutive(component[core].astype(np.int32))
        return _Crowd(self.points[core], labels, reach)


def _without_small(labels: Labels, min_share: float) -> Labels:
    """Noise in place of the clusters that hold less than this share of the rows."""
    sizes = np.bincount(labels[labels >= 0])
    is_kept = sizes >= min_share * len(labels)
    # Position -1, where the label of noise looks, is noise.
    renumbered = np.append(np.where(is_kept, np.cumsum(is_kept) - 1, -1), -1).astype(np.int32)
    return renumbered[labels]


def _first_in_cells(points: Floats, labels: Labels, *, width: float) -> npt.NDArray[np.intp]:
    """Positions of the first point of each crowd in each cell of a grid."""
    cells = np.column_stack([np.floor((points - points.min(axis=0)) / width), labels])
    order = np.lexsort(cells.T)
    is_new = np.append([True], (np.diff(cells[order], axis=0) != 0).any(axis=1))
    return np.sort(order[is_new])


def _thinned(n_near: int, share: float) -> int:
    """Neighbours that mean the same density when only this share of the rows is there."""
    return max(2, round(n_near * share))


def _noise_share(labels: Labels) -> float:
    return float((labels < 0).mean())


def _large(labels: Labels) -> npt.NDArray[np.intp]:
    """The clusters with at least MIN_CLUSTER_SHARE of the rows."""
    return np.flatnonzero(np.bincount(labels[labels >= 0]) >= MIN_CLUSTER_SHARE * len(labels))


def _is_admissible(labels: Labels) -> bool:
    return _noise_share(labels) <= MAX_NOISE_SHARE and len(_large(labels)) >= 2


def _stabilities(
    X: Floats, n_near: int, *, labels_at: Mapping[float, Labels], random: np.random.RandomState
) -> dict[float, float]:
    """Mean over subsamples of the worst cluster's Jaccard similarity with its best match, per reach."""
    worst: dict[float, list[float]] = {reach: [] for reach in labels_at}
    for _ in range(N_SUBSAMPLES):
        part = seeded_sample(len(X), round(SUBSAMPLE_SHARE * len(X)), random=random)
        crowds = _DensityTree.of(X[part], _thinned(n_near, SUBSAMPLE_SHARE))
        for reach, labels in labels_at.items():
            again = crowds.at(reach).place(X[part])
            worst[reach].append(_worst_jaccard(labels[part], again, clusters=_large(labels)))
    return {reach: float(np.mean(values)) for reach, values in worst.items()}


def _worst_jaccard(before: Labels, after: Labels, *, clusters: npt.NDArray[np.intp]) -> float:
    """Smallest over these clusters of the largest Jaccard similarity with a cluster of `after`."""
    n_clusters = int(max(before.max(), clusters.max())) + 1
    return float(best_jaccards(before, after, n_segments=n_clusters)[clusters].min())


def _knee(distances: Floats) -> float:
    """The sorted distance farthest below the chord from the smallest to the largest; 1 if there is none."""
    ordered = np.sort(distances[np.isfinite(distances) & (distances > 0)])
    if not len(ordered):
        return 1.0
    chord = np.linspace(ordered[0], ordered[-1], len(ordered))
    return float(ordered[(chord - ordered).argmax()])
