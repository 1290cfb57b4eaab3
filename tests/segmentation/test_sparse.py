import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from coterie.errors import ParameterError
from coterie.segmentation.kmeans import KMeans
from coterie.segmentation.sparse import SparseKMeans


def informative_and_noise(n_noise: int, seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Four clusters that differ in five columns, and columns that say nothing."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 4, n)
    centers = random.normal(scale=1.5, size=(4, 5))
    X = np.hstack([centers[truth] + random.normal(size=(n, 5)), random.normal(size=(n, n_noise))])
    return X, truth


def test_ten_columns_of_noise_cost_it_less_than_plain_k_means() -> None:
    gained = []
    for seed in range(6):
        X, truth = informative_and_noise(10, seed)
        Z = (X - X.mean(axis=0)) / X.std(axis=0)
        sparse = SparseKMeans(4, n_permutations=5, random_state=0).fit(X)
        plain = KMeans(4, random_state=0).fit(Z)
        gained.append(adjusted_rand_score(truth, sparse.labels_) - adjusted_rand_score(truth, plain.labels_))
    assert np.mean(gained) >= 0.10


def test_the_weights_name_the_columns_that_separate() -> None:
    X, _ = informative_and_noise(10, 1)
    weights = SparseKMeans(4, random_state=0).fit(X).weights_
    assert weights.sum() == pytest.approx(15.0)
    assert (weights >= 0).all()
    assert weights[:5].sum() > 0.8 * 15.0


def test_a_constant_column_has_no_weight_and_units_do_not_matter() -> None:
    X, _ = informative_and_noise(2, 2)
    X[:, 6] = 7.0
    fitted = SparseKMeans(4, n_permutations=3, random_state=0).fit(X)
    scaled = SparseKMeans(4, n_permutations=3, random_state=0).fit(X * 1024.0)
    assert fitted.weights_[6] == 0.0
    np.testing.assert_array_equal(fitted.labels_, scaled.labels_)


@pytest.mark.parametrize("parameters", [{"n_clusters": 0}, {"n_permutations": 0}])
def test_a_parameter_out_of_range_is_named(parameters: dict[str, int]) -> None:
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        SparseKMeans(**parameters).fit(np.arange(20.0)[:, None])
