from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from coterie.errors import InputError, NotFoundError, SchemaError
from coterie.settings import Settings
from tests.opening import opened


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def ods(rows: str, *, name: str = "Orders") -> bytes:
    """An OpenDocument spreadsheet with these rows of markup."""
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text")
    )
    table = f'<table:table table:name="{name}">{rows}</table:table>'
    content = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}>{content}</office:document-content>',
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return packed.getvalue()


def ods_cell(text: str, *, repeated: int = 1) -> str:
    times = f' table:number-columns-repeated="{repeated}"' if repeated > 1 else ""
    return f'<table:table-cell office:value-type="string"{times}><text:p>{text}</text:p></table:table-cell>'


ORDERS: list[list[Any]] = [
    ["customer", "at", "amount", "paid"],
    ["00123", datetime.datetime(2024, 1, 2, 3, 4, 5), 17850.0, True],
    ["NA", datetime.date(2024, 1, 3), 2.55, False],
]


def test_cells_are_printed_exactly() -> None:
    found = opened(workbook(Orders=ORDERS), name="book.xlsx")
    assert found.columns == ("customer", "at", "amount", "paid")
    assert found.rows == [
        ["00123", "2024-01-02 03:04:05", "17850", "true"],
        ["NA", "2024-01-03", "2.55", "false"],
    ]
    assert found.table.source == "book.xlsx::Orders"
    assert found.lines == [2, 3]


def test_the_largest_sheet_is_read_unless_one_is_named() -> None:
    book = workbook(Cover=[["hello"]], Orders=ORDERS, Other=[["id", "x"], ["1", 2]])
    assert '"Orders", the largest' in opened(book, name="b.xlsx").table.notes[0]
    assert opened(book, name="b.xlsx", part="Other").rows == [["1", "2"]]
    with pytest.raises(NotFoundError, match=r"no sheet 'Nope'.*Cover, Orders, Other"):
        opened(book, name="b.xlsx", part="Nope")


def test_a_workbook_is_known_by_content_whatever_its_name() -> None:
    assert opened(workbook(Orders=ORDERS), name="orders.csv").column("customer") == ["00123", "NA"]


def test_a_title_and_blank_rows_above_the_table_are_no_header() -> None:
    rows = [["Sales of 2024"], [], *ORDERS, [], ["00124", None, 1, None]]
    found = opened(workbook(Orders=rows), name="b.xlsx")
    assert found.columns[0] == "customer"
    assert found.refusals == [(1, "above the header")]
    assert found.lines == [4, 5, 7]
    assert found.rows[-1] == ["00124", None, "1", None]


def test_a_value_beyond_the_header_rejects_its_row() -> None:
    rows = [*ORDERS, ["9", None, 1, None, "stray"]]
    found = opened(workbook(Orders=[["customer", "at", "amount", "paid", None], *rows[1:]]), name="b.xlsx")
    assert found.columns[4:] in ((), ("column 5",))
    assert len(found.rows) + len(found.rejected) == 3


def test_an_empty_workbook_and_a_header_alone_are_refused() -> None:
    with pytest.raises(InputError, match="sheet is empty"):
        opened(workbook(Empty=[]), name="b.xlsx")
    with pytest.raises(InputError, match="no rows"):
        opened(workbook(Orders=ORDERS[:1]), name="b.xlsx")


def test_open_document_sheets_are_read() -> None:
    rows = [["customer", "amount"], ["00123", "5"], ["NA", "6"]]
    markup = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    found = opened(ods(markup), name="b.ods")
    assert found.columns == ("customer", "amount")
    assert found.rows == rows[1:]


def test_an_open_document_sheet_that_repeats_a_row_without_end_is_refused() -> None:
    cell = ods_cell("x", repeated=1000)
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    with pytest.raises(InputError, match="spans 1,000,000,000 cells"):
        opened(ods(row), name="b.ods")


def test_a_stray_cell_far_away_is_refused_before_the_reader_makes_room_for_it() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "id"
    book.active["XFD1048576"] = "far"
    content = io.BytesIO()
    book.save(content)
    with pytest.raises(InputError, match="spans 17,179,869,184 cells"):
        opened(content.getvalue(), name="b.xlsx")


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(SchemaError, match="1,200 columns"):
        opened(workbook(Wide=[[f"c{i}" for i in range(1200)], list(range(1200))]), name="b.xlsx")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_cut_workbook_is_damaged(share: float) -> None:
    content = workbook(Orders=ORDERS * 50)
    with pytest.raises(InputError, match="damaged"):
        opened(content[: int(len(content) * share)], name="b.xlsx")


def test_a_workbook_of_garbage_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook><sheets><sheet name='A'")
        archive.writestr("[Content_Types].xml", "")
    with pytest.raises(InputError, match="cannot be read"):
        opened(packed.getvalue(), name="b.xlsx")
    with pytest.raises(InputError, match="cannot be read"):
        opened(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000, name="b.xls")


def test_a_small_workbook_within_the_limits_is_opened() -> None:
    settings = Settings(max_expansion=1, max_expanded_bytes=2**20)
    assert opened(workbook(Orders=ORDERS), name="b.xlsx", settings=settings).rows
    with pytest.raises(InputError, match="unpacks to more"):
        opened(workbook(Orders=ORDERS), name="b.xlsx", settings=Settings(max_expanded_bytes=100))
