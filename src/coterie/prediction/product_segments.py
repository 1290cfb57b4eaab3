"""What the customers of a segment are likely to need, and how much more they buy it than others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from coterie.prediction.bought import Bought
from coterie.prediction.lift import shrunk_lift

if TYPE_CHECKING:
    import pandas as pd

PRODUCTS_SHOWN = 10


def segment_products(offers: pd.DataFrame, bought: Bought, *, segments: Mapping[str, str]) -> pd.DataFrame:
    """The products that most customers of each segment are to be offered.

    Parameters
    ----------
    offers : DataFrame with customer_id, product, name
        One row per offer.
    bought : Bought
    segments : mapping of str to str
        The segment's name by customer_id.

    Returns
    -------
    DataFrame
        segment, product, name, n_customers (members to whom it is offered), n_buyers (members who bought
        it before), lift (the share of members who bought it over the share of all, shrunk by 20 average
        customers) and words ("3.1x the average in Champions"). At most `PRODUCTS_SHOWN` per segment, by
        n_customers: the lift explains, it does not rank.
    """
    named = offers.assign(segment=offers["customer_id"].map(segments)).dropna(subset="segment")
    by = ["segment", "product", "name"]
    counts = named.groupby(by, sort=True).size().rename("n_customers").reset_index()
    counts = counts.sort_values(["segment", "n_customers", "product"], ascending=[True, False, True])
    told = counts.groupby("segment", sort=False).head(PRODUCTS_SHOWN).reset_index(drop=True)
    return _with_lift(told, bought, segments=segments)


def segment_buyers(bought: Bought, segments: Mapping[str, str]) -> pd.DataFrame:
    """How many members of each segment bought each product: products x segments, positions as index."""
    import pandas as pd

    segment = pd.Series(bought.customer_ids).map(segments)
    members = segment.to_numpy(dtype=object)[bought.pairs["row"]]
    found = pd.DataFrame({"product": bought.pairs["column"], "segment": members}).dropna()
    counts = found.groupby(["product", "segment"]).size().unstack(fill_value=0)
    return counts.reindex(range(len(bought.products)), fill_value=0)


def segment_sizes(bought: Bought, segments: Mapping[str, str]) -> pd.Series[int]:
    """How many of the buyers are in each segment."""
    import pandas as pd

    return pd.Series(bought.customer_ids).map(segments).value_counts()


def _with_lift(told: pd.DataFrame, bought: Bought, *, segments: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    counts, sizes = segment_buyers(bought, segments), segment_sizes(bought, segments)
    place = pd.Index(bought.products).get_indexer(pd.Index(told["product"]))
    # A segment whose members never bought anything has no column.
    columns = counts.columns.get_indexer(pd.Index(told["segment"]))
    table = np.column_stack([counts.to_numpy(dtype=np.int64), np.zeros(len(counts), dtype=np.int64)])
    buyers = table[place, columns]
    share = bought.n_buyers[place] / len(bought.customer_ids)
    members = told["segment"].map(sizes).fillna(0).to_numpy(dtype=np.float64)
    lift = shrunk_lift(buyers, members, share_of_all=share)
    words = [f"{x:.1f}x the average in {segment}" for x, segment in zip(lift, told["segment"], strict=True)]
    return told.assign(n_buyers=buyers, lift=lift, words=words)
