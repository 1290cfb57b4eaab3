from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import ParameterError
from coterie.experiments import Allocation, Evidence, Interval, Option, allocate_budget, option_of


def option(segment: str, action: str, n: int, cost: float, effect: float) -> Option:
    return Option(segment, action, n, cost, Interval(effect, effect - 1.0, effect + 2.0))


MAIL = option("Lost", "mail", 1000, 1.0, 2.0)
CALL = option("Lost", "call", 100, 10.0, 25.0)
GIFT = option("Loyal", "gift", 200, 5.0, 4.0)

options = st.lists(
    st.builds(
        option, st.sampled_from("ab"), st.sampled_from(["mail", "call", "gift"]), st.integers(0, 300),
        st.floats(0.1, 20.0), st.floats(-5.0, 40.0),
    ),
    max_size=6,
)  # fmt: skip


def got(found: Allocation) -> dict[tuple[str, str], float]:
    return {(share.segment, share.action): round(share.n, 3) for share in found.shares[:-1]}


@given(options, st.floats(0.0, 5000.0))
@settings(deadline=None, max_examples=60)
def test_a_split_spends_no_more_than_there_is_and_treats_nobody_twice(
    options: list[Option], budget: float
) -> None:
    found = allocate_budget(options, budget)
    assert sum(share.cost for share in found.shares) == pytest.approx(budget, abs=1e-5)
    assert found.net.estimate >= -1e-6
    assert all(share.net >= -1e-6 for share in found.shares)
    for segment in "ab":
        people = max((o.n for o in options if o.segment == segment), default=0)
        assert sum(share.n for share in found.shares if share.segment == segment) <= people + 1e-5
    assert allocate_budget(options, budget + 100.0).net.estimate >= found.net.estimate - 1e-5


def test_the_best_return_for_its_cost_comes_first() -> None:
    """A call returns 1.5 for each of its cost, a mail 1.0: calls first, then mails, the gift never."""
    assert got(allocate_budget([MAIL, CALL, GIFT], 500.0)) == {("Lost", "call"): 50.0}
    assert got(allocate_budget([MAIL, CALL, GIFT], 1500.0)) == {
        ("Lost", "call"): 100.0,
        ("Lost", "mail"): 500.0,
    }


def test_with_money_for_all_the_better_action_takes_the_people_it_can() -> None:
    found = allocate_budget([MAIL, CALL, GIFT], 10_000.0)
    assert got(found) == {("Lost", "call"): 100.0, ("Lost", "mail"): 900.0}
    assert found.shares[-1].action == "do nothing"
    assert found.shares[-1].cost == pytest.approx(10_000 - 1000 - 900)
    assert "8,100.00 is better kept" in found.sentence


def test_what_does_not_bring_its_cost_is_left_undone() -> None:
    found = allocate_budget([GIFT], 100.0)
    assert [share.action for share in found.shares] == ["do nothing"]
    assert found.net == Interval(0.0, 0.0, 0.0)
    assert found.sentence.endswith("do nothing.")
    assert allocate_budget([], 100.0).shares == found.shares


def test_the_range_of_the_net_is_that_of_the_effects() -> None:
    found = allocate_budget([MAIL], 100.0)
    assert found.net.estimate == pytest.approx(100.0)
    assert found.net.low == pytest.approx(0.0, abs=8.0)
    assert found.net.high == pytest.approx(300.0, abs=20.0)
    assert found.p_loss == pytest.approx(0.025, abs=0.01)
    assert allocate_budget([MAIL], 100.0) == found


def test_evidence_and_the_worth_of_a_conversion_make_an_option() -> None:
    known = Evidence("mail", "Lost", "own holdout", 0.02, 0.01, 0.04, 500, None, "Spring.")
    made = option_of(known, n=300, cost=0.5, value=50.0)
    assert made is not None
    assert (made.segment, made.action, made.n) == ("Lost", "mail", 300)
    np.testing.assert_allclose([made.effect.low, made.effect.estimate, made.effect.high], [0.5, 1.0, 2.0])
    assert option_of(replace(known, effect=None, low=None, high=None), n=1, cost=1.0, value=1.0) is None


def test_a_budget_or_a_cost_that_is_none_is_refused() -> None:
    with pytest.raises(ParameterError, match="cannot be split"):
        allocate_budget([MAIL], -1.0)
    with pytest.raises(ParameterError, match="cannot be paid for"):
        replace(MAIL, cost=0.0)
