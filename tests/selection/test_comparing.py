from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from coterie.errors import NotFoundError, ParameterError, TooFewCustomersError
from coterie.features import BackTest, FeatureSpec, FeatureTable, feature_table_from_frame
from coterie.segmentation import CLUSTERERS, GaussianMixture, Trial, finish
from coterie.selection import CompareRequest, Comparison, compare, core_members
from coterie.selection.refits import stabilities
from coterie.settings import Settings

Known = tuple[FeatureTable, npt.NDArray[np.object_]]

FEW = CompareRequest(k_range=(3, 5))


def out_of_memory(*_: object, **__: object) -> Any:
    raise MemoryError


def table_of(X: npt.NDArray[np.float64], *columns: str) -> FeatureTable:
    return feature_table_from_frame(pd.DataFrame(X, columns=list(columns)))


@pytest.fixture(scope="module")
def compared(four_groups: Known) -> Comparison:
    table, truth = four_groups
    return compare(table, ["kmeans", "hierarchical", "rfm"], request=CompareRequest(truth=truth))


def test_four_groups_well_apart_are_chosen_with_a_reason_and_a_runner_up(compared: Comparison) -> None:
    assert compared.chosen.n_clusters == 4
    assert compared.verdict == "reproducible"
    assert "100% of the weakest" in compared.why
    assert compared.runner_up
    assert compared.segment_stability == {0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0}


def test_every_method_and_number_has_a_row(compared: Comparison) -> None:
    frame = compared.frame()
    assert list(frame["method"]) == ["kmeans"] * 6 + ["hierarchical"] * 6 + ["rfm"]
    assert list(frame["n_clusters"][:6]) == [3, 4, 5, 6, 7, 8]
    four = frame[(frame["method"] == "kmeans") & (frame["n_clusters"] == 4)].iloc[0]
    assert four["ari"] == four["nmi"] == four["stability"] == 1.0
    assert four["flags"] == ""
    assert np.isnan(four["later_value"])


def test_a_method_that_cannot_run_says_why_and_the_others_go_on(compared: Comparison) -> None:
    row = compared.frame().iloc[-1]
    assert "recency_days" in row["failure"]
    assert row[["silhouette", "stability"]].isna().all()


def test_too_many_segments_for_the_data_are_flagged(compared: Comparison) -> None:
    six = compared.trials[3]
    assert any("more than these data carry" in flag for flag in six.flags)


def test_methods_that_find_the_same_groups_agree_fully(compared: Comparison) -> None:
    agreement = compared.agreement("ari")
    assert list(agreement.index) == list(agreement.columns) == ["kmeans", "hierarchical"]
    assert (agreement.to_numpy() == 1.0).all()
    with pytest.raises(ParameterError):
        compared.agreement("rand")  # type: ignore[arg-type]


def test_customers_on_whom_all_methods_agree_are_core_members() -> None:
    def trial(method: str, labels: list[int]) -> Trial:
        return Trial(method, 2, 2, np.array(labels, dtype=np.int32))

    chosen = trial("kmeans", [0, 0, 0, 1, 1, 1, -1])
    renamed = trial("gmm", [1, 1, 1, 0, 0, 0, -1])
    undecided = trial("dbscan", [0, 0, 1, 1, 1, -1, -1])
    assert core_members([chosen, renamed], chosen).tolist() == [True] * 6 + [False]
    assert core_members([chosen, renamed, undecided], chosen).tolist() == [
        *(True, True, False),
        *(True, True, False),
        False,
    ]


def test_a_notebook_shows_the_table_and_the_reason(compared: Comparison) -> None:
    html = compared._repr_html_()
    assert "<table" in html and "K-Means with 4 segments" in html


def test_the_choice_becomes_a_segmentation(compared: Comparison) -> None:
    result = finish(compared.chosen, compared.table, why=compared.why, trials=compared.trials)
    assert result.n_segments == 4


def test_the_same_seed_gives_the_same_comparison(shop: FeatureTable) -> None:
    request = CompareRequest(k_range=(3, 4))
    once, again = (compare(shop, ["kmeans", "hierarchical"], request=request) for _ in range(2))
    columns = [name for name in once.frame().columns if name != "seconds"]
    pd.testing.assert_frame_equal(once.frame()[columns], again.frame()[columns])
    assert (once.why, once.runner_up) == (again.why, again.runner_up)


def test_heavy_tails_are_never_answered_by_a_crowd_and_a_few_outliers() -> None:
    rng = np.random.default_rng(5)
    raw = np.column_stack([rng.lognormal(3, 2.0, 600), rng.lognormal(2, 1.6, 600), rng.pareto(1.1, 600)])
    chosen = compare(table_of(raw, "a", "b", "c"), ["kmeans"], request=FEW).chosen
    largest, smallest = chosen.scores["largest_share"], chosen.scores["smallest_share"]
    assert float(largest) <= 0.6
    assert float(smallest) >= 30 / 600


def test_tails_beyond_any_transform_end_in_one_segment_not_in_a_crowd_and_outliers() -> None:
    values = np.zeros((300, 1))
    values[:6, 0] = [1e6, 2e6, 3e6, 4e6, 5e6, 6e6]
    comparison = compare(table_of(values, "a"), ["kmeans"], request=FEW)
    assert comparison.chosen.n_clusters == 1
    assert comparison.verdict == "nothing to separate"
    assert any(trial.flags for trial in comparison.trials)


def test_identical_customers_are_one_segment() -> None:
    spec = FeatureSpec("a", "count", "The same for everybody.", "test")
    empty = replace(table_of(np.arange(120.0)[:, None], "b"), specs=(), defaults=())
    table = replace(empty, X=empty.X[[]]).with_column(spec, np.ones(120))
    comparison = compare(table, ["kmeans", "gmm"])
    assert comparison.chosen.n_clusters == 1
    assert comparison.verdict == "nothing to separate"
    assert "Nothing separates these 120 customers" in comparison.why
    assert finish(comparison.chosen, comparison.table).n_segments == 1


def test_customers_who_are_all_the_same_are_one_segment() -> None:
    comparison = compare(table_of(np.ones((120, 2)), "a", "b"), ["kmeans"])
    assert comparison.chosen.n_clusters == 1
    assert comparison.verdict == "nothing to separate"


def test_three_different_customers_make_at_most_three_segments() -> None:
    comparison = compare(table_of(np.repeat(np.eye(3), 40, axis=0), "a", "b", "c"), ["kmeans"])
    assert comparison.chosen.n_clusters == 3
    assert {trial.n_asked for trial in comparison.trials} == {3}


def test_a_small_shop_gets_the_rfm_groups_and_is_told_so(shop: FeatureTable) -> None:
    comparison = compare(shop.rows(np.arange(60)), ["kmeans", "rfm"])
    assert comparison.chosen.method == "rfm"
    assert "60 customers are fewer than the 90" in comparison.why


def test_a_small_club_without_orders_gets_a_few_groups(four_groups: Known) -> None:
    table, _ = four_groups
    comparison = compare(table.rows(np.arange(0, 400, 8)), ["kmeans", "rfm"])
    assert comparison.chosen.method == "kmeans"
    assert 2 <= comparison.chosen.n_clusters <= 4


def test_a_handful_of_customers_is_refused(four_groups: Known) -> None:
    table, _ = four_groups
    with pytest.raises(TooFewCustomersError, match="9 customers"):
        compare(table.rows(np.arange(9)), ["kmeans"])
    with pytest.raises(TooFewCustomersError):
        compare(table.rows(np.arange(19)), ["kmeans"], request=CompareRequest(n_segments=4))


def test_a_fixed_number_is_kept_and_the_best_method_found(four_groups: Known) -> None:
    table, _ = four_groups
    comparison = compare(table, ["kmeans", "hierarchical"], request=CompareRequest(n_segments=6))
    assert comparison.chosen.n_clusters == 6
    assert len(comparison.trials) == 2
    assert comparison.verdict == "unstable: constructive"
    assert comparison.why


def test_a_fixed_method_and_number_leave_nothing_to_explain(four_groups: Known) -> None:
    table, _ = four_groups
    comparison = compare(table, ["kmeans"], request=CompareRequest(n_segments=4))
    assert (comparison.why, comparison.runner_up, comparison.verdict) == ("", "", "reproducible")
    assert comparison.chosen.scores["stability"].value == 1.0


def test_what_no_method_can_do_is_an_error_with_the_reason(four_groups: Known) -> None:
    table, _ = four_groups
    with pytest.raises(ParameterError, match="recency_days"):
        compare(table, ["rfm"])
    with pytest.raises(ParameterError, match="There is no method named"):
        compare(table, ["kmean"])
    with pytest.raises(NotFoundError):
        compare(table, ["kmeans"], request=CompareRequest(attributes=("height",)))


def test_numbers_outside_the_usual_range_are_tried_only_if_nothing_else_passes(four_groups: Known) -> None:
    table, _ = four_groups
    comparison = compare(table, ["kmeans"], request=CompareRequest(k_range=(6, 7)))
    assert comparison.chosen.n_clusters == 4
    assert comparison.verdict == "reproducible"
    assert [trial.n_asked for trial in comparison.trials][:3] == [6, 7, 2]


def test_later_spend_decides_where_it_is_known(shop: FeatureTable) -> None:
    spend = np.log1p(shop.X["monetary"].to_numpy())
    seen = BackTest(table=shop, later_log_spend=spend, cut=date(2024, 1, 1), horizon_days=180)
    comparison = compare(shop, ["kmeans", "rfm"], request=FEW, back_test=seen)
    values = comparison.frame()["later_value"]
    assert values.notna().all() and values.between(0, 1).all()
    assert "differences in later spend" in comparison.why


def test_customers_without_net_spend_are_in_no_segment_and_change_no_score(shop: FeatureTable) -> None:
    rows = np.arange(300)
    debtors = replace(shop, no_net_spend=rows % 10 == 0)
    chosen = compare(debtors, ["kmeans"], request=FEW).chosen
    assert chosen.labels is not None
    assert ((chosen.labels == -1) == debtors.no_net_spend).all()
    assert chosen.scores["noise_share"].value == 0.0


def test_many_customers_are_judged_on_a_sample_but_all_get_a_segment(four_groups: Known) -> None:
    table, truth = four_groups
    settings = replace(Settings(), selection_rows=150)
    comparison = compare(table, ["kmeans"], request=replace(FEW, truth=truth, settings=settings))
    assert comparison.chosen.n_clusters == 4
    assert comparison.chosen.labels is not None and len(comparison.chosen.labels) == 400


def test_progress_only_moves_forward_and_can_stop_the_work(four_groups: Known) -> None:
    table, _ = four_groups
    seen: list[float] = []
    compare(table, ["kmeans", "rfm"], request=FEW, progress=lambda _, share: seen.append(share))
    assert seen == sorted(seen) and seen[0] == 0.0 and seen[-1] == 1.0

    def stop(stage: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(table, ["kmeans"], progress=stop)


def test_a_method_beyond_the_limit_of_memory_is_not_tried_and_the_others_go_on(
    four_groups: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, _ = four_groups
    hungry = replace(CLUSTERERS["gmm"], bytes_at_least=7.5 * 2**20, build=out_of_memory, sweep=out_of_memory)
    monkeypatch.setitem(CLUSTERERS._all, "gmm", hungry)
    settings = replace(Settings(), compare_memory_mb=7)
    comparison = compare(table, ["gmm", "kmeans"], request=replace(FEW, settings=settings))
    refused = comparison.trials[:3]
    assert [trial.n_asked for trial in refused] == [3, 4, 5]
    assert {trial.failure for trial in refused} == {
        "Gaussian mixture needs about 8 MiB for 400 customers, the limit is 7: raise compare_memory_mb or"
        " leave the method out."
    }
    assert comparison.chosen.method == "kmeans"


@pytest.mark.parametrize("where", ["fit", "predict"])
def test_a_method_that_runs_out_of_memory_failed_and_the_others_go_on(
    four_groups: Known, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    table, _ = four_groups
    monkeypatch.setattr(GaussianMixture, where, out_of_memory)
    monkeypatch.setattr("coterie.segmentation.gmm.sweep", out_of_memory)
    comparison = compare(table, ["gmm", "kmeans"], request=FEW)
    assert {trial.failure for trial in comparison.trials[:3]} == {
        "Gaussian mixture needs more memory than this machine has for 400 customers."
    }
    assert comparison.chosen.method == "kmeans"


def test_a_method_that_cannot_be_judged_for_want_of_memory_failed(
    four_groups: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, _ = four_groups

    def short_of_memory(table: FeatureTable, trials: Sequence[Trial], **options: Any) -> Any:
        return out_of_memory() if trials[0].method == "gmm" else stabilities(table, trials, **options)

    monkeypatch.setattr("coterie.selection.judging.stabilities", short_of_memory)
    comparison = compare(table, ["gmm", "kmeans"], request=FEW)
    assert "cannot be judged" in comparison.trials[0].failure
    assert comparison.chosen.method == "kmeans"
