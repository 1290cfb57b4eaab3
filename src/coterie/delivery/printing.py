"""Figures and tables as the report prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from coterie.features import FeatureSpec, label_with_unit, percent

if TYPE_CHECKING:
    import pandas as pd

MAX_TABLE_ROWS = 60
"""A chart's table is printed up to here; the CSV beside the chart has all of it."""


def figure(value: object, unit: str = "") -> str:
    """Print a number with as many digits as help, a share as percent, anything else as it is.

    Parameters
    ----------
    value : object
    unit : str
        "share" prints percent.

    Returns
    -------
    str
        "-" for what is missing.

    Examples
    --------
    >>> figure(1234.5), figure(0.0316), figure(0.0316, "share"), figure("web", "category")
    ('1,234', '0.0316', '3.2%', 'web')
    """
    import pandas as pd

    if pd.isna(value):  # type: ignore[call-overload]
        return "-"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit == "share":
        return percent(float(value))
    if isinstance(value, int) or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"


def feature_labels(specs: Sequence[FeatureSpec], currency: str | None) -> dict[str, str]:
    """Name each feature in words, with its unit.

    Parameters
    ----------
    specs : sequence of FeatureSpec
    currency : str or None

    Returns
    -------
    dict of str to str
        By the feature's name.
    """
    return {spec.name: label_with_unit(spec, currency) for spec in specs}


def printed_table(frame: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, Any]:
    """Print the figures behind a picture; the unit of a feature stands with its name.

    Parameters
    ----------
    frame : DataFrame
        A column named `share` or `..._share` holds shares, and so do the numbers of a row whose `unit`
        says so.
    labels : mapping of str to str
        Words by the name of a feature.

    Returns
    -------
    dict
        `columns`, `rows`, whether each column `is_number`, and `n_left_out`.
    """
    units = list(frame["unit"]) if "unit" in frame else [""] * len(frame)
    frame = frame.drop(columns="unit", errors="ignore")
    shown = frame.head(MAX_TABLE_ROWS)
    names = [str(column) for column in shown.columns]
    rows = [
        [
            labels.get(str(cell), str(cell)) if name == "feature" else figure(cell, _unit(name, unit))
            for name, cell in zip(names, row, strict=True)
        ]
        for row, unit in zip(shown.astype(object).itertuples(index=False), units, strict=False)
    ]
    return {
        "columns": [labels.get(name, _heading(name)) for name in names],
        "rows": rows,
        "is_number": [kind.kind in "iuf" for kind in frame.dtypes],
        "n_left_out": len(frame) - len(shown),
    }


def _heading(name: str) -> str:
    return name.removeprefix("n_").replace("_", " ")


def _unit(column: str, of_row: str) -> str:
    if column == "share" or column.endswith("_share"):
        return "share"
    return "count" if column.startswith("n_") else of_row
