import numpy as np
import pytest
from sklearn.cluster import KMeans as FullKMeans
from sklearn.exceptions import ConvergenceWarning

from coterie.errors import ParameterError
from coterie.segmentation.kmeans import KMeans, sweep
from coterie.segmentation.ladder import RUNG_STARTS, rung_below
from coterie.segmentation.nearest import center_margin, group_means, nearest_center, squared_distances


def test_starts_on_a_sample_reach_the_inertia_of_starts_on_everybody() -> None:
    random = np.random.default_rng(0)
    X = random.lognormal(0.0, 0.6, (30_000, 3))
    sampled = KMeans(6, sample_rows=3_000, random_state=0).fit(X)
    everybody = FullKMeans(6, n_init=5, random_state=0).fit(X)
    assert sampled.inertia_ <= 1.005 * everybody.inertia_


def test_a_sweep_gives_what_each_number_alone_gives_in_any_order() -> None:
    X = np.random.default_rng(3).lognormal(0.0, 0.6, (3_000, 3))
    swept = sweep(X, 7)
    for k in (14, 5, 9):
        alone, together = KMeans(k, n_starts=RUNG_STARTS, random_state=7).fit(X), swept(k)
        np.testing.assert_array_equal(together.labels_, alone.labels_)
        np.testing.assert_array_equal(together.cluster_centers_, alone.cluster_centers_)


def test_more_starts_never_end_wider_on_what_they_see() -> None:
    X = np.random.default_rng(5).lognormal(0.0, 0.9, (2_000, 4))
    few, many = (KMeans(9, n_starts=n, random_state=1).fit(X).inertia_ for n in (RUNG_STARTS, 60))
    assert many <= few


def test_every_number_of_clusters_stands_on_a_smaller_one() -> None:
    assert [rung_below(k) for k in (2, 12, 13, 16, 17, 24, 25, 50)] == [1, 11, 12, 12, 16, 16, 24, 48]


def test_a_weight_counts_as_so_many_rows() -> None:
    random = np.random.default_rng(4)
    X, times = random.normal(size=(300, 2)), random.integers(0, 4, 300)
    weighted = KMeans(4, random_state=0).fit(X, sample_weight=times)
    repeated = KMeans(4, random_state=0).fit(np.repeat(X, times, axis=0))
    assert weighted.inertia_ == pytest.approx(repeated.inertia_, rel=1e-3)
    np.testing.assert_allclose(weighted.cluster_centers_, repeated.cluster_centers_, atol=0.1)


@pytest.mark.parametrize("weights", [[1.0, -1.0], [0.0, 0.0], [1.0]])
def test_weights_that_cannot_be_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weight"):
        KMeans(1).fit([[0.0], [1.0]], sample_weight=weights)


def test_a_far_small_cluster_is_not_lost_between_sample_and_full_fit() -> None:
    random = np.random.default_rng(1)
    X = np.concatenate([random.normal(0.0, 1.0, (5_000, 2)), random.normal(60.0, 1.0, (50, 2))])
    labels = KMeans(3, sample_rows=1_000, random_state=0).fit(X).labels_
    assert len(set(labels[5_000:])) == 1
    assert not set(labels[:5_000]) & set(labels[5_000:])


def test_fewer_distinct_rows_than_clusters_give_fewer_clusters_and_a_warning() -> None:
    X = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    with pytest.warns(ConvergenceWarning, match="Only 3 distinct clusters"):
        fitted = KMeans(5, random_state=0).fit(X)
    assert fitted.n_clusters_ == len(fitted.cluster_centers_) == 3
    assert fitted.inertia_ == 0.0


def test_the_inertia_is_that_of_the_labels_and_the_centres_are_means() -> None:
    X = np.random.default_rng(2).normal(size=(500, 2))
    fitted = KMeans(4, random_state=0).fit(X)
    means = np.array([X[fitted.labels_ == cluster].mean(axis=0) for cluster in range(4)])
    assert fitted.inertia_ == pytest.approx(((X - means[fitted.labels_]) ** 2).sum())
    np.testing.assert_allclose(fitted.cluster_centers_, means, atol=0.05)


def test_the_margin_is_zero_half_way_and_one_at_a_centre() -> None:
    fitted = KMeans(2, random_state=0).fit([[0.0], [0.0], [10.0], [10.0]])
    np.testing.assert_allclose(fitted.margin([[0.0], [5.0], [2.5]]), [1.0, 0.0, 2.0 / 3.0])


def test_with_one_cluster_everybody_is_clearly_inside() -> None:
    assert KMeans(1).fit([[0.0], [4.0]]).margin([[9.0]]).tolist() == [1.0]


@pytest.mark.parametrize("parameters", [{"n_clusters": 0}, {"n_starts": 0}, {"sample_rows": 2}])
def test_a_parameter_out_of_range_is_named(parameters: dict[str, int]) -> None:
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        KMeans(**parameters).fit(np.arange(20.0)[:, None])


def test_distances_survive_a_large_offset() -> None:
    X = np.array([[0.0, 0.0], [3.0, 4.0]]) + 1e9
    np.testing.assert_array_equal(squared_distances(X, X), [[0.0, 25.0], [25.0, 0.0]])


def test_a_tie_goes_to_the_first_centre() -> None:
    assert nearest_center(np.array([[1.0]]), np.array([[0.0], [2.0]])).tolist() == [0]


def test_a_row_beyond_another_centre_has_no_margin() -> None:
    labels = np.array([0], dtype=np.int32)
    assert center_margin(np.array([[9.0]]), np.array([[0.0], [10.0]]), labels=labels).tolist() == [0.0]


def test_group_means_are_in_the_order_of_the_labels() -> None:
    labels = np.array([1, 0, 1], dtype=np.int32)
    assert group_means(np.array([[1.0], [7.0], [3.0]]), labels, n_groups=2).tolist() == [[7.0], [2.0]]
