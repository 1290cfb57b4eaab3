"""Excel and OpenDocument workbooks -> RawTable: the stored values, nothing that could act."""

from __future__ import annotations

import contextlib
import itertools
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.errors import InputError, NotFoundError
from coterie.settings import Settings
from coterie.sources.archive import check_workbook_archive
from coterie.sources.batches import Row, batches_of, rejected_line
from coterie.sources.header import Header, find_header
from coterie.sources.printing import printed
from coterie.sources.raw import RawTable, RejectedLine

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_SAMPLE_ROWS = 400


def read_workbook(path: Path, *, sheet: str, settings: Settings) -> RawTable:
    """One sheet of a workbook as a table of text.

    Parameters
    ----------
    path : Path
        An xlsx, xlsm, xls or ods file.
    sheet : str
        Name of the sheet; "" for the one with the most cells, which the notes then name.

    Raises
    ------
    InputError
        If the file is damaged, protected, too large or has no rows.
    NotFoundError
        If there is no such sheet.
    """
    if zipfile.is_zipfile(path):
        check_workbook_archive(path, settings=settings)
    notes: list[str] = []
    with _readable(path.name):
        chosen = _chosen(path, sheet, notes=notes)
        rows = _rows(chosen)
        sample = list(itertools.islice(rows, _SAMPLE_ROWS))
    source = f"{path.name}::{chosen.name}"
    if not sample:
        raise InputError("The sheet is empty", where=source)
    header = find_header(_as_sample(sample), settings=settings, source=source)
    rejected: list[RejectedLine] = []
    body = _body(itertools.chain(sample, rows), header, rejected=rejected)
    return RawTable(
        source=source,
        columns=header.names,
        has_header=bool(header.line),
        batches=batches_of(body, n_columns=len(header.names)),
        dialect={"format": "workbook", "sheet": chosen.name, "header": header.place},
        rejected=rejected,
        notes=[*notes, *header.notes],
    )


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError as cause:
        raise InputError(
            "The workbook is protected by a password", where=name, to_do="Save it without"
        ) from cause
    except (CalamineError, OSError, ValueError) as cause:
        raise InputError(
            "The workbook cannot be read", where=name, to_do="Save it again as xlsx or CSV"
        ) from cause
    except BaseException as cause:
        # A panic of the compiled reader is no Exception.
        if type(cause).__name__ != "PanicException":
            raise
        raise InputError(
            "The workbook cannot be read", where=name, to_do="Save it again as xlsx or CSV"
        ) from cause


def _chosen(path: Path, name: str, *, notes: list[str]) -> CalamineSheet:
    from python_calamine import load_workbook

    book = load_workbook(path)
    if name:
        if name not in book.sheet_names:
            raise NotFoundError(
                f"There is no sheet {name!r}", where=path.name, to_do=f"It has: {', '.join(book.sheet_names)}"
            )
        return book.get_sheet_by_name(name)
    return _largest(book, notes)


def _largest(book: CalamineWorkbook, notes: list[str]) -> CalamineSheet:
    largest = book.get_sheet_by_index(0)
    for index in range(1, len(book.sheet_names)):
        sheet = book.get_sheet_by_index(index)
        if sheet.height * sheet.width > largest.height * largest.width:
            largest = sheet
    if len(book.sheet_names) > 1:
        notes.append(
            f'The workbook has {len(book.sheet_names)} sheets: "{largest.name}", the largest, was read.'
        )
    return largest


def _rows(sheet: CalamineSheet) -> Iterator[Row]:
    """Rows with any value, by their number in the sheet."""
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = [printed(value) for value in values]
        if any(cell is not None for cell in cells):
            yield number, cells


def _as_sample(rows: list[Row]) -> list[Row]:
    """Rows as wide as the widest; one that is half empty stays short, as a title is."""
    used = [max(i for i, cell in enumerate(cells, start=1) if cell is not None) for _, cells in rows]
    width = max(used)
    return [
        (line, cells[:width] if n_used * 2 > width else cells[:n_used])
        for (line, cells), n_used in zip(rows, used, strict=True)
    ]


def _body(rows: Iterator[Row], header: Header, *, rejected: list[RejectedLine]) -> Iterator[Row]:
    n_columns = len(header.names)
    for line, cells in rows:
        if line < header.first_line:
            rejected.append(rejected_line(line, "above the header", value=_joined(cells)))
        elif any(cell is not None for cell in cells[n_columns:]):
            reason = f"too many cells: more than {n_columns}"
            rejected.append(rejected_line(line, reason, value=_joined(cells)))
        elif line != header.line:
            yield line, cells[:n_columns]


def _joined(cells: Sequence[str | None]) -> str:
    return " ".join(cell for cell in cells if cell)
