"""Which charts a result is shown by, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from coterie.knowledge import Knowledge
from coterie.segmentation import Segmentation, Trial

if TYPE_CHECKING:
    import pandas as pd

    from coterie.charts import Chart

METRICS = ("silhouette", "davies_bouldin", "dunn", "ari", "nmi")
AGREEMENTS: tuple[Literal["ari", "nmi"], ...] = ("ari", "nmi")
MAX_PAIRED = 5


def draw_charts(result: Segmentation, knowledge: Knowledge) -> list[Chart]:
    """Make every chart of a result.

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge

    Returns
    -------
    list of Chart
        In reading order; those a result has no data for are left out.
    """
    return [
        *_segment_charts(result, knowledge),
        *_map_charts(result),
        *_grid_charts(result),
        *_tree_charts(result),
        *metric_charts(result.trials, (result.method, result.n_segments), among=~result.table.no_net_spend),
    ]


def _segment_charts(result: Segmentation, knowledge: Knowledge) -> list[Chart]:
    from coterie import charts

    return [
        charts.sizes_and_revenue(knowledge.frame()),
        charts.profile_heatmap(knowledge.medians, knowledge.differences, units=printed_units(result)),
        charts.snake_plot(knowledge.differences),
    ]


def printed_units(result: Segmentation) -> dict[str, str]:
    """Give the unit of each feature as it is printed: money as the currency, if the data name one.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    dict of str to str
    """
    currency = None if result.table.dataset is None else result.table.dataset.currency
    return {
        spec.name: currency if currency and spec.unit == "money" else spec.unit for spec in result.table.specs
    }


def _numbers(result: Segmentation) -> pd.DataFrame:
    """The numeric features that formed the segments, else all numeric features."""
    numeric = [spec.name for spec in result.table.specs if spec.kind == "number"]
    chosen = [name for name in result.attributes if name in numeric]
    return result.table.columns((chosen if len(chosen) > 1 else numeric)[:MAX_PAIRED])


def _map_charts(result: Segmentation) -> list[Chart]:
    from coterie import charts

    X = _numbers(result)
    units = printed_units(result)
    made = [charts.pca_map(result.model.transformed(result.table), result.labels, result.names)]
    if X.shape[1] > 1:
        made = [
            charts.cluster_scatter(X, result.labels, result.names, units=units),
            *made,
            charts.pair_plot(X, result.labels, result.names, units=units),
        ]
    return made


def _grid_charts(result: Segmentation) -> list[Chart]:
    from coterie import charts
    from coterie.segmentation import RFM_CELLS, RFMGrid

    names = {spec.name for spec in result.table.specs}
    columns = ["recency_days", "n_orders"] + (["monetary"] if "monetary" in names else [])
    if not names.issuperset(columns):
        return []
    bought = np.flatnonzero(~result.table.no_net_spend)
    grid = RFMGrid().fit(result.table.columns(columns).iloc[bought])
    cuts = {
        name: list(grid.cut_points_[score]) for name, score in zip(columns, grid.cut_points_, strict=False)
    }
    return [charts.rfm_grid(grid.scores_, RFM_CELLS, cuts)]


def _tree_charts(result: Segmentation) -> list[Chart]:
    from coterie import charts
    from coterie.segmentation import Hierarchical

    trees = [
        (trial.model.estimator, trial.n_clusters)
        for trial in sorted(result.trials, key=lambda trial: trial.n_clusters != result.n_segments)
        if trial.model is not None and isinstance(trial.model.estimator, Hierarchical)
    ]
    return [charts.dendrogram(tree.linkage_, n_clusters=n_clusters) for tree, n_clusters in trees[:1]]


def metric_charts(
    trials: Sequence[Trial], chosen: tuple[str, int], *, among: npt.NDArray[np.bool_]
) -> list[Chart]:
    """Make one comparison chart a metric, and the maps of agreement between the methods.

    Parameters
    ----------
    trials : sequence of Trial
    chosen : (method, number of clusters)
        Is marked.
    among : ndarray of shape (n_customers,), bool
        Customers whose segments the methods are compared by.

    Returns
    -------
    list of Chart
    """
    from coterie import charts, selection

    rows = selection.trials_frame(trials)
    made = [charts.metric_comparison(rows, metric, chosen=chosen) for metric in METRICS]
    for metric in AGREEMENTS:
        agreement = selection.agreement(trials, metric, n_clusters=chosen[1], among=among)
        if len(agreement) > 1:
            made.append(charts.agreement_map(agreement, metric))
    return made
