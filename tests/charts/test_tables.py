"""The figures a chart draws are the figures it was given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import fcluster, ward

from coterie.charts import (
    agreement_map,
    dendrogram,
    metric_comparison,
    pair_plot,
    profile_heatmap,
    rfm_grid,
    sizes_and_revenue,
    snake_plot,
)
from coterie.charts.grid import _ranges
from coterie.errors import ParameterError
from tests.charts.examples import (
    NAMES,
    SPECS,
    agreement,
    comparison,
    customers,
    differences,
    linkage,
    medians,
    segments,
)


def test_sizes_and_revenue_keep_every_figure() -> None:
    X, labels = customers(500)
    given = segments(X, labels, NAMES)
    chart = sizes_and_revenue(given)
    pd.testing.assert_frame_equal(chart.table, given)
    assert "of customers bring" in chart.alt


def test_without_revenue_only_the_sizes_are_drawn() -> None:
    given = pd.DataFrame(
        {"name": ["a", "b"], "n_customers": [3, 1], "share": [0.75, 0.25], "revenue_share": [None, None]}
    )
    chart = sizes_and_revenue(given)
    assert list(chart.table.columns) == ["segment_id", "name", "n_customers", "share"]
    assert chart.alt.startswith("The largest segment, a, holds 75% of customers.")
    assert chart.figure().texts


def test_a_heat_map_shows_raw_medians_and_tells_differences_in_words() -> None:
    X, labels = customers(500)
    profile, z = medians(X, labels, NAMES), differences(X, labels, NAMES)
    table = profile_heatmap(profile, z, specs=SPECS).table.set_index("feature")
    for name in profile.columns:
        assert table[name].tolist() == profile[name].tolist()
    assert table.loc["monetary", "unit"] == "GBP"
    assert set(table["Champions: compared"]) <= {
        f"{how}{side} average" for how in ("far ", "a little ", "") for side in ("above", "below")
    } | {"about average"}  # fmt: skip


def test_of_many_features_those_that_differ_most_are_drawn() -> None:
    names = [f"f{i}" for i in range(40)]
    z = pd.DataFrame({"a": np.arange(40.0), "b": -np.arange(40.0)}, index=names)
    assert snake_plot(z).table["feature"].tolist() == names[-8:]
    assert len(profile_heatmap(z, z).table) == 16


def test_categories_among_the_medians_are_left_to_the_text() -> None:
    z = pd.DataFrame({"a": [1.0], "b": [-1.0]}, index=["age"])
    profile = pd.DataFrame({"a": [30.0, "Paris"], "b": [40.0, "Rome"]}, index=["age", "city"], dtype=object)
    assert profile_heatmap(profile, z).table["feature"].tolist() == ["age"]


def test_pair_plot_tells_medians_of_at_most_five_attributes() -> None:
    X, labels = customers(300)
    wide = X.assign(**{f"extra_{i}": np.arange(300.0) for i in range(4)}, city="Paris")
    table = pair_plot(wide, labels, names=NAMES).table
    assert list(table.columns[3:]) == list(wide.columns[:5])
    assert table["monetary"][0] == X.loc[labels == 0, "monetary"].median()


def test_every_customer_stands_under_one_leaf_of_its_cluster() -> None:
    links = linkage(customers(200)[0])
    table = dendrogram(links, n_clusters=4).table
    assert len(table) == 30
    assert table["n_customers"].sum() == 200
    drawn = sorted(table.groupby("cluster")["n_customers"].sum())
    assert drawn == sorted(np.bincount(fcluster(links, 4, "maxclust"))[1:])


def test_a_leaf_that_stands_for_many_customers_counts_as_many() -> None:
    links = ward(np.array([[0.0], [1.0], [5.0]]))
    chart = dendrogram(links, n_clusters=2, leaf_rows=[60_000, 10_000, 30_000], labels=[0, 1, 2], names=NAMES)
    assert chart.alt.startswith("The hierarchical method's tree of 100,000 customers")
    assert sorted(chart.table["n_customers"]) == [10_000, 30_000, 60_000]
    drawn = {text.get_text() for text in chart.figure().axes[0].texts}
    assert {"Champions\n(70,000)", "Promising\n(30,000)"} <= drawn
    with pytest.raises(ParameterError):
        dendrogram(links, n_clusters=2, leaf_rows=[1, 1])


def test_a_tree_says_whose_it_is_and_where_it_is_cut() -> None:
    links = ward(np.array([[0.0], [1.0], [5.0]]))
    chart = dendrogram(links, n_clusters=2, chosen="K-Means")
    assert "Ward" in chart.title
    assert f"cuts it at a distance of {(links[0, 2] + links[1, 2]) / 2:.3g} into 2" in chart.alt
    assert "the segments are those of K-Means, not of this tree" in chart.alt
    assert "those of" not in dendrogram(links, n_clusters=2).alt


@pytest.mark.parametrize("n_clusters", [1, 2, 3])
def test_a_tiny_tree_can_be_cut_anywhere(n_clusters: int) -> None:
    chart = dendrogram(ward(np.array([[0.0], [1.0], [5.0]])), n_clusters=n_clusters)
    assert chart.table["cluster"].nunique() == n_clusters
    assert chart.figure().texts


def test_a_tree_of_three_customers_has_no_four_clusters() -> None:
    with pytest.raises(ParameterError):
        dendrogram(ward(np.array([[0.0], [1.0], [5.0]])), n_clusters=4)


def test_every_customer_stands_in_one_cell_of_the_grid() -> None:
    scores = np.array([[5, 5, 1], [5, 5, 2], [1, 1, 1], [3, 2, 5]])
    cells = {(r, f): "best" if r + f == 10 else "rest" for r in range(1, 6) for f in range(1, 6)}
    table = rfm_grid(scores, cells).table.set_index(["recency_score", "frequency_score"])
    assert table["n_customers"].sum() == 4
    assert table.loc[(5, 5), "n_customers"] == 2
    assert table.loc[(5, 5), "group"] == "best"
    assert table.loc[(3, 2), "share"] == 0.25
    assert table.index[0] == (5, 5)


def test_a_score_outside_one_to_five_is_refused() -> None:
    with pytest.raises(ParameterError):
        rfm_grid(np.array([[0, 3]]), {})


def test_cut_points_are_printed_as_ranges_of_whole_numbers() -> None:
    assert _ranges([1, 1, 2, 8]) == ["up to 1", "none", "2", "3 to 8", "over 8"]
    assert _ranges([17.6, 50, 142, 300]) == ["up to 17", "18 to 50", "51 to 142", "143 to 300", "over 300"]


def test_a_metric_chart_keeps_undefined_rows_and_tells_the_best() -> None:
    chart = metric_comparison(comparison(), "silhouette", chosen=("kmeans", 4))
    assert chart.table["silhouette"].tolist()[:4] == [0.41, 0.44, 0.36, 0.39]
    assert np.isnan(chart.table["silhouette"][4])
    assert chart.alt == (
        "Silhouette: best 0.440 by K-Means with 4 segments, among 4 results of 2 methods. "
        "Chosen: K-Means with 4, 0.440."
    )


def test_lower_is_better_for_davies_bouldin() -> None:
    rows = comparison().rename(columns={"silhouette": "davies_bouldin"})
    assert "best 0.360" in metric_comparison(rows, "davies_bouldin").alt
    assert "best 0.440" in metric_comparison(rows, "davies_bouldin", higher_is_better=True).alt


def test_a_metric_without_a_value_says_why() -> None:
    chart = metric_comparison(comparison(), "ari")
    assert (
        chart.alt
        == "Adjusted Rand index has no value here: no column with known groups was given to compare with."
    )
    assert chart.figure().texts
    assert "given" in metric_comparison(comparison().drop(columns="ari"), "ari").alt
    assert metric_comparison(comparison(), "ari", why_undefined="no truth.").alt.endswith("no truth.")


def test_a_method_without_a_value_does_not_stretch_the_axis() -> None:
    axes = metric_comparison(comparison(), "silhouette").figure().axes[0]
    assert axes.get_xlim() == (2.5, 4.5)


def test_an_agreement_map_keeps_the_matrix() -> None:
    matrix = agreement({0: "kmeans", 1: "gmm", 2: "tpa"})
    chart = agreement_map(matrix, "nmi")
    assert chart.table["method"].tolist() == list(matrix.index)
    np.testing.assert_array_equal(chart.table[["kmeans", "gmm", "tpa"]].to_numpy(), matrix.to_numpy())
    assert "Gaussian mixture and K-Means (0.80)" in chart.alt
