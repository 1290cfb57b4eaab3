from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InputError, ParameterError, SchemaError, TooFewCustomersError
from coterie.experiments import Campaign, CampaignPlan, detectable_effect, plan_campaign

PLAN = CampaignPlan("Spring", "10% voucher", date(2024, 3, 1))


def people(n: int, **columns: object) -> pd.DataFrame:
    ids = [f"c{i}" for i in range(n)]
    return pd.DataFrame({"customer_id": ids, "consent": True, "reason": "at risk", **columns})


rows = st.tuples(
    st.sampled_from(["yes", "no", None, "maybe"]), st.booleans(), st.integers(0, 3), st.sampled_from("ab")
)


@given(
    st.lists(rows, min_size=1, max_size=60),
    st.sampled_from([0.0, 0.1, 0.3, 0.9]),
    st.sampled_from([None, 1, 7]),
    st.booleans(),
)
@settings(deadline=None)
def test_asked_is_left_out_and_treated_and_held_out(
    drawn: list[tuple[object, bool, int, str]], holdout: float, capacity: int | None, stratified: bool
) -> None:
    consent, reachable, priority, segment = (list(column) for column in zip(*drawn, strict=True))
    table = people(len(drawn)).assign(
        consent=consent, reachable=reachable, priority=priority, segment=segment
    )
    plan = replace(PLAN, holdout=holdout, capacity=capacity, stratified=stratified)
    willing = sum(c == "yes" and r for c, r in zip(consent, reachable, strict=True))
    if not willing:
        with pytest.raises(TooFewCustomersError):
            plan_campaign(table, plan)
        return
    campaign = plan_campaign(table, plan)
    n = min(willing, capacity or willing)
    assert len(campaign.members) == n
    assert len(campaign.control) == round(holdout * n)
    assert not set(campaign.treatment) & set(campaign.control)
    assert campaign.n_asked == len(drawn) == sum(campaign.left_out.values()) + n
    assert campaign.left_out.get("said no", 0) == consent.count("no")
    shuffled = table.sample(frac=1.0, random_state=1)
    assert plan_campaign(shuffled, plan) == campaign
    assert Campaign.from_json(campaign.to_json()) == campaign


def test_who_never_said_yes_is_left_out_unless_somebody_vouches_and_a_no_stays_a_no() -> None:
    table = people(4).assign(consent=["yes", "no", "", "?"])
    assert plan_campaign(table, PLAN).left_out == {"said no": 1, "consent unknown": 2}
    vouched = replace(PLAN, consent_confirmed=True)
    assert plan_campaign(table, vouched).left_out == {"said no": 1}
    with pytest.raises(TooFewCustomersError, match="4 consent unknown"):
        plan_campaign(table.drop(columns="consent"), PLAN)


@pytest.mark.parametrize(("days", "lately"), [(0, 9), (13, 9), (14, 0), (-5, 9), (-14, 0)])
def test_the_treated_of_another_campaign_rest_for_the_cooldown_and_the_held_out_do_not(
    days: int, lately: int
) -> None:
    first = plan_campaign(people(10), PLAN)
    plan = replace(PLAN, name="Second", start=PLAN.start + timedelta(days=days))
    assert plan_campaign(people(20), plan, earlier=[first]).left_out.get("treated lately", 0) == lately


def test_a_capacity_takes_the_highest_priority_and_of_equal_ones_the_lower_id() -> None:
    table = people(5, priority=[1.0, 3.0, 2.0, 2.0, np.nan])
    campaign = plan_campaign(table, replace(PLAN, capacity=2))
    assert [member.customer_id for member in campaign.members] == ["c1", "c2"]
    assert campaign.left_out == {"over capacity": 3}


def test_the_holdout_is_drawn_anew_by_name_and_seed_and_has_no_favourites() -> None:
    table = people(200)
    draws = [
        set(plan_campaign(table, replace(PLAN, random_state=seed, holdout=0.2)).control)
        for seed in range(150)
    ]
    often = np.array([sum(f"c{i}" in drawn for drawn in draws) for i in range(200)])
    # Each of 200 customers is held out in 30 of 150 draws, give or take 4.9: 5 deviations are allowed.
    assert often.mean() == 30.0
    assert np.abs(often - 30).max() < 25
    assert abs(often.std() - np.sqrt(150 * 0.2 * 0.8)) < 1.0
    assert draws[0] != set(plan_campaign(table, replace(PLAN, name="Other", holdout=0.2)).control)


def test_a_stratified_holdout_takes_its_share_of_every_segment() -> None:
    table = people(300, segment=["big"] * 250 + ["small"] * 40 + ["tiny"] * 10)
    campaign = plan_campaign(table, replace(PLAN, stratified=True))
    held = pd.Series([m.segment for m in campaign.members if not m.treated]).value_counts()
    assert abs(held["big"] - 25) <= 1
    assert abs(held["small"] - 4) <= 1
    assert abs(held.get("tiny", 0) - 1) <= 1


def test_a_stratum_of_one_is_held_out_by_chance() -> None:
    table = people(400, segment=[f"s{i}" for i in range(400)])
    held = [len(plan_campaign(table, replace(PLAN, stratified=True)).control)]
    assert held == [40]
    plans = (replace(PLAN, stratified=True, random_state=seed) for seed in range(40))
    assert any("c0" in plan_campaign(table, plan).control for plan in plans)


def test_the_campaign_says_what_it_can_detect() -> None:
    campaign = plan_campaign(people(1000), PLAN, base_rate=0.05)
    assert campaign.detectable == detectable_effect(900, 100, base_rate=0.05)
    assert campaign.sentence.startswith("1,000 people, 10% held out: only a rise of")
    assert plan_campaign(people(1000), PLAN).detectable is None


def test_who_is_asked_and_why_is_kept() -> None:
    campaign = plan_campaign(people(3, segment="At risk"), PLAN)
    assert {member.reason for member in campaign.members} == {"at risk"}
    assert {member.segment for member in campaign.members} == {"At risk"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 2}, "schema 2"),
        ({"n_asked": 99}, "cannot be read"),
        ({"members": [["a", "", "", True]] * 3}, "cannot be read"),
        ({"plan": {}}, "cannot be read"),
        ({"left_out": None}, "cannot be read"),
    ],
)
def test_a_file_that_is_no_sound_campaign_is_refused(change: dict[str, object], said: str) -> None:
    content = json.loads(plan_campaign(people(3), PLAN).to_json()) | change
    with pytest.raises(InputError, match=said):
        Campaign.from_json(json.dumps(content))
    with pytest.raises(InputError, match="no campaign"):
        Campaign.from_json("[]")


def test_a_list_without_customers_or_with_one_twice_is_refused() -> None:
    with pytest.raises(SchemaError, match="customer_id"):
        plan_campaign(pd.DataFrame({"id": ["a"]}), PLAN)
    with pytest.raises(SchemaError, match="more than one row"):
        plan_campaign(people(3).assign(customer_id=["a", "b", "a"]), PLAN)
    with pytest.raises(TooFewCustomersError, match="empty"):
        plan_campaign(people(0), PLAN)


@pytest.mark.parametrize(
    "wrong", [{"holdout": 1.0}, {"holdout": -0.1}, {"capacity": 0}, {"window_days": 0}, {"cooldown_days": -1}]
)
def test_a_plan_outside_its_ranges_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        replace(PLAN, **wrong)  # type: ignore[arg-type]
