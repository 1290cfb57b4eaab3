"""FeatureTable -> Segmentation, Model.

The estimators are plain scikit-learn, which is imported when the first of them is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from coterie.segmentation.registry import CLUSTERERS, Clusterer
from coterie.segmentation.result import (
    NO_NET_SPEND_NAME,
    OUTLIERS_NAME,
    UNASSIGNED,
    Segment,
    Segmentation,
    Trial,
)

if TYPE_CHECKING:
    from coterie.segmentation.dbscan import DBSCAN
    from coterie.segmentation.fit import check_request, finish, fit_trial, fit_trials
    from coterie.segmentation.gmm import GaussianMixture
    from coterie.segmentation.hierarchical import Hierarchical
    from coterie.segmentation.kmeans import KMeans
    from coterie.segmentation.kmedoids import KMedoids
    from coterie.segmentation.model import Model
    from coterie.segmentation.rfm_grid import RFM_CELLS, RFMGrid
    from coterie.segmentation.saving import load_model
    from coterie.segmentation.sparse import SparseKMeans
    from coterie.segmentation.tpa import TPA
    from coterie.segmentation.transform import Transform

_HOME = {
    "DBSCAN": "dbscan",
    "GaussianMixture": "gmm",
    "Hierarchical": "hierarchical",
    "KMeans": "kmeans",
    "KMedoids": "kmedoids",
    "Model": "model",
    "RFMGrid": "rfm_grid",
    "RFM_CELLS": "rfm_grid",
    "SparseKMeans": "sparse",
    "TPA": "tpa",
    "Transform": "transform",
    "check_request": "fit",
    "finish": "fit",
    "fit_trial": "fit",
    "fit_trials": "fit",
    "load_model": "saving",
}
"""The file of each name that is imported on first use."""

__all__ = [
    "CLUSTERERS",
    "DBSCAN",
    "NO_NET_SPEND_NAME",
    "OUTLIERS_NAME",
    "RFM_CELLS",
    "TPA",
    "UNASSIGNED",
    "Clusterer",
    "GaussianMixture",
    "Hierarchical",
    "KMeans",
    "KMedoids",
    "Model",
    "RFMGrid",
    "Segment",
    "Segmentation",
    "SparseKMeans",
    "Transform",
    "Trial",
    "check_request",
    "finish",
    "fit_trial",
    "fit_trials",
    "load_model",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
