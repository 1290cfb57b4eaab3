from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import InputError, ParameterError
from coterie.experiments import (
    CampaignPlan,
    Evidence,
    combine,
    evidence_for,
    evidence_of,
    measure,
    plan_campaign,
)

TRIAL = Evidence("voucher", "At risk", "own holdout", 0.02, 0.01, 0.03, 1000, date(2024, 4, 1), "Spring.")
CUSTOM = replace(TRIAL, grade="industry convention", effect=None, low=None, high=None, n=0, date=None)

trials = st.lists(
    st.tuples(st.floats(-0.2, 0.2), st.floats(0.001, 0.1)).map(
        lambda e: replace(TRIAL, effect=e[0], low=e[0] - e[1], high=e[0] + e[1])
    ),
    min_size=2,
    max_size=6,
)


@given(trials)
def test_the_combined_effect_lies_between_those_of_the_trials_in_any_order(trials: list[Evidence]) -> None:
    whole = combine(trials)
    effects = [trial.effect for trial in trials if trial.effect is not None]
    assert whole.effect is not None
    assert min(effects) - 1e-12 <= whole.effect <= max(effects) + 1e-12
    turned = combine(trials[::-1])
    assert turned.effect == pytest.approx(whole.effect)
    assert whole.n == 1000 * len(trials)


def test_two_alike_trials_halve_the_variance() -> None:
    whole = combine([TRIAL, TRIAL])
    assert whole.effect == pytest.approx(0.02)
    assert whole.high == pytest.approx(0.02 + 0.01 / np.sqrt(2))
    assert whole.spread == 0.0
    assert whole.sentence.endswith("they agree.")


def test_trials_that_differ_say_so_and_widen_the_range() -> None:
    other = replace(TRIAL, effect=0.1, low=0.09, high=0.11)
    whole = combine([TRIAL, other])
    assert whole.high is not None
    assert whole.high > 0.1
    assert whole.spread > 0.05
    assert "they differ by about" in whole.sentence


def test_a_measured_campaign_becomes_evidence_of_the_segment_its_members_share() -> None:
    people = pd.DataFrame({"customer_id": [f"c{i}" for i in range(500)], "consent": 1, "segment": "At risk"})
    plan = CampaignPlan("Spring", "voucher", date(2024, 3, 1))
    ran = plan_campaign(people, plan)
    rows = pd.DataFrame({"customer_id": ran.treatment[:300], "converted": 1})
    found = evidence_of(ran, measure(ran, rows))
    assert (found.action, found.segment, found.grade) == ("voucher", "At risk", "own holdout")
    assert (found.n, found.date) == (500, date(2024, 3, 31))
    assert found.sentence.startswith("Spring: it worked, +66.7 points (")
    with pytest.raises(InputError, match="window is open"):
        evidence_of(ran, measure(ran, rows, as_of=plan.start + timedelta(days=1)))


def test_the_next_recommendation_rests_on_the_strongest_evidence() -> None:
    elsewhere = replace(TRIAL, segment="Lost", effect=0.05, low=0.01, high=0.09)
    history = replace(CUSTOM, grade="own history", segment="")
    asked = {"action": "voucher", "segment": "At risk"}
    assert evidence_for([CUSTOM, elsewhere, TRIAL], **asked) == TRIAL
    found = evidence_for([CUSTOM, elsewhere], **asked)
    assert found is not None
    assert found.effect == 0.05
    assert found.segment == "At risk"
    assert found.sentence.endswith("measured in other segments.")
    assert evidence_for([CUSTOM, history], **asked) == history
    assert evidence_for([CUSTOM, replace(CUSTOM, segment="", sentence="All.")], **asked) == CUSTOM
    assert evidence_for([CUSTOM], action="call", segment="At risk") is None


@pytest.mark.parametrize("wrong", [{"grade": "hearsay"}, {"low": 0.05}, {"high": None}])
def test_evidence_without_a_grade_or_a_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        replace(TRIAL, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("others", [[], [TRIAL, CUSTOM], [TRIAL, replace(TRIAL, action="call")]])
def test_only_holdouts_of_one_action_are_combined(others: list[Evidence]) -> None:
    with pytest.raises(InputError, match="one action"):
        combine(others)
