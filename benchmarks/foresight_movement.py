"""Do segments stay themselves over time, and does drift get noticed? Online Retail, and drawn customers.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.foresight_movement

Customers of Online Retail are described as of the end of each month from May to November 2011 and of
9 December. K-means with five segments is fitted to each and fitted anew, warm, to the next: the share of
customers whom the model alone moves. Beside that, one model that is fitted anew from month to month. Drift
is looked for in lognormal spend, each of 1,000 draws with a fit of its own.

Bars: the median share moved is at most 8 %, and at most 10 % in six of the seven months (those with a PSI
below 0.1); permuted labels are all recovered up to 20 segments; without drift at most 10 of 1,000 draws are
noticed, at 2,000 and at 10,000 customers; spend doubled for half of 2,000, and for a fifth of 10,000, is
noticed in at least 990 of 1,000.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.data import online_retail
from benchmarks.drift import noticed_share
from benchmarks.report import Report, Row, main
from coterie.features import FeatureTable, build_features
from coterie.movement import Movement, Refit, identify, movement_between, refit
from coterie.preprocessing import clean
from coterie.segmentation import Segmentation, finish, fit_trial
from coterie.sources import read

ENDS = (
    *(date(2011, month, 31 if month in (5, 7, 8, 10) else 30) for month in range(5, 12)),
    date(2011, 12, 9),
)
K, MOST_MOVED, MOST_MEDIAN, CALM_PSI, N_CALM = 5, 0.10, 0.08, 0.1, 6


@dataclass(frozen=True)
class Month:
    """A model fitted to one month and fitted anew to the next, `end`."""

    end: date
    refit: Refit
    moved: Movement

    @property
    def largest_psi(self) -> float:
        """Of the features that count."""
        assert self.refit.drift is not None
        return max(feature.psi for feature in self.refit.drift.features)


def months(tables: Sequence[FeatureTable]) -> tuple[Month, ...]:
    """Every month with its refit."""
    found = []
    for before, after in pairwise(tables):
        old = _fitted(before)
        new, done = refit(old.model, after)
        assert after.observation_end is not None
        found.append(Month(after.observation_end, done, movement_between(old, new)))
    return tuple(found)


def chain(tables: Sequence[FeatureTable]) -> list[Refit]:
    """One model fitted anew every month."""
    model, found = _fitted(tables[0]).model, []
    for table in tables[1:]:
        result, done = refit(model, table)
        model = result.model
        found.append(done)
    return found


def describe(path: Path) -> list[FeatureTable]:
    """The customers of Online Retail as of each end."""
    dataset, quality = clean(read(path))
    return [build_features(dataset, observation_end=end, quality=quality) for end in ENDS]


def _fitted(table: FeatureTable) -> Segmentation:
    return finish(fit_trial(table, "kmeans", n_clusters=K), table)


def run(*, quick: bool = False) -> Report:
    """All bars."""
    title = "Movement"
    path, missing = online_retail()
    if path is None:
        return Report(title, missing=missing)
    rows = [*_refits(path), _permuted(200 if quick else 2_000), *_drift(100 if quick else 1_000)]
    return Report(title, tuple(rows))


def _refits(path: Path) -> Iterator[Row]:
    tables = describe(path)
    found = months(tables)
    shares = [month.refit.moved_share for month in found]
    for month in found:
        true = month.moved.moved_share or 0.0
        yield Row(
            f"refit as of {month.end}",
            f"{month.refit.moved_share:.1%}",
            f"all moves {true:.1%}",
            f"PSI {month.largest_psi:.3f}",
        )
    median = float(np.median(shares))
    yield Row(
        "moved by the model, median", f"{median:.1%}", "", "", f"<= {MOST_MEDIAN:.0%}", median <= MOST_MEDIAN
    )
    calm = sum(m.refit.moved_share <= MOST_MOVED for m in found if m.largest_psi < CALM_PSI)
    yield Row(
        f"months with at most {MOST_MOVED:.0%} moved",
        f"{calm} of {len(found)}",
        "",
        "",
        f">= {N_CALM}",
        calm >= N_CALM,
    )
    linked = [done.moved_share for done in chain(tables)]
    told, middle = ", ".join(f"{share:.1%}" for share in linked), float(np.median(linked))
    yield Row(
        "one model, fitted anew every month",
        f"median {middle:.1%}",
        "",
        told,
        f"<= {MOST_MEDIAN:.0%}",
        middle <= MOST_MEDIAN,
    )


def _permuted(n_draws: int) -> Row:
    random, n_found = np.random.default_rng(0), 0
    for draw in range(n_draws):
        k = 2 + draw % 19
        old = np.concatenate([np.arange(k), random.integers(0, k, 500)]).astype(np.int32)
        permuted = random.permutation(k).astype(np.int32)[old]
        n_found += int((identify(old, permuted).apply(permuted) == old).all())
    return Row("permuted labels recovered", f"{n_found} of {n_draws}", "", "", "all", n_found == n_draws)


def _drift(n_draws: int) -> Iterator[Row]:
    for n, doubled in ((2_000, 0.0), (10_000, 0.0), (2_000, 0.5), (10_000, 0.2)):
        share = noticed_share(n, doubled=doubled, n_draws=n_draws, random_state=7)
        met = share >= 0.990 if doubled else share <= 0.010
        what = f"spend doubled for {doubled:.0%}" if doubled else "no drift"
        bar = ">= 990 of 1,000" if doubled else "<= 10 of 1,000"
        yield Row(f"{what}, n = {n:,}", f"{round(share * n_draws)} of {n_draws}", "", "", bar, met)


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
