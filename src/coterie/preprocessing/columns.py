"""What the columns of a Dataset hold: missing, distinct, range, outliers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.preprocessing.quality import ColumnQuality
from coterie.sources import ROLES, Dataset

if TYPE_CHECKING:
    import ibis

_BOOKKEEPING = ("line", "row_digest")

FENCE = 3.0
"""An outlier lies this many interquartile ranges beyond the quartiles (Tukey's outer fence)."""

CELLS = 4_000_000
"""One query looks at so many cells: engines hold quartiles and distinct values in memory."""


def column_quality(dataset: Dataset) -> tuple[ColumnQuality, ...]:
    """Missing, distinct and outlying values of every column of every table.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    tuple of ColumnQuality
        In the order of the tables and of their columns. The range is given for numbers and dates.
        `n_outliers` is None where quartiles coincide or the column is no number.
    """
    return tuple(
        column
        for role in ROLES
        if (rows := getattr(dataset, role)) is not None
        for column in _table_quality(role, rows)
    )


def _table_quality(role: str, rows: ibis.Table) -> list[ColumnQuality]:
    names = [name for name in rows.columns if name not in _BOOKKEEPING]
    n_rows = int(rows.count().to_pandas())
    width = max(1, CELLS // max(n_rows, 1))
    return [
        column
        for start in range(0, len(names), width)
        for column in _columns_quality(role, rows, names=names[start : start + width], n_rows=n_rows)
    ]


def _columns_quality(role: str, rows: ibis.Table, *, names: list[str], n_rows: int) -> list[ColumnQuality]:
    wanted: dict[str, Any] = {}
    for i, name in enumerate(names):
        wanted |= {f"{key}_{i}": value for key, value in _summary(rows[name]).items()}
    if n_rows <= CELLS:
        wanted |= {f"distinct_{i}": rows[name].nunique() for i, name in enumerate(names)}
        found = rows.aggregate(**wanted).to_pandas().iloc[0].to_dict()
    else:
        found = rows.aggregate(**wanted).to_pandas().iloc[0].to_dict()
        found |= {f"distinct_{i}": _n_distinct(rows, name) for i, name in enumerate(names)}
    outliers = _outliers(rows, names, found=found)
    return [
        ColumnQuality(
            table=role,
            column=name,
            kind=column_kind(rows[name]),
            n_rows=n_rows,
            n_missing=n_rows - int(found[f"n_{i}"]),
            n_distinct=int(found[f"distinct_{i}"]),
            minimum=_shown(found.get(f"low_{i}")),
            maximum=_shown(found.get(f"high_{i}")),
            n_outliers=outliers.get(name),
        )
        for i, name in enumerate(names)
    ]


def _n_distinct(rows: ibis.Table, name: str) -> int:
    """Distinct values of a long column, by a grouping that an engine can do on disk."""
    return int(rows.select(name).distinct()[name].count().to_pandas())


def column_kind(column: Any) -> str:
    """What a column holds.

    Parameters
    ----------
    column : ibis column

    Returns
    -------
    str
        "date", "number" (truth values too) or "text".
    """
    kind = column.type()
    if kind.is_temporal():
        return "date"
    return "number" if kind.is_numeric() or kind.is_boolean() else "text"


def _summary(column: Any) -> dict[str, Any]:
    """The expressions that describe a column; text has no range, as its ends are persons or chance."""
    basic = {"n": column.count()}
    if column_kind(column) == "text":
        return basic
    column = column.cast("float64") if column_kind(column) == "number" else column
    basic |= {"low": column.min(), "high": column.max()}
    if column_kind(column) == "number":
        basic |= {"q1": column.quantile(0.25), "q3": column.quantile(0.75)}
    return basic


def _outliers(rows: ibis.Table, names: list[str], *, found: dict[str, Any]) -> dict[str, int]:
    counts: dict[str, Any] = {}
    for i, name in enumerate(names):
        low, high = found.get(f"q1_{i}"), found.get(f"q3_{i}")
        if low is None or high is None or not high > low:
            continue
        reach = FENCE * (high - low)
        column = rows[name].cast("float64")
        counts[f"n_{i}"] = ((column < low - reach) | (column > high + reach)).sum().fill_null(0)
    if not counts:
        return {}
    numbers = rows.aggregate(**counts).to_pandas().iloc[0]
    return {names[int(key[2:])]: int(n) for key, n in numbers.items()}


def _shown(value: Any) -> str:
    import pandas as pd

    if value is None or pd.isna(value):
        return ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)
