"""Record batches of text: how they are made, and which rows are unfit for any use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from coterie.errors import SchemaError
from coterie.settings import Settings
from coterie.sources.decode import UNREADABLE
from coterie.sources.raw import RawTable, RejectedLine

if TYPE_CHECKING:
    import pyarrow as pa

OVERLONG = "\ufdd1"
"""Stands at the head of a line that was cut because it is too long (a Unicode noncharacter)."""

BATCH_ROWS = 65_536
_BLOCK_ROWS = 1_024
_BATCH_CELLS = 2**21
_BATCH_BYTES = 2**25
_BLOCK_CHARACTERS = 2**24
_UNWEIGHED_ROWS = 8
_FORBIDDEN = bytes(set(range(32)) - set(b"\t\r\n")) + b"\x7f"
_MARK_BEGINS = UNREADABLE.encode()[:2]
_LOOK_BYTES = 2**22
_SHOWN_CHARACTERS = 80

_MANY_REJECTED = 200_000
"""Lines. With so many unreadable and fewer readable ones, the file is not what it seems."""

Row = tuple[int, Sequence[str | None]]
"""The line a row starts on, and its cells."""


def text_batch(lines: Sequence[int], columns: Iterable[object]) -> pa.RecordBatch:
    """A batch of `line`, `c0`, `c1`, ... from line numbers and columns of text (Arrow or sequences)."""
    import pyarrow as pa

    arrays = [pa.array(lines, pa.int64())]
    arrays += [c if isinstance(c, pa.Array) else pa.array(c, pa.string()) for c in columns]
    return pa.RecordBatch.from_arrays(arrays, ["line", *(f"c{i}" for i in range(len(arrays) - 1))])


def batches_of(
    rows: Iterable[Row], *, n_columns: int, n_characters: Callable[[], int] | None = None
) -> Iterator[pa.RecordBatch]:
    """Rows of text gathered into batches bounded in rows, cells and characters.

    Parameters
    ----------
    rows : iterable of (line, cells)
    n_columns : int
    n_characters : callable, optional
        How many characters the rows so far have taken, if their source counts them.
    """
    import pyarrow as pa

    if n_characters is None:
        rows = _Weighed(rows)
        n_characters = rows.weight
    enough = max(1, min(BATCH_ROWS, _BATCH_CELLS // n_columns))
    blocks: list[pa.RecordBatch] = []
    n_rows = n_bytes = 0
    for block in _blocks(
        rows, n_columns=n_columns, n_rows=min(_BLOCK_ROWS, enough), n_characters=n_characters
    ):
        blocks.append(block)
        n_rows += len(block)
        n_bytes += block.nbytes
        if n_rows >= enough or n_bytes >= _BATCH_BYTES:
            yield pa.concat_batches(blocks)
            blocks, n_rows, n_bytes = [], 0, 0
    if blocks:
        yield pa.concat_batches(blocks)


class _Weighed:
    """Rows, and how many characters those so far have."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self._n_characters = 0

    def __iter__(self) -> Iterator[Row]:
        for line, cells in self._rows:
            self._n_characters += sum(map(len, filter(None, cells)))
            yield line, cells

    def weight(self) -> int:
        return self._n_characters


def _blocks(
    rows: Iterable[Row], *, n_columns: int, n_rows: int, n_characters: Callable[[], int]
) -> Iterator[pa.RecordBatch]:
    """Small batches: their cells stay in the processor's cache, and in bounds if they are long."""
    lines: list[int] = []
    cells: list[str | None] = []
    limit = _BLOCK_CHARACTERS
    for line, row in rows:
        # One flat list: to keep a list per row would take twice the time.
        lines.append(line)
        cells += row
        if len(lines) >= n_rows or (len(lines) % _UNWEIGHED_ROWS == 0 and n_characters() > limit):
            yield text_batch(lines, (cells[i::n_columns] for i in range(n_columns)))
            lines, cells = [], []
            limit = n_characters() + _BLOCK_CHARACTERS
    if lines:
        yield text_batch(lines, (cells[i::n_columns] for i in range(n_columns)))


def screened(table: RawTable, *, settings: Settings) -> Iterator[pa.RecordBatch]:
    """The table's batches without unusable rows; empty cells become null.

    A row is rejected for a NUL or another control character (tab and line ends are none), for bytes
    that are no text, and for a cell longer than `Settings.max_cell_bytes`.
    """
    n_accepted = 0
    for batch in table.batches:
        usable = _without_unusable(batch, table.rejected, settings=settings)
        n_accepted += len(usable)
        refuse_many_rejected(len(table.rejected), n_accepted, source=table.source)
        if len(usable):
            yield _empty_as_null(usable)


def refuse_many_rejected(n_rejected: int, n_accepted: int, *, source: str) -> None:
    """Raise SchemaError if so many rows are unreadable that the file is not what it seems."""
    if n_rejected > max(_MANY_REJECTED, n_accepted):
        raise SchemaError(
            f"{n_rejected:,} lines cannot be read as rows of this table, more than can",
            where=source,
            to_do="Check the delimiter, the quotes and the encoding of the file",
        )


def _without_unusable(
    batch: pa.RecordBatch, rejected: list[RejectedLine], *, settings: Settings
) -> pa.RecordBatch:
    import pyarrow as pa

    suspects = [i for i in range(1, batch.num_columns) if _is_suspect(batch.column(i), settings)]
    if not suspects:
        return batch
    reasons: dict[int, tuple[str, str]] = {}
    for i in suspects:
        for row, cell in enumerate(batch.column(i).to_pylist()):
            if cell and row not in reasons and (reason := _unusable(cell, settings)):
                reasons[row] = reason, cell
    lines = batch.column(0).to_pylist()
    rejected.extend(
        rejected_line(lines[row], reasons[row][0], value=reasons[row][1]) for row in sorted(reasons)
    )
    return batch.filter(pa.array([row not in reasons for row in range(len(batch))]))


def _is_suspect(column: pa.Array, settings: Settings) -> bool:
    """Whether any cell of the column may be unusable: a fast look at all its bytes, piece by piece."""
    content = column.buffers()[2]
    if content is None:
        return False
    for start in range(0, content.size, _LOOK_BYTES):
        # One byte of the next piece, so that no mark is cut in two.
        piece = content.slice(start, min(_LOOK_BYTES + 1, content.size - start)).to_pybytes()
        if _MARK_BEGINS in piece or len(piece.translate(None, _FORBIDDEN)) < len(piece):
            return True
    return _longest(column) > settings.max_cell_bytes


def _longest(column: pa.Array) -> int:
    import pyarrow.compute as pc

    return int(pc.max(pc.binary_length(column)).as_py() or 0)


def _unusable(cell: str, settings: Settings) -> str:
    if OVERLONG in cell:
        return f"the line is longer than {settings.max_line_bytes:,} bytes"
    if UNREADABLE in cell:
        return "bytes that are no text in this encoding"
    if not cell.isprintable() and any(chr(byte) in cell for byte in _FORBIDDEN):
        return "a control character"
    if len(cell) * 4 > settings.max_cell_bytes and len(cell.encode()) > settings.max_cell_bytes:
        return f"a cell longer than {settings.max_cell_bytes:,} bytes"
    return ""


def rejected_line(line: int, reason: str, *, value: str) -> RejectedLine:
    """A RejectedLine whose value is cut and safe to show."""
    shown = value[: _SHOWN_CHARACTERS + 1].replace(OVERLONG, "").replace(UNREADABLE, "\ufffd")
    shown = "".join(c if c >= " " and c != "\x7f" else " " for c in shown).strip()
    return RejectedLine(line, reason, shown[:_SHOWN_CHARACTERS])


def _empty_as_null(batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow.compute as pc

    columns = [batch.column(0)]
    for column in batch.columns[1:]:
        full = pc.not_equal(column, "")
        columns.append(column if pc.all(full).as_py() else pc.if_else(full, column, None))
    return type(batch).from_arrays(columns, schema=batch.schema)
