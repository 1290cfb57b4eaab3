from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import SchemaError, TooFewCustomersError
from coterie.experiments import Campaign, CampaignPlan, measure, outcomes_from_orders, plan_campaign
from coterie.experiments.intervals import mean_difference, rate_difference, relative_lift
from coterie.experiments.lift import LEAST_CONVERTED

START = date(2024, 3, 1)
PLAN = CampaignPlan("Spring", "10% voucher", START)


def campaign(n: int = 1000, plan: CampaignPlan = PLAN) -> Campaign:
    ids = [f"c{i}" for i in range(n)]
    return plan_campaign(pd.DataFrame({"customer_id": ids, "consent": "yes"}), plan)


def outcome(ran: Campaign, *, treated: int, control: int, value: float = 10.0) -> pd.DataFrame:
    """So many of each group converted on the days of the window, one after the other; the rest is absent."""
    ids = [*ran.treatment[:treated], *ran.control[:control]]
    days = [START + timedelta(days=i % 30) for i in range(len(ids))]
    return pd.DataFrame({"customer_id": ids, "converted": 1, "value": value, "at": days})


def test_the_interval_of_two_rates_is_newcombes() -> None:
    """Newcombe (1998), table II, method 10: 56/70 - 48/80, 9/10 - 3/10, 6/7 - 2/7, 10/10 - 0/20."""
    treated, control = (np.array([56, 9, 6, 10]), np.array([70, 10, 7, 10])), (
        np.array([48, 3, 2, 0]), np.array([80, 10, 7, 20]),
    )  # fmt: skip
    _, low, high = rate_difference(treated, control)
    assert low.round(4).tolist() == [0.0524, 0.1705, 0.0582, 0.6791]
    assert high.round(4).tolist() == [0.3339, 0.8090, 0.8062, 1.0]


counts = st.tuples(st.integers(1, 400), st.floats(0, 1)).map(lambda g: (round(g[0] * g[1]), g[0]))


@given(counts, counts)
def test_an_interval_of_rates_holds_its_estimate_and_turns_with_the_groups(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    middle, low, high = rate_difference(one, other)
    assert -1.0 - 1e-12 <= low <= middle <= high <= 1.0 + 1e-12
    back = rate_difference(other, one)
    np.testing.assert_allclose([middle, low, high], [-back[0], -back[2], -back[1]], atol=1e-12)


def covered(found: tuple[npt.NDArray[np.float64], ...], truth: float) -> float:
    _, low, high = found
    return float(((low <= truth) & (truth <= high)).mean())


@pytest.mark.parametrize("base", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("effect", [0.0, 0.03])
def test_intervals_of_rates_cover_the_truth_when_a_tenth_is_held_out(base: float, effect: float) -> None:
    random, n, held = np.random.default_rng(0), 900, 100
    treated = (random.binomial(n, base + effect, 20_000), n)
    control = (random.binomial(held, base, 20_000), held)
    assert covered(rate_difference(treated, control), effect) >= 0.945
    if base * held >= LEAST_CONVERTED:
        assert covered(relative_lift(treated, control), effect / base) >= 0.945


@pytest.mark.parametrize("base", [0.02, 0.1])
@pytest.mark.parametrize("effect", [0.0, 0.03])
def test_intervals_of_spend_cover_the_truth_when_a_tenth_is_held_out(base: float, effect: float) -> None:
    random = np.random.default_rng(0)

    def spend(rate: float, n: int) -> npt.NDArray[np.float64]:
        return (random.random((500, n)) < rate) * random.lognormal(3.0, 1.0, (500, n))

    truth = effect * np.exp(3.5)
    assert covered(mean_difference(spend(base + effect, 900), spend(base, 100)), truth) >= 0.93


def test_who_is_absent_did_not_convert_and_all_count_as_they_were_drawn() -> None:
    ran = campaign()
    lift = measure(ran, outcome(ran, treated=180, control=10))
    assert (lift.n_treated, lift.n_control, lift.n_absent) == (900, 100, 810)
    assert (lift.treated_rate, lift.control_rate) == (0.2, 0.1)
    assert lift.difference.estimate == pytest.approx(0.1)
    assert lift.conversions.estimate == pytest.approx(90.0)
    assert lift.relative is not None
    assert lift.relative.estimate == pytest.approx(1.0)
    assert lift.spend is not None
    assert lift.money is not None
    assert lift.spend.estimate == pytest.approx(1.0)
    assert lift.money.estimate == pytest.approx(900.0)
    assert lift.verdict == "worked"


def test_the_verdict_follows_the_interval() -> None:
    ran = campaign()
    assert measure(ran, outcome(ran, treated=90, control=25)).verdict == "harmed"
    unclear = measure(ran, outcome(ran, treated=108, control=10))
    assert unclear.verdict == "did not show"
    assert "includes zero; only 11.0 points or more could be detected" in unclear.reason


def test_before_the_end_only_the_reading_that_is_safe_to_repeat_decides() -> None:
    ran = campaign(20_000)
    early = date(2024, 3, 20)
    clear = outcome(ran, treated=7000, control=200)
    assert measure(ran, clear, as_of=early).verdict == "worked"
    assert measure(ran, outcome(ran, treated=1000, control=250), as_of=early).verdict == "harmed"
    unclear = measure(ran, outcome(ran, treated=1900, control=200), as_of=early)
    assert unclear.verdict == "too early"
    undated = measure(ran, clear.drop(columns="at"), as_of=early)
    assert undated.sequential is None
    assert undated.verdict == "too early"
    assert "without days" in undated.reason
    assert measure(ran, clear.iloc[:0], as_of=early).verdict == "too early"


def test_with_few_conversions_in_the_holdout_there_is_no_relative_lift() -> None:
    ran = campaign()
    lift = measure(ran, outcome(ran, treated=9, control=4).drop(columns="value"))
    assert lift.relative is None
    assert lift.spend is None
    assert lift.money is None
    assert any("no column value" in note for note in lift.notes)


def test_held_out_people_who_were_treated_are_counted_and_said() -> None:
    ran = campaign()
    rows = outcome(ran, treated=90, control=10).assign(contacted=1)
    other = campaign(plan=replace(PLAN, name="Other", start=date(2024, 3, 9)))
    both = set(other.treatment) & set(ran.control)
    lift = measure(ran, rows, others=[other, ran])
    assert lift.n_contaminated == len(both | set(ran.control[:10]))
    assert any("treated nevertheless" in note for note in lift.notes)
    assert measure(ran, rows.drop(columns="contacted")).n_contaminated == 0


def test_rows_of_strangers_and_of_other_days_are_left_aside_and_told() -> None:
    ran = campaign()
    rows = outcome(ran, treated=90, control=10)
    more = pd.concat(
        [
            rows,
            rows.head(5).assign(customer_id="nobody"),
            rows.tail(3).assign(at=date(2024, 3, 31)),
            rows.tail(3).assign(at=date(2024, 2, 29)),
        ]
    )
    lift = measure(ran, more)
    assert lift.n_strangers == 1
    assert lift.difference == measure(ran, rows).difference
    assert lift.spend == measure(ran, rows).spend
    assert "Outcomes outside the window ignored: 6 rows." in lift.notes


def test_orders_of_the_window_are_outcomes_net_of_returns() -> None:
    orders = pd.DataFrame(
        [
            ("ann", "2024-02-29 23:59", 9.0, "1"),
            ("ann", "2024-03-01 00:00", 5.0, "2"),
            ("ann", "2024-03-01 00:00", 6.0, "2"),
            ("ann", "2024-03-05 10:00", -5.0, "3"),
            ("bob", "2024-03-04 10:00", -5.0, "4"),
            ("eve", "2024-03-31 00:00", 7.0, "5"),
        ],
        columns=["customer_id", "at", "amount", "order_id"],
    )
    table = outcomes_from_orders(orders, PLAN).set_index("customer_id")
    assert table["converted"].to_dict() == {"ann": 1, "bob": 0}
    assert table["value"].to_dict() == {"ann": 6.0, "bob": -5.0}
    assert table["n_orders"].to_dict() == {"ann": 1, "bob": 0}
    assert table.loc["ann", "at"] == pd.Timestamp("2024-03-01")


def test_orders_measure_a_campaign() -> None:
    ran = campaign()
    ids = [*ran.treatment[:200], *ran.treatment[:100], *ran.control[:10]]
    orders = pd.DataFrame({"customer_id": ids, "at": pd.Timestamp("2024-03-05", tz="UTC"), "amount": 4.0})
    lift = measure(ran, outcomes_from_orders(orders, PLAN))
    assert lift.orders is not None
    assert lift.orders.estimate == pytest.approx(900 * (300 / 900 - 0.1))
    assert lift.sequential is not None
    assert len(lift.sequential.looks) == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"customer_id": ["c1"]}, "neither who converted"),
        ({"converted": [1]}, "customer_id"),
        ({"customer_id": ["c1"], "converted": ["often"]}, "'often' is neither 0 nor 1"),
        ({"customer_id": ["c1"], "converted": [2]}, "neither 0 nor 1"),
        ({"customer_id": ["c1"], "value": ["12 EUR"]}, "no number"),
        ({"customer_id": ["c1"], "value": [float("inf")]}, "no number"),
        ({"customer_id": ["c1"], "converted": [1], "at": ["soon"]}, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_is_wrong(rows: dict[str, list[object]], said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        measure(campaign(), pd.DataFrame(rows))


def test_a_campaign_without_holdout_proves_nothing() -> None:
    ran = campaign(plan=replace(PLAN, holdout=0.0))
    with pytest.raises(TooFewCustomersError, match="1,000 treated, 0 held out"):
        measure(ran, pd.DataFrame({"customer_id": ["c1"], "converted": [1]}))


def test_empty_cells_are_no_conversion_and_value_alone_tells_who_bought() -> None:
    ran = campaign()
    rows = pd.DataFrame({"customer_id": ran.treatment[:3], "value": ["5", None, "0"]})
    assert measure(ran, rows).treated_rate == pytest.approx(1 / 900)


@given(st.permutations(range(100)))
@settings(deadline=None, max_examples=5)
def test_the_order_of_the_file_does_not_matter(order: list[int]) -> None:
    ran = campaign()
    rows = outcome(ran, treated=90, control=10)
    assert measure(ran, rows.iloc[order]) == measure(ran, rows)
