"""The grid of recency and frequency, counted anew for any cut points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from coterie.errors import ParameterError
from coterie.store.paging import Pager
from coterie.store.quoting import double_literal
from coterie.workspace.choosing import Choice, members_path

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.workspace.workspace import Workspace

N_SCORES = 5
FIFTHS = "[0.2, 0.4, 0.6, 0.8]"
NEEDED = ("recency_days", "n_orders")
MOST = 1e9
KEPT = 64
"""So many grids are kept in memory; one is 25 cells."""


@dataclass(frozen=True)
class Cuts:
    """Ascending upper bounds: of the recency scores 5 to 2 in days, of the frequency scores 1 to 4."""

    recency_days: tuple[float, ...]
    n_orders: tuple[float, ...]


@dataclass(frozen=True)
class Cell:
    """One cell: its scores (5 = best), its customers, and what they spent if that is known."""

    recency_score: int
    frequency_score: int
    n_customers: int
    monetary: float | None


def find_cuts(ws: Workspace, segmentation_id: str) -> Cuts | None:
    """Find the cut points at the fifths of the customers.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str

    Returns
    -------
    Cuts or None
        None if recency or the number of orders is not known, or of nobody.
    """
    path = members_path(ws, segmentation_id)
    if not set(NEEDED).issubset(ws.pager.columns(path)):
        return None
    return _found_cuts(ws.pager, path, written_ns=path.stat().st_mtime_ns)


@lru_cache(maxsize=KEPT)
def _found_cuts(pager: Pager, path: Path, *, written_ns: int) -> Cuts | None:
    [row] = pager.ask(
        f"SELECT quantile_disc(recency_days, {FIFTHS}), quantile_disc(n_orders, {FIFTHS})"
        f" FROM read_parquet($path) WHERE {_bought(pager, path)}",
        {"path": str(path)},
    )
    return Cuts(tuple(row[0]), tuple(row[1])) if row[0] and row[1] else None


def count_cells(ws: Workspace, segmentation_id: str, *, cuts: Cuts) -> list[Cell]:
    """Count customers and money of every cell.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    cuts : Cuts

    Returns
    -------
    list of Cell
        All 25, the best first: whoever has bought, and kept something of value.
    """
    path = members_path(ws, segmentation_id)
    return _counted(ws.pager, path, written_ns=path.stat().st_mtime_ns, cuts=cuts)


@lru_cache(maxsize=KEPT)
def _counted(pager: Pager, path: Path, *, written_ns: int, cuts: Cuts) -> list[Cell]:
    money = "sum(monetary)" if "monetary" in pager.columns(path) else "NULL"
    rows = pager.ask(
        f"SELECT {_recency_score(cuts)}, {_frequency_score(cuts)}, count(*), {money}"
        f" FROM read_parquet($path) WHERE {_bought(pager, path)} GROUP BY 1, 2",
        {"path": str(path)},
    )
    found = {(r, f): (n, spent) for r, f, n, spent in rows}
    scores = range(N_SCORES, 0, -1)
    return [
        Cell(r, f, *found.get((r, f), (0, 0.0 if money != "NULL" else None))) for r in scores for f in scores
    ]


def in_cell(ws: Workspace, segmentation_id: str, *, cuts: Cuts, cell: tuple[int, int]) -> Choice:
    """Choose the customers of one cell.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    cuts : Cuts
    cell : (recency score, frequency score)

    Returns
    -------
    Choice
    """
    bought = _bought(ws.pager, members_path(ws, segmentation_id))
    condition = f"{bought} AND {_recency_score(cuts)} = $recency AND {_frequency_score(cuts)} = $frequency"
    return Choice(condition, {"recency": cell[0], "frequency": cell[1]})


def check_cuts(recency_days: Sequence[float], n_orders: Sequence[float]) -> Cuts:
    """Make cut points of what somebody typed.

    Parameters
    ----------
    recency_days, n_orders : sequence of float

    Returns
    -------
    Cuts

    Raises
    ------
    ParameterError
        If they are not four each, none below the one before.
    """
    for name, bounds in (("days since the last order", recency_days), ("orders", n_orders)):
        is_rising = all(low <= high for low, high in pairwise([0.0, *bounds, MOST]))
        if len(bounds) != N_SCORES - 1 or not is_rising:
            raise ParameterError(
                f"The four cut points of {name} have to rise from left to right, and none may be negative",
                to_do="Correct the numbers",
            )
    return Cuts(tuple(recency_days), tuple(n_orders))


def _bought(pager: Pager, path: Path) -> str:
    spent = " AND monetary > 0" if "monetary" in pager.columns(path) else ""
    return f"n_orders > 0 AND recency_days IS NOT NULL{spent}"


def _recency_score(cuts: Cuts) -> str:
    return f"{N_SCORES} - {_n_below('recency_days', cuts.recency_days)}"


def _frequency_score(cuts: Cuts) -> str:
    return f"1 + {_n_below('n_orders', cuts.n_orders)}"


def _n_below(column: str, bounds: Sequence[float]) -> str:
    """How many cut points lie below a value: equal values get equal scores."""
    return f"({' + '.join(f'({column} > {double_literal(bound)})::INTEGER' for bound in bounds)})"
