"""The pieces of work that are measured: `ours_*` by Coterie, the others by the peer they are named for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.comparison import KS, pairwise_dunn
from benchmarks.measure import Rows

K = 8
EPS, MIN_SAMPLES = 0.05, 50
"""Of DBSCAN on `mix` with three columns: a million rows have about two hundred neighbours in reach."""
CROWD = 100
"""Least size of a cluster, and neighbours, of HDBSCAN."""

Found = dict[str, Any]


def floats(rows: Rows) -> npt.NDArray[np.float64]:
    return np.ascontiguousarray(rows, dtype=np.float64)


def inertia(X: Rows, centers: Rows) -> float:
    """Sum of squared distances to the nearest centre: the same yardstick for everybody."""
    from sklearn.metrics import pairwise_distances_argmin_min

    return float((pairwise_distances_argmin_min(X, centers)[1] ** 2).sum())


def ours_kmeans(rows: Rows) -> Found:
    from coterie.segmentation import KMeans

    return {"inertia": KMeans(K, random_state=0).fit(floats(rows)).inertia_}


def sklearn_kmeans(rows: Rows, *, n_init: int = 10) -> Found:
    from sklearn.cluster import KMeans

    return {"inertia": KMeans(K, n_init=n_init, random_state=0).fit(rows).inertia_}


def intelex_kmeans(rows: Rows) -> Found:
    from sklearnex.cluster import KMeans

    return {"inertia": KMeans(K, n_init=10, random_state=0).fit(rows).inertia_}


def faiss_kmeans(rows: Rows) -> Found:
    import faiss

    found = faiss.Kmeans(rows.shape[1], K, niter=25, nredo=10, seed=1, max_points_per_centroid=len(rows))
    found.train(np.ascontiguousarray(rows, dtype=np.float32))
    return {"inertia": inertia(rows, np.asarray(found.centroids))}


def ours_kmeans_sweep(rows: Rows) -> Found:
    from coterie.segmentation import kmeans

    fitted = kmeans.sweep(floats(rows), 0)
    return {"inertia": sum(fitted(k).inertia_ for k in KS)}


def sklearn_kmeans_sweep(rows: Rows) -> Found:
    from sklearn.cluster import KMeans

    return {"inertia": sum(KMeans(k, n_init=10, random_state=0).fit(rows).inertia_ for k in KS)}


def ours_gmm(rows: Rows) -> Found:
    from coterie.segmentation import GaussianMixture

    return {"likelihood": GaussianMixture(K, random_state=0).fit(floats(rows)).log_likelihood_ / len(rows)}


def sklearn_gmm(rows: Rows) -> Found:
    from sklearn.mixture import GaussianMixture

    X = floats(rows)
    return {"likelihood": float(GaussianMixture(K, random_state=0).fit(X).score(X))}


def ours_ward(rows: Rows) -> Found:
    from coterie.segmentation import Hierarchical

    return {"heights": Hierarchical(K).fit(floats(rows)).linkage_[:, 2]}


def sklearn_ward(rows: Rows) -> Found:
    from sklearn.cluster import AgglomerativeClustering

    found = AgglomerativeClustering(K, linkage="ward", compute_distances=True, compute_full_tree=True)
    return {"heights": found.fit(floats(rows)).distances_}


def scipy_ward(rows: Rows) -> Found:
    from scipy.cluster.hierarchy import linkage

    return {"heights": linkage(floats(rows), "ward")[:, 2]}


def fastcluster_ward(rows: Rows) -> Found:
    import fastcluster

    return {"heights": fastcluster.linkage_vector(floats(rows), "ward")[:, 2]}


def ours_silhouette(rows: Rows) -> Found:
    from coterie.kernels import silhouette

    X, labels = _parted(rows)
    return {"value": float(silhouette(X, labels).mean())}


def sklearn_silhouette(rows: Rows) -> Found:
    from sklearn.metrics import silhouette_score

    X, labels = _parted(rows)
    return {"value": float(silhouette_score(X, labels))}


def ours_dunn(rows: Rows) -> Found:
    from coterie.assessment import dunn

    X, labels = _parted(rows)
    return {"value": float(dunn(X, labels))}


def scipy_dunn(rows: Rows) -> Found:
    X, labels = _parted(rows)
    return {"value": pairwise_dunn(X, labels)}


def ours_dbscan(rows: Rows) -> Found:
    from coterie.kernels import dbscan

    return {"labels": dbscan(rows, EPS, min_samples=MIN_SAMPLES)[0]}


def sklearn_dbscan(rows: Rows) -> Found:
    from sklearn.cluster import DBSCAN

    return {"labels": DBSCAN(eps=EPS, min_samples=MIN_SAMPLES).fit(rows).labels_}


def ours_hdbscan(rows: Rows) -> Found:
    from coterie.segmentation import HDBSCAN

    return {"labels": HDBSCAN(CROWD, min_samples=_near(rows)).fit(floats(rows)).labels_}


def sklearn_hdbscan(rows: Rows) -> Found:
    from sklearn.cluster import HDBSCAN

    found = HDBSCAN(min_cluster_size=CROWD, min_samples=_near(rows), copy=True)
    return {"labels": found.fit(floats(rows)).labels_}


def hdbscan_hdbscan(rows: Rows) -> Found:
    import hdbscan

    # It does not count the row itself.
    found = hdbscan.HDBSCAN(min_cluster_size=CROWD, min_samples=_near(rows) - 1, core_dist_n_jobs=1)
    return {"labels": found.fit(floats(rows)).labels_}


def fast_hdbscan(rows: Rows) -> Found:
    import fast_hdbscan

    found = fast_hdbscan.HDBSCAN(min_cluster_size=CROWD, min_samples=_near(rows) - 1)
    return {"labels": found.fit(floats(rows)).labels_}


def ours_genie(rows: Rows) -> Found:
    from coterie.segmentation import Genie

    return {"labels": Genie(K).fit(floats(rows)).labels_}


def genieclust_genie(rows: Rows) -> Found:
    import genieclust

    return {"labels": genieclust.Genie(n_clusters=K).fit_predict(floats(rows))}


def ours_tpa(rows: Rows) -> Found:
    from coterie.segmentation import TPA

    return {"n_clusters": TPA(K, random_state=0).fit(floats(rows)).n_clusters_}


def ours_dbscan_default(rows: Rows) -> Found:
    """With the reach that DBSCAN finds itself."""
    from coterie.segmentation import DBSCAN

    return {"n_clusters": DBSCAN(random_state=0).fit(floats(rows)).n_clusters_}


def ours_hdbscan_default(rows: Rows) -> Found:
    from coterie.segmentation import HDBSCAN

    return {"n_clusters": HDBSCAN().fit(floats(rows)).n_clusters_}


def _parted(rows: Rows) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Rows whose last column is their label."""
    return floats(rows[:, :-1]), rows[:, -1].astype(np.int64)


def _near(rows: Rows) -> int:
    return min(30, len(rows) // 3)
