"""CDNOW: customers of a music shop, what they did in 39 weeks, and in the 39 weeks after."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

WEEKS = 39.0


def halves(folder: Path) -> pd.DataFrame:
    """Describe the sample's customers before the cut and after it.

    Parameters
    ----------
    folder : Path
        With CDNOW_sample.txt and cdnow_sample_summary.csv.

    Returns
    -------
    DataFrame of shape (2357, 6)
        frequency, recency and T (weeks) as published, mean_value of the repeat purchases behind them, and
        orders and spend of the later weeks.
    """
    bought = _purchases(folder / "CDNOW_sample.txt")
    rank = bought.groupby("customer")["week"].rank(method="first")
    early, later = (rank > 1) & (bought["week"] <= WEEKS), bought["week"] > WEEKS
    known = bought[early].groupby("customer")["money"].mean()
    came = bought[later].groupby("customer")["money"].agg(["size", "sum"])
    found = pd.read_csv(folder / "cdnow_sample_summary.csv").set_index("ID")[["frequency", "recency", "T"]]
    found["mean_value"] = known.reindex(found.index).fillna(0.0)
    found["orders"] = came["size"].reindex(found.index).fillna(0.0)
    found["spend"] = came["sum"].reindex(found.index).fillna(0.0)
    return found


def _purchases(path: Path) -> pd.DataFrame:
    """Customer, week since 1 January 1997, and money; several purchases of a day are one."""
    names = ["master_id", "customer", "day", "units", "money"]
    read = pd.read_csv(path, sep=r"\s+", names=names, dtype={"day": str})
    read["week"] = (pd.to_datetime(read["day"], format="%Y%m%d") - pd.Timestamp("1997-01-01")).dt.days / 7.0
    return read.groupby(["customer", "week"])["money"].sum().reset_index()
