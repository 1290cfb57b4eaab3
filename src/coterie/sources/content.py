"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from coterie.errors import InputError

HEAD_BYTES = 4096

_REFUSED = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"ARROW1", "an Arrow or Feather file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
)
_MARKUP = re.compile(rb"\s*<(!doctype html|html|head|body|\?xml|svg)\b", re.IGNORECASE)
_JSON_ARRAY = re.compile(rb"\s*\[\s*(?:[\[{\]\"\d-]|true|false|null|$)")
_JSON_OBJECT = re.compile(rb"\s*\{\s*[\"}]")


def kind_of(path: Path, head: bytes) -> str:
    """What the file is: "parquet", "duckdb", "sqlite", "workbook", "json", "json lines" or "text".

    Parameters
    ----------
    path : Path
    head : bytes
        Its first `HEAD_BYTES`, unpacked if it is compressed.

    Raises
    ------
    InputError
        If it is something else; the message says what.
    """
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _kind_of_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "workbook"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"SQLite format 3\x00"):
        return "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    return _kind_of_text(path, head)


def _kind_of_text(path: Path, head: bytes) -> str:
    plain = head.removeprefix(b"\xef\xbb\xbf")
    refused = next((name for magic, name in _REFUSED if head.startswith(magic)), "")
    if markup := _MARKUP.match(plain):
        refused = "an XML file" if markup[1] == b"?xml" else "an HTML page"
    if refused:
        raise InputError(
            f"The file is {refused}, not a table",
            where=path.name,
            to_do="Export the table as CSV, Excel or Parquet",
        )
    if _JSON_ARRAY.match(plain):
        return "json"
    return "json lines" if _JSON_OBJECT.match(plain) else "text"


def _kind_of_zip(path: Path) -> str:
    """Whether a zip archive is a workbook: xlsx, xlsm, xlsb and ods are zip archives."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as cause:
        raise InputError("The file is damaged or cut short", where=path.name) from cause
    if "xl/workbook.xml" in names or {"content.xml", "mimetype"} <= names:
        return "workbook"
    what = "a binary workbook (xlsb)" if "xl/workbook.bin" in names else "a zip archive"
    raise InputError(
        f"The file is {what}, which is not read",
        where=path.name,
        to_do="Unpack it, or save it as xlsx or CSV",
    )
