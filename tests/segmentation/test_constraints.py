"""What an expert demands of k-means is kept, or refused with the rows named."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import ParameterError
from coterie.segmentation.kmeans import KMeans

N_ROWS = 24
ROWS = st.integers(0, N_ROWS - 1)


def crowd(seed: int = 0, n: int = N_ROWS) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(n, 2)) * [1.0, 3.0]


@st.composite
def demands(draw: st.DrawFn) -> dict[str, Any]:
    """Demands that some clustering into four meets: drawn from its labels."""
    truth = np.array(draw(st.lists(st.integers(0, 3), min_size=N_ROWS, max_size=N_ROWS)))
    pairs = draw(st.lists(st.tuples(ROWS, ROWS), max_size=12))
    together = [pair for pair in pairs if truth[pair[0]] == truth[pair[1]]]
    separate = [pair for pair in pairs if truth[pair[0]] != truth[pair[1]]]
    pins = np.full(N_ROWS, -1)
    for row in draw(st.lists(ROWS, max_size=4)):
        pins[row] = truth[row]
    return {"must_link": together, "cannot_link": separate, "pinned": pins}


@settings(max_examples=60, deadline=None)
@given(demands(), st.integers(0, 3))
def test_demands_that_can_be_met_are_met(asked: dict[str, Any], seed: int) -> None:
    labels = KMeans(4, random_state=0).fit(crowd(seed), **asked).labels_
    assert all(labels[a] == labels[b] for a, b in asked["must_link"])
    assert all(labels[a] != labels[b] for a, b in asked["cannot_link"])
    pinned = asked["pinned"] >= 0
    np.testing.assert_array_equal(labels[pinned], asked["pinned"][pinned])
    assert labels.dtype == np.int32 and labels.min() >= 0 and labels.max() < 4


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 100))
def test_without_demands_the_fit_is_the_plain_one(seed: int) -> None:
    X = crowd(seed, 60)
    nothing: dict[str, Any] = {"must_link": np.empty((0, 2), int), "pinned": np.full(60, -1)}
    plain, asked = KMeans(3, random_state=0).fit(X), KMeans(3, random_state=0).fit(X, **nothing)
    np.testing.assert_array_equal(plain.labels_, asked.labels_)
    np.testing.assert_array_equal(plain.cluster_centers_, asked.cluster_centers_)


def test_a_demand_that_is_met_anyway_changes_nobody() -> None:
    X = np.concatenate([crowd(1, 30), crowd(2, 30) + 40.0, crowd(3, 30) - 40.0])
    plain = KMeans(3, random_state=0).fit(X).labels_
    asked = KMeans(3, random_state=0).fit(X, must_link=[(0, 1), (1, 2)], cannot_link=[(0, 31)])
    np.testing.assert_array_equal(plain, asked.labels_)


def test_rows_tied_together_go_where_all_of_them_fit_best() -> None:
    X = [[0.0], [0.1], [10.0], [10.1], [10.2], [4.0]]
    labels = KMeans(2, random_state=0).fit(X, must_link=[(2, 5), (3, 5)]).labels_
    assert labels[5] == labels[2] == labels[3] == labels[4] != labels[0]


def test_the_cluster_of_a_pinned_row_has_its_number() -> None:
    X = np.concatenate([crowd(1, 30), crowd(2, 30) + 40.0])
    pins = np.full(60, -1)
    pins[5] = 1
    labels = KMeans(2, random_state=0).fit(X, pinned=pins).labels_
    assert (labels[:30] == 1).all() and (labels[30:] == 0).all()


def test_weights_count_where_demands_are_kept() -> None:
    X = [[0.0], [2.0], [10.0], [12.0]]
    fitted = KMeans(2, random_state=0).fit(X, sample_weight=[3.0, 1.0, 1.0, 1.0], must_link=[(0, 1)])
    assert fitted.cluster_centers_[fitted.labels_[0]] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"must_link": [(0, 1), (1, 2)], "cannot_link": [(0, 2)]}, "rows 0 and 2 must not be together"),
        ({"cannot_link": [(3, 3)]}, "rows 3 and 3"),
        ({"cannot_link": [(a, b) for a in range(4) for b in range(a)]}, "cannot all be kept apart in 3"),
        ({"pinned": [0, 1, *[-1] * 22], "must_link": [(0, 1)]}, "rows 0 and 1 must be together"),
        ({"pinned": [2, 2, *[-1] * 22], "cannot_link": [(0, 1)]}, "both belong to cluster 2"),
        ({"pinned": [3, *[-1] * 23]}, "row 0 into cluster 3"),
        ({"pinned": [0, 1]}, "24 whole numbers"),
        ({"must_link": [(0, 24)]}, "names row 24"),
        ({"must_link": [0, 1]}, "pairs of rows"),
    ],
)
def test_demands_that_contradict_each_other_are_refused_with_their_rows(
    asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        KMeans(3, random_state=0).fit(crowd(), **asked)


def test_pins_that_leave_no_room_for_a_row_are_refused_with_it() -> None:
    pins = np.array([0, 1, *[-1] * (N_ROWS - 2)])
    with pytest.raises(ParameterError, match="rows 2, 0, 1 cannot all be kept apart in 2 clusters"):
        KMeans(2, random_state=0).fit(crowd(), pinned=pins, cannot_link=[(2, 0), (2, 1)])


def test_the_same_demands_give_the_same_labels() -> None:
    asked: dict[str, Any] = {"must_link": [(0, 9)], "cannot_link": [(1, 2), (2, 3)]}
    first, second = (KMeans(4, random_state=1).fit(crowd(), **asked).labels_ for _ in range(2))
    np.testing.assert_array_equal(first, second)
