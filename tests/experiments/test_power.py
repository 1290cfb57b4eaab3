from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import ParameterError
from coterie.experiments import (
    detectable_difference,
    detectable_effect,
    needed_sample,
    needed_sample_for_means,
    power_sentence,
)


def test_the_sample_for_two_equal_groups_is_that_of_rs_power_prop_test() -> None:
    """Its help page: p1 = .50, p2 = .75, power = .90 needs 76.7 a group."""
    assert needed_sample(0.25, base_rate=0.5, holdout=0.5, power=0.9) == 2 * 77


def test_the_sample_for_means_is_the_textbook_one() -> None:
    """Two groups, one standard deviation apart, power .90: 2 x (1.960 + 1.2816)^2 = 21.01 each."""
    assert needed_sample_for_means(1.0, sd=1.0, holdout=0.5, power=0.9) == 2 * 22


@given(
    st.integers(200, 50_000),
    st.floats(0.01, 0.6),
    st.sampled_from([0.05, 0.1, 0.3, 0.5]),
)
def test_the_people_an_effect_needs_can_detect_it(n: int, base_rate: float, holdout: float) -> None:
    n_control = max(round(n * holdout), 2)
    effect = detectable_effect(n - n_control, n_control, base_rate=base_rate)
    if effect is None:
        return
    needed = needed_sample(effect, base_rate=base_rate, holdout=n_control / n)
    assert n - 1 <= needed <= n + 2


def test_the_detectable_difference_and_its_sample_agree() -> None:
    difference = detectable_difference(900, 100, sd=30.0)
    assert difference is not None
    assert abs(needed_sample_for_means(difference, sd=30.0) - 1000) <= 1


def test_a_larger_holdout_detects_smaller_effects() -> None:
    effects = [detectable_effect(1000 - n, n, base_rate=0.1) for n in (20, 50, 100, 300, 500)]
    assert effects == sorted((e for e in effects if e is not None), reverse=True)


@pytest.mark.parametrize(
    ("n_treated", "n_control", "base"), [(0, 5, 0.1), (5, 0, 0.1), (3, 1, 0.5), (9, 9, 1.0)]
)
def test_groups_that_can_show_nothing_have_no_detectable_effect(
    n_treated: int, n_control: int, base: float
) -> None:
    assert detectable_effect(n_treated, n_control, base_rate=base) is None


def test_the_sentence_never_promises_more_than_the_groups_hold() -> None:
    effect = detectable_effect(281, 31, base_rate=0.02)
    assert effect is not None
    said = power_sentence(281, 31, base_rate=0.02)
    points = float(said.split("rise of ")[1].split(" points")[0])
    assert effect * 100 <= points <= effect * 100 + 0.1
    assert power_sentence(10, 0, base_rate=0.1) == "10 people, nobody held out: no effect can be measured."
    assert power_sentence(3, 1, base_rate=0.5).endswith("too few to detect any effect.")


@pytest.mark.parametrize(
    "call",
    [
        lambda: needed_sample(0.0, base_rate=0.1),
        lambda: needed_sample(0.5, base_rate=0.9),
        lambda: needed_sample(0.1, base_rate=0.1, holdout=1.0),
        lambda: needed_sample(0.1, base_rate=float("nan")),
        lambda: needed_sample_for_means(0.0, sd=1.0),
        lambda: detectable_difference(5, 5, sd=-1.0),
    ],
)
def test_a_share_outside_its_range_is_refused(call: object) -> None:
    with pytest.raises(ParameterError):
        call()  # type: ignore[operator]


def test_four_in_five_simulated_trials_of_the_detectable_effect_show_it() -> None:
    from coterie.experiments.power import POWER

    random = np.random.default_rng(0)
    effect = detectable_effect(4500, 500, base_rate=0.1)
    assert effect is not None
    treated = random.binomial(4500, 0.1 + effect, 20_000) / 4500
    control = random.binomial(500, 0.1, 20_000) / 500
    pooled = 0.9 * treated + 0.1 * control
    z = (treated - control) / np.sqrt(pooled * (1 - pooled) * (1 / 4500 + 1 / 500))
    assert abs((z > 1.96).mean() - POWER) < 0.02
