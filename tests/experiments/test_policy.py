from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InputError, ParameterError
from coterie.experiments import Tally, learn_policy

SEGMENTS, ACTIONS = ("Loyal", "Lost"), ("call", "voucher")


@given(
    st.lists(
        st.tuples(st.sampled_from(SEGMENTS), st.sampled_from(ACTIONS), st.integers(0, 500), st.floats(0, 1)),
        max_size=8,
    ),
    st.sampled_from([0.05, 0.1, 1.0]),
)
@settings(deadline=None, max_examples=25)
def test_chances_add_up_and_none_is_below_its_share_of_the_floor(
    drawn: list[tuple[str, str, int, float]], floor: float
) -> None:
    tallies = [Tally(segment, action, n, int(n * share)) for segment, action, n, share in drawn]
    policy = learn_policy(tallies, segments=SEGMENTS, actions=ACTIONS, floor=floor)
    assert policy.actions == ("do nothing", "call", "voucher")
    np.testing.assert_allclose(policy.propensities.sum(axis=1), 1.0)
    assert policy.propensities.min() >= floor / 3 - 1e-12
    assert ((policy.rates > 0) & (policy.rates < 1)).all()


def test_the_action_that_proved_best_is_taken_most_and_doing_nothing_can_be_it() -> None:
    tallies = [
        Tally("Loyal", "call", 500, 20), Tally("Loyal", "do nothing", 500, 100),
        Tally("Lost", "call", 500, 100), Tally("Lost", "do nothing", 500, 20),
    ]  # fmt: skip
    policy = learn_policy(tallies, segments=SEGMENTS, actions=["call"])
    loyal, lost = policy.propensities
    assert loyal[0] == pytest.approx(0.95)
    assert lost[1] == pytest.approx(0.95)


def test_what_other_segments_taught_counts_until_the_segment_knows_better() -> None:
    taught = [Tally("Loyal", "call", 1000, 500), Tally("Loyal", "do nothing", 1000, 100)]
    policy = learn_policy(taught, segments=SEGMENTS, actions=["call"])
    assert policy.propensities[1, 1] > 0.9
    own = [Tally("Lost", "call", 200, 0), Tally("Lost", "do nothing", 200, 40)]
    assert learn_policy([*taught, *own], segments=SEGMENTS, actions=["call"]).propensities[1, 1] < 0.1


def test_drawn_actions_follow_the_logged_chances_and_a_customer_keeps_theirs() -> None:
    policy = learn_policy([Tally("Lost", "call", 40, 6)], segments=SEGMENTS, actions=ACTIONS)
    customers = {f"c{i}": SEGMENTS[i % 2] for i in range(8000)}
    chosen = policy.choose(customers)
    for row, segment in enumerate(SEGMENTS):
        counts = Counter(choice.action for choice in chosen if choice.segment == segment)
        shares = [counts[action] / 4000 for action in policy.actions]
        np.testing.assert_allclose(shares, policy.propensities[row], atol=0.03)
    assert policy.choose({"c7": SEGMENTS[1]})[0] == chosen[7]
    assert policy.choose(customers, random_state=1) != chosen


def test_an_unknown_segment_or_action_is_refused() -> None:
    with pytest.raises(InputError, match="'Gone'"):
        learn_policy([Tally("Gone", "call", 1, 0)], segments=SEGMENTS, actions=ACTIONS)
    with pytest.raises(InputError, match="2 of 1"):
        learn_policy([Tally("Lost", "call", 1, 2)], segments=SEGMENTS, actions=ACTIONS)
    with pytest.raises(ParameterError, match="evenly"):
        learn_policy([], segments=SEGMENTS, actions=ACTIONS, floor=0.0)
    with pytest.raises(InputError, match="no segment 'Gone'"):
        learn_policy([], segments=SEGMENTS, actions=ACTIONS).choose({"c": "Gone"})
