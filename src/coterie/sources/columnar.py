"""Parquet files and frames -> RawTable: typed columns printed exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import InputError, SchemaError
from coterie.settings import Settings
from coterie.sources.batches import BATCH_ROWS, text_batch
from coterie.sources.header import check_width, column_names
from coterie.sources.printing import as_text, printed
from coterie.sources.raw import RawTable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read_parquet(path: Path, *, settings: Settings) -> RawTable:
    """A Parquet file as a table of text.

    Raises
    ------
    InputError
        If it is damaged or has columns but no rows.
    SchemaError
        If it has more columns than the settings allow.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        table = read_arrow(file.schema_arrow, _readable(file, path.name), source=path.name, settings=settings)
    except (InputError, MemoryError):
        raise
    except (pa.ArrowException, OSError, ValueError) as cause:
        raise _unreadable(path.name) from cause
    table.dialect = {"format": "Parquet"}
    return table


def _readable(file: Any, name: str) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    try:
        yield from file.iter_batches(batch_size=BATCH_ROWS)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError) as cause:
        raise _unreadable(name) from cause


def _unreadable(name: str) -> InputError:
    return InputError("The Parquet file cannot be read: it is damaged or cut short", where=name)


def read_frame(frame: object, *, settings: Settings) -> RawTable:
    """A pandas, polars or pyarrow table as a table of text; `line` is the row number from 1.

    Raises
    ------
    InputError
        If it is no table, or has no rows.
    """
    import pyarrow as pa

    package = type(frame).__module__.partition(".")[0]
    source = f"{package} table"
    if package == "pandas":
        frame = _pandas_as_arrow(frame)
    if not hasattr(frame, "__arrow_c_stream__"):
        raise InputError(
            f"A {type(frame).__name__} is not something to read a table from",
            to_do="Give a path, a database address or a pandas, polars or pyarrow table",
        )
    reader = pa.RecordBatchReader.from_stream(frame)
    table = read_arrow(reader.schema, reader, source=source, settings=settings)
    table.dialect = {"format": source}
    return table


def _pandas_as_arrow(frame: Any) -> pa.Table:
    """Columns of mixed or unusual types go by their printed values."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"A pandas {type(frame).__name__} is not a table", to_do="Give a DataFrame")
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    arrays = [_series_as_arrow(frame.iloc[:, i]) for i in range(frame.shape[1])]
    return pa.Table.from_arrays(arrays, [str(name) for name in frame.columns])


def _series_as_arrow(series: pd.Series[Any]) -> pa.Array:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    if not isinstance(series.dtype, pd.PeriodDtype | pd.IntervalDtype):
        try:
            return pa.array(series, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            pass
    plain = (v.item() if isinstance(v, np.generic) else v for v in series)
    cells = [None if gone else printed(v) for v, gone in zip(plain, series.isna(), strict=True)]
    return pa.array(cells, pa.string())


def read_arrow(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, source: str, settings: Settings
) -> RawTable:
    """Arrow batches as a table of text; structs give one column per field, lists are left out."""
    leaves = list(_leaves(schema))
    check_width(len(leaves), settings=settings, source=source)
    plain = [leaf for leaf in leaves if not _is_nested(leaf.kind)]
    if not plain:
        raise SchemaError("The table has no column of plain values", where=source)
    names, notes = column_names([leaf.name for leaf in plain])
    left_out = [leaf.name for leaf in leaves if _is_nested(leaf.kind)]
    nested = [f'The column "{name}" holds lists or nested values and was left out.' for name in left_out]
    return RawTable(source, names, True, _as_text(batches, plain), notes=[*notes, *nested])


@dataclass(frozen=True)
class _Leaf:
    """A column, or a field of a struct column: where it is, its dotted name and its type."""

    place: tuple[int, ...]
    name: str
    kind: Any


def _leaves(schema: pa.Schema) -> Iterator[_Leaf]:
    import pyarrow as pa

    for i, field in enumerate(schema):
        if not pa.types.is_struct(field.type):
            yield _Leaf((i,), field.name, field.type)
            continue
        for j, inner in enumerate(field.type):
            yield _Leaf((i, j), f"{field.name}.{inner.name}", inner.type)


def _is_nested(kind: Any) -> bool:
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        kind = kind.value_type
    return bool(pa.types.is_nested(kind) or pa.types.is_union(kind))


def _as_text(batches: Iterable[pa.RecordBatch], leaves: list[_Leaf]) -> Iterator[pa.RecordBatch]:
    import pyarrow.compute as pc

    n_rows = 0
    for whole in batches:
        for start in range(0, len(whole), BATCH_ROWS):
            batch = whole.slice(start, BATCH_ROWS)
            columns = []
            for leaf in leaves:
                column = batch.column(leaf.place[0])
                columns.append(as_text(pc.struct_field(column, leaf.place[1]) if leaf.place[1:] else column))
            yield text_batch(range(n_rows + 1, n_rows + len(batch) + 1), columns)
            n_rows += len(batch)
