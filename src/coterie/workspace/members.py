"""The customers of a segmentation, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.errors import NotFoundError, ParameterError
from coterie.store import csv_text
from coterie.store.paging import PageRequest
from coterie.workspace.foretelling import DISCOVER, DUE, FORECAST, N_DISCOVERED

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.workspace.workspace import Workspace

MAX_ROWS = 1_000
MOST_OFFERS = 200
DUE_WITHIN_DAYS = 30
"""A product that is due so soon is told beside those that are due."""


@dataclass(frozen=True)
class MemberRequest:
    """Which customers, in which order; `columns` empty means all, `page` counts from 1."""

    segment_id: int | None = None
    search: str = ""
    sort: str = "customer_id"
    descending: bool = False
    columns: Sequence[str] = ()
    page: int = 1
    n_rows: int = 50


@dataclass(frozen=True)
class MemberPage:
    """A page of customers, and how many there are on all pages."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    n_members: int
    page: int
    n_pages: int


def list_members(ws: Workspace, segmentation_id: str, *, request: MemberRequest | None = None) -> MemberPage:
    """A page of the customers of a segmentation.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    request : MemberRequest, optional

    Returns
    -------
    MemberPage
        The last page, if one beyond it was asked for.

    Raises
    ------
    NotFoundError
        If there is no such segmentation, or it is not ready.
    ParameterError
        If a column does not exist, or so many rows are too many.
    """
    asked = request or MemberRequest()
    if not 1 <= asked.n_rows <= MAX_ROWS:
        raise ParameterError(f"A page has 1 to {MAX_ROWS:,} customers", where="n_rows")
    path = _members(ws, segmentation_id)
    page = max(1, asked.page)
    found = ws.pager.page(path, _rows_of(asked, page))
    n_pages = max(1, -(-found.n_found // asked.n_rows))
    if page > n_pages:
        page = n_pages
        found = ws.pager.page(path, _rows_of(asked, page))
    return MemberPage(found.columns, found.rows, found.n_found, page, n_pages)


def export_members(ws: Workspace, segmentation_id: str, *, request: MemberRequest) -> Iterator[str]:
    """Print the customers of a segmentation as CSV, piece by piece.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    request : MemberRequest
        All that are found, in the order of customer_id: `sort`, `page` and `n_rows` are not heeded.

    Returns
    -------
    iterator of str
        Text cells are made harmless, as `coterie.store.csv_text` does.

    Raises
    ------
    NotFoundError, ParameterError
        As `list_members`, before the first piece.
    """
    batches = ws.pager.batches(_members(ws, segmentation_id), _rows_of(request, 1))
    return (csv_text(batch, header=number == 0) for number, batch in enumerate(batches))


def load_member(ws: Workspace, segmentation_id: str, *, customer_id: str) -> dict[str, Any]:
    """Everything a segmentation knows of one customer.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    customer_id : str

    Returns
    -------
    dict
        By column of members.parquet.

    Raises
    ------
    NotFoundError
        If there is no such customer.
    """
    asked = PageRequest(equal={"customer_id": customer_id}, n_rows=1)
    found = ws.pager.page(_members(ws, segmentation_id), asked)
    if not found.rows:
        raise NotFoundError("There is no such customer in this segmentation")
    return dict(zip(found.columns, found.rows[0], strict=True))


def load_member_forecast(ws: Workspace, segmentation_id: str, *, customer_id: str) -> dict[str, Any] | None:
    """What one customer is expected to do.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    customer_id : str

    Returns
    -------
    dict or None
        By column of forecast.parquet, what is not known as None; `due` and `discover` are its products,
        the most urgent first. None of somebody who has not bought, or without a forecast.
    """
    folder = ws.segmentations.folder(segmentation_id)
    known = {
        name: _rows_about(ws, folder / name, customer_id=customer_id) for name in (FORECAST, DUE, DISCOVER)
    }
    if not known[FORECAST]:
        return None
    open_offers = [one for one in known[DUE] if one["is_due"] or -DUE_WITHIN_DAYS <= one["overdue_days"] <= 0]
    return {
        **known[FORECAST][0],
        "due": open_offers[:N_DISCOVERED],
        "discover": sorted(known[DISCOVER], key=lambda one: one["rank"]),
    }


def _rows_about(ws: Workspace, path: Path, *, customer_id: str) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    found = ws.pager.page(path, PageRequest(equal={"customer_id": customer_id}, n_rows=MOST_OFFERS))
    return [
        {name: None if value != value else value for name, value in zip(found.columns, row, strict=True)}
        for row in found.rows
    ]


def _members(ws: Workspace, segmentation_id: str) -> Path:
    return ws.segmentations.folder(segmentation_id) / "members.parquet"


def _rows_of(asked: MemberRequest, page: int) -> PageRequest:
    # The file is in the order of customer_id, so that order is free and ties are broken by it.
    by_id = asked.sort == "customer_id" and not asked.descending
    return PageRequest(
        equal={} if asked.segment_id is None else {"segment_id": asked.segment_id},
        search=("customer_id", asked.search),
        sort="" if by_id else asked.sort,
        descending=asked.descending,
        columns=asked.columns,
        first=(page - 1) * asked.n_rows,
        n_rows=asked.n_rows,
    )
