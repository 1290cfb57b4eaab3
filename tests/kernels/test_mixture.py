"""One pass over a mixture, on both implementations, against SciPy and scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from coterie.errors import ParameterError
from coterie.kernels import Components, mixture_labels, mixture_logs, mixture_step, using

Floats = npt.NDArray[np.float64]


def components(X: npt.NDArray[np.floating], k: int = 3, *, full: bool = True) -> tuple[Components, Floats]:
    """A mixture of k components about rows of X, and their covariances."""
    random = np.random.default_rng(1)
    d = X.shape[1]
    means = np.asarray(X, dtype=np.float64)[random.integers(len(X), size=k)] + random.normal(size=(k, d))
    factors = np.tril(random.normal(scale=0.2, size=(k, d, d)), -1) if full else np.zeros((k, d, d))
    factors += np.eye(d) * random.uniform(0.5, 2.0, size=(k, 1, d))
    whitening = np.asarray(
        np.linalg.inv(factors) if full else 1.0 / np.diagonal(factors, axis1=1, axis2=2), dtype=np.float64
    )
    log_weights = np.log(random.dirichlet(np.ones(k)))
    return Components(means, whitening, log_weights), factors @ factors.transpose(0, 2, 1)


both_shapes = pytest.mark.parametrize("full", [True, False], ids=["full", "diagonal"])


@both_shapes
def test_logs_are_those_of_scipys_normal_distribution(
    implementation: str, X: npt.NDArray[np.floating], full: bool
) -> None:
    mixture, covariances = components(X, full=full)
    expected = [
        log_weight + multivariate_normal(mean, covariance).logpdf(np.atleast_2d(X))
        for log_weight, mean, covariance in zip(mixture.log_weights, mixture.means, covariances, strict=True)
    ]
    logs = mixture_logs(X, mixture)
    np.testing.assert_allclose(logs, np.column_stack([np.atleast_1d(e) for e in expected]), rtol=1e-7)
    np.testing.assert_array_equal(mixture_labels(X, mixture), logs.argmax(axis=1))


@both_shapes
def test_moments_are_sums_over_rows_of_weighted_responsibilities(
    implementation: str, X: npt.NDArray[np.floating], full: bool
) -> None:
    mixture, _ = components(X, full=full)
    weights = np.random.default_rng(2).integers(0, 4, len(X)).astype(float)
    moments = mixture_step(X, mixture, weights=weights)
    logs = mixture_logs(X, mixture)
    evidence = np.logaddexp.reduce(logs, axis=1)
    shares = np.exp(logs - evidence[:, None])
    gaps = np.asarray(X, dtype=np.float64)[:, None, :] - mixture.means
    of = (shares * weights[:, None])[:, :, None] * gaps
    products = np.einsum("nki,nkj->kij" if full else "nki,nki->ki", of, gaps)
    entropies = -np.where(shares > 0, shares * np.log(np.maximum(shares, 1e-300)), 0.0).sum(axis=1)
    np.testing.assert_allclose(moments.counts, (shares * weights[:, None]).sum(axis=0), atol=1e-9)
    np.testing.assert_allclose(moments.sums, of.sum(axis=0), rtol=1e-8, atol=1e-7)
    np.testing.assert_allclose(moments.products, products, rtol=1e-8, atol=1e-7)
    assert moments.log_likelihood == pytest.approx((weights * evidence).sum(), rel=1e-9)
    assert moments.entropy == pytest.approx((weights * entropies).sum(), rel=1e-6, abs=1e-9)


def test_the_likelihood_is_scikit_learns(implementation: str) -> None:
    X = np.random.default_rng(3).normal(size=(5_000, 4))
    fitted = GaussianMixture(3, random_state=0).fit(X)
    lower = np.linalg.inv(np.linalg.cholesky(fitted.covariances_))
    moments = mixture_step(X, Components(fitted.means_, lower, np.log(fitted.weights_)))
    assert moments.log_likelihood / len(X) == pytest.approx(fitted.score(X), rel=1e-12)


@both_shapes
def test_both_implementations_give_the_same_bytes_for_a_row_and_nearly_the_same_sums(full: bool) -> None:
    X = np.random.default_rng(4).normal(size=(9_001, 5))
    mixture, _ = components(X, 6, full=full)
    with using("native"):
        logs, moments = mixture_logs(X, mixture), mixture_step(X, mixture)
    with using("plain"):
        np.testing.assert_array_equal(mixture_logs(X, mixture), logs)
        plain = mixture_step(X, mixture)
    np.testing.assert_allclose(plain.products, moments.products, rtol=1e-9, atol=1e-9)
    assert plain.log_likelihood == pytest.approx(moments.log_likelihood, rel=1e-13)
    assert plain.entropy == pytest.approx(moments.entropy, rel=1e-12)


def test_a_row_has_the_same_logs_alone_as_in_company(
    implementation: str, X: npt.NDArray[np.floating]
) -> None:
    mixture, _ = components(X)
    alone = [mixture_logs(row[None], mixture)[0] for row in np.ascontiguousarray(X[:20])]
    np.testing.assert_array_equal(alone, mixture_logs(X, mixture)[:20])


@both_shapes
def test_one_and_two_threads_give_the_same_bytes(full: bool) -> None:
    X = np.random.default_rng(5).normal(size=(50_000, 3))
    mixture, _ = components(X, full=full)
    found = []
    with using("native"):
        mixture_labels(X, mixture)  # the compiled module must be loaded before its threads can be limited
        for threads in (1, 2):
            with threadpool_limits(threads):
                moments = mixture_step(X, mixture)
                found.append((moments.products.tobytes(), moments.log_likelihood, moments.entropy))
    assert found[0] == found[1]


def test_a_component_without_weight_takes_no_part(implementation: str) -> None:
    X = np.random.default_rng(6).normal(size=(300, 2))
    mixture = Components(np.zeros((2, 2)), np.ones((2, 2)), np.array([0.0, -np.inf]))
    moments = mixture_step(X, mixture)
    assert moments.counts.tolist() == [300.0, 0.0]
    assert moments.entropy == 0.0
    assert not moments.products[1].any()


def test_a_row_far_from_everything_still_belongs_to_the_nearest(implementation: str) -> None:
    mixture = Components(np.array([[0.0], [1.0]]), np.ones((2, 1)), np.log([0.5, 0.5]))
    moments = mixture_step([[1e6]], mixture)
    assert moments.counts.tolist() == [0.0, 1.0]
    assert np.isfinite(moments.log_likelihood)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: mixture_step([[np.nan]], m), "NaN or infinity"),
        (lambda m: mixture_labels([[np.inf]], m), "NaN or infinity"),
        (lambda m: mixture_logs([[1.0, 2.0]], m), "do not fit 2 columns"),
        (lambda m: mixture_step([[1.0]], m, weights=[1.0, 1.0]), "must be .1,."),
        (lambda m: mixture_step([[1.0]], m, weights=[-1.0]), "0 or more"),
        (lambda m: mixture_step([[1.0]], m, weights=[np.nan]), "finite"),
    ],
)
def test_what_does_not_fit_is_refused(
    implementation: str, call: Callable[[Components], Any], message: str
) -> None:
    mixture = Components(np.zeros((1, 1)), np.ones((1, 1)), np.zeros(1))
    with pytest.raises(ParameterError, match=message):
        call(mixture)


def test_a_callback_that_raises_ends_the_work(implementation: str) -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    mixture = Components(np.zeros((1, 1)), np.ones((1, 1)), np.zeros(1))
    with pytest.raises(KeyboardInterrupt):
        mixture_step(np.zeros((10, 1)), mixture, progress=stop)
