"""Delimited and white-space separated text -> RawTable."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from coterie.errors import InputError
from coterie.settings import Settings
from coterie.sources.batches import Row, batches_of, rejected_line
from coterie.sources.header import Header, find_header, is_number_or_date, is_preamble, modal_width
from coterie.sources.raw import RawTable
from coterie.sources.rows import Rows, physical_lines

_SAMPLE_CHARACTERS = 2**18
_SAMPLE_ROWS = 400

_LEAST_AGREEMENT = 0.25
"""Share of rows with the same number of cells, below which a character is no delimiter."""

_LEAST_BELOW_PREAMBLE = 0.5
"""The same, if the first row is too narrow to be a header: prose has commas, too."""

_NONE = "\x1f"
"""The delimiter of a table with one column: a control character no accepted cell can hold."""

_DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", "": "white space", _NONE: "none"}
_SEP_LINE = re.compile(r'"?sep=([^\s"\w]|\t)?"?[,;\t ]*[\r\n]', re.IGNORECASE)
_QUOTED_CELL = re.compile(r'(?:^|\t)"(?:[^"]|"")*"(?=\t|\r|\n|$)', re.MULTILINE)


@dataclass(frozen=True)
class _Format:
    delimiter: str
    quoted: bool
    first_line: int
    rows: list[Row]
    agreement: float

    @property
    def in_words(self) -> dict[str, str]:
        delimiter = _DELIMITERS.get(self.delimiter, self.delimiter)
        words = {"format": "delimited text", "delimiter": delimiter}
        return words if self.quoted else words | {"quotes": "none"}


def read_delimited(
    texts: Iterator[str], *, source: str, dialect: dict[str, str], notes: list[str], settings: Settings
) -> RawTable:
    """A table of text cells from blocks of delimited text.

    Parameters
    ----------
    texts : iterator of str
        The file's text in blocks.
    dialect, notes : dict, list
        Are added to.

    Raises
    ------
    InputError
        If there is no row.
    SchemaError
        If there are too many columns, or too many quotes that are not closed.
    """
    sample, texts = _sampled(texts)
    form = _format_of(sample, settings=settings)
    if not form.rows:
        raise InputError("The file has no rows", where=source)
    header = find_header(form.rows, settings=settings, source=source)
    dialect |= form.in_words | {"header": header.place}
    notes += header.notes
    rows = Rows(
        physical_lines(texts, max_characters=settings.max_line_bytes),
        delimiter=form.delimiter,
        quoted=form.quoted,
        settings=settings,
        n_columns=len(header.names),
        source=source,
        first_line=form.first_line,
    )
    batches = batches_of(
        _body(rows, header), n_columns=len(header.names), n_characters=lambda: rows.n_characters
    )
    return RawTable(source, header.names, bool(header.line), batches, dialect, rows.rejected, notes)


def _sampled(texts: Iterator[str]) -> tuple[str, Iterator[str]]:
    """The first whole lines of the text, and all of it."""
    blocks: list[str] = []
    for text in texts:
        blocks.append(text)
        if sum(map(len, blocks)) > _SAMPLE_CHARACTERS:
            break
    text = "".join(blocks)
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > len(sample):
        sample = sample[: sample.rfind("\n") + 1] or sample
    return sample, itertools.chain([text], texts)


def _format_of(sample: str, *, settings: Settings) -> _Format:
    """The format a ``sep=`` line declares, else the one that fits the sample best."""
    declared = _SEP_LINE.match(sample)
    attempt = partial(_tried, sample, first_line=2 if declared else 1, settings=settings)
    return attempt(declared[1]) if declared and declared[1] else _best_format(attempt)


def _best_format(attempt: Callable[[str], _Format]) -> _Format:
    """The format under which most rows of the sample have the same number of cells."""
    best = max(map(attempt, "\t;|,"), key=lambda form: form.agreement)
    if best.agreement >= _LEAST_AGREEMENT:
        return best
    spaced = attempt("")
    return spaced if _reads_as_columns(spaced) else attempt(_NONE)


def _tried(sample: str, delimiter: str, *, first_line: int, settings: Settings) -> _Format:
    # Tab-separated text often has quotes that mean nothing: they do if no cell is properly quoted.
    quoted = '"' not in sample or delimiter not in ("\t", "") or bool(_QUOTED_CELL.search(sample))
    quoted = quoted and delimiter != ""
    lines = physical_lines([sample], max_characters=settings.max_line_bytes)
    rows = Rows(lines, delimiter=delimiter, quoted=quoted, settings=settings, first_line=first_line)
    found = list(itertools.islice(rows, _SAMPLE_ROWS))
    return _Format(delimiter, quoted, first_line, found, _agreement(found, len(rows.rejected)))


def _agreement(rows: list[Row], n_rejected: int) -> float:
    """Share of rows that have the usual number of cells, if it is more than one; 0 to 1."""
    if not rows:
        return 0.0
    n_columns = modal_width([cells for _, cells in rows])
    if n_columns < 2:
        return 0.0
    n_first = len(rows[0][1])
    share = sum(len(cells) == n_columns for _, cells in rows) / (len(rows) + n_rejected)
    if n_first == n_columns:
        return share
    if is_preamble(n_first, n_columns):
        return share if share > _LEAST_BELOW_PREAMBLE else 0.0
    return share / 2 if n_first > 1 else 0.0


def _reads_as_columns(form: _Format) -> bool:
    """Whether white space sets columns apart: rows agree in width and are mostly numbers."""
    cells = [cell for _, row in form.rows[1:] for cell in row]
    n_typed = sum(map(is_number_or_date, cells))
    return form.agreement > 0.9 and n_typed * 2 >= max(1, len(cells))


def _body(rows: Rows, header: Header) -> Iterator[Row]:
    """The rows below the header; those above it and repetitions of it are rejected."""
    found = iter(rows)
    names: list[str] | None = None
    for line, cells in found:
        if line == header.line:
            names = list(cells)  # type: ignore[arg-type]
            break
        if line >= header.first_line:
            yield line, cells
            break
        rows.rejected.append(rejected_line(line, "above the header", value=" ".join(map(str, cells))))
    for line, cells in found:
        if cells == names:
            rows.rejected.append(rejected_line(line, "the header again", value=str(cells[0])))
        else:
            yield line, cells
