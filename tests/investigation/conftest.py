"""One small shop in four segments, fitted once."""

from __future__ import annotations

import pytest

from coterie.segmentation import Segmentation, finish, fit_trial
from tests.segmentation.shops import shop


def segmented(n: int = 300, *, seed: int = 0, k: int = 4) -> Segmentation:
    table = shop(n, seed=seed)
    return finish(fit_trial(table, "kmeans", n_clusters=k), table)


@pytest.fixture(scope="session")
def found() -> Segmentation:
    return segmented()
