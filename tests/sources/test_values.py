from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.sources import dates, numbers, values
from coterie.sources.notation import DecimalMark
from coterie.store import Store

few = settings(max_examples=15, deadline=None)
visible = st.characters(
    exclude_categories=("Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Co", "Cn"), exclude_characters="\u115f\u1160"
)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


def cells_in(store: Store, cells: list[str | None]) -> ibis.Table:
    table = pa.table({"n": range(len(cells)), "x": pa.array(cells, pa.string())})
    return store.write_batches("cells", table.schema, batches=table.to_batches())


def evaluated(rows: ibis.Table, value: ibis.Value) -> list[object]:
    found: list[object] = rows.select(rows.n, v=value).order_by("n").v.to_pyarrow().to_pylist()
    return found


@few
@given(st.lists(st.text(visible, min_size=1, max_size=20), min_size=1, max_size=30))
def test_ids_come_back_letter_by_letter(store: Store, ids: list[str]) -> None:
    composed = [unicodedata.normalize("NFC", i) for i in ids]
    rows = cells_in(store, [f" \u200b{i} " for i in ids])
    assert evaluated(rows, values.identifier(rows.x)) == composed


money = st.integers(-(10**11), 10**11).map(lambda cents: cents / 100)
SIGNS = ["{}", "$ {}", "{} €", "CHF {}"]


@few
@given(st.lists(money, min_size=1, max_size=40), st.sampled_from([".", ","]), st.sampled_from(SIGNS))
def test_money_printed_in_any_notation_reads_as_the_same_money(
    store: Store, amounts: list[float], mark: DecimalMark, sign: str
) -> None:
    swapped = str.maketrans(",.", ".,") if mark == "," else {}
    rows = cells_in(store, [sign.format(f"{a:,.2f}".translate(swapped)) for a in amounts])
    [counts] = rows.aggregate(**numbers.evidence(rows.x)).to_pyarrow().to_pylist()
    assert numbers.decimal_mark(counts) == mark
    assert evaluated(rows, numbers.number(rows.x, numbers.NumberFormat(mark, is_plain=False))) == amounts


@pytest.mark.parametrize(
    ("cell", "worth"),
    [
        *[("(5)", -5), ("5-", -5), ("12 %", 0.12), ("1e3", 1000), ("1.5E-2", 0.015), ("+7", 7), (".5", 0.5)],
        *[("5.", 5), ("12,34,567.5", 1234567.5), ("1,23", None), ("1 2", None), ("--5", None), ("5€", 5)],
        *[("five", None), ("5 apples", None), ("(5", None), ("1.2.3", None), ("", None), ("€", None)],
    ],
)
def test_a_cell_is_worth_what_a_reader_would_say(store: Store, cell: str, worth: float | None) -> None:
    rows = cells_in(store, [cell])
    assert evaluated(rows, numbers.number(rows.x, numbers.NumberFormat(".", is_plain=False))) == [worth]


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["12", "15"], "."),
        (["1.5", "1.234"], "."),
        (["1,5", "1.234"], ","),
        (["0.250", "1.500"], "."),
        (["1.234.567", "1.234"], ","),
        (["1,234", "2,500"], None),
        (["1,234", "1500"], ","),
        (["1.5", "2,5"], None),
        ([f"{n},000" for n in range(1, 40)] + ["950"], "."),
    ],
)
def test_the_decimal_mark_is_what_the_column_shows_or_open(
    store: Store, cells: list[str], mark: str | None
) -> None:
    rows = cells_in(store, list(cells))
    [counts] = rows.aggregate(**numbers.evidence(rows.x)).to_pyarrow().to_pylist()
    assert numbers.decimal_mark(counts) == mark


def read_as_dates(store: Store, cells: list[str]) -> tuple[str, bool, list[object]]:
    rows = cells_in(store, list(cells))
    forms = dates.candidates(cells, None)
    [counts] = rows.aggregate(**dates.evidence(rows.x, forms)).to_pyarrow().to_pylist()
    form, is_ambiguous = dates.choose(forms, {name: count or 0 for name, count in counts.items()})
    return form.name, is_ambiguous, evaluated(rows, dates.timestamp(rows.x, form))


LAYOUTS = [
    *[
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%Y%m%d",
        "%d/%m/%Y",
        "%d.%m.%Y",
        "%d-%m-%Y",
        "%m/%d/%Y",
        "%d/%m/%y",
    ],
    *["%d %B %Y", "%d-%b-%Y", "%d %b %y", "%B %d, %Y", "%b %d, %Y", "%a, %d %b %Y", "%A %d %B %Y"],
]
TIMES = ["", " %H:%M", " %H:%M:%S", " %I:%M:%S %p", " %I:%M %p"]
moments = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2068, 12, 31))
WITNESS = datetime(2024, 2, 13, 22, 7, 9)
"""A day that cannot be a month, so that every layout is settled."""


@settings(max_examples=40, deadline=None)
@given(st.lists(moments, min_size=1, max_size=10), st.sampled_from(LAYOUTS), st.sampled_from(TIMES))
def test_a_moment_printed_in_any_layout_reads_as_the_same_moment(
    store: Store, times: list[datetime], layout: str, time: str
) -> None:
    cells = [moment.strftime(layout + time) for moment in (WITNESS, *times)]
    _, is_ambiguous, read = read_as_dates(store, cells)
    assert not is_ambiguous
    assert read == [datetime.strptime(cell, layout + time) for cell in cells]


def test_a_fraction_of_a_second_and_a_zone_are_kept_whatever_the_layout(store: Store) -> None:
    _, _, read = read_as_dates(store, ["13/02/2024 10:00:00.250 +0200", "13/02/2024T10:00Z", "13/02/2024"])
    hours = [(8, 0, 250_000), (10, 0, 0), (0, 0, 0)]
    assert read == [datetime(2024, 2, 13, h, m, microsecond=us) for h, m, us in hours]


def test_days_that_read_alike_in_both_orders_are_not_ambiguous(store: Store) -> None:
    assert read_as_dates(store, ["01/01/2024", "02/02/2024"])[1] is False
    assert read_as_dates(store, ["01/01/2024", "02/03/2024"])[1] is True


def test_the_order_that_reads_more_cells_wins(store: Store) -> None:
    cells = ["13/02/2024", "14/02/2024", "01/02/2024", "02/13/2024"]
    name, is_ambiguous, read = read_as_dates(store, cells)
    assert (name, is_ambiguous, read[-1]) == ("%d/%m/%Y", False, None)


@pytest.mark.parametrize(
    "cell", ["hello", "1/2", "2024", "12:30", "1.5", "192.168.1.1", "2024-W05", "+49 30 1234"]
)
def test_what_is_no_date_does_not_look_like_one(cell: str) -> None:
    assert not dates.looks_like_date(cell)


@pytest.mark.parametrize("cell", ["1,234.50", "(5)", "€ 5", "12%", "-0.5", "1e5"])
def test_numbers_look_like_numbers(cell: str) -> None:
    assert numbers.looks_like_number(cell)


@pytest.mark.parametrize("cell", ["A12", "12-34", "1 2 3", "3668-QPYBK", "12:30", "$", "ten", "0x1F"])
def test_codes_do_not_look_like_numbers(cell: str) -> None:
    assert not numbers.looks_like_number(cell)
