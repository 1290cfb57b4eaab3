"""Do the default segments foretell what customers spend later? Online Retail, real orders.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.later_value

Customers are described as of 10 June 2011 and clustered by k-means; eta squared is the share of the
variance of log(1 + net spend of the following six months) that lies between segments. Beside the
default stand its attributes z-scored without un-skewing.

Bar: eta squared of the default at k = 5 is at least 0.22.
"""

from __future__ import annotations

import sys
from datetime import date

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import StandardScaler

from benchmarks.data import online_retail
from benchmarks.report import Report, Row, main
from coterie.assessment import Score, eta_squared
from coterie.features import FeatureTable, build_features
from coterie.preprocessing import clean
from coterie.segmentation import KMeans, fit_trials
from coterie.sources import Dataset, read

CUT = date(2011, 6, 10)
COUNTS = (3, 4, 5, 6, 7, 8)
JUDGED_COUNT, LEAST_ETA_SQUARED = 5, 0.22


def default_labels(table: FeatureTable) -> list[npt.NDArray[np.int32]]:
    """Segments of the default attributes, one partition per count."""
    trials = fit_trials(table, "kmeans", ks=COUNTS)
    return [trial.labels for trial in trials if trial.labels is not None]


def raw_labels(table: FeatureTable) -> list[npt.NDArray[np.int32]]:
    """The same attributes and customers, only z-scored."""
    spent = ~table.no_net_spend
    X = table.rows(spent).columns(table.defaults)
    Z = StandardScaler().fit_transform(X)
    partitions = []
    for k in COUNTS:
        labels = np.full(len(table), -1, dtype=np.int32)
        labels[spent] = KMeans(k, random_state=0).fit(Z).labels_
        partitions.append(labels)
    return partitions


def log_spend(
    dataset: Dataset, table: FeatureTable, *, after: date, until: date | None = None
) -> npt.NDArray[np.float64]:
    """log(1 + what each customer of the table spent, net, after a day and until another)."""
    rows = dataset.transactions
    assert rows is not None
    day = rows["at"].date()
    later = rows.filter(day > after if until is None else (day > after) & (day <= until))
    spend = later.group_by("customer_id").aggregate(spend=later["amount"].sum()).to_pandas()
    by_customer = spend.set_index("customer_id")["spend"].reindex(table.customer_ids, fill_value=0.0)
    logs: npt.NDArray[np.float64] = np.log1p(np.maximum(by_customer.to_numpy(dtype=np.float64), 0.0))
    return logs


def run(*, quick: bool = False) -> Report:
    """Eta squared at every count; quick or not, it takes seconds."""
    title = "Segments and later spend"
    path, missing = online_retail()
    if path is None:
        return Report(title, missing=missing)
    dataset, quality = clean(read(path))
    table = build_features(dataset, observation_end=CUT, quality=quality)
    spend = log_spend(dataset, table, after=CUT)
    partitions = zip(COUNTS, default_labels(table), raw_labels(table), strict=True)
    rows = tuple(_row(k, eta_squared(ours, spend), eta_squared(raw, spend)) for k, ours, raw in partitions)
    said = (
        f"K-means, eta squared of later log spend: {len(table):,} customers of Online Retail as of {CUT}, "
        f"{(spend > 0).mean():.0%} of them spent later."
    )
    return Report(title, rows, said)


def _row(k: int, ours: Score, raw: Score) -> Row:
    values = f"{float(ours):.3f}", f"only z-scored {float(raw):.3f}", f"{float(ours) - float(raw):+.3f}"
    if k != JUDGED_COUNT:
        return Row(f"k = {k}", *values)
    return Row(f"k = {k}", *values, f"ours >= {LEAST_ETA_SQUARED}", float(ours) >= LEAST_ETA_SQUARED)


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
