"""Online Retail month by month: segments stay themselves when the model is fitted anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.foresight_movement import Month, months
from coterie.movement import changes


@pytest.fixture(scope="module")
def year(real_data: Path) -> tuple[Month, ...]:
    return months(real_data / "online_retail" / "OnlineRetail.csv.gz")


def test_a_warm_refit_moves_few_customers_of_online_retail(year: tuple[Month, ...]) -> None:
    moved = [month.refit.moved_share for month in year]
    assert len(moved) == 7
    assert np.median(moved) <= 0.08
    calm = [month for month in year if month.largest_psi < 0.1]
    assert sum(month.refit.moved_share <= 0.10 for month in calm) >= 6


def test_no_feature_of_online_retail_drifts_so_far_that_scales_are_learned_anew(
    year: tuple[Month, ...],
) -> None:
    assert all(month.refit.kept_transform for month in year)


def test_every_flow_of_online_retail_is_people_and_ruler(year: tuple[Month, ...]) -> None:
    for month in year:
        flows = month.moved.flows()
        assert (flows.n_people_changed + flows.n_ruler_moved == flows.n_customers).all()
        assert month.moved.matrix().to_numpy().sum() == len(month.moved.customers)
        np.testing.assert_allclose(month.moved.shares().dropna().sum(axis=1), 1.0)
        assert sum(change.number for change in changes(month.moved)) == flows.n_customers.sum()
        assert month.moved.n_lost == month.moved.n_appeared == 0
