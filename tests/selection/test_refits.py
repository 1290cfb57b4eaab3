import numpy as np
import pytest

from coterie.assessment import best_jaccards
from coterie.features import FeatureTable
from coterie.segmentation import Trial, fit_trial
from coterie.selection import CompareRequest, stability


def test_a_segment_is_compared_with_the_most_similar_cluster() -> None:
    labels = np.array([0, 0, 0, 1, 1, -1], dtype=np.int32)
    found = np.array([1, 1, 0, 0, 0, 0], dtype=np.int32)
    assert best_jaccards(labels, found, n_segments=2).tolist() == pytest.approx([2 / 3, 2 / 4])


def test_a_segment_without_customers_or_without_clusters_is_not_found_again() -> None:
    labels = np.array([0, 0, 2], dtype=np.int32)
    assert best_jaccards(labels, np.array([0, 0, 0], dtype=np.int32), n_segments=3)[1] == 0
    assert best_jaccards(labels, np.full(3, -1, dtype=np.int32), n_segments=3).tolist() == [0, 0, 0]


def test_groups_well_apart_are_found_again_in_every_refit(four_groups: tuple[FeatureTable, object]) -> None:
    table, _ = four_groups
    found = stability(table, fit_trial(table, "kmeans", n_clusters=4))
    assert float(found.mean) == float(found.worst) == 1.0
    assert found.by_segment == {0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0}


def test_one_group_too_many_makes_the_divided_group_the_weak_one(
    four_groups: tuple[FeatureTable, object],
) -> None:
    table, _ = four_groups
    trial = fit_trial(table, "kmeans", n_clusters=5)
    found = stability(table, trial)
    weak = sorted(found.by_segment, key=lambda segment: found.by_segment[segment])
    assert trial.labels is not None
    sizes = np.bincount(trial.labels)
    assert set(weak[:2]) == set(np.argsort(sizes)[:2])
    assert max(found.by_segment[segment] for segment in weak[:2]) < 0.9
    assert min(found.by_segment[segment] for segment in weak[2:]) > 0.9
    assert float(found.worst) < float(found.mean) < 1.0


def test_one_segment_has_no_stability(four_groups: tuple[FeatureTable, object]) -> None:
    table, _ = four_groups
    found = stability(table, Trial("kmeans", 2, 1, np.zeros(400, dtype=np.int32)))
    assert found.mean.value is None and found.worst.value is None
    assert found.by_segment == {}


def test_a_refit_that_fails_finds_nothing_again(four_groups: tuple[FeatureTable, object]) -> None:
    table, _ = four_groups
    few = table.rows(np.arange(0, 400, 40))
    labels = np.arange(10, dtype=np.int32) % 8
    assert float(stability(few, Trial("kmeans", 8, 8, labels)).mean) == 0.0


def test_the_same_random_state_gives_the_same_stability(shop: FeatureTable) -> None:
    trial = fit_trial(shop, "kmeans", n_clusters=4)
    once, again = stability(shop, trial), stability(shop, trial)
    assert once == again
    assert once != stability(shop, trial, request=CompareRequest(random_state=1))
