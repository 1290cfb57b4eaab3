"""Customers chosen from a picture: by an area of the map, a cell of a grid, or one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import NotFoundError, ParameterError
from coterie.store.quoting import double_literal, quoted_name

if TYPE_CHECKING:
    from coterie.workspace.workspace import Workspace

MAX_CORNERS = 64
MAX_IDS = 20_000
"""So many customers can be handed on at once, as one edit."""
MAX_ROWS = 1_000

Point = tuple[float, float]


@dataclass(frozen=True)
class Choice:
    """Which customers: a condition on members.parquet, and the values it is about."""

    condition: str
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class Chosen:
    """A page of the customers chosen, how many there are, and how many of each segment (id, name, n)."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    n_members: int
    segments: list[tuple[int, str, int]]
    page: int
    n_pages: int


def within(corners: Sequence[Point]) -> Choice:
    """Choose whoever lies in an area of the map.

    Parameters
    ----------
    corners : sequence of (x, y)
        In order around the area; by the lasso of a map, in its coordinates.

    Returns
    -------
    Choice

    Raises
    ------
    ParameterError
        If these are not 3 to 64 corners.

    References
    ----------
    .. [1] Shimrat (1962). Algorithm 112: position of point relative to polygon. CACM 5(8), 434.
    """
    if not 3 <= len(corners) <= MAX_CORNERS or not all(map(isfinite, chain(*corners))):
        raise ParameterError(f"An area has 3 to {MAX_CORNERS} corners", where="within")
    xs, ys = zip(*corners, strict=True)
    box = (
        f"map_x BETWEEN {double_literal(min(xs))} AND {double_literal(max(xs))}"
        f" AND map_y BETWEEN {double_literal(min(ys))} AND {double_literal(max(ys))}"
    )
    crossings = " + ".join(_crossing(one, other) for one, other in pairwise([*corners, corners[0]]))
    return Choice(f"{box} AND ({crossings}) % 2 = 1", {})


def _crossing(one: Point, other: Point) -> str:
    """1 if a ray from the customer to the right crosses this side."""
    (x1, y1), (x2, y2) = one, other
    if y1 == y2:
        return "0"
    low, high = double_literal(min(y1, y2)), double_literal(max(y1, y2))
    slope = double_literal((x2 - x1) / (y2 - y1))
    x, y = double_literal(x1), double_literal(y1)
    return f"(map_y >= {low} AND map_y < {high} AND map_x < {x} + (map_y - {y}) * {slope})::INTEGER"


def one_by_one(customer_ids: Sequence[str]) -> Choice:
    """Choose customers by their ids.

    Parameters
    ----------
    customer_ids : sequence of str

    Returns
    -------
    Choice

    Raises
    ------
    ParameterError
        If there are more than can be handed on at once.
    """
    if len(customer_ids) > MAX_IDS:
        raise ParameterError(f"At most {MAX_IDS:,} customers can be named one by one", where="ids")
    return Choice("customer_id IN (SELECT unnest($ids))", {"ids": list(customer_ids)})


def list_chosen(
    ws: Workspace,
    segmentation_id: str,
    *,
    choice: Choice,
    columns: Sequence[str] = (),
    page: int = 1,
    n_rows: int = 50,
) -> Chosen:
    """Give a page of the customers chosen, in order of their ids.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    choice : Choice
    columns : sequence of str
        Those to show, after customer_id, segment_id and segment_name; unknown ones are left out.
    page, n_rows : int
        The last page, if one beyond it was asked for.

    Returns
    -------
    Chosen

    Raises
    ------
    NotFoundError
        If there is no such segmentation, or it is not ready.
    """
    path = members_path(ws, segmentation_id)
    counted = ws.pager.ask(
        f"SELECT segment_id, segment_name, count(*) FROM read_parquet($path) WHERE {choice.condition}"
        " GROUP BY ALL ORDER BY segment_id, segment_name",
        {"path": str(path), **choice.parameters},
    )
    n = sum(row[2] for row in counted)
    n_rows = min(max(1, n_rows), MAX_ROWS)
    n_pages = max(1, -(-n // n_rows))
    page = min(max(1, page), n_pages)
    known = ws.pager.columns(path)
    shown = ("customer_id", "segment_id", "segment_name", *(name for name in columns if name in known))
    rows = ws.pager.ask(
        f"SELECT {', '.join(map(quoted_name, shown))} FROM read_parquet($path) WHERE {choice.condition}"
        " ORDER BY customer_id LIMIT $n OFFSET $first",
        {"path": str(path), "n": n_rows, "first": (page - 1) * n_rows, **choice.parameters},
    )
    segments = [(int(row[0]), str(row[1]), int(row[2])) for row in counted]
    return Chosen(shown, rows, n, segments, page, n_pages)


def chosen_ids(ws: Workspace, segmentation_id: str, *, choice: Choice) -> list[str]:
    """Give the ids of all customers chosen, in order.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    choice : Choice

    Returns
    -------
    list of str

    Raises
    ------
    ParameterError
        If there are more than can be handed on at once.
    """
    rows = ws.pager.ask(
        f"SELECT customer_id FROM read_parquet($path) WHERE {choice.condition}"
        " ORDER BY customer_id LIMIT $most",
        {"path": str(members_path(ws, segmentation_id)), "most": MAX_IDS + 1, **choice.parameters},
    )
    if len(rows) > MAX_IDS:
        raise ParameterError(
            f"More than {MAX_IDS:,} customers are chosen, too many to save by hand",
            to_do="Choose a smaller area, or make a new segmentation",
        )
    return [row[0] for row in rows]


def members_path(ws: Workspace, segmentation_id: str) -> Path:
    """Find the table of the customers of a finished segmentation.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str

    Returns
    -------
    Path

    Raises
    ------
    NotFoundError
        If there is no such segmentation, or it is not ready.
    """
    path = ws.segmentations.folder(segmentation_id) / "members.parquet"
    if not path.is_file():
        raise NotFoundError("This segmentation is not ready yet")
    return path
