"""Which products are bought by more of a segment's members than by customers at large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable
from coterie.knowledge.traits import MIN_LIFT
from coterie.prediction.lift import shrunk_lift

if TYPE_CHECKING:
    import pandas as pd

MAX_PRODUCTS = 5
MIN_BUYERS = 20
"""Members who must have bought a product before it is spoken of."""


@dataclass(frozen=True)
class ProductLift:
    """A product that members buy more often than customers at large.

    `lift` is the share of members who bought it over the share of all customers who did, shrunk by 20
    average customers; `n_buyers` are members. It explains a segment; it does not rank
    recommendations for one customer.
    """

    segment_id: int
    product: str
    name: str
    n_buyers: int
    lift: float

    @property
    def words(self) -> str:
        """The lift as it is read: "3.1x the average"."""
        return f"{self.lift:.1f}x the average"


def product_lifts(
    table: FeatureTable, labels: npt.NDArray[np.int32]
) -> Mapping[int, tuple[ProductLift, ...]]:
    """The products each segment over-buys, strongest first.

    Parameters
    ----------
    table : FeatureTable of n customers
        Its cleaned dataset is asked; without one, or without products, there is nothing to tell.
    labels : ndarray of shape (n,), int32

    Returns
    -------
    dict of tuple of ProductLift by segment id
        At most `MAX_PRODUCTS` each, with a lift of at least 1.2 and `MIN_BUYERS` buyers among members.
    """
    import pandas as pd

    buyers = _buyers(table, labels)
    if buyers is None:
        return {}
    everywhere = buyers.groupby("product")["n_buyers"].transform("sum") / len(labels)
    members = pd.Series(labels).value_counts().reindex(buyers["segment_id"]).to_numpy()
    buyers = buyers.assign(lift=shrunk_lift(buyers["n_buyers"], members, share_of_all=everywhere))
    told = buyers[
        (buyers["segment_id"] >= 0) & (buyers["n_buyers"] >= MIN_BUYERS) & (buyers["lift"] >= MIN_LIFT)
    ]
    ranked = told.sort_values(["lift", "n_buyers", "product"], ascending=[False, False, True])
    found: dict[int, list[ProductLift]] = {}
    for record in ranked.to_dict("records"):
        product = ProductLift(
            int(record["segment_id"]),
            str(record["product"]),
            str(record["product_name"]),
            int(record["n_buyers"]),
            float(record["lift"]),
        )
        found.setdefault(product.segment_id, []).append(product)
    return {segment_id: tuple(found[segment_id][:MAX_PRODUCTS]) for segment_id in sorted(found)}


def _buyers(table: FeatureTable, labels: npt.NDArray[np.int32]) -> pd.DataFrame | None:
    """Customers who bought a product and kept it, counted per product and segment by the engine."""
    dataset = table.dataset
    if dataset is None or dataset.transactions is None or "product" not in dataset.transactions.columns:
        return None
    import ibis
    import pandas as pd

    lines = dataset.transactions
    lines = lines.filter(lines.product.notnull(), lines.is_purchase, lines.net_quantity > 0)
    members = ibis.memtable(
        pd.DataFrame({"customer_id": table.customer_ids.astype(str), "segment_id": labels})
    )
    name = lines.product_name if "product_name" in lines.columns else lines.product
    names = lines.group_by("product").agg(product_name=name.min())
    counts = (
        lines.join(members, "customer_id")
        .group_by("product", "segment_id")
        .agg(n_buyers=lambda joined: joined.customer_id.nunique())
    )
    rows = counts.join(names, "product").order_by("product", "segment_id")
    return dataset.store.backend.execute(rows)  # type: ignore[no-any-return]
