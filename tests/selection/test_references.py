"""Segments are held against plain divisions of the same customers, which cannot be chosen."""

from datetime import date

import numpy as np
import pytest

from coterie.assessment import Score, eta_squared
from coterie.features import BackTest, FeatureTable
from coterie.segmentation import RFMGrid, Trial
from coterie.selection import REFERENCES, CompareRequest, Comparison, compare, later_spend_sentence
from coterie.selection.references import spend_cut

FEW = CompareRequest(k_range=(3, 5))


def seen_earlier(shop: FeatureTable) -> BackTest:
    spend = np.log1p(shop.X["monetary"].to_numpy())
    return BackTest(table=shop, later_log_spend=spend, cut=date(2024, 1, 1), horizon_days=180)


@pytest.fixture(scope="module")
def compared(shop: FeatureTable) -> Comparison:
    return compare(shop, ["kmeans", "gmm"], request=FEW, back_test=seen_earlier(shop))


def foretelling(own: float, *, grid: float | None = 0.21, cut: float | None = 0.2) -> Trial:
    values = zip(("later_value", *REFERENCES), (own, grid, cut), strict=True)
    return Trial("kmeans", 5, 5, None, scores={name: Score(name, value) for name, value in values})


def test_the_grid_and_the_cut_are_judged_by_the_same_later_spend(
    compared: Comparison, shop: FeatureTable
) -> None:
    later = np.log1p(shop.X["monetary"].to_numpy())
    grid = eta_squared(RFMGrid().fit(shop.columns(["recency_days", "n_orders", "monetary"])).labels_, later)
    for trial in compared.trials[:3]:
        equal = np.argsort(np.argsort(later)) * trial.n_clusters // len(later)
        cut = float(eta_squared(equal, later))
        assert float(trial.scores["rfm_grid_later_value"]) == pytest.approx(float(grid))
        assert float(trial.scores["spend_cut_later_value"]) == pytest.approx(cut)


def test_plain_divisions_are_no_candidates(compared: Comparison) -> None:
    assert {trial.method for trial in compared.trials} == {"kmeans", "gmm"}
    assert compared.frame()[list(REFERENCES)].notna().all(axis=None)


def test_without_a_back_test_plain_divisions_have_no_value_and_say_why(shop: FeatureTable) -> None:
    comparison = compare(shop, ["kmeans"], request=FEW)
    assert comparison.frame()[list(REFERENCES)].isna().all(axis=None)
    assert all("270 days" in comparison.chosen.scores[name].reason for name in REFERENCES)
    assert comparison.later_spend == ""


def test_customers_without_past_spend_are_not_cut_by_it(shop: FeatureTable) -> None:
    visitors = shop.without_column("monetary")
    seen = BackTest(visitors, seen_earlier(shop).later_log_spend, date(2024, 1, 1), 180)
    scores = compare(visitors, ["kmeans"], request=FEW, back_test=seen).chosen.scores
    assert scores["later_value"].value is not None
    assert scores["spend_cut_later_value"].reason == "there is no past spend"
    assert "monetary" in scores["rfm_grid_later_value"].reason


def test_a_cut_makes_equal_groups_and_never_parts_equal_spend() -> None:
    assert spend_cut(np.arange(10.0), 5).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert spend_cut([7, 7, 7, 7, 9, 9], 3).tolist() == [0, 0, 0, 0, 2, 2]
    assert spend_cut([1, 2, 3], 1).tolist() == [0, 0, 0]


def test_the_sentence_reads_the_segments_beside_the_plain_divisions() -> None:
    assert later_spend_sentence(foretelling(0.24)) == (
        "Made at an earlier day, the segments foretold 24.0% of the differences in later spend;"
        " the RFM grid 21.0%, a plain cut into 5 by past spend 20.0%."
    )
    assert later_spend_sentence(foretelling(0.24, grid=None, cut=None)).endswith("later spend.")


@pytest.mark.parametrize(
    ("own", "words"), [(0.205, "no better than"), (0.195, "no better than"), (0.15, "worse than")]
)
def test_segments_that_do_not_beat_the_plain_cut_are_told_so(own: float, words: str) -> None:
    assert f"That is {words} the plain cut: to foretell spend" in later_spend_sentence(foretelling(own))
