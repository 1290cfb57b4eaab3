"""Where clusters start: the best centres on a sample, handed on from each number of clusters to the next."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from coterie.kernels import lloyd, spread_seeds
from coterie.segmentation.fitting import seeded_sample

Floats = npt.NDArray[np.float64]

EVERY_K = 12
"""Up to here every number of clusters is a rung; beyond, those of 2^m and 3 x 2^m are."""
TOLERANCE = 1e-4
"""Centres rest when the squares of their moves sum to less than this share of the mean column variance."""
SHORT_STEPS = 10
"""Passes after which starts are compared: the best few go on."""
FINALISTS = 5
RUNG_STARTS = 10
"""Fresh starts on every rung: with the seeds handed on they find what 30 find at one number alone."""


class Ladder:
    """Centres for any number of clusters, found on a sample of rows.

    Every rung tries fresh starts (k-means++) and the centres of the rung below with seeds added. A
    rung depends on those below it alone, so that it is the same whichever numbers were asked for.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    weights : ndarray of shape (n,) or None
    scale : ndarray of shape (d,), optional
        What is one unit of each column; the centres are in these units.
    n_starts : int
        Fresh starts on every rung.
    sample_rows : int
        Rows of the sample; all if they are no more.
    random : RandomState
    """

    def __init__(
        self,
        X: Floats,
        weights: Floats | None = None,
        *,
        scale: Floats | None = None,
        n_starts: int,
        sample_rows: int,
        random: np.random.RandomState,
    ) -> None:
        rows = seeded_sample(len(X), sample_rows, random=random)
        sample = X if len(rows) == len(X) else X[rows]
        self.sample = sample if scale is None else sample / scale
        self.weights = None if weights is None else weights[rows]
        self.tolerance = rest_tolerance(self.sample)
        self._n_starts = n_starts
        self._seed = int(random.randint(2**31 - 1))
        self._rungs: dict[int, Floats] = {}

    def centers(self, k: int) -> Floats:
        """The best centres found for k clusters, shape (k, d), in the order of their columns."""
        if k not in self._rungs:
            below = self.centers(rung_below(k)) if k > 1 else None
            best = self._best(self._starts(k, below))
            self._rungs[k] = best[np.lexsort(best.T[::-1])]
        return self._rungs[k]

    def widened(self, k: int, n_starts: int) -> Floats:
        """The best centres for k clusters of so many fresh starts, those of its rung among them."""
        random = np.random.default_rng([self._seed, k, n_starts])
        more = [self._added(None, k, random=random) for _ in range(n_starts - self._n_starts)]
        best = self._best([self.centers(k), *more])
        return best[np.lexsort(best.T[::-1])]

    def extended(self, known: Floats, k: int) -> Floats:
        """The best of several starts that all begin at the known centres, which keep their places."""
        random = np.random.default_rng([self._seed, k])
        return self._best([self._added(known, k, random=random) for _ in range(self._n_starts)])

    def fresh(self, k: int, n: int) -> Iterator[Floats]:
        """Give n starts for k clusters, seeded apart and barely moved."""
        random = np.random.default_rng([self._seed, k, n])
        for _ in range(n):
            yield self._moved(self._added(None, k, random=random), SHORT_STEPS)[0]

    def _starts(self, k: int, below: Floats | None) -> list[Floats]:
        random = np.random.default_rng([self._seed, k])
        handed_on = [] if below is None else [self._added(below, k, random=random)]
        return handed_on + [self._added(None, k, random=random) for _ in range(self._n_starts)]

    def _added(self, known: Floats | None, k: int, *, random: np.random.Generator) -> Floats:
        """The known centres and rows of the sample far from them, k in all."""
        n_known = 0 if known is None else len(known)
        shares = random.random((k - n_known, 2 + int(np.log(k))))
        rows = spread_seeds(self.sample, shares, centers=known, weights=self.weights)
        return self.sample[rows] if known is None else np.concatenate([known, self.sample[rows]])

    def _moved(self, start: Floats, max_steps: int) -> tuple[Floats, float]:
        centers, _, inertia = lloyd(
            self.sample, start, weights=self.weights, max_steps=max_steps, tolerance=self.tolerance
        )
        return centers, inertia

    def _best(self, starts: list[Floats]) -> Floats:
        """The start of least inertia at rest; most are given up after a few passes."""
        short = [self._moved(start, SHORT_STEPS) for start in starts]
        leading = sorted(short, key=lambda moved: moved[1])[:FINALISTS]
        rested = [self._moved(centers, 300) for centers, _ in leading]
        return min(rested, key=lambda moved: moved[1])[0]


def rest_tolerance(X: Floats) -> float:
    """The sum of squared moves below which centres of these rows are at rest."""
    return TOLERANCE * float(X.var(axis=0).mean())


def rung_below(k: int) -> int:
    """The number of clusters whose centres k clusters start from.

    Examples
    --------
    >>> [rung_below(k) for k in (2, 12, 13, 16, 17, 24, 25, 50)]
    [1, 11, 12, 12, 16, 16, 24, 48]
    """
    if k <= EVERY_K:
        return k - 1
    power = 1 << ((k - 1).bit_length() - 1)
    return 3 * power // 2 if 3 * power // 2 < k else power
