"""Which charts a result is shown by, in reading order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.delivery.agreement import AGREEMENTS
from coterie.features import FeatureSpec
from coterie.knowledge import Knowledge
from coterie.segmentation import UNASSIGNED, Segmentation, Trial

if TYPE_CHECKING:
    import pandas as pd

    from coterie.charts import Chart

METRICS = ("silhouette", "davies_bouldin", "dunn", "ari", "nmi")
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
        *draw_maps(result, drawn_names(result, knowledge)),
        *_grid_charts(result),
        *_tree_charts(result.found),
        *metric_charts(
            result.trials, (result.method, result.found.n_segments), among=~result.table.no_net_spend
        ),
    ]


def draw_map_3d(result: Segmentation, knowledge: Knowledge) -> Chart | None:
    """Make the map in space, which is for turning on a screen: on paper the flat map says the same.

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge

    Returns
    -------
    Chart or None
        None if fewer than three directions clustered.
    """
    from coterie import charts

    Z = result.model.transformed(result.table)
    if Z.shape[1] < charts.N_MAPPED:
        return None
    names = drawn_names(result, knowledge)
    return charts.cluster_map_3d(Z, result.labels, names=names, customer_ids=result.table.customer_ids)


def _segment_charts(result: Segmentation, knowledge: Knowledge) -> list[Chart]:
    from coterie import charts

    specs = printed_specs(result)
    return [
        charts.sizes_and_revenue(knowledge.frame()),
        charts.profile_heatmap(knowledge.medians, knowledge.differences, specs=specs),
        charts.snake_plot(knowledge.differences, specs=specs),
    ]


def printed_specs(result: Segmentation) -> dict[str, FeatureSpec]:
    """Describe each feature as it is printed: the unit of money is the currency, if the data name one.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    dict of str to FeatureSpec
    """
    currency = None if result.table.dataset is None else result.table.dataset.currency
    return {
        spec.name: replace(spec, unit=currency) if currency and spec.unit == "money" else spec
        for spec in result.table.specs
    }


def drawn_names(result: Segmentation, knowledge: Knowledge) -> dict[int, str]:
    """Name the segments and, as the tables do, the customers in none of them.

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge

    Returns
    -------
    dict of str by segment id
        With -1 if anybody is unassigned: "No net spend", "Outliers" or both.
    """
    unassigned = " and ".join(knowledge.unassigned)
    return {**result.names, **({UNASSIGNED: unassigned} if unassigned else {})}


def _numbers(result: Segmentation) -> pd.DataFrame:
    """The numeric features that formed the segments, else all numeric features."""
    numeric = [spec.name for spec in result.table.specs if spec.kind == "number"]
    chosen = [name for name in result.attributes if name in numeric]
    return result.table.columns((chosen if len(chosen) > 1 else numeric)[:MAX_PAIRED])


def draw_maps(result: Segmentation, names: Mapping[int, str]) -> list[Chart]:
    """Make the charts that show each customer as a point.

    Parameters
    ----------
    result : Segmentation
    names : mapping of int to str
        Of the segments, by id.

    Returns
    -------
    list of Chart
        The map of all attributes; with two numeric ones, before it the cluster plot and after it the
        pair plot.
    """
    from coterie import charts

    X = _numbers(result)
    ids = result.table.customer_ids
    told: dict[str, Any] = {"names": names, "specs": printed_specs(result), "customer_ids": ids}
    Z = result.model.transformed(result.table)
    made = [charts.pca_map(Z, result.labels, names=names, customer_ids=ids)]
    if X.shape[1] > 1:
        made = [
            charts.cluster_scatter(X, result.labels, **told),
            *made,
            charts.pair_plot(X, result.labels, **told),
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
    return [charts.rfm_grid(grid.scores_, RFM_CELLS, cut_points=cuts)]


def _tree_charts(result: Segmentation) -> list[Chart]:
    """Ward's tree: of the chosen trial if it is one, else of the trial with as many segments."""
    from coterie import charts
    from coterie.segmentation import CLUSTERERS, Hierarchical

    chosen = (result.method, result.n_segments)
    models = [
        (trial.model, (trial.method, trial.n_clusters))
        for trial in sorted(result.trials, key=lambda trial: trial.n_clusters != result.n_segments)
        if trial.model is not None
    ]
    for model, found in models:
        tree = model.estimator
        if isinstance(tree, Hierarchical):
            own: dict[str, Any] = {"chosen": CLUSTERERS[result.method].title}
            if found == chosen:
                own = {"labels": model.segment_of(tree.leaf_labels_), "names": result.names}
            return [charts.dendrogram(tree.linkage_, n_clusters=found[1], leaf_rows=tree.leaf_rows_, **own)]
    return []


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
