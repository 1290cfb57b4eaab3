"""Two segmentations side by side: who went where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from coterie.store.paging import Pager
from coterie.workspace.choosing import members_path

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.workspace.workspace import Workspace

KEPT = 16


@dataclass(frozen=True)
class Crossing:
    """How many customers stand in each two segments.

    Attributes
    ----------
    rows, columns : list of (id, name)
        Segments of the one and of the other segmentation; -1 are those in none.
    counts : list of list of int
        Row by row.
    n_only_rows, n_only_columns : int
        Customers that only one of the two knows.
    """

    rows: list[tuple[int, str]]
    columns: list[tuple[int, str]]
    counts: list[list[int]]
    n_only_rows: int
    n_only_columns: int


def cross_segments(ws: Workspace, segmentation_id: str, *, other_id: str) -> Crossing:
    """Count the customers of every two segments.

    Parameters
    ----------
    ws : Workspace
    segmentation_id, other_id : str

    Returns
    -------
    Crossing

    Raises
    ------
    NotFoundError
        If one of them does not exist or is not ready.
    """
    paths = [members_path(ws, one) for one in (segmentation_id, other_id)]
    written = tuple(path.stat().st_mtime_ns for path in paths)
    return _crossed(ws.pager, paths[0], other=paths[1], written_ns=written)


@lru_cache(maxsize=KEPT)
def _crossed(pager: Pager, one: Path, *, other: Path, written_ns: tuple[int, ...]) -> Crossing:
    found = pager.ask(
        "SELECT a.segment_id, b.segment_id, count(*) FROM read_parquet($one) a"
        " FULL JOIN read_parquet($other) b USING (customer_id) GROUP BY 1, 2",
        {"one": str(one), "other": str(other)},
    )
    counts = {(a, b): n for a, b, n in found}
    rows, columns = _segments(pager, one), _segments(pager, other)
    return Crossing(
        rows,
        columns,
        [[counts.get((a, b), 0) for b, _ in columns] for a, _ in rows],
        sum(n for (_, b), n in counts.items() if b is None),
        sum(n for (a, _), n in counts.items() if a is None),
    )


def _segments(pager: Pager, path: Path) -> list[tuple[int, str]]:
    """Those in no segment have one row, whatever the reason, and come last."""
    found = pager.ask(
        "SELECT segment_id, string_agg(DISTINCT segment_name, ' and ' ORDER BY segment_name)"
        " FROM read_parquet($path) GROUP BY 1 ORDER BY segment_id < 0, 1",
        {"path": str(path)},
    )
    return [(int(number), str(name)) for number, name in found]
