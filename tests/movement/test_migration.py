"""Every customer of two snapshots is counted once, and why they moved is told."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import ParameterError
from coterie.movement import (
    APPEARED,
    LOST,
    NEW,
    Movement,
    Snapshot,
    between_snapshots,
    changes,
    enter_leave,
    movement,
    movement_between,
    snapshot_of,
    snapshot_on,
    track,
)
from coterie.segmentation import Model, Segmentation, finish, fit_trial
from coterie.sources import Dataset
from tests.segmentation.shops import shop

MARCH, JUNE = date(2024, 3, 31), date(2024, 6, 30)
NAMES = {0: "Champions", 1: "Loyal", 2: "Lost", -1: "Outliers"}


def snapshot(on: date, **customers: tuple[int, float, float, float]) -> Snapshot:
    """Customers with segment, money, days since the last and since the first purchase."""
    ids = sorted(customers)
    columns = np.array([customers[i] for i in ids], dtype=np.float64).reshape(len(ids), 4)
    return Snapshot(on, np.array(ids, dtype=object), columns[:, 0].astype(np.int32), NAMES, *columns[:, 1:].T)


@pytest.fixture(scope="module")
def model(twelve: Dataset) -> Model:
    from coterie.features import build_features

    table = build_features(twelve)
    return finish(
        fit_trial(table, "kmeans", n_clusters=3, attributes=["recency_days", "n_orders"]), table
    ).model


@pytest.fixture(scope="module")
def spring(model: Model, twelve: Dataset) -> Movement:
    return movement(model, twelve, start=MARCH, end=JUNE)


def cause_of(moved: Movement, who: str) -> str:
    return str(moved.customers.set_index("customer_id").cause[who])


people = st.dictionaries(
    st.integers(0, 40).map("c{:02}".format),
    st.tuples(st.integers(-1, 2), st.integers(1, 9), st.integers(0, 99), st.integers(0, 400)),
    min_size=1,
)


@settings(max_examples=60)
@given(before=people, after=people, ruler=st.integers(0, 2**32 - 1))
def test_rows_sum_to_one_everybody_is_counted_once_and_both_causes_add_up(
    before: dict[str, tuple[int, int, int, int]], after: dict[str, tuple[int, int, int, int]], ruler: int
) -> None:
    old, new = snapshot(MARCH, **before), snapshot(JUNE, **after)
    random = np.random.default_rng(ruler)
    kept = new.seen_by(random.integers(-1, 3, len(new)).astype(np.int32), NAMES)
    moved = between_snapshots(old, new, kept=kept)
    everybody = before.keys() | after.keys()
    counts, shares = moved.matrix(), moved.shares()
    assert counts.to_numpy().sum() == len(moved.customers) == len(everybody)
    filled = counts.sum(axis=1) > 0
    np.testing.assert_allclose(shares[filled].sum(axis=1), 1.0)
    assert shares[~filled].isna().all(axis=None)
    money = moved.customers.money.sum()
    assert moved.matrix(money=True).to_numpy().sum() == pytest.approx(money)
    flows = moved.flows()
    assert (flows.n_people_changed + flows.n_ruler_moved == flows.n_customers).all()
    stayed = int((moved.customers.previous_segment_id == moved.customers.segment_id).sum())
    assert flows.n_customers.sum() == len(everybody) - stayed
    told = changes(moved)
    assert sum(change.number for change in told) == flows.n_customers.sum()
    for change in told:
        assert len(moved.members(change.where)) == change.number


def test_a_movement_between_two_days_counts_new_customers_apart(spring: Movement) -> None:
    assert spring.n_new == 7
    assert spring.n_lost == spring.n_appeared == 0
    assert spring.matrix().loc[NEW].sum() == 7
    assert len(spring.customers) == 12


def test_ageing_is_who_only_waited_and_behaviour_is_who_ordered_or_returned() -> None:
    days = (JUNE - MARCH).days
    moved = between_snapshots(
        snapshot(MARCH, ann=(0, 9, 5, 50), bob=(0, 9, 5, 50), cat=(0, 9, 5, 50), dan=(1, 9, 5, 50)),
        snapshot(
            JUNE,
            ann=(2, 9, 5 + days, 50 + days),
            bob=(2, 5, 5 + days, 50 + days),
            cat=(1, 12, 3, 50 + days),
            dan=(1, 9, 5 + days, 50 + days),
            eve=(1, 4, 3, 10),
        ),
    )
    expected = {"ann": "ageing", "bob": "behaviour", "cat": "behaviour", "dan": "", "eve": "arrivals"}
    assert {who: cause_of(moved, who) for who in expected} == expected
    assert moved.n_moved == 3
    assert moved.moved_share == 0.75
    assert [change.sentence for change in changes(moved)] == [
        "1 customer has come new, into Loyal.",
        "1 customer went from Champions to Loyal because of what they ordered or returned.",
        "1 customer went from Champions to Lost because time passed without an order.",
        "1 customer went from Champions to Lost because of what they ordered or returned.",
    ]


def test_only_those_who_moved_have_a_day_on_which_they_changed(spring: Movement) -> None:
    changed = spring.customers.cause != ""
    assert spring.customers.changed_on.notna().equals(changed)
    assert set(spring.customers.changed_on.dropna()) == {pd.Timestamp(JUNE)}


def test_scoring_the_same_day_moves_nobody(model: Model, twelve: Dataset) -> None:
    shot = snapshot_on(model, twelve, on=JUNE)
    moved = between_snapshots(shot, shot)
    assert moved.n_moved == 0
    assert changes(moved) == ()


def test_the_same_run_twice_has_no_movement_and_keeps_every_segment() -> None:
    table = shop(300)
    result = finish(fit_trial(table, "kmeans", n_clusters=3), table)
    moved = movement_between(result, result)
    assert moved.n_moved == 0
    assert moved.identity is not None
    assert moved.identity.kept


def _cold(table_seed: int, k: int) -> Segmentation:
    table = shop(600, seed=table_seed)
    return finish(fit_trial(table, "kmeans", n_clusters=k), table)


def test_between_two_models_whoever_the_old_one_leaves_in_place_was_moved_by_the_ruler() -> None:
    old, new = _cold(0, 3), _cold(0, 4)
    moved = movement_between(old, new)
    # The same customers on the same day: nobody changed, so the ruler moved all.
    assert (moved.flows().n_people_changed == 0).all()
    assert {change.cause for change in changes(moved)} == {"refit"}
    assert (moved.customers.kept_segment_id == moved.customers.previous_segment_id).all()


def test_segments_of_another_run_are_told_under_the_ids_and_names_of_the_old_one() -> None:
    from coterie.segmentation import Relabel

    old = _cold(0, 3)
    model = old.model.amended(Relabel((2, 0, 1)), {0: "x", 1: "y", 2: "z"})
    shuffled = finish_as(old, model)
    moved = movement_between(old, shuffled)
    assert moved.n_moved == 0
    assert {i: name for i, name in moved.names.items() if i >= 0} == old.names


def finish_as(result: Segmentation, model: Model) -> Segmentation:
    from coterie.segmentation import Trial

    trial = Trial("kmeans", 3, 3, model.predict(result.table), model=model)
    return finish(trial, result.table)


def test_a_row_of_days_is_followed_and_who_entered_and_left_is_listed(model: Model, twelve: Dataset) -> None:
    days = [date(2024, month, 28) for month in (2, 3, 4, 5)]
    followed = track(model, twelve, dates=days)
    assert [(moved.start, moved.end) for moved in followed] == list(pairwise(days))
    listed = enter_leave(followed)
    assert list(listed.columns) == [
        "customer_id", "segment_id", "segment", "event", "other_segment", "on", "cause",
    ]  # fmt: skip
    entered = sum(int(((m.customers.cause != "") & (m.customers.segment_id >= 0)).sum()) for m in followed)
    assert (listed.event == "entered").sum() == entered
    april = enter_leave(followed, segment_id=0, start=days[1], end=days[2])
    assert set(april.segment_id) <= {0}
    assert set(april.on) <= {pd.Timestamp(days[2])}


def test_days_that_do_not_ascend_are_refused(model: Model, twelve: Dataset) -> None:
    with pytest.raises(ParameterError, match="ascending"):
        track(model, twelve, dates=[JUNE, MARCH])
    with pytest.raises(ParameterError, match="not after"):
        movement(model, twelve, start=JUNE, end=MARCH)
    with pytest.raises(ParameterError, match="Nobody bought"):
        movement(model, twelve, start=date(2020, 1, 1))


def test_without_dates_or_amounts_movement_is_counted_and_money_is_refused() -> None:
    ids = np.array(["ann", "bob"], dtype=object)
    old = Snapshot(None, ids, np.array([0, 1], dtype=np.int32), NAMES)
    moved = between_snapshots(old, old.seen_by(np.array([0, 2], dtype=np.int32), NAMES))
    assert cause_of(moved, "bob") == "behaviour"
    with pytest.raises(ParameterError, match="no money"):
        moved.matrix(money=True)


def test_a_customer_known_before_and_overlooked_then_is_no_new_one() -> None:
    moved = between_snapshots(
        snapshot(MARCH, ann=(0, 9, 5, 50)),
        snapshot(JUNE, ann=(0, 9, 5, 50), bob=(1, 9, 5, 500), cat=(1, 9, 5, 5)),
    )
    assert (moved.n_appeared, moved.n_new) == (1, 1)
    assert moved.rows == (0, 1, 2, NEW, APPEARED)
    assert moved.columns == (0, 1, 2)
    assert LOST not in moved.columns


def test_the_snapshot_of_a_result_is_what_its_model_says() -> None:
    result = _cold(0, 3)
    assert (snapshot_of(result).segment_ids == result.model.predict(result.table)).all()
