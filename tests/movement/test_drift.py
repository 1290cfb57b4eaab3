"""A notice comes when customers differ from those of the fit by more than chance, and hardly ever else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from benchmarks.drift import noticed_share
from coterie.errors import InputError
from coterie.features import FeatureTable
from coterie.movement import find_drift, psi, psi_threshold
from coterie.segmentation import Model, finish, fit_trial
from tests.segmentation.shops import mixed, shop

RFM = ("recency_days", "n_orders", "monetary")


@pytest.fixture(scope="module")
def model() -> Model:
    table = shop(3_000)
    return finish(fit_trial(table, "kmeans", n_clusters=3, attributes=RFM), table).model


@pytest.mark.parametrize(("n", "n_draws"), [(2_000, 1_000), (10_000, 200)])
def test_at_most_one_in_a_hundred_draws_without_drift_is_noticed(n: int, n_draws: int) -> None:
    assert noticed_share(n, doubled=0.0, n_draws=n_draws, random_state=1) <= 0.010


def test_doubled_spend_of_half_the_customers_is_noticed_at_two_thousand() -> None:
    assert noticed_share(2_000, doubled=0.5, n_draws=1_000, random_state=2) >= 0.990


def test_doubled_spend_of_a_fifth_of_the_customers_is_noticed_at_ten_thousand() -> None:
    assert noticed_share(10_000, doubled=0.2, n_draws=200, random_state=3) >= 0.990


@pytest.mark.parametrize("n_bins", [2, 3, 5, 10])
def test_few_bins_give_no_more_false_notices_than_ten(n_bins: int) -> None:
    random = np.random.default_rng(n_bins)
    shares = random.dirichlet(np.full(n_bins, 5.0))
    then, now = random.multinomial(2_000, shares, 20_000), random.multinomial(2_000, shares, 20_000)
    assert (psi(then, now) > psi_threshold(2_000, 2_000, n_bins=n_bins)).mean() <= 0.0005


def test_psi_without_drift_is_on_average_what_theory_says() -> None:
    random = np.random.default_rng(0)
    then, now = random.multinomial(2_000, [0.1] * 10, 5_000), random.multinomial(2_000, [0.1] * 10, 5_000)
    assert psi(then, now).mean() == pytest.approx(9 * (1 / 2_000 + 1 / 2_000), rel=0.03)


def test_the_same_kind_of_customers_is_not_noticed(model: Model) -> None:
    drift = find_drift(model, shop(3_000, seed=1))
    assert [feature.name for feature in drift.features] == list(RFM)
    assert not drift.notices
    assert drift.distance_ratio == pytest.approx(1.0, abs=0.05)
    assert drift.proposal == "The model still fits; no refit is needed."


def test_customers_who_spend_twice_as_much_are_noticed_and_a_refit_is_proposed(model: Model) -> None:
    drift = find_drift(model, _doubled(shop(3_000, seed=1)))
    assert [feature.name for feature in drift.features if feature.strong] == ["monetary"]
    assert drift.scales_moved
    assert drift.proposal.startswith("A refit is proposed. The monetary of customers differ from the fit")


def test_a_fit_that_is_a_quarter_old_is_proposed_to_be_made_anew(model: Model) -> None:
    old = replace(model, observation_end=date(2024, 3, 31))
    assert find_drift(old, shop(3_000, seed=1)).reasons == ("The fit is 91 days old.",)


def test_a_segment_that_has_nearly_gone_is_told(model: Model) -> None:
    table = shop(3_000)
    labels = model.predict(table)
    few = np.concatenate([np.flatnonzero(labels != 0), np.flatnonzero(labels == 0)[:5]])
    drift = find_drift(model, table.rows(np.sort(few)))
    assert drift.smallest_share is not None
    assert drift.smallest_share < 0.02
    assert any("smallest segment" in reason for reason in drift.reasons)


def test_categories_drift_too_and_a_level_never_seen_is_counted() -> None:
    table = mixed(2_000)
    found = finish(fit_trial(table, "kmeans", n_clusters=3), table).model
    later = mixed(2_000, seed=1)
    assert not find_drift(found, later).notices
    city = later.X.city.astype(str).where(np.arange(len(later)) % 3 > 0, "Oslo").astype("category")
    drift = find_drift(found, replace(later, X=later.X.assign(city=city)))
    assert [feature.name for feature in drift.features if feature.noticed] == ["city"]


def test_a_model_that_knows_no_customers_needs_those_of_its_fit(model: Model) -> None:
    bare, table = replace(model, reference=None), shop(3_000)
    with pytest.raises(InputError, match="does not know"):
        find_drift(bare, table)
    given, own = find_drift(bare, _doubled(table), reference=table), find_drift(model, _doubled(table))
    assert given.features == own.features


def _doubled(table: FeatureTable) -> FeatureTable:
    return replace(table, X=table.X.assign(monetary=table.X.monetary * 2))
