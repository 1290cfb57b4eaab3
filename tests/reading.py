"""Small tables read into a Dataset, for tests to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from coterie.sources import Dataset, InputOptions, Role, read


def read_text(folder: Path, content: str, *, name: str = "orders.csv", **options: Any) -> Dataset:
    """The Dataset of one file of this content."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return read(path, options=InputOptions(**options))


def orders_with(column: str, cells: Sequence[str | None], **options: Any) -> Dataset:
    """Orders whose cells are fine except perhaps those of one column."""
    n = len(cells)
    table: dict[str, Sequence[str | None]] = {
        "customer_id": [f"c{i}" for i in range(n)],
        "order_id": [f"o{i}" for i in range(n)],
        "at": ["2024-05-17"] * n,
        "amount": ["10.5"] * n,
    }
    table[column] = cells
    arrow = pa.table({name: pa.array(column, pa.string()) for name, column in table.items()})
    return read(arrow, options=InputOptions(**options))


def rows(table: ibis.Table | None) -> list[dict[str, Any]]:
    """All rows by line."""
    assert table is not None
    found: list[dict[str, Any]] = table.order_by("line").to_pyarrow().to_pylist()
    return found


def column(dataset: Dataset, name: str, *, role: Role = "transactions") -> list[Any]:
    """One column of a table by line."""
    return [row[name] for row in rows(getattr(dataset, role))]


def refusals(dataset: Dataset) -> list[tuple[str, str | None]]:
    """(reason, value) of each rejected row by line."""
    return [(row["reason"], row["value"]) for row in rows(dataset.report.rejected)]
