"""Charts call things by the words the tables use."""

from __future__ import annotations

import numpy as np

from coterie import charts
from coterie.delivery.figures import draw_charts, drawn_names
from coterie.knowledge import name_segments, profile_segments
from coterie.segmentation import CLUSTERERS, finish, fit_trial
from tests.charts.examples import comparison
from tests.knowledge.tables import segmentation_of, shop


def test_the_unassigned_are_called_in_charts_as_in_tables() -> None:
    table, labels = shop()
    result = name_segments(segmentation_of(table, labels.tolist()))
    names = drawn_names(result, profile_segments(result))
    assert names == {**result.names, -1: "No net spend"}
    chart = charts.cluster_scatter(table.X[["recency_days", "monetary"]], labels, names=names)
    assert chart.table["segment"].tolist()[-1] == "No net spend"
    labels[0] = -1
    noisy = segmentation_of(table, labels.tolist())
    assert drawn_names(noisy, profile_segments(noisy))[-1] == "No net spend and Outliers"


def test_a_method_is_called_by_its_one_title() -> None:
    alt = charts.metric_comparison(comparison(), "silhouette").alt
    assert f"by {CLUSTERERS['kmeans'].title} with 4" in alt


def test_the_grid_says_that_its_names_are_not_those_of_the_segments() -> None:
    chart = charts.rfm_grid(np.array([[5, 5]]), {(5, 5): "Champions"})
    assert "fixed grid" in chart.title
    assert "Names and colours are those of the fixed grid, whatever the segments are called" in chart.alt
    drawn = " ".join(text.get_text() for text in chart.figure().texts)
    assert "those of the fixed grid" in " ".join(drawn.split())


def test_the_tree_counts_customers_and_stands_beside_the_method_that_was_chosen() -> None:
    table, _ = shop(12_000)
    trials = [fit_trial(table, method, n_clusters=3) for method in ("kmeans", "hierarchical")]
    alts = []
    for chosen in trials:
        result = name_segments(finish(chosen, table, trials=trials))
        charts_by_name = {chart.name: chart for chart in draw_charts(result, profile_segments(result))}
        alts.append(charts_by_name["dendrogram"].alt)
    assert all("tree of 11,994 customers" in alt for alt in alts)
    assert "those of K-Means, not of this tree" in alts[0]
    assert "not of this tree" not in alts[1]
