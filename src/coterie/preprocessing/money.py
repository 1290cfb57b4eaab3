"""Sums that come out the same whatever the order in which an engine adds."""

from __future__ import annotations

from typing import Any

EXACT = "decimal(38, 8)"
"""Amounts and quantities are added in hundred-millionths: 0.1 + 0.2 - 0.3 is 0, on every engine."""


def exact_sum(column: Any, *, where: Any = None) -> Any:
    """The sum of a column, independent of the order of its rows.

    Parameters
    ----------
    column : ibis column of numbers below 1e29 in size
        Missing values count as 0.
    where : ibis boolean column, optional
        Rows that count.

    Returns
    -------
    ibis scalar, float64
        0 if there is nothing to add.
    """
    return column.cast(EXACT).sum(where=where).cast("float64").fill_null(0.0)
