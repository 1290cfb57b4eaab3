from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InputError
from coterie.sources import read
from coterie.sources.ingest import keep
from coterie.sources.raw import RawTable, RejectedLine
from coterie.store import Store
from tests.reading import column, read_text, refusals, rows

ids = st.sampled_from(["a", "b", "00c", "", None, "  "])
moneys = st.one_of(
    st.integers(-10_000_000, 10_000_000).map(lambda cents: f"{cents / 100:.2f}"),
    st.sampled_from(["inf", "", "free", None, "1e13", "NA"]),
)
days = st.sampled_from(["2024-01-31", "2024-02-29 12:00", "2023-02-29", "", None, "1850-01-01", "soon"])
row = st.tuples(ids, days, moneys)


@settings(max_examples=12, deadline=None)
@given(st.lists(row, min_size=1, max_size=30))
def test_every_row_is_accepted_or_rejected_and_no_cent_is_lost(
    generated: list[tuple[str | None, str | None, str | None]],
) -> None:
    good = [("z", "2024-01-01", "1.00"), ("z", "2024-01-02", "2.50")]
    columns = zip(*good, *generated, strict=True)
    names = ("customer_id", "at", "amount")
    table = {name: pa.array(cells, pa.string()) for name, cells in zip(names, columns, strict=True)}
    dataset = read(pa.table(table))
    report = dataset.report
    assert report.rows_read == len(good) + len(generated) == report.rows_accepted + report.rows_rejected
    accepted = column(dataset, "amount")
    assert len(accepted) == report.rows_accepted
    usable = [
        round(float(amount) * 100)
        for who, day, amount in (*good, *generated)
        if (who or "").strip()
        and day in ("2024-01-31", "2024-02-29 12:00", "2024-01-01", "2024-01-02")
        and amount not in ("inf", "", "free", None, "1e13", "NA")
    ]
    assert sorted(round(a * 100) for a in accepted) == sorted(usable)
    assert round((report.files[0].money_total or 0) * 100) == sum(usable)
    rejected = rows(report.rejected)
    assert len(rejected) == report.rows_rejected == sum(report.files[0].reasons.values())
    assert {r["line"] for r in rejected}.isdisjoint(column(dataset, "line"))


ORDERS = """\
customer_id,order_id,at,amount,quantity
ann,1,2024-01-05,10,2
,2,2024-01-06,11,1
bob,3,2024-13-06,12,1
bob,4,2024-01-07,twelve,1
bob,5,2024-01-08,13,many
"""


def test_a_rejected_row_tells_line_column_reason_and_value(tmp_path: Path) -> None:
    dataset = read_text(tmp_path, ORDERS)
    found = [(r["line"], r["column"], r["reason"], r["value"]) for r in rows(dataset.report.rejected)]
    assert found == [
        (3, "customer_id", "no customer id", None),
        (4, "at", "date does not fit the column's format %Y-%m-%d", "2024-13-06"),
        (5, "amount", "amount is not a number", "twelve"),
    ]
    assert {r["source"] for r in rows(dataset.report.rejected)} == {"orders.csv"}


def test_a_bad_cell_in_a_column_nobody_needs_costs_no_customer(tmp_path: Path) -> None:
    dataset = read_text(tmp_path, ORDERS)
    assert column(dataset, "quantity") == [2, None]
    assert any("1 cells of 'quantity' could not be read" in n for n in dataset.report.files[0].notes)


def test_rows_that_could_not_be_split_count_as_read_and_rejected() -> None:
    schema = pa.schema([("line", pa.int64()), *((f"c{i}", pa.string()) for i in range(3))])
    batch = pa.record_batch([[2], ["ann"], ["1"], ["5"]], schema=schema)
    raw = RawTable("x.csv", ("customer_id", "order_id", "amount"), True, iter([batch]))
    raw.rejected.append(RejectedLine(3, "too few cells", "b" * 100))
    dataset = read(raw)
    assert (dataset.report.rows_read, dataset.report.rows_accepted) == (2, 1)
    assert refusals(dataset) == [("too few cells", "b" * 80)]


def test_a_table_without_one_usable_row_says_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no customer id"):
        read_text(tmp_path, "customer_id,order_id,amount\n,1,5\n,2,6\n")


def test_attributes_keep_their_names_and_get_the_kind_their_cells_have(tmp_path: Path) -> None:
    lines = [f"{i},{20 + i},gold,2020-01-05,true,0{i}234,{'long prose ' * 10}" for i in range(1, 20)]
    text = "\n".join(["id,years_old,plan,joined,vip,zip,about", *lines, "20,old,,soon,false,99,x"])
    dataset = read_text(tmp_path, text)
    last = rows(dataset.customers)[-1]
    assert {k: last[k] for k in ("years_old", "plan", "joined", "vip", "zip")} == {
        "years_old": None, "plan": None, "joined": None, "vip": "no", "zip": "99",
    }  # fmt: skip
    first = rows(dataset.customers)[0]
    assert (first["years_old"], first["vip"], first["zip"], first["joined"].year) == (
        21,
        "yes",
        "01234",
        2020,
    )
    assert "about" not in first
    assert dataset.report.rows_accepted == 20
    assert len(dataset.report.files[0].notes) == 3  # free text, and one lost cell in each of two columns


def test_of_two_rows_about_one_customer_the_last_counts(tmp_path: Path) -> None:
    dataset = read_text(tmp_path, "customer_id,age\n1,30\n2,40\n1,31\n")
    assert column(dataset, "age", role="customers") == [40, 31]
    assert refusals(dataset) == [("customer appears again on a later line", "1")]


def test_customers_without_an_id_are_numbered(tmp_path: Path) -> None:
    dataset = read_text(tmp_path, "age,income\n30,5\n40,6\n50,7\n")
    assert column(dataset, "customer_id", role="customers") == ["1", "2", "3"]


def test_an_attribute_named_like_a_canonical_column_is_renamed_visibly(tmp_path: Path) -> None:
    dataset = read_text(tmp_path, "customer_id,line,Age,age_years\na,1,30,31\nb,2,40,41\n")
    assert {"line_2", "age", "age_years"} <= set(dataset.customers.columns)  # type: ignore[union-attr]


def test_rows_are_digested_over_every_cell_even_unused_ones(tmp_path: Path) -> None:
    lines = ["customer_id,order_id,amount,shelf", "a,1,5,x", "a,1,5,x", "a,1,5,y", "a,1,5,"]
    digests = column(read_text(tmp_path, "\n".join(lines)), "row_digest")
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=5), st.none() | st.text(max_size=5)), min_size=1), st.integers(1, 5)
)
def test_the_fingerprint_is_of_the_cells_not_of_how_they_were_batched(
    cells: list[tuple[str, str | None]], size: int
) -> None:
    schema = pa.schema([("line", pa.int64()), ("c0", pa.string()), ("c1", pa.string())])
    first, second = zip(*cells, strict=True)
    whole = pa.record_batch([range(len(cells)), first, second], schema=schema)
    parts = [whole.slice(start, size) for start in range(0, len(cells), size)]
    swapped = pa.record_batch([range(len(cells)), second, first], schema=schema)
    store = Store()
    digests = [
        keep(RawTable("x", ("a", "b"), True, iter(batches)), store, name="raw").digest
        for batches in ([whole], parts, [swapped])
    ]
    store.close()
    assert digests[0] == digests[1]
    assert (digests[0] == digests[2]) == (first == second)
