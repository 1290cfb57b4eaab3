"""Advice weighs every candidate by what this shop has measured, and never makes an effect up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import coterie
from coterie.errors import ParameterError
from coterie.experiments import Evidence
from coterie.knowledge import Knowledge, advise, profile_segments
from coterie.knowledge.advice import NOTHING, SERVICE
from coterie.prediction import Forecast, forecast
from coterie.segmentation import Segmentation
from coterie.sources import write_sample_store


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Segmentation:
    files = write_sample_store(tmp_path_factory.mktemp("shop"), n_customers=600)
    return coterie.segment(str(files["orders"]), method="kmeans", n_segments=3)


@pytest.fixture(scope="module")
def known(result: Segmentation) -> Knowledge:
    return profile_segments(result)


@pytest.fixture(scope="module")
def told(result: Segmentation) -> Forecast:
    return forecast(result.table)


def _trial(action: str, segment: str, effect: float) -> Evidence:
    sentence = "Measured by a holdout."
    bounds = (effect, effect - 0.01, effect + 0.01)
    return Evidence(action, segment, "own holdout", *bounds, 5_000, date(2025, 1, 31), sentence)


def test_doing_nothing_is_always_a_candidate_and_says_what_comes_anyway(
    result: Segmentation, known: Knowledge, told: Forecast
) -> None:
    for candidates in advise(result, known, forecast=told).values():
        [nothing] = [one for one in candidates if one.action == NOTHING]
        assert nothing.expected_return is None and nothing.evidence.effect == 0.0
        assert "expected to order" in nothing.sentence


def test_what_was_never_measured_has_no_effect_and_says_so(
    result: Segmentation, known: Knowledge, told: Forecast
) -> None:
    for candidates in advise(result, known, forecast=told).values():
        for one in candidates:
            if one.action not in (NOTHING, SERVICE):
                assert one.evidence.grade == "industry convention"
                assert one.evidence.effect is None and one.expected_return is None
                assert "not yet measured" in one.sentence
                assert "can be detected" in one.sentence or "too few" in one.sentence
                assert one.risks and one.offer


def test_a_price_says_from_which_effect_it_pays_and_whether_a_trial_could_tell(
    result: Segmentation, known: Knowledge, told: Forecast
) -> None:
    action = known[0].action
    assert action is not None
    [advice] = [one for one in advise(result, known, forecast=told, prices={action.name: 0.5})[0]
                if one.action == action.name]  # fmt: skip
    members = told.customers["customer_id"].isin(result.table.customer_ids[result.labels == 0])
    rows = told.customers[members]
    value = rows["expected_spend"].sum() / rows["expected_orders"].sum()
    assert advice.pays_from == pytest.approx(0.5 / value)
    assert advice.cost == pytest.approx(0.5 * (advice.n_customers - round(advice.n_customers / 10)))
    assert "pays from" in advice.sentence
    assert "A trial" in advice.sentence


def test_an_own_holdout_gives_a_return_with_its_range_and_ranks_first(
    result: Segmentation, known: Knowledge, told: Forecast
) -> None:
    action, name = known[0].action, known[0].name
    assert action is not None
    good = advise(result, known, forecast=told, evidence=[_trial(action.name, name, 0.05)])[0]
    assert good[0].action == action.name
    assert good[0].expected_return is not None
    low, middle, high = good[0].expected_return
    assert 0 < low < middle < high
    assert good[0].evidence.grade == "own holdout"
    bad = advise(result, known, forecast=told, evidence=[_trial(action.name, name, -0.05)])[0]
    assert bad[-1].action == action.name, "what loses money stands behind doing nothing"


def test_many_returns_point_to_the_service(result: Segmentation, known: Knowledge) -> None:
    share = np.where(result.labels == 0, 0.5, 0.02)
    table = replace(result.table, X=result.table.X.assign(return_share=share))
    found = advise(replace(result, table=table), known)
    assert found[0][0].action == SERVICE
    assert "return 50%" in found[0][0].what
    assert SERVICE not in {one.action for one in found[1]}


def test_a_price_below_zero_is_refused(result: Segmentation, known: Knowledge) -> None:
    with pytest.raises(ParameterError):
        advise(result, known, prices={"Champions": -1.0})
