from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from coterie.charts import cluster_map_3d, cluster_scatter, pair_plot, pca_map
from coterie.charts.cloud import MAX_POINTS, make_cloud, stratified_sample
from coterie.charts.directions import principal_coordinates
from coterie.charts.scatter import separating_pair
from coterie.errors import ParameterError
from tests.charts.examples import NAMES, SPECS, customers


def test_the_table_holds_the_centroid_of_every_segment_on_the_drawn_scale() -> None:
    X = pd.DataFrame({"age": [20.0, 30.0, 50.0, 70.0, 99.0], "score": [1.0, 3.0, 8.0, 10.0, 5.0]})
    chart = cluster_scatter(X, [0, 0, 1, 1, -1], names={0: "young", 1: "old"})
    assert chart.table[["segment_id", "segment", "n_customers"]].values.tolist() == [
        [0, "young", 2], [1, "old", 2], [-1, "Unassigned", 1],
    ]  # fmt: skip
    assert chart.table["age"].tolist()[:2] == [25.0, 60.0]
    assert chart.table["score"].tolist()[:2] == [2.0, 9.0]


def test_a_centroid_on_a_logarithmic_axis_is_the_geometric_one() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"monetary": np.exp(rng.normal(6, 1.5, 500)), "age": rng.uniform(20, 60, 500)})
    chart = cluster_scatter(X, np.zeros(500), names={0: "all"}, axes=("monetary", "age"))
    assert chart.table["monetary"][0] == pytest.approx(np.expm1(np.log1p(X["monetary"]).mean()))


def test_the_pair_that_separates_is_chosen_and_a_copy_of_an_attribute_is_not_its_partner() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 100).astype(np.int32)
    a = labels * 10.0 + rng.normal(size=300)
    b = (labels == 1) * 5.0 + rng.normal(size=300)
    X = pd.DataFrame({"noise": rng.normal(size=300), "a": a, "copy": a * 2.0, "b": b})
    assert separating_pair(X, labels) in {("a", "b"), ("copy", "b")}


def test_one_column_is_too_few_for_a_plane() -> None:
    with pytest.raises(ParameterError):
        cluster_scatter(pd.DataFrame({"a": [1.0, 2.0]}), [0, 1], names=NAMES)


def test_the_sentence_names_every_centre_with_units() -> None:
    X, labels = customers(400)
    alt = cluster_scatter(X, labels, names=NAMES, axes=("recency_days", "monetary"), specs=SPECS).alt
    assert all(name in alt for name in NAMES.values())
    assert "GBP" in alt
    assert "days" in alt


def test_a_million_customers_are_reduced_before_they_are_drawn() -> None:
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(1_000_000, 2)), rng.integers(0, 5, 1_000_000).astype(np.int32)
    started = time.process_time()
    cloud = make_cloud(points, labels, box=(-6, 6, -6, 6))
    assert time.process_time() - started < 4
    assert len(cloud.points) <= 1_200
    assert cloud.image is not None


def test_few_customers_are_all_drawn() -> None:
    points = np.zeros((MAX_POINTS, 2))
    cloud = make_cloud(points, np.zeros(MAX_POINTS, dtype=np.int32), box=(-1, 1, -1, 1))
    assert cloud.image is None
    assert len(cloud.points) == MAX_POINTS


def test_a_small_segment_is_still_seen_in_the_sample() -> None:
    labels = np.array([0] * 99_970 + [1] * 30, dtype=np.int32)
    assert (labels[stratified_sample(labels, 1_000)] == 1).sum() == 25


def test_the_map_tells_how_much_of_the_variation_it_shows() -> None:
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(500, 3)) * [3.0, 2.0, 1.0]
    table = pca_map(Z, np.zeros(500), names=NAMES).table
    variances = np.sort(np.linalg.eigvalsh(np.cov(Z.T)))[::-1]
    assert table["pc1_explained_share"][0] == pytest.approx(variances[0] / variances.sum())
    assert table["pc2_explained_share"][0] == pytest.approx(variances[1] / variances.sum())


def test_one_column_makes_a_flat_map() -> None:
    chart = pca_map(np.arange(20.0)[:, None], np.repeat([0, 1], 10), names=NAMES)
    assert chart.table["pc1_explained_share"][0] == 1.0
    assert chart.table["pc2"].abs().max() == 0.0
    assert chart.figure().texts


@pytest.mark.parametrize("n_attributes", [2, 3, 5])
def test_the_legend_of_a_pair_plot_covers_no_panel(n_attributes: int) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, n_attributes))).rename(columns="attribute {}".format)
    names = {i: f"A segment with a rather long name, {i}" for i in range(8)}
    figure = pair_plot(X, rng.integers(0, 8, 200), names=names).figure()
    figure.draw_without_rendering()
    corner = figure.axes[n_attributes - 1 if n_attributes > 2 else 2].get_legend()
    assert corner is not None
    legend = corner.get_window_extent()
    panels = [axes.get_tightbbox() for axes in figure.axes if axes.axison]
    assert len(panels) == n_attributes * (n_attributes + 1) // 2
    assert not any(panel is not None and legend.overlaps(panel) for panel in panels)


def test_a_map_in_space_needs_three_directions_and_tells_how_much_they_hold() -> None:
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(200, 3))
    assert "hold 100% of the variation" in cluster_map_3d(Z, np.zeros(200), names=NAMES).alt
    with pytest.raises(ParameterError):
        cluster_map_3d(Z[:, :2], np.zeros(200), names=NAMES)


def test_a_direction_the_data_do_not_have_is_flat() -> None:
    Z = np.random.default_rng(0).normal(size=(200, 2))
    placed, _ = principal_coordinates(Z, 3)
    assert placed.shape == (200, 3)
    assert not placed[:, 2].any()
    centre = pca_map(Z, np.zeros(200), names=NAMES).table[["pc1", "pc2"]].to_numpy()[0]
    np.testing.assert_allclose(placed[:, :2].mean(axis=0), centre, atol=1e-12)
