"""The whole comparison, once by Coterie and once by scikit-learn and SciPy.

K-means, Gaussian mixtures and exact Ward (one tree, cut at every k) over k = 2..12 and DBSCAN: 34
labellings. Each gets its silhouette, Davies-Bouldin and Dunn index; at every k the four methods are
compared with each other by ARI and NMI.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.measure import Rows

KS = range(2, 13)
EPS, LEAST_SAMPLES, SAMPLES_SHARE = 0.7, 16, 5e-4
"""Reach of DBSCAN, and neighbours: at least so many, and that share of the rows."""

Labels = npt.NDArray[Any]
Labellings = dict[str, Labels]
Figures = dict[str, float]


def by_coterie(rows: Rows) -> dict[str, Any]:
    """Labels, scores and agreement; the sum of inertias; the largest standard error of a silhouette."""
    from coterie.kernels import dbscan
    from coterie.segmentation import Hierarchical, gmm, kmeans

    X = np.asarray(rows, dtype=np.float64)
    centers, mixtures, tree = kmeans.sweep(X, 0), gmm.sweep(X, 0), Hierarchical(2).fit(X)
    labels, inertia = {"dbscan": dbscan(X, EPS, min_samples=n_samples(X))[0]}, 0.0
    for k in KS:
        found = centers(k)
        inertia += found.inertia_
        labels |= {f"kmeans {k}": found.labels_, f"gmm {k}": mixtures(k).labels_}
        labels[f"ward {k}"] = tree.cut(k).labels_
    scores, error = coterie_scores(X, labels)
    return {"labels": _small(labels), "scores": scores, "inertia": inertia, "silhouette_error": error}


def coterie_scores(X: Rows, labels: Labellings) -> tuple[Figures, float]:
    """Every score by name, and the largest standard error of a silhouette; what is undefined is nan."""
    from coterie.assessment import Space, ari, davies_bouldin, dunn, nmi, silhouette

    found: Figures = {}
    space, error = Space.of(X), 0.0
    for name, marks in labels.items():
        width = silhouette(space, marks)
        error = max(error, width.standard_error or 0.0)
        scores = {"silhouette": width, "davies_bouldin": davies_bouldin(space, marks)}
        scores["dunn"] = dunn(space, marks)
        found |= {f"{score} {name}": _number(value.value) for score, value in scores.items()}
    for one, other in pairs(labels):
        found[f"ari {one}, {other}"] = float(ari(labels[one], labels[other]))
        found[f"nmi {one}, {other}"] = float(nmi(labels[one], labels[other]))
    return found, error


def by_others(rows: Rows) -> dict[str, Any]:
    """The same work; where scikit-learn's mixture ends with an error, the labelling is left out."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.cluster import DBSCAN, KMeans
    from sklearn.mixture import GaussianMixture

    X = np.asarray(rows, dtype=np.float64)
    labels = {"dbscan": DBSCAN(eps=EPS, min_samples=n_samples(X)).fit(X).labels_}
    tree, inertia, n_failed = linkage(X, "ward"), 0.0, 0
    for k in KS:
        found = KMeans(k, n_init=10, random_state=0).fit(X)
        inertia += found.inertia_
        labels[f"kmeans {k}"] = found.labels_
        try:
            labels[f"gmm {k}"] = GaussianMixture(k, random_state=0).fit_predict(X)
        except ValueError:
            n_failed += 1
        labels[f"ward {k}"] = fcluster(tree, k, "maxclust")
    scores = _others_scores(X, labels)
    return {"X": X, "labels": _small(labels), "scores": scores, "inertia": inertia, "n_failed": n_failed}


def _others_scores(X: Rows, labels: Labellings) -> Figures:
    from sklearn import metrics

    found: Figures = {}
    for name, marks in labels.items():
        inside = marks >= 0
        Z, kept = X[inside], marks[inside]
        is_scored = len(np.unique(kept)) > 1
        found[f"silhouette {name}"] = metrics.silhouette_score(Z, kept) if is_scored else np.nan
        found[f"davies_bouldin {name}"] = metrics.davies_bouldin_score(Z, kept) if is_scored else np.nan
        found[f"dunn {name}"] = pairwise_dunn(Z, kept) if is_scored else np.nan
    for one, other in pairs(labels):
        found[f"ari {one}, {other}"] = metrics.adjusted_rand_score(labels[one], labels[other])
        found[f"nmi {one}, {other}"] = metrics.normalized_mutual_info_score(labels[one], labels[other])
    return found


def pairwise_dunn(X: Rows, labels: Labels) -> float:
    """The Dunn index from the distances of all rows to all rows, a thousand rows of a cluster at a time."""
    from scipy.spatial.distance import cdist

    order = np.argsort(labels, kind="stable")
    ordered, starts = X[order], np.unique(labels[order], return_index=True)[1]
    gap, width = np.inf, 0.0
    for own, members in enumerate(np.split(ordered, starts[1:])):
        for start in range(0, len(members), 1000):
            distances = cdist(members[start : start + 1000], ordered)
            width = max(width, float(np.split(distances, starts[1:], axis=1)[own].max()))
            nearest = np.minimum.reduceat(distances.min(axis=0), starts)
            gap = min(gap, float(np.delete(nearest, own).min()))
    return gap / width


def score_gap(found: dict[str, Any]) -> float:
    """The largest difference between the scores that `by_others` found and ours of the same labellings."""
    ours, _ = coterie_scores(found["X"], found["labels"])
    theirs: Figures = found["scores"]
    return max(abs(ours[name] - value) for name, value in theirs.items() if np.isfinite(value))


def pairs(labels: Labellings) -> Iterator[tuple[str, str]]:
    """Labellings that are compared with each other: those of one k, and DBSCAN with all."""
    for k in KS:
        names = ["dbscan", *(f"{method} {k}" for method in ("kmeans", "gmm", "ward"))]
        yield from combinations([name for name in names if name in labels], 2)


def n_samples(X: Rows) -> int:
    """Neighbours that make a row core."""
    return max(LEAST_SAMPLES, round(SAMPLES_SHARE * len(X)))


def _small(labels: Labellings) -> Labellings:
    return {name: marks.astype(np.int16) for name, marks in labels.items()}


def _number(value: float | None) -> float:
    return np.nan if value is None else value
