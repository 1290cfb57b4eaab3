"""Online Retail month by month: segments stay themselves when the model is fitted anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.foresight_movement import Month, chain, describe, months
from coterie.features import FeatureTable
from coterie.movement import changes


@pytest.fixture(scope="module")
def tables(real_data: Path) -> list[FeatureTable]:
    return describe(real_data / "online_retail" / "OnlineRetail.csv.gz")


@pytest.fixture(scope="module")
def year(tables: list[FeatureTable]) -> tuple[Month, ...]:
    return months(tables)


def test_a_warm_refit_moves_few_customers_of_online_retail(year: tuple[Month, ...]) -> None:
    moved = [month.refit.moved_share for month in year]
    assert len(moved) == 7
    assert np.median(moved) <= 0.08
    calm = [month for month in year if month.largest_psi < 0.1]
    assert sum(month.refit.moved_share <= 0.10 for month in calm) >= 6


def test_no_month_of_online_retail_drifts_so_far_that_a_refit_is_proposed(year: tuple[Month, ...]) -> None:
    assert [month.refit.drift.reasons for month in year if month.refit.drift] == [()] * 7


def test_one_model_fitted_anew_every_month_keeps_all_its_segments(tables: list[FeatureTable]) -> None:
    linked = chain(tables)
    assert np.median([done.moved_share for done in linked]) <= 0.08
    assert sum(done.moved_share <= 0.10 for done in linked) >= 6
    assert all(done.identity.kept for done in linked)


def test_every_flow_of_online_retail_is_people_and_ruler(year: tuple[Month, ...]) -> None:
    for month in year:
        flows = month.moved.flows()
        assert (flows.n_people_changed + flows.n_ruler_moved == flows.n_customers).all()
        assert month.moved.matrix().to_numpy().sum() == len(month.moved.customers)
        np.testing.assert_allclose(month.moved.shares().dropna().sum(axis=1), 1.0)
        assert sum(change.number for change in changes(month.moved)) == flows.n_customers.sum()
        assert month.moved.n_lost == month.moved.n_appeared == 0
