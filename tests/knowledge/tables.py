"""Small segmentations made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np
import pandas as pd

from coterie.features import FeatureSpec, FeatureTable
from coterie.segmentation import Model, Segment, Segmentation

UNITS_AND_LABELS = {
    "recency_days": ("days", "days since last order"),
    "n_orders": ("orders", "orders"),
    "monetary": ("money", "spend"),
    "tenure_days": ("days", "days as a customer"),
    "mean_basket": ("money", "average basket"),
}


def table_of(columns: Mapping[str, Iterable[object]]) -> FeatureTable:
    """A feature table; columns of text are categories, customers are c0000, c0001 ..."""
    X = pd.DataFrame(dict(columns))
    specs = []
    for name in X.columns:
        if pd.api.types.is_numeric_dtype(X[name]):
            X[name] = X[name].astype(float)
            unit, label = UNITS_AND_LABELS.get(name, ("count", ""))
            specs.append(FeatureSpec(name, unit, name, "test", label=label))
        else:
            X[name] = X[name].astype(str).astype("category")
            specs.append(FeatureSpec(name, "category", name, "test", kind="category", fill="(missing)"))
    ids = np.array([f"c{i:04d}" for i in range(len(X))], dtype=object)
    spend = X["monetary"] if "monetary" in X else pd.Series(np.ones(len(X)))
    return FeatureTable(ids, X, tuple(specs), tuple(X.columns), (spend <= 0).to_numpy())


class NamedModel:
    """Stands where a fitted model would; it can only carry names."""

    def __init__(self, names: Mapping[int, str] | None = None, *, estimator: object = None) -> None:
        self.names = dict(names or {})
        self.estimator = estimator

    def with_names(self, names: Mapping[int, str]) -> NamedModel:
        """A model with these names."""
        return NamedModel(names)


def segmentation_of(
    table: FeatureTable, labels: Sequence[int], *, attributes: Sequence[str] = (), estimator: object = None
) -> Segmentation:
    """A segmentation with these labels, its segments named "Segment 1" ..."""
    own = np.array(labels, dtype=np.int32)
    segments = tuple(
        Segment(int(i), f"Segment {i + 1}", int((own == i).sum()), float((own == i).mean()))
        for i in np.unique(own[own >= 0])
    )
    return Segmentation(
        labels=own,
        segments=segments,
        table=table,
        model=cast("Model", NamedModel(estimator=estimator)),
        method="kmeans",
        attributes=tuple(attributes or table.defaults),
        random_state=0,
        margin=np.ones(len(own)),
    )


def shop(n: int = 600, seed: int = 0) -> tuple[FeatureTable, np.ndarray]:
    """A shop of three clear groups: best, new and lost customers, and a few without net spend."""
    draws = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2, -1], [n // 4, n // 4, n - 2 * (n // 4) - 6, 6]).astype(np.int32)
    recency = np.array([10.0, 15, 250, 100])[labels] + draws.integers(0, 40, n)
    orders = np.array([12.0, 1, 2, 1])[labels] + draws.integers(0, 3, n)
    spend = orders * np.array([80.0, 30, 30, 0])[labels] + draws.integers(0, 20, n) * (labels >= 0)
    city = np.where((labels == 1) | (draws.random(n) < 0.1), "Lyon", "Paris")
    table = table_of({"recency_days": recency, "n_orders": orders, "monetary": spend, "city": city.tolist()})
    return table, labels
