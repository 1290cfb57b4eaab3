import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.segmentation.rfm_grid import RFM_CELLS, RFM_GROUPS, RFMGrid


def playbook_names(r: int, f: int) -> list[str]:
    """Every rule of the playbook that holds for a cell, written out as in the table of playbooks."""
    rules = {
        "Champions": r == 5 and f >= 4,
        "Loyal": 3 <= r <= 4 and f >= 4,
        "Potential loyalist": r >= 4 and 2 <= f <= 3,
        "New": r == 5 and f == 1,
        "Promising": r == 4 and f == 1,
        "Need attention": r == 3 and f == 3,
        "About to sleep": r == 3 and f <= 2,
        "At risk": r <= 2 and 3 <= f <= 4,
        "Can't lose them": r <= 2 and f == 5,
        "Hibernating": r == 2 and f <= 2,
        "Lost": r == 1 and f <= 2,
    }
    return [name for name, holds in rules.items() if holds]


@pytest.mark.parametrize("r", range(1, 6))
@pytest.mark.parametrize("f", range(1, 6))
def test_every_cell_has_exactly_the_one_name_of_the_playbook(r: int, f: int) -> None:
    assert playbook_names(r, f) == [RFM_CELLS[r, f]]


def test_there_are_twenty_five_cells_and_every_group_has_one() -> None:
    assert len(RFM_CELLS) == 25
    assert set(RFM_CELLS.values()) == set(RFM_GROUPS)


def test_scores_are_fifths_with_five_for_the_most_recent() -> None:
    X = np.column_stack([np.arange(1, 101), np.arange(1, 101), np.arange(100, 0, -1)])
    scores = RFMGrid().fit(X).scores_
    assert scores[0].tolist() == [5, 1, 5]
    assert scores[-1].tolist() == [1, 5, 1]
    assert [np.bincount(column)[1:].tolist() for column in scores.T] == [[20] * 5] * 3


def test_equal_values_get_equal_scores_when_half_the_customers_ordered_once() -> None:
    frequency = np.repeat([1, 2, 3, 4, 10], [48, 20, 12, 10, 10])
    grid = RFMGrid().fit(np.column_stack([np.arange(100), frequency]))
    by_value = {value: set(grid.scores_[frequency == value, 1].tolist()) for value in (1, 2, 3, 4, 10)}
    assert by_value == {1: {1}, 2: {3}, 3: {4}, 4: {5}, 10: {5}}


def test_the_cut_points_are_values_of_the_data_by_column() -> None:
    frequency = np.repeat([1, 2, 3, 4, 10], [48, 20, 12, 10, 10])
    cuts = RFMGrid().fit(np.column_stack([np.arange(100), frequency])).cut_points_
    assert list(cuts) == ["recency", "frequency"]
    assert cuts["frequency"].tolist() == [1.0, 1.0, 2.0, 3.0]
    assert cuts["recency"].tolist() == [19.0, 39.0, 59.0, 79.0]


def test_money_never_changes_the_name() -> None:
    random = np.random.default_rng(0)
    X = np.column_stack([random.integers(0, 300, 200), random.integers(1, 20, 200)])
    with_money = np.column_stack([X, random.lognormal(3, 1, 200)])
    np.testing.assert_array_equal(RFMGrid().fit(X).labels_, RFMGrid().fit(with_money).labels_)
    assert RFMGrid().fit(with_money).scores_.shape == (200, 3)


def test_only_groups_that_occur_are_numbered_the_most_valuable_first() -> None:
    random = np.random.default_rng(1)
    grid = RFMGrid().fit(np.column_stack([random.integers(0, 300, 60), np.ones(60)]))
    assert grid.names_ == ("New", "Promising", "About to sleep", "Hibernating", "Lost")
    assert sorted(set(grid.labels_.tolist())) == [0, 1, 2, 3, 4]


def test_a_cell_whose_group_did_not_occur_goes_to_the_nearest_that_did() -> None:
    diagonal = np.column_stack([np.arange(100), np.arange(100, 0, -1)])
    grid = RFMGrid().fit(diagonal)
    assert "Can't lose them" not in grid.names_
    long_gone_but_frequent = grid.predict([[99.0, 100.0]])[0]
    assert grid.names_[long_gone_but_frequent] in grid.names_
    assert grid.predict([[0.0, 100.0]])[0] == grid.names_.index("Champions")


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 6)), min_size=2, max_size=60))
def test_scores_never_fall_as_customers_get_more_recent_or_more_frequent(rows: list[tuple[int, int]]) -> None:
    X = np.array(rows, dtype=np.float64)
    recency, frequency = RFMGrid().fit(X).scores_.T
    assert (np.diff(recency[np.argsort(-X[:, 0], kind="stable")]) >= 0).all()
    assert (np.diff(frequency[np.argsort(X[:, 1], kind="stable")]) >= 0).all()


def test_the_margin_is_one_mid_way_between_cuts_and_zero_on_one() -> None:
    grid = RFMGrid().fit(np.column_stack([np.arange(1.0, 101.0), np.arange(1.0, 101.0)]))
    np.testing.assert_allclose(grid.margin([[30.0, 30.0], [20.0, 30.0], [25.0, 30.0]]), [1.0, 0.0, 0.5])


def test_a_single_column_is_refused() -> None:
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        RFMGrid().fit([[1.0], [2.0]])
