"""Small customer tables with a shape that is known."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coterie.features import FeatureSpec, FeatureTable


def table_of(columns: dict[str, Any], *, no_net_spend: npt.ArrayLike | None = None) -> FeatureTable:
    """A feature table with these columns; text columns are categories."""
    X = pd.DataFrame(columns)
    specs = tuple(
        FeatureSpec(name, "", name, "test", kind="number" if X[name].dtype.kind in "fi" else "category")
        for name in columns
    )
    for spec in specs:
        X[spec.name] = X[spec.name].astype("float64" if spec.kind == "number" else "category")
    n = len(X)
    return FeatureTable(
        customer_ids=np.array([f"c{i:05}" for i in range(n)], dtype=object),
        X=X,
        specs=specs,
        defaults=tuple(columns),
        no_net_spend=np.zeros(n, dtype=bool) if no_net_spend is None else np.asarray(no_net_spend, bool),
        observation_end=date(2024, 6, 30),
    )


def shop(n: int = 300, *, seed: int = 0) -> FeatureTable:
    """Three kinds of customers (rare and poor, middling, frequent and rich); every 20th kept nothing."""
    random = np.random.default_rng(seed)
    kind = np.arange(n) % 3
    orders = np.maximum(1, random.poisson(np.array([1, 5, 20])[kind]))
    return table_of(
        {
            "recency_days": random.gamma(4, np.array([60, 20, 3])[kind]).round(),
            "n_orders": orders.astype(float),
            "monetary": orders * random.lognormal(3, 0.3, n),
            "ltv": orders * random.lognormal(4, 0.3, n),
        },
        no_net_spend=np.arange(n) % 20 == 19,
    )


def mixed(n: int = 300, *, seed: int = 0) -> FeatureTable:
    """Three kinds of people told apart by two numbers and two categories."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, 3, n)
    city = np.array(["Rome", "Paris", "Lyon"])[np.where(random.random(n) < 0.8, kind, (kind + 1) % 3)]
    return table_of(
        {
            "age_years": random.normal(np.array([25, 45, 65])[kind], 5),
            "income": random.lognormal(np.array([9, 10, 11])[kind], 0.4),
            "city": city,
            "channel": random.choice(["web", "shop"], n),
        }
    )
