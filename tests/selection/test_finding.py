"""Groups in any array, or that there are none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import adjusted_rand_score

import coterie
from coterie import find_clusters
from coterie.errors import ParameterError
from coterie.kernels import using


def crowds(n_each: int = 100, *, d: int = 2, k: int = 3, seed: int = 0) -> npt.NDArray[np.float64]:
    """Round crowds, far apart."""
    random = np.random.default_rng(seed)
    return np.vstack([random.normal(12 * c, 1.0, (n_each, d)) for c in range(k)])


def rings(n: int = 300) -> npt.NDArray[np.float64]:
    """One ring inside another."""
    random = np.random.default_rng(1)
    angle, radius = random.uniform(0, 2 * np.pi, 2 * n), np.repeat([1.0, 4.0], n)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    return np.asarray(ring + random.normal(0, 0.1, ring.shape))


@pytest.mark.parametrize("d", [1, 2, 5, 8])
def test_crowds_far_apart_are_natural_and_found_whole(d: int) -> None:
    found = find_clusters(crowds(d=d))
    assert (found.n_clusters, found.verdict) == (3, "natural")
    assert adjusted_rand_score(np.repeat([0, 1, 2], 100), found) == 1.0


def test_shapes_that_no_centre_describes_are_found() -> None:
    truth = np.repeat([0, 1], 300)
    assert adjusted_rand_score(truth, find_clusters(rings())) == 1.0
    assert adjusted_rand_score(truth, find_clusters(rings(), 2)) == 1.0


@pytest.mark.parametrize("d", [2, 6])
@pytest.mark.parametrize("kind", ["normal", "uniform", "standard_t"])
def test_one_cloud_holds_no_natural_segments(kind: str, d: int) -> None:
    random = np.random.default_rng(3)
    X = getattr(random, kind)(size=(800, d)) if kind != "standard_t" else random.standard_t(5, (800, d))
    found = find_clusters(X)
    assert (found.n_clusters, found.verdict) == (1, "no natural segments")


@pytest.mark.parametrize("k", [2, 3, 5])
def test_as_many_groups_as_are_asked_for(k: int) -> None:
    found = find_clusters(crowds(), k)
    assert sorted(set(found.labels.tolist())) == list(range(k))
    assert f"Of {len(found.tried)} divisions" in found.why


def test_what_was_tried_and_why_is_told() -> None:
    found = find_clusters(crowds())
    assert {attempt.method for attempt in found.tried} == {"HDBSCAN", "Genie"}
    assert "come back" in found.why
    assert "<td>Genie</td>" in found._repr_html_()


def test_a_lattice_is_not_sold_as_structure_without_a_warning() -> None:
    random = np.random.default_rng(0)
    lattice = random.poisson(1.0, size=(1000, 2)).astype(float)
    found = find_clusters(lattice)
    dithered = find_clusters(lattice + random.uniform(-0.5, 0.5, lattice.shape))
    same = (found.verdict, found.n_clusters) == (dithered.verdict, dithered.n_clusters)
    assert same or any("lattice" in doubt for doubt in found.warnings)


def test_a_crowd_and_a_few_outliers_are_not_called_segments() -> None:
    random = np.random.default_rng(0)
    X = np.vstack([random.normal(0, 1, (980, 2)), random.normal(40, 1, (20, 2))])
    assert any("outliers" in doubt for doubt in find_clusters(X, 2).warnings)


def test_more_rows_than_are_looked_at_are_placed_by_those_that_were() -> None:
    X = crowds(4000)
    found = find_clusters(X)
    assert adjusted_rand_score(np.repeat([0, 1, 2], 4000), found) == 1.0
    assert found.tried[0].method == "sample"


def test_the_same_seed_gives_the_same_groups_compiled_or_not() -> None:
    X = crowds(40)
    with using("plain"):
        plain = find_clusters(X, 4)
    np.testing.assert_array_equal(find_clusters(X, 4).labels, plain.labels)


def test_the_array_is_the_labels() -> None:
    found = find_clusters(crowds())
    assert np.asarray(found).dtype == np.int32
    assert coterie.find_clusters is find_clusters


@pytest.mark.parametrize(
    ("X", "k", "said"),
    [
        ([[1.0], [np.nan]], None, "NaN"),
        ([1.0, 2.0], None, "shape"),
        ([[1.0], [2.0]], 3, "from 1 to the 2 rows"),
        ([[1.0], [2.0]], 0, "from 1 to the 2 rows"),
    ],
)
def test_what_cannot_be_divided_is_refused(X: object, k: int | None, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        find_clusters(np.asarray(X), k)


@pytest.mark.parametrize("X", [np.ones((50, 2)), np.arange(6.0)[:, None]])
def test_equal_or_few_rows_are_one_group(X: npt.NDArray[np.float64]) -> None:
    assert find_clusters(X).n_clusters == 1
