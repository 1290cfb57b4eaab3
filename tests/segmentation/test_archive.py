"""A segmentation that was saved is the one that is loaded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coterie.errors import ConflictError
from coterie.features import build_features
from coterie.segmentation import (
    Segmentation,
    finish,
    fit_trial,
    fit_trials,
    load_segmentation,
    save_segmentation,
)
from coterie.sources import Dataset, load_dataset, save_dataset


@pytest.fixture(scope="module")
def result(twelve: Dataset) -> Segmentation:
    table = build_features(twelve)
    trials = [*fit_trials(table, "hierarchical", ks=[2, 3]), fit_trial(table, "kmeans", n_clusters=2)]
    made = finish(trials[0], table, trials=trials, why="because", weights={"recency_days": 2.0})
    return replace(made, detailed=trials[1], segment_stability={0: 0.9, 1: 0.8})


def test_a_segmentation_comes_back_with_its_table_labels_and_trials(
    result: Segmentation, twelve: Dataset, tmp_path: Path
) -> None:
    loaded = load_segmentation(save_segmentation(result, tmp_path / "saved"), dataset=result.table.dataset)
    for name in ("segments", "method", "attributes", "weights", "why", "segment_stability", "random_state"):
        assert getattr(loaded, name) == getattr(result, name)
    np.testing.assert_array_equal(loaded.labels, result.labels)
    np.testing.assert_array_equal(loaded.margin, result.margin)
    pd.testing.assert_frame_equal(loaded.table.X, result.table.X)
    assert loaded.table.specs == result.table.specs
    assert loaded.table.quality == result.table.quality
    assert loaded.table.filled.keys() == result.table.filled.keys()
    assert loaded.trial is loaded.trials[0]
    assert loaded.trial.labels is loaded.labels
    assert loaded.detailed is loaded.trials[1]


def test_the_models_of_all_trials_come_back(result: Segmentation, tmp_path: Path) -> None:
    loaded = load_segmentation(save_segmentation(result, tmp_path / "saved"))
    assert loaded.table.dataset is None
    for trial, again in zip(result.trials, loaded.trials, strict=True):
        assert trial.model is not None
        assert again.model is not None
        np.testing.assert_array_equal(again.model.predict(loaded.table), trial.model.predict(result.table))
        assert again.scores == trial.scores


def test_what_another_version_wrote_is_refused(result: Segmentation, tmp_path: Path) -> None:
    folder = save_segmentation(result, tmp_path / "saved")
    content = json.loads((folder / "segmentation.json").read_text())
    (folder / "segmentation.json").write_text(json.dumps({**content, "schema": 99}))
    with pytest.raises(ConflictError, match="Another version"):
        load_segmentation(folder)


def test_a_dataset_comes_back_with_its_tables_and_its_account(twelve: Dataset, tmp_path: Path) -> None:
    loaded = load_dataset(save_dataset(twelve, tmp_path / "saved"))
    assert (loaded.fingerprint, loaded.currency) == (twelve.fingerprint, twelve.currency)
    assert loaded.report.files == twelve.report.files
    for role in ("transactions", "customers", "feedback"):
        pd.testing.assert_frame_equal(getattr(loaded, role).to_pandas(), getattr(twelve, role).to_pandas())
    assert loaded.events is None
    assert loaded.report.rejected.count().to_pandas() == 0
    loaded.store.close()
