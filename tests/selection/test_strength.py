"""Prediction strength."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from coterie.errors import ParameterError
from coterie.selection.strength import prediction_strength, worst_kept_pairs


def test_the_true_number_of_clusters_is_the_largest_that_is_foretold() -> None:
    X, _ = make_blobs(600, centers=4, cluster_std=0.8, random_state=3)
    strengths = {k: float(prediction_strength(X, k)) for k in range(1, 8)}
    assert strengths[1] == 1.0
    assert max(k for k, strength in strengths.items() if strength >= 0.8) == 4


def test_one_cloud_foretells_only_itself() -> None:
    X = np.random.default_rng(0).normal(size=(500, 3))
    assert all(float(prediction_strength(X, k)) < 0.8 for k in (3, 4, 6))


def test_the_kept_pairs_are_counted_one_by_one() -> None:
    random = np.random.default_rng(1)
    labels, predicted = random.integers(0, 3, 60), random.integers(0, 4, 60)
    shares = []
    for cluster in range(3):
        rows = np.flatnonzero(labels == cluster)
        pairs = [(i, j) for i in rows for j in rows if i < j]
        shares.append(sum(predicted[i] == predicted[j] for i, j in pairs) / len(pairs))
    assert worst_kept_pairs(labels.astype(np.int32), predicted.astype(np.int32)) == pytest.approx(min(shares))


def test_too_few_rows_give_no_value_but_a_reason() -> None:
    found = prediction_strength(np.arange(6.0)[:, None], 4)
    assert found.value is None and "fewer than 4 clusters" in found.reason


@pytest.mark.parametrize("n_clusters, n_splits", [(0, 5), (2, 0)])
def test_a_parameter_out_of_range_is_named(n_clusters: int, n_splits: int) -> None:
    with pytest.raises(ParameterError, match="is below 1"):
        prediction_strength(np.arange(20.0)[:, None], n_clusters, n_splits=n_splits)
