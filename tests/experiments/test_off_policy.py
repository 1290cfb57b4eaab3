from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coterie.errors import InputError, SchemaError, TooFewCustomersError
from coterie.experiments import Policy, judge_policy

SEGMENTS, ACTIONS = ("Loyal", "Lost"), ("do nothing", "call")
RATES = np.array([[0.2, 0.1], [0.05, 0.3]])


def policy(*call: float) -> Policy:
    """Call so many of the loyal and of the lost."""
    chances = np.array([[1.0 - share, share] for share in call])
    return Policy(SEGMENTS, ACTIONS, chances, RATES)


def logged(ran: Policy, n: int, *, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    segment = random.integers(0, 2, n)
    action = (random.random(n) < ran.propensities[segment, 1]).astype(int)
    return pd.DataFrame(
        {
            "segment": np.array(SEGMENTS)[segment],
            "action": np.array(ACTIONS)[action],
            "propensity": ran.propensities[segment, action],
            "reward": (random.random(n) < RATES[segment, action]).astype(float),
        }
    )


RAN, BETTER = policy(0.5, 0.5), policy(0.05, 0.95)
TRUTH = float((BETTER.propensities * RATES).sum(axis=1).mean())


def test_each_estimate_covers_the_true_value_of_a_policy_that_did_not_run() -> None:
    found = [judge_policy(logged(RAN, 1500, seed=seed), BETTER) for seed in range(40)]
    for name in ("ips", "snips", "doubly_robust"):
        intervals = [getattr(each, name) for each in found]
        assert sum(i.low <= TRUTH <= i.high for i in intervals) >= 35
        assert np.mean([i.estimate for i in intervals]) == pytest.approx(TRUTH, rel=0.02)


def test_the_policy_that_ran_is_worth_what_it_brought() -> None:
    log = logged(RAN, 500)
    found = judge_policy(log, RAN)
    assert found.snips.estimate == pytest.approx(found.current) == log["reward"].mean()
    assert found.ess == pytest.approx(500)
    assert not found.is_published
    assert "no difference" in found.reason


def test_a_better_policy_is_published_once_the_log_is_worth_enough_people() -> None:
    assert judge_policy(logged(RAN, 5000), BETTER).is_published
    small = judge_policy(logged(RAN, 200), BETTER)
    assert not small.is_published
    assert small.ess < 200
    assert "200 are needed" in small.reason


def test_huge_weights_are_cut_and_counted() -> None:
    log = logged(policy(0.999, 0.001), 20_000)
    found = judge_policy(log, BETTER)
    assert (
        found.n_clipped
        == ((log["segment"] == "Lost") & (log["action"] == "call")).sum()
        + ((log["segment"] == "Loyal") & (log["action"] == "do nothing")).sum()
    )
    assert not found.is_published


def test_a_log_that_never_did_what_the_policy_wants_says_nothing() -> None:
    log = logged(policy(0.0, 0.0), 500)
    found = judge_policy(log, policy(1.0, 1.0))
    assert found.ess == 0.0
    assert not found.is_published


def test_a_log_that_cannot_be_used_is_refused() -> None:
    log = logged(RAN, 100)
    with pytest.raises(SchemaError, match="propensity"):
        judge_policy(log.drop(columns="propensity"), RAN)
    with pytest.raises(InputError, match="propensity"):
        judge_policy(log.assign(propensity=0.0), RAN)
    with pytest.raises(InputError, match="reward"):
        judge_policy(log.assign(reward=np.nan), RAN)
    with pytest.raises(InputError, match="does not know"):
        judge_policy(log.assign(action="fax"), RAN)
    with pytest.raises(TooFewCustomersError, match="empty"):
        judge_policy(log.head(0), RAN)
