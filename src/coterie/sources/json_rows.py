"""JSON arrays and JSON Lines -> RawTable: numbers keep their digits, nothing deep is followed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from coterie.errors import InputError
from coterie.settings import Settings
from coterie.sources.batches import Row, batches_of, refuse_many_rejected, rejected_line
from coterie.sources.header import check_width, column_names
from coterie.sources.raw import RawTable, RejectedLine
from coterie.sources.rows import physical_lines

_BETWEEN = re.compile(r"[\s,]*")

Found = tuple[int, "dict[str, str | None] | str", str]
"""The line an object starts on; its cells by dotted name, or why it is rejected; its text."""

_NESTED = "\ufdd2"
"""Stands for a list or a deeper object in a cell (a Unicode noncharacter)."""


class _Unusable(str):
    """Stands in a parsed object for something no row may hold; the text says what."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Unusable:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    return _Unusable("the same key twice")


def _constant(name: str) -> _Unusable:
    return _Unusable(f"{name} is not a number")


def _number(digits: str) -> str:
    return digits.removesuffix(".0")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=str, parse_float=_number, parse_constant=_constant
)


def _flat(value: object) -> dict[str, str | None] | str:
    """The cells of an object, its inner objects flattened once; a sentence if it cannot be a row."""
    if not isinstance(value, dict):
        return str(value) if isinstance(value, _Unusable) else "not a JSON object"
    cells: dict[str, str | None] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            cells |= {f"{key}.{name}": _cell(innermost) for name, innermost in inner.items()}
        else:
            cells[key] = _cell(inner)
    unusable = next((cell for cell in cells.values() if isinstance(cell, _Unusable)), None)
    return cells if unusable is None else str(unusable)


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NESTED


def read_json(
    texts: Callable[[], Iterator[str]],
    *,
    lines: bool,
    source: str,
    dialect: dict[str, str],
    settings: Settings,
) -> RawTable:
    """A table from a JSON array of objects or from one object per line.

    Parameters
    ----------
    texts : callable
        Gives the file's text in blocks, from the start, each time it is called: the first reading
        finds the columns, the second the rows.
    lines : bool
        Whether each line is an object; else the file is one array of objects.

    Raises
    ------
    InputError
        If the file is not what it should be.
    SchemaError
        If it has too many columns.
    """
    find = _objects_by_line if lines else _objects_of_array
    keys, left_out = _keys(find(texts(), source=source, settings=settings), source=source, settings=settings)
    names, notes = column_names(keys)
    notes += tuple(f'The key "{key}" holds lists or nested objects and was left out.' for key in left_out)
    dialect |= {"format": "JSON Lines" if lines else "JSON array"}
    rejected: list[RejectedLine] = []
    rows = _rows(find(texts(), source=source, settings=settings), keys, rejected=rejected, source=source)
    return RawTable(
        source, names, True, batches_of(rows, n_columns=len(names)), dialect, rejected, list(notes)
    )


def _keys(found: Iterator[Found], *, source: str, settings: Settings) -> tuple[list[str], list[str]]:
    """Keys that hold plain values, and those that hold lists or deeper objects."""
    nested: dict[str, bool] = {}
    reason = ""
    for line, cells, _ in found:
        if isinstance(cells, str):
            reason = reason or f", line {line}: {cells}"
            continue
        for key, cell in cells.items():
            nested[key] = nested.get(key, False) or cell == _NESTED
        check_width(len(nested), settings=settings, source=f"{source}, line {line}")
    plain = [key for key in nested if not nested[key]]
    if not plain:
        raise InputError(
            "The file has no JSON objects that can be read as rows",
            where=f"{source}{reason}",
            to_do="Give an array of flat objects, or one object per line",
        )
    return plain, [key for key in nested if nested[key]]


def _rows(
    found: Iterator[Found], keys: list[str], *, rejected: list[RejectedLine], source: str
) -> Iterator[Row]:
    n_rows = 0
    for line, cells, text in found:
        if isinstance(cells, str):
            rejected.append(rejected_line(line, cells, value=text))
            refuse_many_rejected(len(rejected), n_rows, source=source)
            continue
        n_rows += 1
        yield line, [cells.get(key) for key in keys]


def _objects_by_line(texts: Iterator[str], *, source: str, settings: Settings) -> Iterator[Found]:
    lines = physical_lines(texts, max_characters=settings.max_line_bytes)
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        try:
            value, end = _DECODER.raw_decode(line.lstrip())
            cells = _flat(value) if not line.lstrip()[end:].strip() else "more than one value in a line"
        except ValueError:
            cells = "not a JSON object"
        except RecursionError:
            cells = "nested too deeply"
        yield number, cells, line


def _objects_of_array(texts: Iterator[str], *, source: str, settings: Settings) -> Iterator[Found]:
    """Objects of an array one after the other, holding little more than one at a time."""
    text, position, line = next(texts, "").lstrip("\ufeff"), 0, 1
    position = text.index("[") + 1
    line += text.count("\n", 0, position)
    while True:
        start = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]
        line += text.count("\n", position, start)
        position = start
        if text.startswith("]", position):
            break
        try:
            value, end = _DECODER.raw_decode(text, position)
        except RecursionError as cause:
            raise InputError("The JSON is nested too deeply", where=f"{source}, line {line}") from cause
        except ValueError as cause:
            further = next(texts, None)
            if further is None or len(text) - position > settings.max_line_bytes:
                raise InputError("The file is not valid JSON", where=f"{source}, line {line}") from cause
            text, position = text[position:] + further, 0
            continue
        yield line, _flat(value), text[position : position + 100]
        line += text.count("\n", position, end)
        position = end
