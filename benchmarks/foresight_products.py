"""Are products and churn foretold as well as published? Online Retail, Gowalla and Telco.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.foresight_products

Online Retail: lists of 20 made at the end of August 2011; recall is hits / min(20, products bought later),
averaged over customers. Gowalla: the published split of 29,858 people and 40,981 places; recall@20 is hits
over places visited. Telco: out of five folds, without the columns recorded after somebody left.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from benchmarks.data import public_data
from benchmarks.report import Report, Row, main
from coterie.features import build_features
from coterie.prediction import ProductTest, check_products, fit_churn
from coterie.prediction.ease import fit_product_weights
from coterie.prediction.product_scores import Mode, best
from coterie.preprocessing import clean
from coterie.sources import read

CUT = date(2011, 8, 31)
NEW_RECALL, TIMES_POPULARITY, ALL_RECALL = 0.120, 2.2, 0.335
GOWALLA_RECALL = 0.157
TELCO_AUC, TELCO_ERROR = 0.845, 0.02
LIST_LENGTH = 20
BLOCK = 500


def shop_rows(path: Path) -> list[Row]:
    """Recall of new and of all products on Online Retail."""
    dataset, _ = clean(read(path))
    rows = []
    bars: tuple[tuple[Mode, float, float], ...] = (
        ("discover", NEW_RECALL, TIMES_POPULARITY),
        ("replenish", ALL_RECALL, 0.0),
    )
    for mode, least, times in bars:
        start = time.process_time()
        found = check_products(dataset, mode, cut=CUT)
        assert isinstance(found, ProductTest), found
        ours, plain = found.recalls[found.method], found.recalls[found.baseline]
        name = f"Online Retail, {mode}: {found.method}, {time.process_time() - start:.1f} s CPU"
        met = ours >= least and ours >= times * plain
        bar = f">= {least}" + (f" and {times}x" if times else "")
        rows.append(
            Row(name, f"{ours:.4f}", f"{found.baseline} {plain:.4f}", f"{ours / plain:.2f}x", bar, met)
        )
    return rows


def gowalla_row(folder: Path) -> Row:
    """Recall@20 on the published split, hits over all places visited later."""
    train, test = (pd.read_parquet(folder / f"gowalla_{part}.parquet") for part in ("train", "test"))
    n_people, n_places = (int(max(train[name].max(), test[name].max())) + 1 for name in ("user", "item"))
    shape = (n_people, n_places)
    X, later = (
        csr_matrix((np.ones(len(part)), (part["user"], part["item"])), shape=shape) for part in (train, test)
    )
    X.data[:] = 1.0
    start = time.process_time()
    weights = fit_product_weights(X)
    recalls = []
    for first in range(0, n_people, BLOCK):
        own, wanted = X[first : first + BLOCK], later[first : first + BLOCK].toarray() > 0
        scores = weights.score(own)
        scores[own.nonzero()] = -np.inf
        hits = np.take_along_axis(wanted, best(scores, LIST_LENGTH), axis=1).sum(axis=1)
        recalls.append((hits / np.maximum(wanted.sum(axis=1), 1))[wanted.any(axis=1)])
    recall = float(np.concatenate(recalls).mean())
    name = f"Gowalla, discover: {weights.method}, {time.process_time() - start:.1f} s CPU"
    return Row(name, f"{recall:.4f}", "", "recall@20", f">= {GOWALLA_RECALL}", recall >= GOWALLA_RECALL)


def churn_rows(path: Path) -> list[Row]:
    """AUC and calibration error on Telco."""
    dataset, quality = clean(read(customers=path))
    table = build_features(dataset, quality=quality)
    start = time.process_time()
    found = fit_churn(table, "Churn Label")
    test = found.test
    name = f"Telco churn: {found.method}, {time.process_time() - start:.1f} s CPU"
    alone = f"{test.baseline} alone {test.baseline_auc:.4f}"
    return [
        Row(name, f"{test.auc:.4f}", alone, "AUC", f">= {TELCO_AUC}", test.auc >= TELCO_AUC),
        Row(
            "Telco churn: risk against share who left, tenths",
            f"{test.calibration_error:.4f}",
            "",
            "mean distance",
            f"<= {TELCO_ERROR}",
            test.calibration_error <= TELCO_ERROR,
        ),
    ]


def run(*, quick: bool = False) -> Report:
    """All three; quick leaves Gowalla out."""
    title = "Products and churn"
    names = ("online_retail/OnlineRetail.csv.gz", "recommender", "demographics/telco_churn_geo.xlsx")
    paths = []
    for name in names:
        path, missing = public_data(name)
        if path is None:
            return Report(title, missing=missing)
        paths.append(path)
    shop, places, telco = paths
    rows = [*shop_rows(shop), *([] if quick else [gowalla_row(places)]), *churn_rows(telco)]
    return Report(title, tuple(rows))


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
