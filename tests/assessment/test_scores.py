"""Every score: against scikit-learn or all pairs, and the properties it promises.

As scikit-learn does it: one dictionary of all scores, lists that state each one's properties,
and a test that the lists together equal the dictionary.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist
from sklearn import metrics
from sklearn.datasets import make_moons

from coterie.assessment import (
    DENSITY_SCORES,
    DESCRIPTIONS,
    EXTERNAL_SCORES,
    INTERNAL_SCORES,
    SCORES,
    Score,
    Space,
    dbcv,
    dunn,
    silhouette,
)
from coterie.errors import ParameterError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int_]

BOUNDED = {
    "silhouette",
    "dbcv",
    "noise_share",
    "largest_share",
    "smallest_share",
    "ari",
    "nmi",
    "eta_squared",
}
UNBOUNDED = {"davies_bouldin", "dunn", "calinski_harabasz"}
SYMMETRIC = {"ari", "nmi"}
NOT_SYMMETRIC = set(SCORES) - SYMMETRIC
NOISE_LEFT_OUT = {"silhouette", "davies_bouldin", "dunn", "calinski_harabasz"}
NOISE_COUNTS = {"dbcv", "noise_share", "largest_share", "smallest_share", "ari", "nmi", "eta_squared"}
NEEDS_TWO_GROUPS = NOISE_LEFT_OUT | {"dbcv", "eta_squared"}
OF_DISTANCES = {**INTERNAL_SCORES, **DENSITY_SCORES}
DEFINED_FOR_ONE_GROUP = {"noise_share", "largest_share", "smallest_share", "ari", "nmi"}

PEERS = {
    "silhouette": metrics.silhouette_score,
    "davies_bouldin": metrics.davies_bouldin_score,
    "calinski_harabasz": metrics.calinski_harabasz_score,
    "ari": metrics.adjusted_rand_score,
    "nmi": metrics.normalized_mutual_info_score,
}


def blobs(n: int = 300, p: int = 3, k: int = 4, *, seed: int = 0) -> tuple[Floats, Ints]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % k
    X = rng.normal(size=(k, p))[labels] * 4 + rng.normal(size=(n, p)) * rng.uniform(0.3, 2, k)[labels, None]
    return X, labels


def second_argument(name: str, X: Floats, labels: Ints) -> Any:
    rng = np.random.default_rng(1)
    truth = np.where(rng.random(len(labels)) < 0.2, rng.integers(0, 3, len(labels)), labels)
    return truth if name in EXTERNAL_SCORES else X[:, 0]


def score(name: str, X: Floats, labels: Ints) -> Score:
    if name in OF_DISTANCES:
        return SCORES[name](X, labels)
    if name in DESCRIPTIONS:
        return SCORES[name](labels)
    return SCORES[name](labels, second_argument(name, X, labels))


@pytest.mark.parametrize(
    "first, second",
    [
        (BOUNDED, UNBOUNDED),
        (SYMMETRIC, NOT_SYMMETRIC),
        (NOISE_LEFT_OUT, NOISE_COUNTS),
        (NEEDS_TWO_GROUPS, DEFINED_FOR_ONE_GROUP),
    ],
)
def test_every_score_says_which_properties_it_has(first: set[str], second: set[str]) -> None:
    assert first | second == set(SCORES)
    assert not first & second


@pytest.mark.parametrize("name", sorted(PEERS))
@pytest.mark.parametrize("seed", range(4))
def test_values_equal_those_of_scikit_learn(name: str, seed: int) -> None:
    X, labels = blobs(2_500, 3, 5, seed=seed)
    truth = second_argument(name, X, labels)
    peer = PEERS[name](labels, truth) if name in EXTERNAL_SCORES else PEERS[name](X, labels)
    assert score(name, X, labels).value == pytest.approx(peer, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_dunn_equals_the_search_over_all_pairs(heavy: bool, seed: int) -> None:
    X, labels = blobs(700, 2 + seed, 4, seed=seed)
    X = np.exp(X) if heavy else X
    distances, same = cdist(X, X), labels[:, None] == labels
    expected = distances[~same].min() / distances[same].max()
    assert dunn(X, labels).value == pytest.approx(expected, rel=1e-12)


def test_eta_squared_is_the_share_of_variance_between_groups() -> None:
    rng = np.random.default_rng(0)
    labels, y = rng.integers(0, 4, 200), rng.normal(size=200)
    between = sum((labels == g).sum() * (y[labels == g].mean() - y.mean()) ** 2 for g in range(4))
    assert SCORES["eta_squared"](labels, y).value == pytest.approx(between / np.sum((y - y.mean()) ** 2))


@pytest.mark.parametrize("name", sorted(SCORES))
def test_renumbering_the_clusters_changes_nothing(name: str) -> None:
    X, labels = blobs()
    renumbered = np.array([7, 3, 90, 0])[labels]
    truth = second_argument(name, X, labels)
    if name in OF_DISTANCES or name in DESCRIPTIONS:
        other = score(name, X, renumbered)
    else:
        other = SCORES[name](renumbered, truth)
    assert other.value == pytest.approx(score(name, X, labels).value, rel=1e-12)


@pytest.mark.parametrize("name", sorted(SCORES))
def test_the_order_of_customers_changes_nothing(name: str) -> None:
    X, labels = blobs()
    order = np.random.default_rng(3).permutation(len(labels))
    if name in OF_DISTANCES:
        other = SCORES[name](X[order], labels[order])
    elif name in DESCRIPTIONS:
        other = SCORES[name](labels[order])
    else:
        other = SCORES[name](labels[order], second_argument(name, X, labels)[order])
    assert other.value == pytest.approx(score(name, X, labels).value, rel=1e-9)


@pytest.mark.parametrize("name", sorted(OF_DISTANCES))
def test_moving_or_scaling_the_whole_space_changes_nothing(name: str) -> None:
    X, labels = blobs()
    assert score(name, 250 * X - 9, labels).value == pytest.approx(score(name, X, labels).value, rel=1e-9)


@pytest.mark.parametrize("name", sorted(SYMMETRIC))
def test_agreement_is_the_same_from_both_sides(name: str) -> None:
    X, labels = blobs()
    truth = second_argument(name, X, labels)
    assert SCORES[name](labels, truth).value == pytest.approx(SCORES[name](truth, labels).value, rel=1e-12)
    assert SCORES[name](labels, labels).value == 1.0


@pytest.mark.parametrize("name", sorted(NOISE_LEFT_OUT))
def test_noise_does_not_enter_a_score_of_the_segments(name: str) -> None:
    X, labels = blobs()
    with_noise = np.vstack([X, 50 + X[:20]])
    marks = np.concatenate([labels, np.full(20, -1)])
    assert score(name, with_noise, marks).value == pytest.approx(score(name, X, labels).value, rel=1e-12)


@pytest.mark.parametrize("name", sorted(INTERNAL_SCORES))
def test_a_space_made_once_gives_the_scores_of_its_rows_with_and_without_noise(name: str) -> None:
    X, labels = blobs()
    space = Space.of(X)
    for marks in (labels, np.where(np.arange(300) % 3 == 0, -1, labels), np.where(X[:, 0] > 0, labels, -1)):
        assert SCORES[name](space, marks) == SCORES[name](X, marks)
        assert SCORES[name](space, marks).value == pytest.approx(
            SCORES[name](X[marks >= 0], marks[marks >= 0]).value, rel=1e-12
        )


@pytest.mark.parametrize("name", sorted(NOISE_COUNTS))
def test_giving_customers_up_as_noise_shows_in_every_other_score(name: str) -> None:
    X, labels = blobs()
    marks = np.where(np.arange(len(labels)) < 100, -1, labels)
    truth = second_argument(name, X, labels)
    if name in DENSITY_SCORES:
        after = SCORES[name](X, marks)
    else:
        after = SCORES[name](marks) if name in DESCRIPTIONS else SCORES[name](marks, truth)
    assert after.value != score(name, X, labels).value


@pytest.mark.parametrize("name", sorted(NEEDS_TWO_GROUPS))
@pytest.mark.parametrize("labels", [np.zeros(10, int), np.arange(10), np.full(10, -1)])
def test_a_score_without_meaning_is_none_with_a_reason(name: str, labels: Ints) -> None:
    X = np.random.default_rng(0).normal(size=(10, 2))
    result = SCORES[name](labels, X[:, 0]) if name == "eta_squared" else SCORES[name](X, labels)
    assert result.value is None
    assert result.reason
    assert np.isnan(float(result))
    assert result.reason in result.sentence


@pytest.mark.parametrize("name", sorted(set(SCORES) & {"davies_bouldin", "dunn", "calinski_harabasz"}))
def test_a_score_that_would_be_infinite_is_none_with_a_reason(name: str) -> None:
    X = np.repeat([[0.0], [0.0], [3.0], [3.0]], 3, axis=0)
    same_centre = np.array([[-1.0], [1.0], [-2.0], [2.0]])
    if name == "davies_bouldin":
        assert SCORES[name](same_centre, [0, 0, 1, 1]).value is None
    else:
        assert SCORES[name](X, [0] * 6 + [1] * 6).value is None


def test_customers_without_a_known_group_are_left_out_of_the_agreement() -> None:
    assert SCORES["ari"]([0, 0, 1, 1, 0], ["a", "a", "b", "b", None]).value == 1.0
    assert SCORES["nmi"]([0, 0, 1, 1, 0], np.array([1, 1, 2, 2, np.nan])).value == pytest.approx(1.0)
    assert SCORES["ari"]([0, 1], [None, ""]).value is None


def test_the_sampled_silhouette_is_near_the_exact_one_and_knows_its_error() -> None:
    X, labels = blobs(24_000, 2, 6)
    exact, sampled = silhouette(X, labels), silhouette(X, labels, exact_rows=100, random_state=4)
    assert exact.standard_error == 0
    assert 0 < sampled.standard_error < 0.003
    assert abs(float(sampled) - float(exact)) < 4 * sampled.standard_error
    assert sampled == silhouette(X, labels, exact_rows=100, random_state=4)


def test_the_sampled_silhouette_sees_a_tiny_cluster() -> None:
    X, _ = blobs(25_000, 2, 3)
    labels = np.zeros(25_000, int)
    X[:5], labels[:5] = 100 + np.arange(10).reshape(5, 2), 1
    assert float(silhouette(X, labels, exact_rows=100)) > 0.9


@pytest.mark.parametrize("name", sorted(SCORES))
def test_every_score_reads_itself_in_plain_words(name: str) -> None:
    X, labels = blobs()
    result = score(name, X, labels)
    assert result.name == name
    assert " " in result.sentence
    assert "{" not in result.sentence
    assert name not in result.sentence


@given(
    name=st.sampled_from(
        ["stability", "stability_min", "fidelity", "later_value", "prediction_strength", *sorted(BOUNDED)]
    ),
    value=st.floats(0, 1),
)
@settings(max_examples=60, deadline=None)
def test_every_value_a_score_can_take_has_a_sentence(name: str, value: float) -> None:
    assert "{" not in Score(name, value).sentence


@given(
    labels=st.lists(st.integers(-1, 3), min_size=2, max_size=30),
    seed=st.integers(0, 1_000),
    name=st.sampled_from(sorted(SCORES)),
)
@settings(max_examples=150, deadline=None)
def test_any_labels_give_a_value_in_range_or_a_reason(labels: Ints, seed: int, name: str) -> None:
    X = np.random.default_rng(seed).integers(0, 4, (len(labels), 2)).astype(float)
    result = score(name, X, np.array(labels))
    if result.value is None:
        assert result.reason
    else:
        assert result.low <= result.value <= result.high
        assert np.isfinite(result.value)


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ParameterError, match="one label per row"):
        silhouette([[0.0], [1.0]], [0, 1, 1])
    with pytest.raises(ParameterError, match="finite"):
        silhouette([[0.0], [np.nan]], [0, 1])


def test_dbcv_is_that_of_its_definition() -> None:
    """Moulavi et al. (2014), written out over all pairs with scipy's spanning tree; ties as said."""
    X, labels = blobs(160, 2, 3, seed=5)
    insides, sizes = [], []
    for cluster in range(3):
        members = X[labels == cluster]
        d = cdist(members, members)
        core = ((d + np.diag(np.full(len(d), np.inf))) ** -2.0).sum(axis=1)
        core = (core / (len(d) - 1)) ** -0.5
        reach = np.maximum(d, np.maximum(core, core[:, None]))
        ties = np.lexsort((d[np.triu_indices(len(d), 1)], reach[np.triu_indices(len(d), 1)]))
        ranks = np.zeros_like(d)
        ranks[np.triu_indices(len(d), 1)] = np.argsort(ties) + 1
        tree = np.where(minimum_spanning_tree(ranks).toarray() > 0, reach, 0)
        inner = ((tree > 0) | (tree.T > 0)).sum(axis=1) > 1
        insides.append((members[inner], core[inner], tree[np.ix_(inner, inner)].max()))
        sizes.append(len(members))
    total = 0.0
    for i, (a, core_a, sparse) in enumerate(insides):
        others = [insides[j] for j in range(3) if j != i]
        gap = min(
            np.maximum(cdist(a, b), np.maximum(core_a[:, None], core_b)).min() for b, core_b, _ in others
        )
        total += sizes[i] / len(X) * (gap - sparse) / max(gap, sparse)
    assert dbcv(X, labels).value == pytest.approx(total, rel=1e-9)


def test_dbcv_prefers_moons_to_halves_and_says_when_it_judged_a_sample() -> None:
    X, moons = make_moons(6_000, noise=0.02, random_state=0)
    right, halves = dbcv(X, moons), dbcv(X, X[:, 0] > 0.5)
    assert float(right) > 0 > float(halves)
    assert "sample of 5,000" in right.sentence
    assert dbcv(X[:500], moons[:500]).note == ""


def test_dbcv_stands_copies_and_clusters_of_one() -> None:
    X = np.array([[0.0]] * 5 + [[1.0]] * 5 + [[9.0]])
    assert float(dbcv(X, [0] * 5 + [1] * 5 + [2])) == 1.0
