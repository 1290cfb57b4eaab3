"""Members of a segmentation come a page at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coterie.errors import NotFoundError, ParameterError
from coterie.workspace import MemberRequest, Workspace, list_members, load_member
from tests.workspace.conftest import a_dataset, a_segmentation


@pytest.fixture
def made(ws: Workspace) -> str:
    of = a_segmentation(ws, a_dataset(ws)).id
    folder: Path = ws.segmentations.folder(of)
    folder.mkdir(parents=True)
    n = 120
    rows = {
        "customer_id": [f"C{i:03d}" for i in range(n)],
        "segment_id": np.arange(n) % 3,
        "spend": (np.arange(n) * 7 % 10).astype(float),
        'a"b; --': np.where(np.arange(n) % 2, 1.5, np.nan),
    }
    pd.DataFrame(rows).to_parquet(folder / "members.parquet", row_group_size=50)
    return of


def test_pages_hold_each_member_once_in_order(ws: Workspace, made: str) -> None:
    pages = [
        list_members(ws, made, request=MemberRequest(page=p, columns=["customer_id"])) for p in (1, 2, 3)
    ]
    assert [(p.n_members, p.page, p.n_pages) for p in pages] == [(120, 1, 3), (120, 2, 3), (120, 3, 3)]
    assert [row[0] for p in pages for row in p.rows] == [f"C{i:03d}" for i in range(120)]


def test_ties_are_broken_by_customer(ws: Workspace, made: str) -> None:
    request = MemberRequest(sort="spend", descending=True, columns=["spend", "customer_id"], n_rows=13)
    found = list_members(ws, made, request=request)
    assert found.rows == sorted(found.rows, key=lambda row: (-row[0], row[1]))
    assert found.rows[0] == (9.0, "C007")


def test_a_search_and_a_segment_narrow_the_list(ws: Workspace, made: str) -> None:
    found = list_members(ws, made, request=MemberRequest(segment_id=1, search="c00"))
    assert [row[0] for row in found.rows] == ["C001", "C004", "C007"]
    assert found.n_members == 3
    nobody = list_members(ws, made, request=MemberRequest(search="%' OR 1=1 --"))
    assert (nobody.rows, nobody.n_members, nobody.n_pages) == ([], 0, 1)


def test_a_page_beyond_the_last_is_the_last(ws: Workspace, made: str) -> None:
    found = list_members(ws, made, request=MemberRequest(page=99, n_rows=50))
    assert (found.page, len(found.rows)) == (3, 20)


def test_a_column_with_any_name_can_be_sorted_by_and_an_unknown_one_is_refused(
    ws: Workspace, made: str
) -> None:
    found = list_members(ws, made, request=MemberRequest(sort='a"b; --', columns=['a"b; --', "customer_id"]))
    assert found.rows[0] == (1.5, "C001")
    for name in ("spend; DROP TABLE x", "1", "file_row_number"):
        with pytest.raises(ParameterError, match="no column"):
            list_members(ws, made, request=MemberRequest(sort=name))


def test_one_customer_is_found_by_id(ws: Workspace, made: str) -> None:
    assert load_member(ws, made, customer_id="C007")["spend"] == 9.0
    with pytest.raises(NotFoundError):
        load_member(ws, made, customer_id="' OR 1=1 --")
    with pytest.raises(NotFoundError):
        load_member(ws, "../../etc", customer_id="C007")
