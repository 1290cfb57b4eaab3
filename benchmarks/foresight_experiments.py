"""Do trials of actions say what is true? Simulated campaigns and logs, and Hillstrom's e-mails.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.foresight_experiments [--quick]

Campaigns of 500 to 5,000 people, a tenth held out, base rates of 1 to 30 %, are planned, played and
measured whole; each row says in how many of 1,000 the interval covers the truth, or a winner is called
where there is none. The last rows rank the people of a real trial.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.data import public_data
from benchmarks.report import Report, Row, main
from coterie.experiments import (
    LEARNERS,
    Campaign,
    CampaignPlan,
    Interval,
    Lift,
    Policy,
    fit_uplift,
    judge_policy,
    measure,
    plan_campaign,
    qini,
)
from coterie.experiments.intervals import mean_difference, rate_difference

Random = np.random.Generator

START, DAYS = date(2024, 3, 1), 30
SIZES, BASE_RATES, EFFECTS = (500, 2000, 5000), (0.01, 0.02, 0.05, 0.1, 0.3), (0.0, 0.02, 0.05)
LOG_SPEND = (3.0, 1.0)
"""Mean and standard deviation of the logarithm of what a buyer spends."""
MEAN_SPEND = float(np.exp(LOG_SPEND[0] + LOG_SPEND[1] ** 2 / 2))
N_RATES = 20_000
"""Runs of a case of rates, which cost little: the least of 45 is low by chance after fewer."""
LEAST_COVERED, MOST_CALLED, LEAST_SNIPS, LEAST_QINI = 930, 65, 900, 0.0033
FEATURES = ["recency", "history", "mens", "womens", "newbie", "zip_code", "channel"]


def planned(n: int) -> Campaign:
    """An audience of n with a tenth held out."""
    people = pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], "consent": "yes"})
    return plan_campaign(people, CampaignPlan("Simulated", "voucher", START, window_days=DAYS))


def played(campaign: Campaign, random: Random, *, base: float, effect: float) -> Lift:
    """The lift of a campaign whose members convert at constant hazards."""
    treated = np.array([member.treated for member in campaign.members])
    rate = base + effect * treated
    converted = np.flatnonzero(random.random(len(rate)) < rate)
    # The day given a conversion within the window, at the hazard that makes this rate.
    hazard = -np.log1p(-rate[converted])
    day = -np.log1p(-random.random(len(converted)) * rate[converted]) / hazard * DAYS
    rows = pd.DataFrame(
        {
            "customer_id": [campaign.members[i].customer_id for i in converted],
            "converted": 1,
            "value": random.lognormal(*LOG_SPEND, size=len(converted)),
            "at": [START + timedelta(days=int(d)) for d in day],
        }
    )
    return measure(campaign, rows)


def covers(found: Interval | None, truth: float) -> bool:
    return found is not None and found.low <= truth <= found.high


def lifts(n_runs: int) -> list[Row]:
    """Whole campaigns over all sizes, rates and effects."""
    random, audiences = np.random.default_rng(0), {n: planned(n) for n in SIZES}
    cases = list(product(SIZES, BASE_RATES, EFFECTS))
    rates, spends = 0, 0
    for i in range(n_runs):
        n, base, effect = cases[i % len(cases)]
        lift = played(audiences[n], random, base=base, effect=effect)
        rates += covers(lift.difference, effect)
        spends += covers(lift.spend, effect * MEAN_SPEND)
    return [
        _at_least("Campaigns, interval of the rates", rates, n_runs, bar=LEAST_COVERED),
        _at_least("Campaigns, interval of the spend", spends, n_runs, bar=LEAST_COVERED),
    ]


def worst_cases(n_runs: int) -> list[Row]:
    """The size, rate and effect whose interval covers least."""
    random, rates, spends = np.random.default_rng(1), [], []
    for n, base, effect in product(SIZES, BASE_RATES, EFFECTS):
        held = n // 10
        counts = [(random.binomial(m, p, N_RATES), m) for m, p in ((n - held, base + effect), (held, base))]
        rates.append(_covered(rate_difference(counts[0], counts[1]), effect))
        spent = [_spend(random, p, shape=(n_runs, m)) for m, p in ((n - held, base + effect), (held, base))]
        spends.append(_covered(mean_difference(spent[0], spent[1]), effect * MEAN_SPEND))
    return [
        _at_least("The worst of 45 cases, rates", min(rates), N_RATES, bar=LEAST_COVERED),
        _at_least("The worst of 45 cases, spend", min(spends), n_runs, bar=LEAST_COVERED),
    ]


def _spend(random: Random, rate: float, *, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """What people spend, most of them nothing."""
    spent = np.zeros(shape)
    bought = random.random(shape) < rate
    spent[bought] = random.lognormal(*LOG_SPEND, size=int(bought.sum()))
    return spent


def _covered(bounds: tuple[npt.NDArray[np.float64], ...], truth: float) -> int:
    return int(((bounds[1] <= truth) & (truth <= bounds[2])).sum())


def no_effect(n_runs: int) -> list[Row]:
    """Campaigns whose action does nothing: looked at once, daily, and whichever speaks first."""
    random, audience = np.random.default_rng(2), planned(2000)
    once, daily, either = 0, 0, 0
    for i in range(n_runs):
        lift = played(audience, random, base=BASE_RATES[1 + i % 4], effect=0.0)
        reading = lift.sequential
        assert reading is not None
        early = reading.low > 1.0 or (reading.high is not None and reading.high < 1.0)
        once += lift.verdict != "did not show"
        daily += early
        either += early or lift.verdict != "did not show"
    return [
        _at_most("A/A tests that call a winner, looked at once", once, n_runs, bar=MOST_CALLED),
        _at_most("A/A tests that call a winner, looked at daily", daily, n_runs, bar=MOST_CALLED),
        Row("A/A tests that call a winner, either", f"{either} of {n_runs:,}", "", ""),
    ]


def logs(n_runs: int) -> list[Row]:
    """Logs of one policy, from which another's value is read."""
    random = np.random.default_rng(3)
    segments, actions = ("Loyal", "At risk", "Lost"), ("do nothing", "mail", "call")
    reward = np.array([[0.2, 0.15, 0.1], [0.1, 0.2, 0.25], [0.02, 0.04, 0.1]])
    ran = np.array([[0.6, 0.3, 0.1], [0.2, 0.6, 0.2], [0.8, 0.1, 0.1]])
    target = Policy(
        segments, actions, np.array([[0.9, 0.05, 0.05], [0.1, 0.1, 0.8], [0.2, 0.2, 0.6]]), reward
    )
    truth, n, snips, robust = float((target.propensities * reward).sum(axis=1).mean()), 2000, 0, 0
    for _ in range(n_runs):
        segment = random.integers(0, 3, n)
        action = (random.random(n)[:, None] > ran[segment].cumsum(axis=1)).sum(axis=1)
        log = pd.DataFrame(
            {
                "segment": np.array(segments)[segment],
                "action": np.array(actions)[action],
                "propensity": ran[segment, action],
                "reward": random.random(n) < reward[segment, action],
            }
        )
        found = judge_policy(log, target)
        snips += covers(found.snips, truth)
        robust += covers(found.doubly_robust, truth)
    return [
        _at_least("Logs, SNIPS", snips, n_runs, bar=LEAST_SNIPS),
        _at_least("Logs, doubly robust", robust, n_runs, bar=LEAST_SNIPS),
    ]


def hillstrom() -> tuple[list[Row], str]:
    """The Qini of each learner on women's e-mail against none, who visited."""
    path, missing = public_data("campaign/hillstrom.csv.gz")
    if path is None:
        return [], missing
    rows = pd.read_csv(path)
    rows = rows[rows["segment"].isin(["Womens E-Mail", "No E-Mail"])]
    treated, visited = rows["segment"] == "Womens E-Mail", rows["visit"] == 1
    area = {
        learner: fit_uplift(
            rows[FEATURES], treated=treated, converted=visited, learner=learner
        ).qini.coefficient
        for learner in LEARNERS
    }
    area["chance"] = qini(
        np.random.default_rng(0).random(len(rows)), converted=visited, treated=treated
    ).coefficient
    below = {
        "t_learner": LEAST_QINI, "linear_interactions": LEAST_QINI, "response": area["risk"].estimate,
    }  # fmt: skip
    told = []
    for name, found in area.items():
        bar, met = "", None
        if name in below:
            bar, met = f">= {below[name]:.4f}", found.estimate >= below[name]
        value = f"{found.low:.4f} to {found.high:.4f}"
        told.append(Row(f"Hillstrom, Qini: {name}", f"{found.estimate:.4f}", "", value, bar, met))
    best = min(area["t_learner"].estimate, area["linear_interactions"].estimate)
    order = best > area["response"].estimate > area["risk"].estimate
    told.append(Row("Hillstrom: uplift > response > risk", "yes" if order else "no", "", "", "yes", order))
    return told, ""


def _at_least(name: str, n: int, n_runs: int, *, bar: int) -> Row:
    return Row(name, f"{n} of {n_runs:,} cover", "", "", f">= {bar} of 1,000", n / n_runs >= bar / 1000)


def _at_most(name: str, n: int, n_runs: int, *, bar: int) -> Row:
    return Row(name, f"{n} of {n_runs:,}", "", "", f"<= {bar} of 1,000", n / n_runs <= bar / 1000)


def run(*, quick: bool = False) -> Report:
    """All bars; --quick simulates a tenth."""
    title, n_runs = "Trials of actions", 100 if quick else 1000
    told, missing = hillstrom()
    if missing:
        return Report(title, missing=missing)
    rows = [*lifts(n_runs), *worst_cases(n_runs), *no_effect(n_runs), *logs(n_runs), *told]
    return Report(title, tuple(rows), "Planned, played and measured by Coterie; each bar is of 1,000.")


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
