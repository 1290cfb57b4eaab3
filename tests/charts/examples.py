"""A small shop to draw, and one call of every chart function on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from coterie import charts
from coterie.charts import Chart
from coterie.features import FeatureSpec

NAMES = {0: "Champions", 1: "Loyal", 2: "Promising", 3: "Lost"}
SPECS = {
    name: FeatureSpec(name, unit, "", "transactions", label=label)
    for name, unit, label in (
        ("recency_days", "days", "days since last order"),
        ("n_orders", "orders", "orders"),
        ("monetary", "GBP", "spend"),
        ("return_share", "share", "share returned"),
    )
}
HOSTILE = {
    0: "<script>alert(1)</script>",
    1: r"$x^2$ & $\frac{1}{",
    2: "顧客 🎉 " + "a name that never comes to an end " * 8,
    3: '=HYPERLINK("-->")\x00\n]]>',
}


def customers(n: int, *, n_segments: int = 4, seed: int = 0) -> tuple[pd.DataFrame, npt.NDArray[np.int32]]:
    """RFM-like customers around `n_segments` centres, and their segment ids."""
    rng = np.random.default_rng(seed)
    labels = np.sort(rng.integers(0, n_segments, n)).astype(np.int32)
    centre = np.array([[2.5, 2.7, 8.0], [3.6, 1.8, 7.0], [3.4, 0.5, 5.5], [5.5, 0.2, 5.0]])[labels % 4]
    logs = centre + rng.normal(0.0, 0.5, (n, 3))
    X = pd.DataFrame(np.floor(np.exp(logs)), columns=["recency_days", "n_orders", "monetary"])
    return X.clip(lower=1.0).assign(return_share=rng.beta(1, 9, n)), labels


def ids(n: int) -> list[str]:
    return [f"customer {i}" for i in range(n)]


def medians(X: pd.DataFrame, labels: npt.NDArray[np.int32], names: Mapping[int, str]) -> pd.DataFrame:
    own = {names[int(i)]: X[labels == i].median() for i in np.unique(labels[labels >= 0])}
    return pd.DataFrame({"Everyone": X.median(), **own})


def differences(X: pd.DataFrame, labels: npt.NDArray[np.int32], names: Mapping[int, str]) -> pd.DataFrame:
    logs = np.log1p(X)
    Z = (logs - logs.mean()) / logs.std()
    return pd.DataFrame({names[int(i)]: Z[labels == i].mean() for i in np.unique(labels[labels >= 0])})


def segments(X: pd.DataFrame, labels: npt.NDArray[np.int32], names: Mapping[int, str]) -> pd.DataFrame:
    ids = np.unique(labels[labels >= 0])
    spend = X["monetary"].to_numpy()
    return pd.DataFrame(
        {
            "segment_id": ids,
            "name": [names[int(i)] for i in ids],
            "n_customers": [int((labels == i).sum()) for i in ids],
            "share": [float((labels == i).mean()) for i in ids],
            "revenue_share": [float(spend[labels == i].sum() / spend.sum()) for i in ids],
        }
    )


def linkage(X: pd.DataFrame) -> npt.NDArray[np.float64]:
    from scipy.cluster.hierarchy import ward

    tree: npt.NDArray[np.float64] = ward(np.log1p(X.to_numpy()))
    return tree


def scores(n: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng(1).integers(1, 6, (n, 3))


def comparison() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "method": ["kmeans", "kmeans", "gmm", "gmm", "dbscan"],
            "n_clusters": [3, 4, 3, 4, 2],
            "silhouette": [0.41, 0.44, 0.36, 0.39, None],
            "ari": [None] * 5,
        }
    )


def agreement(names: Mapping[int, str]) -> pd.DataFrame:
    methods = [names[0], names[1], names[2]]
    return pd.DataFrame([[1.0, 0.8, 0.3], [0.8, 1.0, np.nan], [0.3, np.nan, 1.0]], methods, methods)


def migration(labels: npt.NDArray[np.int32]) -> pd.DataFrame:
    """The customers a while later: some are in the next segment, some are new (-2), some are lost (-4)."""
    places = np.arange(len(labels))
    ids = np.unique(labels).tolist()
    to = np.where(places % 5 == 0, ids[0], labels)
    to[::11] = -4
    rows = np.where(places % 13 == 0, -2, labels)
    return pd.crosstab(rows, to).reindex(index=[*ids, -2], columns=[*ids, -4], fill_value=0)


def rankings(names: Mapping[int, str]) -> pd.DataFrame:
    share = np.linspace(0.0, 1.0, 201)
    curves = [
        pd.DataFrame({"name": names[i], "share": share, "gain": 0.02 * share**power, "coefficient": area})
        for i, (power, area) in enumerate([(0.5, 0.0033), (0.8, 0.0011), (1.0, 0.0)])
    ]
    return pd.concat(curves)


Maker = Callable[[pd.DataFrame, npt.NDArray[np.int32], Mapping[int, str]], Chart]

MAKERS: dict[str, Maker] = {
    "cluster_scatter": lambda X, labels, names: charts.cluster_scatter(
        X, labels, names=names, specs=SPECS, customer_ids=ids(len(X))
    ),
    "pca_map": lambda X, labels, names: charts.pca_map(
        np.log1p(X.to_numpy()), labels, names=names, customer_ids=ids(len(X))
    ),
    "cluster_map_3d": lambda X, labels, names: charts.cluster_map_3d(
        np.log1p(X.to_numpy()), labels, names=names, customer_ids=ids(len(X))
    ),
    "pair_plot": lambda X, labels, names: charts.pair_plot(
        X, labels, names=names, specs=SPECS, customer_ids=ids(len(X))
    ),
    "dendrogram": lambda X, labels, names: charts.dendrogram(
        linkage(X[:400]), n_clusters=3, labels=labels[:400], names=names
    ),
    "profile_heatmap": lambda X, labels, names: charts.profile_heatmap(
        medians(X, labels, names), differences(X, labels, names), specs=SPECS
    ),
    "snake_plot": lambda X, labels, names: charts.snake_plot(differences(X, labels, names), specs=SPECS),
    "sizes_and_revenue": lambda X, labels, names: charts.sizes_and_revenue(segments(X, labels, names)),
    "lift_chart": lambda X, labels, names: charts.lift_chart(
        pd.DataFrame(
            {
                "group": [names[0], names[1]],
                "n_customers": [len(X) - len(X) // 10, len(X) // 10],
                "rate": [0.14, 0.11],
                "low": [0.12, 0.06],
                "high": [0.16, 0.19],
            }
        )
    ),
    "rfm_grid": lambda X, labels, names: charts.rfm_grid(
        scores(len(X)),
        {(r, f): names[(r + f) % len(names)] for r in range(1, 6) for f in range(1, 6)},
        cut_points={"recency_days": [10, 30, 90, 180], "n_orders": [1, 1, 3, 8]},
    ),
    "metric_comparison": lambda X, labels, names: charts.metric_comparison(
        comparison().replace({"method": {"gmm": names[0]}}), "silhouette", chosen=("kmeans", 4)
    ),
    "migration_heatmap": lambda X, labels, names: charts.migration_heatmap(
        migration(labels), {**names, -2: "New", -4: "Lost"}
    ),
    "segment_flows": lambda X, labels, names: charts.segment_flows(
        migration(labels), {**names, -2: "New", -4: "Lost"}
    ),
    "agreement_map": lambda X, labels, names: charts.agreement_map(agreement(names), "ari"),
    "qini_curves": lambda X, labels, names: charts.qini_curves(rankings(names)),
}
"""Every chart function by name, drawing the same customers."""
