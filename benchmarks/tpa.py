"""Does TPA foretell later spend better than k-means? Online Retail, real orders.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.tpa

Customers as of 10 June 2011 are judged by eta squared of log(1 + net spend of the six months after). TPA
in the mode "value" is fitted on customers as of 10 March and what they spent until 10 June, and then
places those of June: nothing after the cut teaches it. K-means and TPA in the mode "refine" are fitted
on the customers of June. Recency, orders and money, scaled as of June. Means over five seeds.

Bars: "value" at least 0.01 above k-means, "refine" never below the phase 2 it began with, at k = 5, 6, 9.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.data import online_retail
from benchmarks.later_value import CUT, log_spend
from benchmarks.report import Report, Row, main
from coterie.assessment import eta_squared
from coterie.features import FeatureTable, build_features
from coterie.preprocessing import DataQuality, clean
from coterie.segmentation import TPA, KMeans, Transform
from coterie.sources import Dataset, read

Floats = npt.NDArray[np.float64]

EARLIER_CUT = date(2011, 3, 10)
COLUMNS = ("recency_days", "n_orders", "monetary")
COUNTS, N_SEEDS, LEAST_GAIN = (5, 6, 9), 5, 0.01


@dataclass(frozen=True)
class Window:
    """Coordinates of customers with spend as of a day, and log(1 + what they spent after it)."""

    X: Floats
    later: Floats


def run(*, quick: bool = False) -> Report:
    """Both modes at every number of clusters."""
    title = "TPA and later spend"
    path, missing = online_retail()
    if path is None:
        return Report(title, missing=missing)
    dataset, quality = clean(read(path))
    table = build_features(dataset, observation_end=CUT, quality=quality)
    scale = Transform().fit(_columns(table))
    judged = Window(_placed(table, scale), _later(dataset, table, after=CUT))
    taught = _earlier(dataset, quality, scale)
    rows = [row for k in COUNTS for row in _rows(k, judged, taught, n_seeds=1 if quick else N_SEEDS)]
    said = (
        f"Eta squared of later log spend, {len(judged.X):,} customers of Online Retail as of {CUT}; "
        f"the mode `value` learnt from {len(taught.X):,} as of {EARLIER_CUT} and what they spent until {CUT}."
    )
    return Report(title, tuple(rows), said)


def _earlier(dataset: Dataset, quality: DataQuality, scale: Transform) -> Window:
    table = build_features(dataset, observation_end=EARLIER_CUT, quality=quality)
    return Window(_placed(table, scale), _later(dataset, table, after=EARLIER_CUT, until=CUT))


def _placed(table: FeatureTable, scale: Transform) -> Floats:
    return scale.apply(_columns(table))


def _later(dataset: Dataset, table: FeatureTable, *, after: date, until: date | None = None) -> Floats:
    return log_spend(dataset, table, after=after, until=until)[~table.no_net_spend]


def _columns(table: FeatureTable) -> pd.DataFrame:
    return table.rows(~table.no_net_spend).columns(COLUMNS)


def _rows(k: int, judged: Window, taught: Window, *, n_seeds: int) -> Iterator[Row]:
    plain, value, before, after = np.zeros((4, n_seeds))
    for seed in range(n_seeds):
        plain[seed] = eta_squared(KMeans(k, random_state=seed).fit(judged.X).labels_, judged.later)
        fitted = TPA(k, mode="value", random_state=seed).fit(taught.X, taught.later)
        value[seed] = eta_squared(fitted.predict(judged.X), judged.later)
        refined = TPA(k, random_state=seed).fit(judged.X)
        before[seed] = eta_squared(refined.phase2_labels_, judged.later)
        after[seed] = eta_squared(refined.labels_, judged.later)
    gain = float(value.mean() - plain.mean())
    yield Row(
        f"k = {k}, mode value",
        f"{value.mean():.3f}",
        f"k-means {plain.mean():.3f}",
        f"{gain:+.3f}",
        f">= +{LEAST_GAIN}",
        gain >= LEAST_GAIN,
    )
    least = float((after - before).min())
    yield Row(
        f"k = {k}, mode refine",
        f"{after.mean():.3f}",
        f"its phase 2 {before.mean():.3f}",
        f"{least:+.3f} at worst",
        ">= 0",
        least >= 0,
    )


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
