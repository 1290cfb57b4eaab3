"""The outlook of a segment adds up its members' forecasts and tells nothing of a few people."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from coterie.knowledge import Outlook, outlook, outlook_of_all, past_sentence
from coterie.knowledge.outlook import EIGHT_IN_TEN, LEAST_TOLD
from coterie.prediction import Forecast
from tests.knowledge.tables import segmentation_of, table_of

N = 100
LABELS = [0] * 60 + [1] * 36 + [2] * 4


def _forecast(n: int = N) -> Forecast:
    expected = np.linspace(0.1, 2.0, n)
    spend = expected * 10.0
    customers = pd.DataFrame(
        {
            "customer_id": [f"c{i:04d}" for i in range(n)],
            "expected_orders": expected,
            "orders_low": 0.0,
            "orders_high": np.ceil(expected * 2),
            "expected_spend": spend,
            "spend_low": 0.0,
            "spend_high": spend * 3,
            "risk_band": ["high"] * 3 + ["medium"] * 20 + ["low"] * (n - 23),
            "value_tier": ["low"] * 50 + ["middle"] * 30 + ["high"] * (n - 80),
            "is_potential": [False] * (n - 10) + [True] * 10,
            "usual_spend": 12.0,
            "money_at_risk": 3.0,
        }
    )
    return Forecast(90, date(2024, 6, 30), "BG/NBD", {}, customers, False, None, ())


def _segments(**products: pd.DataFrame) -> dict[int, Outlook]:
    result = segmentation_of(table_of({"age": range(N)}), LABELS)
    told = outlook(_forecast(), result, **products)
    return {one.segment_id: one for one in told if one.segment_id is not None}


def test_the_members_add_up_to_their_segment() -> None:
    told, customers = _segments(), _forecast().customers
    for segment_id in (0, 1):
        own = customers[np.array(LABELS) == segment_id]
        assert told[segment_id].n_buyers == len(own)
        assert told[segment_id].expected_spend == pytest.approx(own["expected_spend"].sum())
        assert told[segment_id].money_at_risk == pytest.approx(3.0 * len(own))


def test_a_segment_of_fewer_than_five_buyers_is_not_told() -> None:
    assert set(_segments()) == {0, 1}


def test_fewer_than_five_people_are_not_counted() -> None:
    told = _segments()[0]
    assert told.risk_bands == {"high": None, "medium": 20, "low": 37}
    assert told.n_potential == 0
    assert _segments()[1].n_potential == 6


def test_the_range_of_a_sum_is_that_of_independent_customers() -> None:
    customers = _forecast().customers
    spread = (customers["spend_high"] - customers["spend_low"]) / (2 * EIGHT_IN_TEN)
    least = customers["expected_orders"] * 10.0**2
    half = EIGHT_IN_TEN * np.sqrt(np.maximum(spread**2, least).sum())
    everyone = outlook_of_all(_forecast())
    assert everyone.spend_high - everyone.expected_spend == pytest.approx(half)
    assert everyone.expected_spend - everyone.spend_low == pytest.approx(half)
    alone = (customers["spend_high"] - customers["spend_low"]).sum()
    assert everyone.spend_high - everyone.spend_low < alone


def test_sums_of_simulated_customers_end_up_in_the_range_eight_times_of_ten() -> None:
    """Orders are Poisson, each worth 10: the least that chance makes of such expectations."""
    forecast = _forecast()
    means = forecast.customers["expected_orders"].to_numpy()
    everyone = outlook_of_all(forecast)
    sums = np.random.default_rng(0).poisson(means, size=(2_000, N)).sum(axis=1)
    inside = ((sums >= everyone.orders_low) & (sums <= everyone.orders_high)).mean()
    assert inside >= 0.78


def test_products_that_are_due_for_most_come_first_and_those_of_a_few_are_not_told() -> None:
    lines = [("tea", i, True, 3) for i in range(20)] + [("mug", i, False, -10) for i in range(30)]
    lines += [("pot", i, True, 1) for i in range(LEAST_TOLD - 1)] + [
        ("hat", i, False, -80) for i in range(60)
    ]
    due = pd.DataFrame(lines, columns=["product", "n", "is_due", "overdue_days"])
    due["customer_id"] = [f"c{i:04d}" for i in due.pop("n")]
    due["name"] = due["product"].str.title()
    told = _segments(due=due)[0]
    assert [(one.name, one.n_customers) for one in told.due] == [("Mug", 30), ("Tea", 20)]
    assert "Most often due: Mug (30), Tea (20)" in told.sentences


def test_words_carry_the_currency() -> None:
    told = outlook_of_all(_forecast(), currency="EUR")
    assert told.sentences[0].startswith("100 buyers: about 105 orders worth EUR 1,050 are expected")
    assert "EUR 300 of the EUR 1,200" in told.sentences[1]


def test_without_a_test_it_is_said_that_there_is_none() -> None:
    assert "too short to test" in past_sentence(_forecast())
