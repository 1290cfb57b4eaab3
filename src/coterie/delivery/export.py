"""The tables of a result: customers and rejected rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.knowledge import segment_name_of_customers
from coterie.segmentation import Segmentation

if TYPE_CHECKING:
    import pandas as pd


def customers_frame(result: Segmentation) -> pd.DataFrame:
    """Every customer with segment, margin and features.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    DataFrame of shape (n_customers, 4 + n_features)
        customer_id, segment_id (-1 = in none), segment_name, margin (0-1), then the features in raw
        units; ordered by customer_id.
    """
    import pandas as pd

    head = pd.DataFrame(
        {
            "customer_id": result.table.customer_ids,
            "segment_id": result.labels,
            "segment_name": segment_name_of_customers(result),
            "margin": np.round(result.margin, 6),
        }
    )
    taken = {name: f"customer_{name}" for name in head.columns if name in result.table.X.columns}
    return pd.concat([head, result.table.X.rename(columns=taken)], axis=1)


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
