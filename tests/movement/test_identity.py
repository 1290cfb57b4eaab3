"""A segment is itself when most of its members are; what became of the others is told."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.movement import identify, same_segments

Labels = npt.NDArray[np.int32]


def labels(*sizes: tuple[int, int]) -> Labels:
    """So many customers in a row of each segment."""
    return np.repeat([i for i, _ in sizes], [n for _, n in sizes]).astype(np.int32)


@given(k=st.integers(1, 20), seed=st.integers(0, 2**32 - 1))
def test_permuted_labels_are_all_recovered(k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    old = random.permutation(np.concatenate([np.arange(k), random.integers(-1, k, 200)])).astype(np.int32)
    permuted = np.append(random.permutation(k), -1).astype(np.int32)[old]
    found = identify(old, permuted)
    assert (found.apply(permuted) == old).all()
    assert found.kept
    assert set(found.similarity.values()) == {1.0}


def test_a_segment_that_shares_six_tenths_keeps_its_id_and_one_that_shares_less_does_not() -> None:
    old = labels((0, 100), (1, 100))
    assert identify(old, labels((1, 76), (0, 124))).ids == {0: 1, 1: 0}
    loose = identify(old, labels((0, 59), (1, 41), (2, 100)))
    assert loose.ids == {0: 2, 1: 3, 2: 1}
    assert loose.splits == {0: (2, 3)}


def test_a_pair_too_unlike_to_be_the_same_takes_no_place_of_one_that_is() -> None:
    old, new = labels((0, 60), (1, 40), (0, 0)), labels((0, 60), (0, 40))
    [(old_id, (new_id, similarity))] = same_segments(old, new).items()
    assert (old_id, new_id) == (0, 0)
    assert similarity == pytest.approx(0.6)


def test_two_segments_that_become_one_are_a_merger() -> None:
    found = identify(labels((0, 50), (1, 50), (2, 50)), labels((0, 100), (1, 50)))
    assert found.ids == {0: 3, 1: 2}
    assert found.merges == {3: (0, 1)}
    assert found.parents == {3: (0, 1)}
    assert not found.deaths


def test_a_small_segment_that_goes_into_a_large_one_has_merged_with_it() -> None:
    found = identify(labels((0, 90), (1, 10)), labels((0, 100)))
    assert found.ids == {0: 0}
    assert found.merges == {0: (1,)}


def test_a_segment_of_people_who_were_in_none_is_a_birth_and_a_scattered_one_a_death() -> None:
    born = identify(labels((0, 50), (-1, 30)), labels((0, 50), (1, 30)))
    assert (born.births, born.parents) == ((1,), {})
    old = labels((0, 100), (1, 100), (2, 100), (3, 100), (4, 100), (5, 20))
    new = labels((0, 100), (1, 100), (2, 100), (3, 100), (4, 100), (0, 4), (1, 4), (2, 4), (3, 4), (4, 4))
    assert identify(old, new).deaths == (5,)


def test_an_id_of_a_segment_that_ended_is_not_given_to_another() -> None:
    found = identify(labels((0, 50), (1, 50)), labels((0, 50), (1, 25), (2, 25)))
    assert set(found.ids.values()) == {0, 2, 3}


def test_segments_nobody_here_is_in_still_count() -> None:
    found = identify(labels((0, 10)), labels((0, 10)), known=[0, 1], found=[0, 4])
    assert found.ids == {0: 0, 4: 2}
    assert (found.births, found.deaths) == ((2,), (1,))


def test_what_happened_is_said_in_sentences() -> None:
    found = identify(labels((0, 50), (1, 50), (2, 50)), labels((0, 100), (1, 50)))
    names = {0: "Loyal", 1: "New", 2: "Lost", 3: "Active"}
    assert found.sentences(names) == (
        "Active is new, from Loyal and New.",
        "Loyal and New went into Active.",
    )
