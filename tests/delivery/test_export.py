"""A spreadsheet that opens an export runs nothing, and loses nothing."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.delivery import csv_text, harmless


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1"])
def test_35_text_that_looks_like_a_formula_gets_a_quote(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", [-2.5, -3, 0, None, "Anna", "5-3", "", " =1"])
def test_35_numbers_and_plain_text_stay_as_they_are(cell: object) -> None:
    assert harmless(cell) is cell


def test_35_headers_are_text_too() -> None:
    assert csv_text(pd.DataFrame({"=cmd()": [-1.5]})) == "'=cmd()\n-1.5\n"


def test_35_headers_that_become_equal_are_numbered_and_keep_their_cells() -> None:
    frame = pd.DataFrame({"=a": ["=x", "y"], "'=a": ["-z", "w"], "'=a (2)": [1, 2]})
    assert csv_text(frame) == "'=a,'=a (2),'=a (2) (2)\n'=x,'-z,1\ny,w,2\n"
    assert list(frame.columns) == ["=a", "'=a", "'=a (2)"]


@given(st.lists(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])), min_size=1))
def test_text_comes_back_but_for_the_quote(cells: list[str]) -> None:
    text = csv_text(pd.DataFrame({"cell": pd.Series(cells, dtype=object), "n": range(len(cells))}))
    back = pd.read_csv(io.StringIO(text), dtype={"cell": str}, keep_default_na=False)
    assert list(back["cell"]) == [harmless(cell) for cell in cells]
