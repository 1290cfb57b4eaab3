"""A table as it stands in its file: every cell is text, every row knows its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class RejectedLine:
    """A row that cannot even be split into cells."""

    line: int
    reason: str
    value: str


@dataclass
class RawTable:
    """Rows of text, streamed.

    Attributes
    ----------
    source : str
        File name (no folders), with the sheet or table after "::" if there is one.
    columns : tuple of str
        Header names, trimmed, made unique; "#1", "#2", ... if the file has no header.
    has_header : bool
    batches : iterator of pyarrow.RecordBatch
        Column `line` (int64: physical line where the row starts, or the row number for tables
        without lines) followed by `c0`, `c1`, ... (string; null = no value), one per entry of
        `columns`. Typed sources are printed exactly: 17850.0 as 17850, timestamps as
        ``YYYY-MM-DD HH:MM:SS[.ffffff]`` (with +00:00 if they had a zone), booleans as true / false.
    dialect : mapping of str to str
        How the source was read, in words: format, encoding, delimiter, header, compression ...
    rejected : list of RejectedLine
        Fills up while `batches` is consumed.
    notes : list of str
        Sentences for the reader; may fill up too.
    """

    source: str
    columns: tuple[str, ...]
    has_header: bool
    batches: Iterator[pa.RecordBatch]
    dialect: Mapping[str, str] = field(default_factory=dict)
    rejected: list[RejectedLine] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
