"""Where a table of text begins, and what its columns are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coterie.errors import SchemaError
from coterie.settings import Settings
from coterie.sources.batches import Row

_NAME_CHARACTERS = 200
"""A longer column name is cut, visibly."""

_HEADER_WIDTH_SHARE = 0.2
"""The first row has the table's width if so many of the rows have it too."""

_TYPED_SHARE = 0.9
"""Share of a column's cells that are numbers or dates for a text above them to be its name."""

_SIGN = r"[^\w\s.,+-]?\s*[+-]?\s*[^\w\s.,+-]?\s*"
_NUMBER_OR_DATE = re.compile(
    rf"""\s*(?:
        {_SIGN} (?:\d[\d.,'\u00a0\u202f\ ]*|[.,]\d+) (?:[eE][+-]?\d+)? \s*[^\w\s.,+-]?
      | \d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}} (?:[T\s].*)?
      | \d{{1,2}}[-/.\s][A-Za-z]{{3,9}}[-/.,\s]+\d{{2,4}} (?:\s.*)?
    )\s*""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Header:
    """Names of the columns and where the rows begin.

    `line` is the line of the header, 0 if there is none; rows before `first_line` are not part of
    the table.
    """

    names: tuple[str, ...]
    line: int
    first_line: int
    notes: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where the header is, in words."""
        return f"line {self.line}" if self.line else "none"


def find_header(rows: Sequence[Row], *, settings: Settings, source: str) -> Header:
    """Tell names from data in the first rows of a table.

    Parameters
    ----------
    rows : sequence of (line, cells)
        At least one; the first few hundred rows of the table.

    Raises
    ------
    SchemaError
        If the table has more columns than the settings allow.
    """
    n_columns = modal_width([cells for _, cells in rows])
    top = next(i for i, (_, cells) in enumerate(rows) if not is_preamble(len(cells), n_columns))
    line, first = rows[top]
    body = [cells for _, cells in rows[top + 1 :]]
    check_width(len(first), settings=settings, source=source)
    if reads_as_data(first, body):
        names = tuple(f"#{i}" for i in range(1, len(first) + 1))
        return Header(names, 0, line, ("The first line reads as data: columns are named #1, #2, ...",))
    names, notes = column_names(first[: _n_used(first, body)])
    return Header(names, line, line, notes)


def check_width(n_columns: int, *, settings: Settings, source: str) -> None:
    """Raise SchemaError if a table has more columns than the settings allow."""
    if n_columns > settings.max_columns:
        raise SchemaError(
            f"The table has {n_columns:,} columns; at most {settings.max_columns:,} are read",
            where=source,
            to_do="Leave columns out or raise max_columns",
        )


def modal_width(rows: Sequence[Sequence[object]]) -> int:
    """The number of cells a table's rows have; the first row's if enough others agree."""
    widths = Counter(map(len, rows))
    first = len(rows[0])
    most = max(widths, key=lambda width: (widths[width], width))
    is_agreed = widths[first] >= max(2, _HEADER_WIDTH_SHARE * len(rows))
    return first if is_agreed and not is_preamble(first, most) else most


def is_preamble(n_cells: int, n_columns: int) -> bool:
    """Whether a row is too narrow to belong to a table: a title, a mark left by a merge."""
    return n_columns > 2 and n_cells * 2 <= n_columns


def reads_as_data(first: Sequence[str | None], body: Sequence[Sequence[str | None]]) -> bool:
    """Whether the first row of a table is data, as it has numbers or dates where names should be."""
    if not any(map(is_number_or_date, first)):
        return False
    return not any(
        cell and not is_number_or_date(cell) and _is_typed(body, i) for i, cell in enumerate(first)
    )


def is_number_or_date(cell: str | None) -> bool:
    """Whether a cell looks like a number, an amount of money or a date."""
    return bool(cell) and len(str(cell)) < 40 and bool(_NUMBER_OR_DATE.fullmatch(str(cell)))


def _is_typed(body: Sequence[Sequence[str | None]], column: int) -> bool:
    cells = [row[column] for row in body if len(row) > column and row[column]]
    n_typed = sum(map(is_number_or_date, cells))
    return bool(cells) and n_typed >= _TYPED_SHARE * len(cells)


def _n_used(first: Sequence[str | None], body: Iterable[Sequence[str | None]]) -> int:
    """Columns without those at the end that have neither a name nor a value."""
    used = max((i + 1 for i, name in enumerate(first) if name and name.strip()), default=0)
    filled = (i + 1 for row in body for i in range(used, min(len(row), len(first))) if row[i])
    return max(used, max(filled, default=0), 1)


def column_names(cells: Iterable[str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Trimmed, unique names for columns, and a note for each that had to change."""
    names: list[str] = []
    notes: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name, note = _mended(cell or "", number)
        if name in names:
            unique = _unique(name, names)
            note = f'There is more than one column "{name}": column {number} is called "{unique}".'
            name = unique
        elif twin := next((other for other in names if _folded(other) == _folded(name)), ""):
            note = note or f'The columns "{twin}" and "{name}" differ only by case or spaces.'
        names.append(name)
        notes += [note] if note else []
    return tuple(names), tuple(notes)


def _mended(cell: str, number: int) -> tuple[str, str]:
    visible = "".join(c if c.isprintable() or c.isspace() else "\ufffd" for c in cell)
    name = " ".join(visible.split())
    if not name:
        return f"column {number}", f'Column {number} has no name: it is called "column {number}".'
    if len(name) > _NAME_CHARACTERS:
        return name[:_NAME_CHARACTERS] + "…", f"The name of column {number} is too long and was cut."
    if "\ufffd" in name and "\ufffd" not in cell:
        return name, f"The name of column {number} has characters that cannot be shown."
    return name, ""


def _unique(name: str, taken: Sequence[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def _folded(name: str) -> str:
    return "".join(name.casefold().split())
