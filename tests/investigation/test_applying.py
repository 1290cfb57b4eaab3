from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InputError, NotFoundError, ParameterError
from coterie.features import Predicate
from coterie.investigation import (
    Annotate,
    Edit,
    Lock,
    Merge,
    Move,
    Pin,
    Rename,
    SaveAs,
    Split,
    apply_edit,
    edit_from_json,
    replay,
)
from coterie.segmentation import Segmentation, can_be_sql, load_model, scoring_sql

CUT = Predicate("n_orders", ">", 20.0)


def some_edit(result: Segmentation) -> st.SearchStrategy[Edit]:
    ids = st.integers(0, result.n_segments - 1)
    people = st.lists(st.sampled_from(result.table.customer_ids.tolist()), min_size=1, max_size=5)
    number = len(result.edits)
    return st.one_of(
            st.builds(Rename, ids, st.just(f"Name {number}")),
            st.builds(Merge, st.lists(ids, min_size=2, max_size=2, unique=True).map(tuple)),
            st.builds(Split, ids, st.integers(2, 3)),
            st.builds(Move, people.map(tuple), ids),
            st.builds(Pin, people.map(tuple), ids),
            st.builds(SaveAs, st.just(f"List {number}"), people.map(tuple)),
            st.builds(Lock, ids),
            st.builds(Annotate, ids, st.just("Hello")),
    )  # fmt: skip


@given(data=st.data())
@settings(max_examples=25)
def test_whatever_is_edited_nobody_is_lost_and_the_model_agrees(
    found: Segmentation, data: st.DataObject
) -> None:
    result = found
    for _ in range(data.draw(st.integers(1, 4))):
        if result.n_segments < 2:
            break
        try:
            result = apply_edit(result, data.draw(some_edit(result)))
        except InputError:
            continue
    n_unassigned = int((result.labels == -1).sum())
    assert sum(s.n_customers for s in result.segments) + n_unassigned == len(result.table)
    assert [s.id for s in result.segments] == list(range(result.n_segments))
    assert len(set(result.names.values())) == result.n_segments
    np.testing.assert_array_equal(result.model.predict(result.table), result.labels)
    assert dict(result.model.names) == result.names
    again, conflicts = replay(result, list(map(edit_from_json, result.edits)))
    assert conflicts == ()
    np.testing.assert_array_equal(again.labels, result.labels)
    assert again.names == result.names


def test_a_new_name_changes_only_the_name(found: Segmentation) -> None:
    renamed = apply_edit(found, Rename(1, "Regulars"))
    assert renamed.labels is found.labels
    assert renamed.margin is found.margin
    assert renamed.names == {**found.names, 1: "Regulars"}
    assert renamed.model.names[1] == "Regulars"


def test_merged_segments_are_one_in_the_rule_of_the_model_and_its_sql(found: Segmentation) -> None:
    merged = apply_edit(replace(found, segment_stability={0: 0.9, 1: 0.8, 3: 0.7}), Merge((2, 1), "Middle"))
    assert merged.n_segments == 3
    assert merged.names == {0: "Segment 1", 1: "Middle", 2: "Segment 4"}
    assert (merged.labels == 1).sum() == (np.isin(found.labels, [1, 2])).sum()
    assert merged.segment_stability == {0: 0.9, 2: 0.7}
    assert merged.notes == ()
    assert can_be_sql(merged.model)
    assert "'Middle'" in scoring_sql(merged.model)


def test_a_split_by_a_condition_leaves_the_rest_where_it_was(found: Segmentation) -> None:
    split = apply_edit(found, Split(0, condition=CUT, names=("Few orders", "Many orders")))
    orders = found.table.X["n_orders"].to_numpy()
    assert (orders[split.labels == 4] > 20).all()
    assert (orders[split.labels == 0] <= 20).all()
    assert split.names[4] == "Many orders"
    assert not can_be_sql(split.model)
    assert "scoring.sql" in split.notes[0]


def test_a_split_by_likeness_puts_the_part_worth_most_first(found: Segmentation) -> None:
    split = apply_edit(found, Split(1, 3))
    spend = found.table.X["monetary"].to_numpy()
    means = [spend[split.labels == i].mean() for i in (1, 4, 5)]
    assert means == sorted(means, reverse=True)
    assert {split.names[i] for i in (1, 4, 5)} == {"Segment 2 A", "Segment 2 B", "Segment 2 C"}


def test_customers_without_spend_can_be_moved_and_others_stay_in_none(found: Segmentation) -> None:
    nobody = found.table.customer_ids[found.table.no_net_spend]
    moved = apply_edit(found, Move((str(nobody[0]),), 2))
    assert (moved.labels == -1).sum() == len(nobody) - 1
    assert np.isfinite(moved.margin[moved.labels >= 0]).all()
    np.testing.assert_allclose(moved.model.margin(found.table), moved.margin)


def test_a_saved_model_knows_every_edit(found: Segmentation, tmp_path: Path) -> None:
    ids = tuple(found.table.customer_ids[:3].tolist())
    result = found
    for edit in (Split(0, 2), Merge((0, 1)), Split(0, condition=CUT), SaveAs("Three", ids)):
        result = apply_edit(result, edit)
    loaded = load_model(result.model.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict(found.table), result.labels)
    assert dict(loaded.names) == result.names


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (Rename(9, "a"), NotFoundError),
        (Rename(0, "segment 2"), ParameterError),
        (Rename(0, "  "), ParameterError),
        (Rename(0, "a" * 41), ParameterError),
        (Merge((0, 9)), NotFoundError),
        (Move(("nobody",), 0), NotFoundError),
        (Split(0, 300), ParameterError),
        (Split(0, condition=Predicate("n_orders", ">", 1e9)), ParameterError),
        (Split(0, condition=Predicate("n_orders", "==", "Rome")), ParameterError),
        (Split(0, condition=Predicate("shoe_size", ">", 1.0)), NotFoundError),
        (Split(0, 2, names=("only one",)), ParameterError),
        (Lock(9), NotFoundError),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(found: Segmentation, edit: Edit, error: type[Exception]) -> None:
    with pytest.raises(error):
        apply_edit(found, edit)


def test_nobody_may_be_left_in_a_segment(found: Segmentation) -> None:
    everybody = tuple(found.table.customer_ids[found.labels == 1].tolist())
    with pytest.raises(ParameterError, match="Nobody would be left in Segment 2"):
        apply_edit(found, Move(everybody, 0))
