"""Text -> physical lines -> rows of cells, in bounded memory, each with the line it starts on."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from coterie.errors import SchemaError
from coterie.settings import Settings
from coterie.sources.batches import OVERLONG, Row, refuse_many_rejected, rejected_line
from coterie.sources.raw import RejectedLine

_UNCLOSED = "a quote is not closed"

_REREAD_CELLS = 64
"""Longest cells. Lines read again after unclosed quotes may add up to so many, no more."""


def physical_lines(texts: Iterable[str], *, max_characters: int) -> Iterator[str]:
    r"""Lines with their ends (\n, \r\n or \r); an overlong one is cut and begins with `OVERLONG`."""
    rest = ""
    skipping = False
    for text in texts:
        rest += text
        # A carriage return at the very end may be half of a line end.
        cut = max(rest.rfind("\n"), rest.rfind("\r", 0, -1)) + 1
        whole, rest = rest[:cut], rest[cut:]
        lines: Iterator[str] = io.StringIO(whole, newline="")
        if skipping and whole:
            next(lines)
            skipping = False
        yield from (_cut(line, max_characters) for line in lines) if cut > max_characters else lines
        if len(rest) > max_characters:
            if not skipping:
                yield _cut(rest, max_characters)
            rest, skipping = "", True
    if rest and not skipping:
        yield _cut(rest, max_characters)


def _cut(line: str, max_characters: int) -> str:
    if len(line) <= max_characters:
        return line
    return OVERLONG + "".join(filter(str.isalnum, line[:100])) + "\n"


@dataclass
class Rows:
    """Rows of cells, iterated once; what cannot be split is rejected and reading resumes after it.

    Attributes
    ----------
    lines : iterator of str
        Physical lines with their ends.
    delimiter : str
        One character, or "" for columns set apart by any white space.
    quoted : bool
        Whether quotes enclose cells.
    n_columns : int or None
        Cells a row must have; more are accepted if the further ones are empty. None takes any.
    rejected : list of RejectedLine
        Fills up while rows are read.
    source : str
        Name shown in messages.
    first_line : int
        Lines before this one are passed over.
    n_characters : int
        Length of all lines taken so far.
    """

    lines: Iterator[str]
    delimiter: str
    quoted: bool
    settings: Settings
    n_columns: int | None = None
    rejected: list[RejectedLine] = field(default_factory=list)
    source: str = ""
    first_line: int = 1
    n_characters: int = 0
    _line: int = 0
    _n_reread: int = 0
    _taken: list[str] = field(default_factory=list)
    _pending: deque[str] = field(default_factory=deque)

    def __iter__(self) -> Iterator[Row]:
        # The limit belongs to the whole process, so it is only ever raised; ours is kept by _feed.
        csv.field_size_limit(max(csv.field_size_limit(), self.settings.max_line_bytes))
        while self._line < self.first_line - 1 and next(self.lines, None) is not None:
            self._line += 1
        # A row of one cell may be a blank line: _fits looks closer.
        n_columns = None if self.n_columns == 1 else self.n_columns
        delimiter, quoted, taken = self.delimiter or None, self.quoted, self._taken
        for line in self._feed():
            try:
                cells = self._quoted(line) if quoted and '"' in line else line.rstrip("\r\n").split(delimiter)
                if len(cells) == n_columns or self._fits(cells):
                    yield self._line - len(taken) + 1, cells
            except csv.Error as error:
                self._resume_after_first(unclosed=str(error) == _UNCLOSED)
            taken.clear()

    def _feed(self) -> Iterator[str]:
        while (line := self._pending.popleft() if self._pending else next(self.lines, None)) is not None:
            self._line += 1
            self.n_characters += len(line)
            self._taken.append(line)
            yield line

    def _quoted(self, line: str) -> list[str]:
        """The cells of a row that may go on for as many lines as a cell may hold."""
        return next(csv.reader(self._row_from(line), delimiter=self.delimiter, strict=True))

    def _row_from(self, line: str) -> Iterator[str]:
        yield line
        size = len(line)
        for further in self._feed():
            size += len(further)
            if size > self.settings.max_cell_bytes:
                break
            yield further
        raise csv.Error(_UNCLOSED)

    def _fits(self, cells: list[str]) -> bool:
        """Make a row of unusual width fit if that is harmless; else reject it."""
        if len(cells) <= 1 and self._taken[0].isspace():
            return False
        n_columns = self.n_columns
        if n_columns is None or len(cells) == n_columns:
            return True
        if len(cells) > n_columns and not any(cells[n_columns:]):
            del cells[n_columns:]
            return True
        if len(self._taken) > 1:
            raise csv.Error(_UNCLOSED)
        wrong = "few" if len(cells) < n_columns else "many"
        self._reject(f"too {wrong} cells: {len(cells)} instead of {n_columns}")
        return False

    def _reject(self, reason: str) -> None:
        if self._taken[0].startswith(OVERLONG):
            reason = f"the line is longer than {self.settings.max_line_bytes:,} bytes"
        self.rejected.append(rejected_line(self._line - len(self._taken) + 1, reason, value=self._taken[0]))
        refuse_many_rejected(len(self.rejected), self._line - len(self.rejected), source=self.source)

    def _resume_after_first(self, *, unclosed: bool) -> None:
        """Reject the first line of a row that cannot be read; the lines after it are read again."""
        unclosed = unclosed or len(self._taken) > 1
        self._reject(_UNCLOSED if unclosed else "text after a closing quote")
        again = self._taken[1:]
        self._line -= len(again)
        self._pending.extendleft(reversed(again))
        self._n_reread += sum(map(len, again))
        if self._n_reread > _REREAD_CELLS * self.settings.max_cell_bytes:
            raise SchemaError(
                "Too many quotes in the file are not closed",
                where=f"{self.source}, line {self._line}",
                to_do="Write the file again with every quote inside a cell doubled",
            )
