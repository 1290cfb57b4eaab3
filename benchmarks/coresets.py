"""Do a few weighted customers stand for all of a table too large for memory, and does SQL place the rest?

    python -m benchmarks.coresets [--quick]

A Parquet file of a million customers, read by DuckDB through Ibis. Bars: k-means on a coreset is at most
0.5 % wider, over all customers, than k-means on all, for 20 of 20 draws; the query of `scoring_sql` gives
every customer the segment the model gives; a segment of 0.5 % far from the others is found by 20 of 20 draws.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import ibis
import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.customers import mix
from benchmarks.report import Report, Row, main
from coterie.features import FeatureSpec, FeatureTable
from coterie.kernels import nearest_center
from coterie.segmentation import Coreset, KMeans, draw_coreset, fit_trial, scoring_sql

Floats = npt.NDArray[np.float64]

N_CUSTOMERS, N_FAR_TABLE, N_DRAWS = 1_000_000, 200_000, 20
QUICK_SHARE, QUICK_DRAWS = 10, 2
K, WIDER = 8, 0.005
FAR_SHARE, FAR_K, FOUND_JACCARD = 0.005, 6, 0.95
TAUGHT_ROWS = 50_000
"""Customers that teach the model whose query then places all."""
COLUMNS = ("spend", "orders", "balance", "recency_days", "basket")


def customers(n: int, *, far_share: float = 0.0) -> pd.DataFrame:
    """Skewed and symmetric columns of eight groups; the first ones are far from all others."""
    x = mix(n, len(COLUMNS)).astype(np.float64)
    random = np.random.default_rng(1)
    raw = [np.exp(3 + x[:, 0]), 1.0 + random.poisson(np.exp(0.5 * x[:, 1])), 12 * x[:, 2]]
    raw += [np.exp(3 + 0.8 * x[:, 3]), np.exp(2 + 0.6 * x[:, 4])]
    frame = pd.DataFrame(dict(zip(COLUMNS, raw, strict=True)))
    n_far = round(far_share * n)
    frame.loc[: n_far - 1, "balance"] = random.normal(600, 5, n_far)
    frame.insert(0, "customer_id", [f"{i:07}" for i in range(n)])
    return frame


def run(*, quick: bool = False) -> Report:
    """Both tables, all draws."""
    share, n_draws = (QUICK_SHARE, QUICK_DRAWS) if quick else (1, N_DRAWS)
    with TemporaryDirectory() as folder:
        rows = [
            _as_wide_as_all(customers(N_CUSTOMERS // share), Path(folder), n_draws=n_draws),
            *_same_by_sql(Path(folder), N_CUSTOMERS // share),
            _far_ones_found(customers(N_FAR_TABLE // share, far_share=FAR_SHARE), Path(folder), n_draws),
        ]
    return Report("Coresets and scoring where the customers are", tuple(rows))


def _draws(frame: pd.DataFrame, folder: Path, n_draws: int) -> Iterator[Coreset]:
    path = folder / f"customers_{len(frame)}.parquet"
    frame.to_parquet(path)
    stored = ibis.duckdb.connect().read_parquet(path)
    for seed in range(n_draws):
        yield draw_coreset(stored, COLUMNS, random_state=seed)


def _as_wide_as_all(frame: pd.DataFrame, folder: Path, *, n_draws: int) -> Row:
    rises, n_rows = [], 0
    X, all_rows = np.empty(0), 0.0
    for seed, drawn in enumerate(_draws(frame, folder, n_draws)):
        if seed == 0:
            X = drawn.transform.apply(frame)
            all_rows = KMeans(K, random_state=0).fit(X).inertia_
        found = KMeans(K, random_state=seed).fit(drawn.coordinates(), sample_weight=drawn.weights)
        rises.append(_inertia(X, found.cluster_centers_) / all_rows - 1)
        n_rows = len(drawn.rows)
    n_good = sum(rise <= WIDER for rise in rises)
    return Row(
        f"k-means, k = {K}, on a coreset of {n_rows:,}, {n_draws} draws",
        f"inertia {np.mean(rises):+.3%} on average, {max(rises):+.3%} at worst",
        f"k-means on all {len(frame):,}",
        f"{n_good} of {n_draws} within {WIDER:.1%}",
        f"{n_draws} of {n_draws}",
        n_good == n_draws,
    )


def _inertia(X: Floats, centers: Floats) -> float:
    return float(nearest_center(X, centers)[1].sum())


def _same_by_sql(folder: Path, n: int) -> Iterator[Row]:
    path = folder / f"customers_{n}.parquet"
    everyone = _table(pd.read_parquet(path))
    connection = duckdb.connect()
    connection.read_parquet(str(path)).create_view("customers")
    for method in ("kmeans", "gmm"):
        model = fit_trial(everyone.rows(np.arange(min(TAUGHT_ROWS, n))), method, n_clusters=K).model
        assert model is not None
        answer = connection.execute(scoring_sql(model) + ' ORDER BY "customer_id"').fetch_df()
        same = float((answer["segment_id"].to_numpy() == model.predict(everyone)).mean())
        name = f"segments of {n:,} customers by SQL, {method}"
        yield Row(name, "DuckDB on Parquet", "the model in Python", f"{same:.5%} equal", "100 %", same == 1.0)


def _table(frame: pd.DataFrame) -> FeatureTable:
    specs = tuple(FeatureSpec(name, "", name, "bench", kind="number") for name in COLUMNS)
    return FeatureTable(
        customer_ids=frame["customer_id"].to_numpy(dtype=object),
        X=frame[list(COLUMNS)].astype(np.float64),
        specs=specs,
        defaults=COLUMNS,
        no_net_spend=np.zeros(len(frame), dtype=bool),
        observation_end=date(2024, 6, 30),
    )


def _far_ones_found(frame: pd.DataFrame, folder: Path, n_draws: int) -> Row:
    far = np.arange(len(frame)) < round(FAR_SHARE * len(frame))
    matches = []
    for seed, drawn in enumerate(_draws(frame, folder, n_draws)):
        found = KMeans(FAR_K, random_state=seed).fit(drawn.coordinates(), sample_weight=drawn.weights)
        labels = found.predict(drawn.transform.apply(frame))
        matches.append(max(_jaccard(labels == cluster, far) for cluster in range(found.n_clusters_)))
    n_found = sum(match >= FOUND_JACCARD for match in matches)
    return Row(
        f"a segment of {FAR_SHARE:.1%} of {len(frame):,} customers, {n_draws} draws",
        f"Jaccard {min(matches):.3f} at worst",
        "the segment itself",
        f"{n_found} of {n_draws} found",
        f"{n_draws} of {n_draws}",
        n_found == n_draws,
    )


def _jaccard(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
