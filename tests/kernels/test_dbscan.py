"""Connected crowds, on both implementations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from coterie.errors import ParameterError
from coterie.kernels import dbscan, using


def reach_of(X: npt.NDArray[np.floating], share: float) -> float:
    """A reach within which about this share of all pairs lie: the distance of one of them."""
    distances = cdist(np.asarray(X, dtype=np.float64), np.asarray(X, dtype=np.float64))
    return float(np.quantile(distances, share, method="lower")) or 0.5


@pytest.mark.parametrize("min_samples", [1, 4, 12, 1_000])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
def test_core_rows_crowds_and_noise_are_scikit_learns(
    implementation: str, X: npt.NDArray[np.floating], share: float, min_samples: int
) -> None:
    eps = reach_of(X, share)
    labels, is_core = dbscan(X, eps, min_samples=min_samples)
    peer = DBSCAN(eps=eps, min_samples=min_samples, algorithm="kd_tree").fit(np.asarray(X, dtype=np.float64))
    np.testing.assert_array_equal(np.flatnonzero(is_core), peer.core_sample_indices_)
    np.testing.assert_array_equal(labels < 0, peer.labels_ < 0)
    assert adjusted_rand_score(peer.labels_[is_core], labels[is_core]) == 1.0
    assert labels.dtype == np.int32 and is_core.dtype == np.bool_


@pytest.mark.parametrize("min_samples", [2, 6, 20])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
def test_both_implementations_give_the_same_labels(
    X: npt.NDArray[np.floating], share: float, min_samples: int
) -> None:
    eps = reach_of(X, share)
    with using("native"):
        native = dbscan(X, eps, min_samples=min_samples)
    with using("plain"):
        plain = dbscan(X, eps, min_samples=min_samples)
    np.testing.assert_array_equal(native[0], plain[0])
    np.testing.assert_array_equal(native[1], plain[1])


def test_a_row_at_the_border_of_two_crowds_goes_to_the_nearest_core_row_then_to_the_earlier(
    implementation: str,
) -> None:
    crowds = [[0.0], [0.5], [1.0], [1.5], [4.5], [5.0], [5.5], [6.0]]
    assert dbscan([*crowds, [2.9]], 1.8, min_samples=4)[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 0]
    assert dbscan([*crowds, [3.1]], 1.8, min_samples=4)[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert dbscan([*crowds, [3.0]], 1.8, min_samples=4)[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 0]
    assert dbscan([[3.0], *crowds[::-1]], 1.8, min_samples=4)[0].tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_crowds_are_numbered_by_their_first_rows(implementation: str) -> None:
    random = np.random.default_rng(0)
    X = random.permutation(np.concatenate([random.normal(c, 0.1, (40, 2)) for c in range(8)]))
    labels, _ = dbscan(X, 0.3, min_samples=5)
    present, first = np.unique(labels[labels >= 0], return_index=True)
    assert present.tolist() == list(range(8))
    assert (np.diff(first) > 0).all()


def test_one_and_two_threads_give_the_same_bytes() -> None:
    X = np.random.default_rng(1).normal(size=(40_000, 3))
    found = []
    for n_threads in (1, 2):
        with using("native"), threadpool_limits(n_threads):
            found.append(dbscan(X, 0.08, min_samples=6))
    assert found[0][0].max() > 1 and (found[0][0] < 0).any()
    assert [part.tobytes() for part in found[0]] == [part.tobytes() for part in found[1]]


@pytest.mark.parametrize("scale", [1.0, 2.0**-80, 2.0**80, 2.0**300, 2.0**-300])
def test_floats_and_doubles_of_any_size_give_the_same_crowds(scale: float) -> None:
    X = np.random.default_rng(2).integers(0, 12, size=(700, 2)).astype(np.float32)
    with using("native"):
        small, large = (
            dbscan(X, 1.0, min_samples=24),
            dbscan(X * np.float64(scale), scale, min_samples=24),
        )
    assert 0 < small[1].sum() < len(X)
    np.testing.assert_array_equal(small[0], large[0])
    np.testing.assert_array_equal(small[1], large[1])


def test_a_row_just_within_reach_counts_and_one_just_beyond_does_not(implementation: str) -> None:
    far = 1e6 + np.arange(40.0)[:, None]
    assert dbscan(far, 1.0, min_samples=3)[1].sum() == 38
    assert dbscan(far, np.nextafter(1.0, 0.0), min_samples=2)[1].sum() == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused(implementation: str, bad: float) -> None:
    with pytest.raises(ParameterError, match="NaN or infinity"):
        dbscan([[0.0], [bad]], 1.0, min_samples=1)


@pytest.mark.parametrize("eps, min_samples", [(0.0, 1), (np.nan, 1), (np.inf, 1), (1.0, 0)])
def test_a_parameter_out_of_range_is_refused(implementation: str, eps: float, min_samples: int) -> None:
    with pytest.raises(ParameterError, match=r"eps|min_samples"):
        dbscan([[0.0], [1.0]], eps, min_samples=min_samples)


def test_a_callback_that_raises_ends_the_work(implementation: str) -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dbscan(np.arange(10.0)[:, None], 1.0, min_samples=2, progress=stop)
