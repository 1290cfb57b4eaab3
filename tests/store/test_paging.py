"""The engine behind the pages sees its folder and nothing else, and many threads may ask it at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from coterie.errors import NotFoundError
from coterie.store.paging import Pager, PageRequest


def test_a_file_outside_the_folder_is_not_seen(tmp_path: Path) -> None:
    outside = tmp_path / "outside.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(outside)
    pager = Pager(tmp_path / "inside")
    with pytest.raises(duckdb.PermissionException):
        pager.page(outside)
    with pytest.raises(NotFoundError):
        pager.page(tmp_path / "inside" / "nothing.parquet")
    pager.close()


def test_many_threads_get_what_they_ask_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"a": range(1_000)}).to_parquet(path, row_group_size=100)
    pager = Pager(tmp_path)

    def first_of(page: int) -> int:
        rows = pager.page(path, PageRequest(sort="a", descending=True, first=page * 10, n_rows=10)).rows
        return int(rows[0][0])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(first_of, range(40))) == [999 - 10 * page for page in range(40)]
    pager.close()


def test_a_file_that_was_written_anew_is_sorted_anew(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pager = Pager(tmp_path)
    for values in ([3, 1, 2], [9, 8, 7, 6]):
        pd.DataFrame({"a": values}).to_parquet(path)
        os.utime(path, ns=(len(values), len(values)))
        page = pager.page(path, PageRequest(sort="a", n_rows=2, first=1))
        assert (page.n_found, page.rows) == (len(values), [(v,) for v in sorted(values)[1:3]])
    pager.close()
