from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from coterie.experiments import SequentialReading
from coterie.experiments.sequential import read_daily

N_TREATED, N_CONTROL = 900, 100


def simulated(random: np.random.Generator, *, pace: float = 1.0, rate: float = 0.3) -> SequentialReading:
    """A month in which the treated convert `pace` times as fast as those held out."""
    hazard = -np.log(1.0 - rate) / 30.0
    arm = np.arange(N_TREATED + N_CONTROL) < N_TREATED
    day = np.floor(random.exponential(1.0 / (hazard * np.where(arm, pace, 1.0))))
    own = np.flatnonzero(day < 30)
    own = own[np.lexsort((random.random(len(own)), day[own]))]
    days = [date(2024, 3, 1) + timedelta(days=int(d)) for d in day[own]]
    return read_daily(days, arm[own], n_treated=N_TREATED, n_control=N_CONTROL)


def decides(reading: SequentialReading) -> bool:
    return reading.low > 1.0 or (reading.high is not None and reading.high < 1.0)


def test_looked_at_daily_an_action_without_effect_is_seldom_called_anything() -> None:
    random = np.random.default_rng(0)
    assert sum(decides(simulated(random)) for _ in range(200)) <= 13


@pytest.mark.parametrize("pace", [0.5, 1.5])
def test_the_range_of_paces_holds_the_true_one_at_every_look(pace: float) -> None:
    random = np.random.default_rng(0)
    readings = [simulated(random, pace=pace) for _ in range(60)]
    missed = [r for r in readings if r.low > pace or (r.high is not None and r.high < pace)]
    assert len(missed) <= 6


def test_a_strong_effect_is_seen_before_the_month_is_over() -> None:
    reading = simulated(np.random.default_rng(0), pace=2.5)
    first = next(look.day for look in reading.looks if look.low > 1.0)
    assert first < date(2024, 3, 28)
    assert reading.e_value >= 20
    assert reading.pace == pytest.approx(2.5, rel=0.4)


def test_the_interval_only_narrows_and_decides_exactly_when_the_evidence_does() -> None:
    random = np.random.default_rng(1)
    for pace in (0.4, 1.0, 2.0):
        reading = simulated(random, pace=pace)
        lows = [look.low for look in reading.looks]
        highs = [np.inf if look.high is None else look.high for look in reading.looks]
        assert lows == sorted(lows)
        assert highs == sorted(highs, reverse=True)
        assert decides(reading) == (reading.e_value >= 20)


def test_before_the_first_conversion_nothing_is_known() -> None:
    reading = read_daily([], [], n_treated=9, n_control=1)
    assert (reading.pace, reading.looks, reading.low, reading.high) == (None, (), 0.0, None)


def test_everybody_may_convert() -> None:
    days = [date(2024, 3, 1)] * 10
    reading = read_daily(days, [True] * 9 + [False], n_treated=9, n_control=1)
    assert reading.low < 1.0
    assert np.isfinite(reading.e_value)


def test_a_pace_that_turns_round_leaves_the_last_range_that_explained_all_days() -> None:
    """A month in which only the treated convert, then one in which only the held out do."""
    days = [date(2024, 3, 1 + i // 20) for i in range(200)] + [
        date(2024, 3, 20 + i // 20) for i in range(200)
    ]
    arm = [True] * 200 + [False] * 200
    reading = read_daily(days, arm, n_treated=500, n_control=500)
    assert reading.looks[9].low > 1.0
    assert reading.low > 1.0
    assert reading.looks[-1].high == reading.high
