"""Is this workbook's zip archive safe to open? Judged before any spreadsheet reader sees it."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from coterie.errors import InputError
from coterie.settings import Settings
from coterie.sources.decode import refuse_bomb

_MAX_PARTS = 5_000
"""Files in the archive; a real workbook has one per sheet and a few dozen more."""

_MAX_BYTES = 2**31
"""A workbook is held in memory whole: beyond this, unpacked, it is refused whatever the settings."""

_MAX_CELLS = 50_000_000
"""Cells of the rectangle around all cells of a sheet: the reader takes 32 bytes for each."""

_READ_BYTES = 2**18
_CELL = re.compile(rb"""\br=["']([A-Za-z]{1,3})(\d{1,7})["']""")
_ODS_TAG = re.compile(rb"<(/?)table:(table-row|table-cell|covered-table-cell)\b([^>]*)>")
_ODS_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated=["'](\d{1,9})""")


def check_workbook_archive(path: Path, *, settings: Settings) -> None:
    """Refuse an archive that would take too much memory, by what it declares and by what it holds.

    Raises
    ------
    InputError
        If it is damaged, has too many parts, unpacks to too much or spans too many cells.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_declared(parts, path, settings=settings)
            for part in parts:
                _check_part(file, part, name=path.name)
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, NotImplementedError) as cause:
        raise InputError("The workbook is damaged or cut short", where=path.name) from cause


def _check_declared(parts: list[zipfile.ZipInfo], path: Path, *, settings: Settings) -> None:
    if len(parts) > _MAX_PARTS:
        raise InputError(
            f"The workbook has {len(parts):,} parts; at most {_MAX_PARTS:,} are opened", where=path.name
        )
    if any(part.flag_bits & 1 for part in parts):
        raise InputError("The workbook is protected by a password", where=path.name, to_do="Save it without")
    n_bytes = sum(part.file_size for part in parts)
    refuse_bomb(n_bytes, path.stat().st_size, name=path.name, settings=settings)
    if n_bytes > _MAX_BYTES:
        raise InputError(
            f"The workbook unpacks to {n_bytes / 2**30:.1f} GiB, too much to open",
            where=path.name,
            to_do="Export the sheet as CSV",
        )


def _check_part(file: BinaryIO, part: zipfile.ZipInfo, *, name: str) -> None:
    blocks = _whole_tags(_unpacked(file, part, name=name))
    if part.filename.startswith("xl/worksheets/"):
        n_cells = _n_spanned(blocks)
    elif part.filename == "content.xml":
        n_cells = _n_repeated(blocks)
    else:
        n_cells = sum(0 for _ in blocks)
    if n_cells > _MAX_CELLS:
        raise InputError(
            f"A sheet spans {n_cells:,} cells, too many to open",
            where=f"{name}, {part.filename}",
            to_do="Delete stray cells far from the table, or export the sheet as CSV",
        )


def _unpacked(file: BinaryIO, part: zipfile.ZipInfo, *, name: str) -> Iterator[bytes]:
    """The part's content, which must not be larger than declared."""
    n_left = part.file_size
    for block in _inflated(file, part):
        n_left -= len(block)
        if n_left < 0:
            raise InputError("A part of the workbook is larger than it declares", where=name)
        yield block


def _inflated(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    # zipfile stops at the declared size; a lying archive shows only when read to its real end.
    file.seek(part.header_offset + 26)
    file.seek(sum(struct.unpack("<HH", file.read(4))), 1)
    if part.compress_type == zipfile.ZIP_STORED:
        yield from _exactly(file, part.compress_size)
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise NotImplementedError("compression of a workbook's part")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in _exactly(file, part.compress_size):
        while packed:
            yield inflater.decompress(packed, _READ_BYTES)
            packed = inflater.unconsumed_tail


def _exactly(file: BinaryIO, n_bytes: int) -> Iterator[bytes]:
    while n_bytes > 0 and (block := file.read(min(_READ_BYTES, n_bytes))):
        n_bytes -= len(block)
        yield block


def _whole_tags(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, cut only between tags (or where a tag is absurdly long)."""
    rest = b""
    for block in blocks:
        rest += block
        cut = rest.rfind(b">") + 1 or (len(rest) if len(rest) > _READ_BYTES else 0)
        yield rest[:cut]
        rest = rest[cut:]
    yield rest


def _n_spanned(blocks: Iterable[bytes]) -> int:
    """Cells of the rectangle around all cells an xlsx sheet names."""
    columns: set[bytes] = set()
    rows: set[bytes] = set()
    for block in blocks:
        cells = _CELL.findall(block)
        columns.update(column for column, _ in cells)
        rows.update(row for _, row in cells)
    if not rows:
        return 0
    across = [_column_number(column) for column in columns]
    down = [int(row) for row in rows]
    return (max(across) - min(across) + 1) * (max(down) - min(down) + 1)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _n_repeated(blocks: Iterable[bytes]) -> int:
    """Cells with a value in an OpenDocument file, each as often as it is said to be repeated."""
    total = width = n_rows = 0
    filled = False
    for block in blocks:
        for closing, tag, attributes in _ODS_TAG.findall(block):
            times = int(found[1]) if (found := _ODS_REPEATED.search(attributes)) else 1
            if tag != b"table-row":
                width += 0 if closing else times
                filled |= b"value-type" in attributes
            elif closing:
                total += n_rows * width if filled else 0
            else:
                n_rows, width, filled = times, 0, False
    return total
