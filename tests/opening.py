"""Any source read to its end, for tests to look at."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coterie.settings import Settings
from coterie.sources.open import open_raw
from coterie.sources.raw import RawTable, RejectedLine


@dataclass(frozen=True)
class Opened:
    """A RawTable read to its end."""

    table: RawTable
    lines: list[int]
    rows: list[list[str | None]]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.table.columns

    @property
    def rejected(self) -> list[RejectedLine]:
        return self.table.rejected

    @property
    def refusals(self) -> list[tuple[int, str]]:
        return [(reject.line, reject.reason) for reject in self.rejected]

    def column(self, name: str) -> list[str | None]:
        i = self.columns.index(name)
        return [row[i] for row in self.rows]


def read_to_end(source: object, *, encoding: str | None = None, settings: Settings | None = None) -> Opened:
    table = open_raw(source, encoding=encoding, settings=settings or Settings())
    lines: list[int] = []
    rows: list[list[str | None]] = []
    for batch in table.batches:
        columns = [column.to_pylist() for column in batch.columns]
        lines += columns[0]
        rows += map(list, zip(*columns[1:], strict=True))
    return Opened(table, lines, rows)


def opened(content: str | bytes, *, name: str = "table.csv", part: str = "", **options: Any) -> Opened:
    """What a file of this content reads as; `part` is the sheet or table to ask for."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_to_end(f"{path}::{part}" if part else path, **options)
