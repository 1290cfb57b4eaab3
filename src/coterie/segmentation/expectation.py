"""Expectation maximisation from k-means starts on a sample to rest on all rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coterie.kernels import Components, Moments, mixture_step, nearest_center
from coterie.segmentation.ladder import Ladder

Floats = npt.NDArray[np.float64]

VARIANCE_FLOOR = 1e-3
"""Least variance of a component, as a share of the column's: no component narrower than 3 % of the spread."""
JITTER = 1e-12
"""Share of its own variance a column gains, so that rounding never makes a covariance singular."""
SAMPLE_ROWS = 20_000
N_STARTS = 5
START_STEPS = 10
MAX_STEPS, FULL_STEPS = 200, 4
"""On a sample, and on all rows from rest on a sample: more gain about .001 nats a row."""
TOLERANCE = 1e-4
"""EM rests when a step raises the mean log likelihood of a row by less than this, in nats."""


@dataclass(frozen=True)
class Summit:
    """Where EM came to rest, and how well it explains the rows; n is the sum of their weights."""

    components: Components
    log_likelihood: float
    entropy: float
    n: float


class Climb:
    """EM for any number of components over the same rows.

    The starts are the best k-means partition of a sample and, beside it, some that barely moved from
    their seeds. What k components come to does not depend on which other numbers were asked for.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    weights : ndarray of shape (n,) or None
    full : bool
        Whether covariances are full; else diagonal.
    random : RandomState
    """

    def __init__(
        self, X: Floats, weights: Floats | None, *, full: bool, random: np.random.RandomState
    ) -> None:
        self._X, self._weights, self._full = X, weights, full
        scale = _spread(X if len(X) <= SAMPLE_ROWS else X[:: len(X) // SAMPLE_ROWS])
        self._floor = VARIANCE_FLOOR * scale**2
        self._ladder = Ladder(
            X, weights, scale=scale, n_starts=N_STARTS, sample_rows=SAMPLE_ROWS, random=random
        )
        self._sample = self._ladder.sample * scale
        self._n = float(len(X)) if weights is None else float(weights.sum())

    def summit(self, k: int) -> Summit:
        """Climb with k components."""
        ladder = self._ladder
        starts = [ladder.centers(k), *ladder.fresh(k, N_STARTS - 1)] if k > 1 else [ladder.centers(k)]
        sample, weights = self._sample, ladder.weights
        short = [
            self._risen(sample, weights, components=self._from_partition(start), max_steps=START_STEPS)
            for start in starts
        ]
        best = max(short, key=lambda summit: summit.log_likelihood).components
        is_sampled = len(sample) < len(self._X)
        if is_sampled:
            best = self._risen(sample, weights, components=best, max_steps=MAX_STEPS).components
        passes = FULL_STEPS if is_sampled else MAX_STEPS
        return self._risen(self._X, self._weights, components=_in_order(best), max_steps=passes)

    def resumed(self, components: Components) -> Summit:
        """Climb on from known components over all rows; their order stays."""
        return self._risen(self._X, self._weights, components=components, max_steps=MAX_STEPS)

    def _from_partition(self, centers: Floats) -> Components:
        """Components with the shares, means and covariances of the rows nearest to each centre."""
        sample, k = self._sample, len(centers)
        weights = np.ones(len(sample)) if self._ladder.weights is None else self._ladder.weights
        labels, _ = nearest_center(self._ladder.sample, centers)
        counts = np.bincount(labels, weights=weights, minlength=k).astype(np.float64)
        means, products = np.zeros((k, sample.shape[1])), []
        for c in range(k):
            own = labels == c
            if counts[c] > 0:
                means[c] = np.average(sample[own], axis=0, weights=weights[own])
            gaps = sample[own] - means[c]
            weighted = gaps * weights[own, None]
            products.append(weighted.T @ gaps if self._full else (weighted * gaps).sum(axis=0))
        at = Components(means, np.empty(0), np.empty(0))
        return self._maximised(at, Moments(counts, np.zeros_like(means), np.array(products), 0.0, 0.0))

    def _risen(self, X: Floats, weights: Floats | None, *, components: Components, max_steps: int) -> Summit:
        """EM from these components until it rests."""
        n = float(len(X)) if weights is None else float(weights.sum())
        before = -np.inf
        for step in range(max_steps + 1):
            moments = mixture_step(X, components, weights=weights)
            if step == max_steps or abs(moments.log_likelihood - before) < TOLERANCE * n:
                break
            before = moments.log_likelihood
            components = self._maximised(components, moments)
        return Summit(components, moments.log_likelihood, moments.entropy, n)

    def _maximised(self, at: Components, moments: Moments) -> Components:
        """The likeliest components given the moments about those there are; one without rows stays out."""
        counts = np.maximum(moments.counts, 10 * np.finfo(np.float64).eps)
        moves = moments.sums / counts[:, None]
        per_row = moments.products / (counts[:, None, None] if self._full else counts[:, None])
        if self._full:
            covariances = per_row - moves[:, :, None] * moves[:, None, :]
            diagonal = np.einsum("kii->ki", covariances)
            diagonal += self._floor + JITTER * np.abs(diagonal)
            identity = np.eye(moves.shape[1])
            whitening = np.linalg.solve(np.linalg.cholesky(covariances), identity)
        else:
            whitening = 1.0 / np.sqrt(np.maximum(per_row - moves**2, 0.0) + self._floor)
        with np.errstate(divide="ignore"):
            log_weights = np.log(moments.counts / moments.counts.sum())
        return Components(at.means + moves, whitening, log_weights)


def _in_order(components: Components) -> Components:
    """The components by their means, so that their numbers do not depend on which start was the best."""
    order = np.lexsort(components.means.T[::-1])
    parts = (components.means, components.whitening, components.log_weights)
    return Components(*(part[order] for part in parts))


def _spread(X: Floats) -> Floats:
    """Standard deviation per column between the 1st and 99th percentile: one whale must not set the scale."""
    spread = np.clip(X, *np.percentile(X, [1, 99], axis=0)).std(axis=0)
    spread = np.where(spread > 0, spread, X.std(axis=0))
    return np.where(spread > 0, spread, 1.0)
