"""Customers that do not exist, in the shapes that tell fast from slow: `mix` and `rfm`.

`mix`: eight skewed, correlated groups and 3 % noise. `rfm`: eight features of the orders of a shop where
nearly half of the customers ordered once; that spike makes it the harder and the more honest case.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]

N_GROUPS, NOISE_SHARE = 8, 0.03
ONCE_SHARE, YEARS_DAYS = 0.45, 730.0


def mix(n: int, d: int, *, seed: int = 0) -> Rows:
    """Eight groups of unequal size, each skewed and correlated in its own way, and noise.

    Parameters
    ----------
    n, d : int
        Rows and columns.
    seed : int

    Returns
    -------
    ndarray of shape (n, d), float32, standardised
    """
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.full(N_GROUPS, 4.0))
    group = random.choice(N_GROUPS, size=n, p=shares)
    rows = random.normal(size=(n, d))
    for g in range(N_GROUPS):
        members = group == g
        turn = np.linalg.qr(random.normal(size=(d, d)))[0] * random.uniform(0.3, 1.0, d)
        bent = np.where(rows[members] > 0, rows[members] * 1.6, rows[members])
        rows[members] = bent @ turn.T + random.normal(scale=2.5, size=d)
    noise = random.random(n) < NOISE_SHARE
    rows[noise] = random.uniform(rows.min(axis=0), rows.max(axis=0), size=(int(noise.sum()), d))
    return _standardised(rows)


def rfm(n: int, *, seed: int = 0) -> Rows:
    """Log recency, root tenure, log orders, log spend, log basket, mean and deviation of gaps, log products.

    Parameters
    ----------
    n : int
    seed : int

    Returns
    -------
    ndarray of shape (n, 8), float32, standardised
    """
    random = np.random.default_rng(seed)
    once = random.random(n) < ONCE_SHARE
    orders = np.where(once, 1, 1 + random.negative_binomial(1.2, 1 / (1 + random.gamma(2.0, 3.0, n))))
    tenure = random.uniform(1, YEARS_DAYS, n).round()
    gap = np.where(orders > 1, tenure / np.maximum(orders, 1) * random.lognormal(0, 0.4, n), 0.0)
    recency = np.where(orders > 1, np.minimum(gap * random.exponential(1.0, n), tenure), tenure).round()
    basket = random.lognormal(3.2, 0.7, n)
    products = 1 + random.poisson(orders * random.gamma(2.0, 1.5, n))
    spread = np.where(orders > 2, gap * random.gamma(2.0, 0.4, n), 0.0)
    columns = [np.log1p(recency), np.sqrt(tenure), np.log(orders), np.log1p(basket * orders)]
    columns += [np.log1p(basket), gap, spread, np.log1p(products)]
    return _standardised(np.column_stack(columns))


def parted(n: int, d: int, *, seed: int = 0) -> Rows:
    """`mix` with its k-means label for eight clusters as a last column.

    Parameters
    ----------
    n, d : int
    seed : int

    Returns
    -------
    ndarray of shape (n, d + 1), float32
    """
    from coterie.segmentation import KMeans

    rows = mix(n, d, seed=seed)
    labels = KMeans(N_GROUPS, random_state=seed).fit(rows).labels_
    return np.column_stack([rows, labels.astype(np.float32)])


@dataclass(frozen=True)
class Data:
    """Which customers, how many and, but for `rfm`, of how many columns."""

    kind: Literal["mix", "rfm", "parted"]
    n: int
    d: int = 8

    def stored(self, folder: Path) -> Path:
        """The .npy file of these rows in the folder, made if it is not there."""
        path = folder / f"{self.kind}_{self.n}_{self.d}.npy"
        if not path.exists():
            made = {"mix": mix, "parted": parted}.get(self.kind)
            np.save(path, rfm(self.n) if made is None else made(self.n, self.d))
        return path

    def __str__(self) -> str:
        return f"{self.n:,} x {self.d} {'rfm' if self.kind == 'rfm' else 'mix'}"


def _standardised(rows: npt.NDArray[np.float64]) -> Rows:
    standard: Rows = ((rows - rows.mean(axis=0)) / rows.std(axis=0)).astype(np.float32)
    return standard
