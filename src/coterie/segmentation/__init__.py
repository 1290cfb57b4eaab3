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
    from coterie.segmentation.amendments import (
        Amendment,
        Cut,
        Parts,
        Placed,
        Relabel,
        amended_labels,
        rows_of,
    )
    from coterie.segmentation.archive import load_segmentation, save_segmentation
    from coterie.segmentation.coreset import Coreset, draw_coreset
    from coterie.segmentation.dbscan import DBSCAN
    from coterie.segmentation.fit import check_request, finish, fit_trial, fit_trials, refit_trial
    from coterie.segmentation.genie import Genie
    from coterie.segmentation.gmm import GaussianMixture
    from coterie.segmentation.hdbscan import HDBSCAN
    from coterie.segmentation.hierarchical import Hierarchical
    from coterie.segmentation.kmeans import KMeans
    from coterie.segmentation.kmedoids import KMedoids
    from coterie.segmentation.model import Model
    from coterie.segmentation.movers import Movers, who_moves
    from coterie.segmentation.reference import Bins, Reference, bins_of, reference_of
    from coterie.segmentation.rfm_grid import RFM_CELLS, RFMGrid
    from coterie.segmentation.saving import load_model
    from coterie.segmentation.scoring import can_be_sql, scoring_sql
    from coterie.segmentation.sparse import SparseKMeans
    from coterie.segmentation.tpa import TPA
    from coterie.segmentation.transform import Transform

_HOME = {
    "Amendment": "amendments",
    "Bins": "reference",
    "Coreset": "coreset",
    "Cut": "amendments",
    "DBSCAN": "dbscan",
    "GaussianMixture": "gmm",
    "Genie": "genie",
    "HDBSCAN": "hdbscan",
    "Hierarchical": "hierarchical",
    "KMeans": "kmeans",
    "KMedoids": "kmedoids",
    "Model": "model",
    "Movers": "movers",
    "Parts": "amendments",
    "Placed": "amendments",
    "RFMGrid": "rfm_grid",
    "RFM_CELLS": "rfm_grid",
    "Reference": "reference",
    "Relabel": "amendments",
    "SparseKMeans": "sparse",
    "TPA": "tpa",
    "Transform": "transform",
    "bins_of": "reference",
    "amended_labels": "amendments",
    "can_be_sql": "scoring",
    "check_request": "fit",
    "draw_coreset": "coreset",
    "finish": "fit",
    "fit_trial": "fit",
    "fit_trials": "fit",
    "load_model": "saving",
    "refit_trial": "fit",
    "load_segmentation": "archive",
    "reference_of": "reference",
    "rows_of": "amendments",
    "save_segmentation": "archive",
    "scoring_sql": "scoring",
    "who_moves": "movers",
}
"""The file of each name that is imported on first use."""

__all__ = [
    "CLUSTERERS",
    "DBSCAN",
    "HDBSCAN",
    "NO_NET_SPEND_NAME",
    "OUTLIERS_NAME",
    "RFM_CELLS",
    "TPA",
    "UNASSIGNED",
    "Amendment",
    "Bins",
    "Clusterer",
    "Coreset",
    "Cut",
    "GaussianMixture",
    "Genie",
    "Hierarchical",
    "KMeans",
    "KMedoids",
    "Model",
    "Movers",
    "Parts",
    "Placed",
    "RFMGrid",
    "Reference",
    "Relabel",
    "Segment",
    "Segmentation",
    "SparseKMeans",
    "Transform",
    "Trial",
    "amended_labels",
    "bins_of",
    "can_be_sql",
    "check_request",
    "draw_coreset",
    "finish",
    "fit_trial",
    "fit_trials",
    "load_model",
    "load_segmentation",
    "reference_of",
    "refit_trial",
    "rows_of",
    "save_segmentation",
    "scoring_sql",
    "who_moves",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
