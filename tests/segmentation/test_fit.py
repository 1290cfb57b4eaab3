"""From a feature table to numbered segments."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.metrics import adjusted_rand_score

from coterie.errors import InputError, NotFoundError, ParameterError, TooFewCustomersError
from coterie.features import FeatureTable
from coterie.segmentation import CLUSTERERS, KMeans, check_request, finish, fit_trial, fit_trials
from coterie.segmentation import fit as fit_module
from tests.segmentation.shops import mixed, shop, table_of

SHOP = shop()
MIXED = mixed()
NEEDS_RFM = {"tpa", "rfm"}


@pytest.mark.parametrize("method", list(CLUSTERERS))
def test_every_method_labels_the_customers_with_spend_and_no_others(method: str) -> None:
    trial = fit_trial(SHOP, method, n_clusters=3)
    assert trial.failure == ""
    assert trial.labels is not None
    assert trial.labels.dtype == np.int32
    assert (trial.labels[SHOP.no_net_spend] == -1).all()
    assert trial.n_clusters == trial.labels.max() + 1 == len(np.unique(trial.labels)) - 1


@pytest.mark.parametrize("method", list(CLUSTERERS))
def test_segments_are_numbered_by_mean_spend(method: str) -> None:
    trial = fit_trial(SHOP, method, n_clusters=3)
    assert trial.labels is not None
    spend = SHOP.X["monetary"].to_numpy()
    means = [spend[trial.labels == i].mean() for i in range(trial.n_clusters)]
    assert means == sorted(means, reverse=True)


@pytest.mark.parametrize("method", list(CLUSTERERS))
def test_the_same_seed_gives_the_same_segments(method: str) -> None:
    first, second = (fit_trial(SHOP, method, n_clusters=4, random_state=7).labels for _ in range(2))
    assert first is not None
    assert second is not None
    assert_array_equal(first, second)


@pytest.mark.parametrize("method", sorted(set(CLUSTERERS) - NEEDS_RFM))
def test_people_with_categories_can_be_clustered(method: str) -> None:
    trial = fit_trial(MIXED, method, n_clusters=3)
    assert trial.failure == ""


def test_the_kinds_of_customers_are_found() -> None:
    labels = fit_trial(SHOP, "kmeans", n_clusters=3).labels
    assert labels is not None
    spent = ~SHOP.no_net_spend
    assert adjusted_rand_score((np.arange(len(SHOP)) % 3)[spent], labels[spent]) > 0.7


@pytest.mark.parametrize("table", [SHOP, MIXED], ids=["numbers", "mixed"])
@pytest.mark.parametrize("method", ["kmeans", "hierarchical", "gmm"])
def test_several_numbers_at_once_give_what_each_alone_gives(table: FeatureTable, method: str) -> None:
    ks = [5, 3, 4]
    for k, trial in zip(ks, fit_trials(table, method, ks=ks), strict=True):
        alone = fit_trial(table, method, n_clusters=k)
        assert trial.n_asked == k
        assert trial.labels is not None
        assert alone.labels is not None
        assert_array_equal(trial.labels, alone.labels)


@pytest.mark.parametrize(("table", "n_trees"), [(SHOP, 1), (MIXED, 2)], ids=["numbers", "mixed"])
def test_one_tree_serves_every_number_that_sees_the_same_space(
    monkeypatch: pytest.MonkeyPatch, table: FeatureTable, n_trees: int
) -> None:
    built: list[int | None] = []
    hierarchical = CLUSTERERS["hierarchical"]

    def build(n_clusters: int | None, random_state: int) -> object:
        built.append(n_clusters)
        return hierarchical.build(n_clusters, random_state)

    counting = {"hierarchical": replace(hierarchical, build=build)}  # type: ignore[arg-type]
    monkeypatch.setattr(fit_module, "CLUSTERERS", counting)
    fit_trials(table, "hierarchical", ks=[2, 3, 4])
    assert len(built) == n_trees


def test_a_method_that_finds_the_number_itself_is_tried_once() -> None:
    (trial,) = fit_trials(SHOP, "rfm", ks=[3, 4, 5])
    assert trial.n_asked is None


def test_equal_spend_is_ordered_by_size_and_then_by_the_first_customer() -> None:
    table = table_of({"x": [9.0, 9, 0, 0, 0, 5, 5], "monetary": [1.0] * 7})
    labels = fit_trial(table, "kmeans", n_clusters=3, attributes=["x"]).labels
    assert labels is not None
    assert labels.tolist() == [1, 1, 0, 0, 0, 2, 2]


def test_without_spend_the_largest_segment_comes_first() -> None:
    table = table_of({"x": [9.0, 9, 0, 0, 0, 0]})
    labels = fit_trial(table, "kmeans", n_clusters=2).labels
    assert labels is not None
    assert labels.tolist() == [1, 1, 0, 0, 0, 0]


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(40)))
def test_the_order_of_the_rows_does_not_change_who_is_together(order: list[int]) -> None:
    table = table_of({"x": np.repeat([0.0, 10, 20, 30], 10) + np.tile(np.arange(10), 4) / 9})
    labels = fit_trial(table, "kmeans", n_clusters=4).labels
    turned = fit_trial(table.rows(np.array(order)), "kmeans", n_clusters=4).labels
    assert labels is not None
    assert turned is not None
    assert adjusted_rand_score(labels[order], turned) == 1.0


def test_an_attribute_of_weight_zero_plays_no_part() -> None:
    noisy = ["recency_days", "n_orders", "monetary", "ltv"]
    weighted = fit_trial(SHOP, "kmeans", n_clusters=3, attributes=noisy, weights={"ltv": 0.0}).labels
    dropped = fit_trial(SHOP, "kmeans", n_clusters=3, attributes=noisy[:3]).labels
    assert weighted is not None
    assert dropped is not None
    assert_array_equal(weighted, dropped)


def test_methods_of_fixed_attributes_say_what_they_do_not_heed() -> None:
    trial = fit_trial(SHOP, "rfm", attributes=["monetary"], weights={"monetary": 2.0})
    assert trial.notes[:2] == (
        "RFM grid always works on recency_days, n_orders, monetary.",
        "RFM grid does not know weights.",
    )


@pytest.mark.parametrize("method", sorted(NEEDS_RFM))
def test_a_method_without_the_features_it_needs_fails_with_a_sentence(method: str) -> None:
    trial = fit_trial(MIXED, method, n_clusters=3)
    assert trial.labels is None
    assert "needs recency_days" in trial.failure


@pytest.mark.parametrize("n_clusters", [None, -1, 0, 1, 6, 51])
def test_a_number_that_is_impossible_here_fails_with_the_range(n_clusters: int | None) -> None:
    trial = fit_trial(table_of({"x": np.arange(6.0)}), "kmeans", n_clusters=n_clusters)
    assert "between 2 and 5" in trial.failure


@pytest.mark.parametrize("n", [1, 2])
def test_too_few_customers_for_any_number_fail_with_the_number_needed(n: int) -> None:
    trial = fit_trial(table_of({"x": np.arange(float(n))}), "kmeans", n_clusters=2)
    assert f"at least 3 customers with spend, there are {n}" in trial.failure


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "more memory"),
        (np.linalg.LinAlgError("singular matrix"), "singular matrix"),
        (InputError("no luck"), "no luck"),
    ],
)
def test_an_expected_trouble_becomes_a_failed_trial(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(KMeans, "fit", fail)
    trial = fit_trial(SHOP, "kmeans", n_clusters=3)
    assert words in trial.failure
    assert (trial.labels, trial.model, trial.n_clusters) == (None, None, 0)


def test_a_bug_is_not_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(KMeans, "fit", fail)
    with pytest.raises(ZeroDivisionError):
        fit_trial(SHOP, "kmeans", n_clusters=3)


def test_customers_who_are_all_alike_make_one_segment_and_a_note() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trial = fit_trial(table_of({"x": [1.0] * 20, "city": ["Rome"] * 20}), "kmeans", n_clusters=3)
    assert trial.n_clusters == 1
    assert any("distinct" in note for note in trial.notes)


def test_nobody_with_spend_is_a_failure_and_no_crash() -> None:
    table = replace(SHOP, no_net_spend=np.ones(len(SHOP), dtype=bool))
    for method in CLUSTERERS:
        assert "No customer has spend" in fit_trial(table, method, n_clusters=3).failure


@pytest.mark.parametrize("k", [2, 50])
def test_a_sensible_request_is_answered_with_its_attributes(k: int) -> None:
    assert check_request(SHOP, n_clusters=k, attributes=["n_orders", "n_orders"]) == ("n_orders",)
    assert check_request(SHOP) == SHOP.defaults


@pytest.mark.parametrize("k", [-3, 0, 1, 51])
def test_a_number_outside_2_to_50_is_refused_with_the_range(k: int) -> None:
    with pytest.raises(ParameterError, match="between 2 and 50"):
        check_request(SHOP, n_clusters=k)


def test_fewer_than_five_customers_a_segment_are_refused_with_the_number_needed() -> None:
    table = shop(20)  # one of them without net spend
    assert check_request(table, n_clusters=3)
    with pytest.raises(TooFewCustomersError, match=r"at least 20 .* there are 19"):
        check_request(table, n_clusters=4)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"attributes": ["shoe_size"]}, NotFoundError),
        ({"weights": {"shoe_size": 1.0}}, NotFoundError),
        ({"weights": {"monetary": -1.0}}, ParameterError),
        ({"weights": dict.fromkeys(SHOP.defaults, 0.0)}, ParameterError),
    ],
)
def test_a_request_that_no_method_could_meet_is_refused(
    options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_request(SHOP, **options)  # type: ignore[arg-type]
    with pytest.raises(error):
        fit_trial(SHOP, "kmeans", n_clusters=3, **options)  # type: ignore[arg-type]


def test_a_table_without_attributes_is_refused() -> None:
    with pytest.raises(InputError, match="no attribute"):
        check_request(replace(SHOP, defaults=()))


def test_the_chosen_trial_becomes_the_result() -> None:
    trial = fit_trial(SHOP, "kmeans", n_clusters=3)
    result = finish(trial, SHOP, why="because", trials=[trial], random_state=5)
    assert [s.id for s in result.segments] == [0, 1, 2]
    assert [s.name for s in result.segments] == ["Segment 1", "Segment 2", "Segment 3"]
    assert sum(s.n_customers for s in result.segments) == (~SHOP.no_net_spend).sum()
    assert sum(s.share for s in result.segments) == pytest.approx(0.95)
    assert (result.why, result.random_state) == ("because", 5)
    assert np.isnan(result.margin).tolist() == (result.labels == -1).tolist()
    assert ((result.margin >= 0) & (result.margin <= 1))[result.labels >= 0].all()


def test_the_groups_of_the_grid_keep_their_names() -> None:
    result = finish(fit_trial(SHOP, "rfm"), SHOP)
    best = result.table.X.loc[result.labels == 0]
    assert result.names[0] == "Champions"
    assert best["recency_days"].median() < SHOP.X["recency_days"].median()


def test_a_failed_trial_cannot_become_the_result() -> None:
    with pytest.raises(InputError, match="needs recency_days"):
        finish(fit_trial(MIXED, "rfm"), MIXED)
