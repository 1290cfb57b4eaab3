from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from coterie.errors import CoterieError, InputError, NotFoundError
from tests.opening import opened, read_to_end

TABLE = b"id,amount\n1,2\n"


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    for name in ("nope.csv", "nope.xlsx::Sheet", "a/b/c.parquet", "nul\0.csv", "x" * 4000, ""):
        with pytest.raises(CoterieError) as caught:
            read_to_end(tmp_path / name if name else "no-such-file")
        assert isinstance(caught.value, NotFoundError)


def test_a_folder_and_a_device_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder"):
        read_to_end(tmp_path)
    with pytest.raises(InputError, match="device or a pipe"):
        read_to_end("/dev/zero")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="device or a pipe"):
        read_to_end(tmp_path / "pipe.csv")


def test_a_path_may_be_text_or_a_path(tmp_path: Path) -> None:
    (tmp_path / "a::b.csv").write_bytes(TABLE)
    assert read_to_end(tmp_path / "a::b.csv").rows == read_to_end(str(tmp_path / "a::b.csv")).rows


def test_the_source_is_named_without_its_folders() -> None:
    assert opened(TABLE, name="orders.csv").table.source == "orders.csv"


def test_a_part_of_a_plain_file_is_refused() -> None:
    with pytest.raises(InputError, match="parts to name"):
        opened(TABLE, part="Sheet1")


@pytest.mark.parametrize("content", [b"", b"\n", b"  \r\n\t\n", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_empty(content: bytes) -> None:
    with pytest.raises(InputError, match="The file is empty"):
        opened(content)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "a PNG picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "a JPEG picture"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"  <!DOCTYPE html><html><table><tr><td>1</td></tr></table>", "an HTML page"),
        (b"<html><body>", "an HTML page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "an XML file"),
        (b"PK\x05\x06" + b"\0" * 18, "a zip archive"),
        (b"\xfd7zXZ\0" + b"\0" * 50, "an xz archive"),
        (b"ARROW1\0\0" + b"\0" * 50, "an Arrow or Feather file"),
        (b"Rar!\x1a\x07\x00" + b"\0" * 50, "a RAR archive"),
    ],
)
def test_what_is_no_table_is_called_by_its_kind(content: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        opened(content, name="orders.csv")
    if not content.startswith(b"PK"):
        with pytest.raises(InputError):
            opened(gzip.compress(content), name="orders.csv.gz")


def test_a_column_that_begins_like_json_is_still_csv() -> None:
    assert opened("[id],[amount]\n1,2\n").columns == ("[id]", "[amount]")


def test_an_error_of_the_first_rows_is_told_at_once(tmp_path: Path) -> None:
    from coterie.settings import Settings
    from coterie.sources.open import open_raw

    path = tmp_path / "x.csv"
    path.write_bytes(b"id,amount\n")
    with pytest.raises(InputError, match="no rows"):
        open_raw(path, settings=Settings())
