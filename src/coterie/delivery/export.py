"""Tables a spreadsheet may open: text that looks like a formula is made harmless, numbers stay numbers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coterie.knowledge import segment_name_of_customers
from coterie.segmentation import Segmentation
from coterie.store import replacing

if TYPE_CHECKING:
    import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
"""First characters a spreadsheet takes for a formula (OWASP ASVS 1.2.10, CWE-1236)."""


def harmless(cell: object) -> object:
    """Put a quote before text that a spreadsheet would run.

    Parameters
    ----------
    cell : object

    Returns
    -------
    object
        The cell itself unless it is text that starts like a formula.

    Examples
    --------
    >>> harmless("=HYPERLINK(...)"), harmless(-2.5), harmless("Anna")
    ("'=HYPERLINK(...)", -2.5, 'Anna')
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as UTF-8 CSV, text cells and headers made harmless, complete or not at all.

    Parameters
    ----------
    frame : DataFrame
    path : Path
    """
    with replacing(path) as draft:
        draft.write_text(csv_text(frame), encoding="utf-8", newline="")


def csv_text(frame: pd.DataFrame) -> str:
    """Print a frame as CSV, text cells and headers made harmless.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    str
        Lines end in a line feed; numbers have up to ten digits.
    """
    safe = frame.rename(columns=harmless)
    for name in safe.columns:
        if not _is_number(safe[name]):
            safe[name] = _harmless_column(safe[name])
    text: str = safe.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return text


def _is_number(column: pd.Series) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return bool(is_numeric_dtype(column) or is_bool_dtype(column))


def _harmless_column(column: pd.Series) -> pd.Series:
    """Only distinct values are looked at, so that a million rows cost little."""
    values: Iterable[object] = column.dropna().unique()
    unsafe = {value: safe for value in values if (safe := harmless(value)) is not value}
    return column.astype(object).replace(unsafe) if unsafe else column


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
