"""The tables of a result: customers and rejected rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.delivery.agreement import core_of
from coterie.features import FeatureTable
from coterie.knowledge import segment_name_of_customers
from coterie.segmentation import Segmentation
from coterie.store import replacing
from coterie.store.paging import ROW

if TYPE_CHECKING:
    import pandas as pd


MAP = ("map_x", "map_y", "map_z")
ROWS_FOUND_TOGETHER = 8_192
"""Rows of a part of members.parquet: a page is read from as many parts as it has customers, at worst."""

N_HEAD = 5
"""Columns of a member before its place on the map."""


def customers_frame(result: Segmentation) -> pd.DataFrame:
    """Every customer with segment, margin and features.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    DataFrame of shape (n_customers, 6 + n_features)
        customer_id, segment_id (-1 = in none), segment_name, margin (0-1), core_member (whether every
        method that ran puts this customer there), filled (the features of this customer that stand for a
        missing value, parted by spaces), then the features in raw units; ordered by customer_id.
    """
    import pandas as pd

    head = pd.DataFrame(
        {
            "customer_id": result.table.customer_ids,
            "segment_id": result.labels,
            "segment_name": segment_name_of_customers(result),
            "margin": np.round(result.margin, 6),
            "core_member": core_of(result),
            "filled": "",
        }
    )
    taken = {name: f"customer_{name}" for name in head.columns if name in result.table.X.columns}
    head["filled"] = _filled_names(result.table, taken)
    return pd.concat([head, result.table.X.rename(columns=taken)], axis=1)


def _filled_names(table: FeatureTable, renamed: Mapping[str, str]) -> npt.NDArray[np.object_]:
    """The filled features of every customer, in the order of the columns."""
    names = np.full(len(table), "", dtype=object)
    for feature, rows in table.filled.items():
        names[rows] += f" {renamed.get(feature, feature)}"
    return np.array([name[1:] for name in names], dtype=object)


def members_frame(result: Segmentation) -> pd.DataFrame:
    """Every customer as the pages list them: segment, place on the map and features.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    DataFrame of shape (n_customers, 8 + n_features)
        customer_id, segment_id, segment_name, margin, core_member, map_x, map_y, map_z, then the features
        in raw units; ordered by customer_id.
    """
    from coterie.charts import map_coordinates

    taken = {name: f"customer_{name}" for name in (*MAP, ROW) if name in result.table.X.columns}
    frame = customers_frame(result).drop(columns="filled").rename(columns=taken)
    for place, (name, values) in enumerate(zip(MAP, map_coordinates(result).T, strict=True)):
        frame.insert(N_HEAD + place, name, values)
    return frame


def write_members(result: Segmentation, path: Path, *, beside: pd.DataFrame | None = None) -> None:
    """Write what `members_frame` gives as Parquet, in small parts that are quick to find rows in.

    Parameters
    ----------
    result : Segmentation
    path : Path
    beside : DataFrame, optional
        More columns, at most a row for each customer_id; one named like a feature is left out.
    """
    frame = members_frame(result)
    if beside is not None:
        new = [name for name in beside.columns if name == "customer_id" or name not in frame.columns]
        frame = frame.merge(beside[new], on="customer_id", how="left", validate="one_to_one")
    with replacing(path) as draft:
        frame.to_parquet(draft, index=False, compression=None, row_group_size=ROWS_FOUND_TOGETHER)


def rejected_frame(result: Segmentation) -> pd.DataFrame:
    """Every row that was not accepted: source, line, column, reason, value; in order of the files.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    DataFrame
    """
    import pandas as pd

    if result.table.dataset is None:
        return pd.DataFrame(columns=["source", "line", "column", "reason", "value"])
    rows: pd.DataFrame = result.table.dataset.report.rejected.to_pandas()
    return rows.sort_values(["source", "line"], kind="stable", ignore_index=True)
