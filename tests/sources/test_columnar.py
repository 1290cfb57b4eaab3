from __future__ import annotations

import datetime
import decimal
import io
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import InputError, SchemaError
from coterie.sources.printing import as_text
from tests.opening import opened, read_to_end


def parquet(table: pa.Table) -> bytes:
    content = io.BytesIO()
    pq.write_table(table, content)
    return content.getvalue()


MOMENT = datetime.datetime(2024, 1, 2, 3, 4, 5)
EAST = datetime.timezone(datetime.timedelta(hours=2))


@pytest.mark.parametrize(
    ("values", "kind", "texts"),
    [
        ([17850.0, 2.55, None], pa.float64(), ["17850", "2.55", None]),
        ([12345678901.0, -0.5], pa.float64(), ["12345678901", "-0.5"]),
        ([float("inf"), float("nan")], pa.float64(), ["inf", "nan"]),
        ([0.1], pa.float32(), ["0.1"]),
        ([2**63 - 1, -1], pa.int64(), ["9223372036854775807", "-1"]),
        ([True, False, None], pa.bool_(), ["true", "false", None]),
        ([decimal.Decimal("1.50")], pa.decimal128(10, 2), ["1.50"]),
        ([MOMENT], pa.timestamp("ns"), ["2024-01-02 03:04:05"]),
        ([MOMENT.replace(microsecond=5)], pa.timestamp("us"), ["2024-01-02 03:04:05.000005"]),
        ([MOMENT.replace(tzinfo=EAST)], pa.timestamp("ms", "Europe/Athens"), ["2024-01-02 01:04:05+00:00"]),
        ([MOMENT.date()], pa.date32(), ["2024-01-02"]),
        ([MOMENT.date()], pa.date64(), ["2024-01-02"]),
        (["00123", "NA"], pa.large_string(), ["00123", "NA"]),
        (["a", "b", "a"], pa.dictionary(pa.int8(), pa.string()), ["a", "b", "a"]),
        ([b"x\xc3\xa9"], pa.binary(), ["xé"]),
        ([None, None], pa.null(), [None, None]),
    ],
)
def test_every_type_is_printed_exactly(values: list[Any], kind: pa.DataType, texts: list[str | None]) -> None:
    assert as_text(pa.array(values, kind)).to_pylist() == texts


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_a_printed_number_is_the_same_number(values: list[float]) -> None:
    assert [float(text) for text in as_text(pa.array(values, pa.float64())).to_pylist()] == values


def test_parquet_is_read_in_any_name() -> None:
    table = pa.table({"id": ["00123", "NA"], "amount": [1.0, 2.5], "n": [1, None]})
    found = opened(parquet(table), name="orders.csv")
    assert found.columns == ("id", "amount", "n")
    assert found.rows == [["00123", "1", "1"], ["NA", "2.5", None]]
    assert found.lines == [1, 2]


def test_a_struct_gives_a_column_per_field_and_a_list_is_left_out() -> None:
    table = pa.table({"id": ["1"], "place": [{"city": "Köln", "code": 5}], "tags": [["a", "b"]]})
    found = opened(parquet(table))
    assert found.columns == ("id", "place.city", "place.code")
    assert found.rows == [["1", "Köln", "5"]]
    assert any('"tags" holds lists' in note for note in found.table.notes)


def test_rows_are_numbered_through_all_batches() -> None:
    found = opened(parquet(pa.table({"id": list(range(140_000))})))
    assert found.lines[-1] == 140_000
    assert found.rows[-1] == ["139999"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_parquet_file_cannot_be_read(share: float) -> None:
    content = parquet(pa.table({"id": [str(i) for i in range(5000)]}))
    with pytest.raises(InputError, match="Parquet file cannot be read"):
        opened(content[: int(len(content) * share)])


def test_no_rows_no_columns_and_too_many_columns_are_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        opened(parquet(pa.table({"id": pa.array([], pa.string())})))
    with pytest.raises(SchemaError, match="no column"):
        opened(parquet(pa.table({"tags": [["a"]]})))
    with pytest.raises(SchemaError, match="2,000 columns"):
        opened(parquet(pa.table({f"c{i}": [1] for i in range(2000)})))


FRAMES = {
    "pandas": pd.DataFrame({"id": ["00123", None], "amount": [17850.0, np.nan], "at": [MOMENT, pd.NaT]}),
    "polars": pl.DataFrame({"id": ["00123", None], "amount": [17850.0, None], "at": [MOMENT, None]}),
    "pyarrow": pa.table({"id": ["00123", None], "amount": [17850.0, None], "at": [MOMENT, None]}),
}


@pytest.mark.parametrize("package", FRAMES)
def test_a_frame_is_read_as_it_is(package: str) -> None:
    found = read_to_end(FRAMES[package])
    assert found.columns == ("id", "amount", "at")
    assert found.rows == [["00123", "17850", "2024-01-02 03:04:05"], [None, None, None]]
    assert found.table.source == f"{package} table"


def test_a_pandas_frame_of_unusual_columns_is_printed() -> None:
    frame = pd.DataFrame(
        {
            "mixed": [1, "00123", 2.0],
            "month": pd.period_range("2024-01", periods=3, freq="M"),
            "kind": pd.Categorical(["a", None, "b"]),
            7: [np.int64(1), decimal.Decimal("2.50"), None],
        },
        index=pd.Index(["x", "y", "z"], name="customer"),
    )
    found = read_to_end(frame)
    assert found.columns == ("customer", "mixed", "month", "kind", "7")
    assert found.rows == [
        ["x", "1", "2024-01", "a", "1"],
        ["y", "00123", "2024-02", None, "2.50"],
        ["z", "2", "2024-03", "b", None],
    ]


@pytest.mark.parametrize("thing", [42, None, {"id": [1]}, [1, 2], pd.Series([1]), np.zeros((2, 2))])
def test_what_is_no_table_is_refused_by_its_kind(thing: object) -> None:
    with pytest.raises(InputError, match=type(thing).__name__):
        read_to_end(thing)
