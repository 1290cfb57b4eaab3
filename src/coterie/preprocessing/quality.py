"""What cleaning did: one line per step, with counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class QualityStep:
    """One cleaning step: a sentence, the rows it dropped and changed, and the money it took out."""

    name: str
    sentence: str
    n_dropped: int = 0
    n_changed: int = 0
    amount_dropped: float = 0.0


@dataclass(frozen=True)
class ColumnQuality:
    """Missing and outlying values of one column; outliers lie beyond 3 IQR from the quartiles."""

    table: str
    column: str
    kind: str
    n_rows: int
    n_missing: int
    n_distinct: int
    minimum: str
    maximum: str
    n_outliers: int | None = None


@dataclass(frozen=True)
class DataQuality:
    """What cleaning dropped, mended and found.

    `n_customers` are those with at least one purchase (or all rows of a table without orders);
    `n_no_net_spend` of them have net spend <= 0 or no order left after returns.
    """

    steps: tuple[QualityStep, ...]
    columns: tuple[ColumnQuality, ...]
    n_customers: int
    n_no_net_spend: int
    notes: tuple[str, ...] = ()


def quality_from(content: Mapping[str, Any]) -> DataQuality:
    """Read an account of cleaning back from JSON.

    Parameters
    ----------
    content : mapping
        What `dataclasses.asdict` made of it.

    Returns
    -------
    DataQuality
    """
    told = {
        "steps": tuple(QualityStep(**step) for step in content["steps"]),
        "columns": tuple(ColumnQuality(**column) for column in content["columns"]),
        "notes": tuple(content["notes"]),
    }
    return DataQuality(**{**content, **told})
