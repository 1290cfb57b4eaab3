"""A FeatureTable from columns that somebody else has made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.errors import InputError, SchemaError
from coterie.features.block import MEDIAN, MISSING
from coterie.features.finish import finish
from coterie.features.table import FeatureSpec, FeatureTable

if TYPE_CHECKING:
    import pandas as pd


def feature_table_from_frame(frame: pd.DataFrame, *, customer_id: str | None = None) -> FeatureTable:
    """A FeatureTable from a frame with one row per customer.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, n_columns)
        Numbers and truth values become numbers, all else categories.
    customer_id : str, optional
        The column with ids. Default: the row number, from 1, padded with zeros.

    Returns
    -------
    FeatureTable
        Ascending by id; every column that separates customers clusters by default.

    Raises
    ------
    SchemaError
        If the id column does not exist, repeats an id, or misses one.
    InputError
        If there are no rows.
    """
    if not len(frame):
        raise InputError("The table has no rows")
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1).reset_index(drop=True)
    ids = _ids(frame, customer_id)
    order = np.argsort(ids.astype(str), kind="stable")
    frame = frame.drop(columns=[customer_id] if customer_id else []).iloc[order].reset_index(drop=True)
    specs = [_spec(name, frame[name]) for name in frame.columns]
    everyone = np.ones(len(frame), dtype=bool)
    done = finish(frame, specs, clusterable=everyone)
    return FeatureTable(ids[order], done.X, done.specs, done.defaults, ~everyone, filled=done.filled)


def _ids(frame: pd.DataFrame, customer_id: str | None) -> Any:
    if customer_id is None:
        width = len(str(len(frame)))
        return np.array([f"{i:0{width}}" for i in range(1, len(frame) + 1)], dtype=object)
    if customer_id not in frame.columns:
        raise SchemaError(
            f"There is no column named {customer_id!r}", to_do=f"Choose from: {', '.join(frame.columns)}"
        )
    ids = frame[customer_id]
    if ids.isna().any() or ids.astype(str).duplicated().any():
        raise SchemaError("Every row needs a customer id of its own", where=customer_id)
    return ids.astype(str).to_numpy(dtype=object)


def _spec(name: str, column: pd.Series[Any]) -> FeatureSpec:
    from pandas.api.types import is_numeric_dtype

    if is_numeric_dtype(column):
        return FeatureSpec(name, "number", f"{name} as given", "frame", fill=MEDIAN)
    return FeatureSpec(name, "category", f"{name} as given", "frame", kind="category", fill=MISSING)
