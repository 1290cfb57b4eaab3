from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.charts.scale import Scale, scale_for
from coterie.charts.style import spec_of
from coterie.features import FeatureSpec


def _spec(name: str, unit: str, label: str = "") -> FeatureSpec:
    return FeatureSpec(name, unit, "", "transactions", label=label)


def test_a_skewed_amount_gets_a_logarithm_and_says_so() -> None:
    money = np.exp(np.random.default_rng(0).normal(6, 1.5, 1000))
    scale = scale_for(_spec("monetary", "EUR", "spend"), money)
    assert scale.is_log
    assert scale.label == "Spend (EUR), log scale"
    assert scale.short_label == "Spend\n(EUR, log)"


def test_even_ages_and_small_shares_are_drawn_as_they_are() -> None:
    rng = np.random.default_rng(0)
    assert not scale_for(_spec("age_years", "years"), rng.uniform(18, 80, 500)).is_log
    assert not scale_for(_spec("return_share", "share"), rng.beta(1, 20, 500)).is_log


@given(st.floats(-1e6, 1e6), st.booleans())
def test_a_position_leads_back_to_its_value(value: float, is_log: bool) -> None:
    scale = Scale(spec_of("x"), is_log, -1e6, 1e6)
    assert scale.value(float(scale.position(value))) == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(st.floats(0, 1e7), st.floats(1e-3, 1e7), st.booleans())
def test_marks_are_few_in_order_and_inside(low: float, length: float, is_log: bool) -> None:
    scale = Scale(spec_of("x"), is_log, low, low + length)
    positions, words = scale.ticks()
    left, right = scale.limits
    assert len(positions) == len(words) <= 9
    assert positions == sorted(positions)
    assert all(left <= p <= right for p in positions)


def test_the_marks_of_a_logarithm_are_round_numbers() -> None:
    _, words = Scale(spec_of("x"), True, 12, 40_000).ticks()
    assert words == ["30", "100", "300", "1,000", "3,000", "10k", "30k"]
