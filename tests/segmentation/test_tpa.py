import time
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans as FullKMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from coterie.errors import ParameterError
from coterie.segmentation.kmeans import KMeans
from coterie.segmentation.network import train_classifier
from coterie.segmentation.som import train_chain
from coterie.segmentation.tpa import MAX_WCSS_RISE, TPA


def eta_squared(labels: np.ndarray, value: np.ndarray) -> float:
    means = np.array([value[labels == label].mean() for label in range(labels.max() + 1)])
    return float(((means[labels] - value.mean()) ** 2).sum() / ((value - value.mean()) ** 2).sum())


@pytest.fixture(scope="module")
def customers() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(1_500, 4))


def test_phase_two_is_plain_k_means_on_the_weighted_columns(customers: np.ndarray) -> None:
    weighted = customers * np.sqrt([2.0, 0.5, 1.0, 0.5])
    fitted = TPA(5, random_state=0).fit(weighted)
    assert adjusted_rand_score(fitted.phase2_labels_, KMeans(5, random_state=0).fit(weighted).labels_) == 1.0
    blobs, _ = make_blobs(500, centers=5, random_state=3)
    theirs = FullKMeans(5, n_init=10, random_state=0).fit_predict(blobs)
    assert adjusted_rand_score(TPA(5, random_state=0).fit(blobs).phase2_labels_, theirs) == 1.0


@pytest.mark.parametrize("n_clusters", [2, 3, 6, 9])
@pytest.mark.parametrize("random_state", [0, 1])
def test_a_refinement_always_stays_inside_its_gate(
    customers: np.ndarray, n_clusters: int, random_state: int
) -> None:
    later = customers @ [0.0, 1.0, 1.0, 2.0] + np.random.default_rng(1).normal(size=len(customers))
    fitted = TPA(n_clusters, size_floor=0.03, random_state=random_state).fit(customers, later)
    assert fitted.wcss_after_ < (1.0 + MAX_WCSS_RISE) * fitted.wcss_before_
    assert eta_squared(fitted.labels_, later) >= eta_squared(fitted.phase2_labels_, later) - 1e-12
    sizes, before = np.bincount(fitted.labels_), np.bincount(fitted.phase2_labels_)
    assert (sizes >= np.minimum(before, 0.03 * len(customers))).all()
    changed = (fitted.labels_ != fitted.phase2_labels_).mean()
    assert fitted.share_relabelled_ == changed
    assert not (fitted.rejection_ and changed)


def test_a_rejected_refinement_is_phase_two_and_says_why(customers: np.ndarray) -> None:
    phase_two = TPA(4, random_state=0).fit(customers).phase2_labels_
    later = phase_two == phase_two[0]  # any change of this cluster explains it less well
    fitted = TPA(4, random_state=0).fit(customers, later.astype(np.float64))
    assert "later value" in fitted.rejection_
    np.testing.assert_array_equal(fitted.labels_, fitted.phase2_labels_)
    assert fitted.share_relabelled_ == 0.0
    assert fitted.wcss_after_ == fitted.wcss_before_


def test_descriptors_that_know_the_groups_move_customers_on_the_border() -> None:
    X, truth = make_blobs(1_500, centers=[[0.0, 0.0], [2.2, 0.0]], random_state=0)
    descriptors = truth[:, None] + np.random.default_rng(0).normal(0.0, 0.2, (1_500, 1))
    fitted = TPA(2, random_state=0).fit(X, descriptors=descriptors)
    assert fitted.rejection_ == "" and fitted.share_relabelled_ > 0.005
    assert adjusted_rand_score(truth, fitted.labels_) > adjusted_rand_score(truth, fitted.phase2_labels_)


def test_predicted_value_separates_later_value_better_for_customers_never_seen(customers: np.ndarray) -> None:
    later = np.abs(customers[:, 0]) * 2.0 + customers[:, 3]
    seen, new = customers[:1_000], customers[1_000:]
    fitted = TPA(5, mode="value", random_state=0).fit(seen, later[:1_000])
    plain = KMeans(5, random_state=0).fit(seen)
    gain = eta_squared(fitted.predict(new), later[1_000:]) - eta_squared(plain.predict(new), later[1_000:])
    assert gain > 0.05


def test_the_value_mode_keeps_the_numbers_of_phase_two(customers: np.ndarray) -> None:
    fitted = TPA(3, mode="value", random_state=0).fit(customers, customers[:, 0])
    both = np.zeros((3, 3))
    np.add.at(both, (fitted.phase2_labels_, fitted.labels_), 1)
    assert both.trace() == max(both[[0, 1, 2], list(p)].sum() for p in _PERMUTATIONS)


_PERMUTATIONS = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]


def test_the_map_divides_every_cluster_by_the_descriptors(customers: np.ndarray) -> None:
    age = np.random.default_rng(0).choice([20.0, 40.0, 70.0], size=(len(customers), 1))
    fitted = TPA(3, mode="som", random_state=0).fit(customers, descriptors=age)
    assert fitted.n_clusters_ == 9
    assert fitted.share_relabelled_ == 0.0
    for cell in range(9):
        inside = fitted.labels_ == cell
        assert len(set(fitted.phase2_labels_[inside])) == len(set(age[inside, 0])) == 1


@pytest.mark.parametrize("mode", ["refine", "value", "som"])
def test_every_mode_comes_back_from_its_arrays_with_descriptors(customers: np.ndarray, mode: Any) -> None:
    descriptors = customers[:, :1] ** 2
    fitted = TPA(4, mode=mode, random_state=0).fit(customers, customers[:, 1], descriptors=descriptors)
    restored = TPA.restore(fitted.export())
    np.testing.assert_array_equal(restored.predict(customers, descriptors=descriptors), fitted.labels_)
    np.testing.assert_array_equal(
        restored.margin(customers, descriptors=descriptors), fitted.margin(customers, descriptors=descriptors)
    )


def test_a_mode_says_what_it_lacks(customers: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="later value"):
        TPA(mode="value").fit(customers)
    with pytest.raises(ParameterError, match="descriptors"):
        TPA(mode="som").fit(customers)
    with pytest.raises(ParameterError, match="magic"):
        TPA(mode="magic").fit(customers)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="descriptors"):
        TPA(random_state=0).fit(customers, descriptors=customers).predict(customers)


def test_five_thousand_customers_cost_about_a_second() -> None:
    X = np.random.default_rng(0).normal(size=(5_000, 4))
    started = time.process_time()
    TPA(5, random_state=0).fit(X)
    assert time.process_time() - started < 3.0  # about 1 on an idle machine


def test_one_cluster_needs_no_network(customers: np.ndarray) -> None:
    fitted = TPA(1, random_state=0).fit(customers)
    assert fitted.rejection_ == "There is only one cluster."
    assert fitted.margin(customers[:2]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("n_classes", [2, 4])
def test_the_arrays_of_a_network_give_probabilities_that_fit_its_labels(n_classes: int) -> None:
    X, labels = make_blobs(300, centers=n_classes, cluster_std=0.5, random_state=7)
    network = train_classifier(X, labels.astype(np.int32), random=np.random.RandomState(0))
    chances = network.probabilities(X)
    assert chances.shape == (300, n_classes)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert (chances.argmax(axis=1) == labels).mean() > 0.98


def test_a_chain_keeps_the_order_of_the_data() -> None:
    units = train_chain(np.random.default_rng(0).uniform(0.0, 9.0, (200, 1)), 3)
    assert (np.diff(units[:, 0]) > 1.0).all() or (np.diff(units[:, 0]) < -1.0).all()
