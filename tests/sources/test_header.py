from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.sources.header import column_names, is_number_or_date, reads_as_data


@given(
    st.lists(
        st.text(max_size=6) | st.sampled_from(["id", "id (2)", "ID", " id ", "", "column 1"]), max_size=12
    )
)
def test_names_are_unique_trimmed_and_never_empty(cells: list[str]) -> None:
    names, _ = column_names(cells)
    assert len(set(names)) == len(names) == len(cells)
    assert all(name and name == name.strip() for name in names)


def test_every_change_of_a_name_is_told() -> None:
    names, notes = column_names(["id", "id", " id ", "", "Total", "total ", "x" * 10_000])
    assert names[:6] == ("id", "id (2)", "id (3)", "column 4", "Total", "total")
    assert names[6] == "x" * 200 + "…"
    assert len(notes) == 5


def test_plain_names_need_no_note() -> None:
    assert column_names(["id", " amount ", "naïve 顧客"]) == (("id", "amount", "naïve 顧客"), ())


NUMBERS = ["1", "-2.5", "$1,234.50", "€5", "5 €", "1.234,56", "1E5", ".5", "00123", "12%"]
DATES = ["2010-12-01 08:26", "01/02/2024", "12 Jan 2024", "2024-01-02T03:04:05Z"]


@pytest.mark.parametrize("cell", NUMBERS + DATES)
def test_numbers_money_and_dates_look_like_data(cell: str) -> None:
    assert is_number_or_date(cell)


@pytest.mark.parametrize("cell", ["name", "A12", "85123A", "", "-", "Q1 2024", "amount $", "may", None])
def test_names_do_not(cell: str | None) -> None:
    assert not is_number_or_date(cell)


def test_a_number_among_names_is_a_name_if_the_texts_stand_above_numbers() -> None:
    assert not reads_as_data(["customer", "2024"], [["1", "10"], ["2", "20"]])
    assert reads_as_data(["ann", "2024"], [["bob", "10"], ["cat", "20"]])


def test_a_long_cell_is_judged_quickly() -> None:
    assert not is_number_or_date("1" * 10_000_000)
    assert not is_number_or_date("1 " * 19 + "x")
