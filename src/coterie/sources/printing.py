"""Typed values -> the text that stands for them in a RawTable, exactly."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN_DIGITS = 1e15
"""Whole numbers below this are exact in a double and print with all their digits."""


def printed(value: object) -> str | None:
    """A value from a workbook or database as text; None and "" are no value."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _printed_number(value)
    if isinstance(value, datetime.datetime):
        utc = value.astimezone(datetime.UTC) if value.tzinfo else value
        return utc.isoformat(sep=" ")
    if isinstance(value, bytes):
        return value.decode("utf-8", "coterie.unreadable")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _printed_number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e22 else repr(float(value))


def as_text(column: pa.Array) -> pa.Array:
    """An Arrow column of plain values as text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return as_text(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return _floats_as_text(column)
    if pa.types.is_timestamp(kind):
        return _timestamps_as_text(column)
    if pa.types.is_date64(kind):
        column = column.cast(pa.date32())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array([printed(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_duration(kind):
        return pc.cast(column.cast(pa.int64()), pa.string())
    text = pc.cast(column, pa.string())
    return text if _is_utf8(text) else as_text(text.cast(pa.binary()))


def _is_utf8(column: pa.StringArray) -> bool:
    """Whether it is; readers of Parquet take a file's word for it."""
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _floats_as_text(column: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), _PLAIN_DIGITS))
    digits = pc.if_else(whole, column, None).cast(pa.int64()).cast(pa.string())
    return pc.coalesce(digits, column.cast(pa.string()))


def _timestamps_as_text(column: pa.Array) -> pa.Array:
    """ISO with a blank between date and time; fractions of a second only if any row has them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    zone = column.type.tz
    naive = column.cast(pa.timestamp("us", zone), safe=False).cast(pa.timestamp("us"))
    seconds = pc.cast(naive, pa.timestamp("s"), safe=False)
    is_whole = pc.all(pc.equal(pc.cast(seconds, pa.timestamp("us")), naive)).as_py()
    text = (seconds if is_whole in (True, None) else naive).cast(pa.string())
    return pc.binary_join_element_wise(text, "+00:00", "") if zone else text
