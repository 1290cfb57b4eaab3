"""The facts that the makers of public files state, and how long the largest takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coterie.errors import SchemaError
from coterie.sources import Dataset, InputOptions, Role, read


def accepted(dataset: Dataset) -> tuple[Role, int, int, int]:
    """Role, rows read, rows accepted and customers of a single file."""
    [file] = dataset.report.files
    table = getattr(dataset, file.role)
    assert dataset.report.rows_read == dataset.report.rows_accepted + dataset.report.rows_rejected
    assert table.count().to_pyarrow().as_py() == file.n_accepted
    return file.role, file.n_read, file.n_accepted, table.customer_id.nunique().to_pyarrow().as_py()


ONLINE_RETAIL = """
import sys
from pathlib import Path
from coterie.sources import read
dataset = read(sys.argv[1])
report, orders = dataset.report, dataset.transactions
print(report.rows_read, report.rows_accepted, dict(report.files[0].reasons), report.files[0].money_total)
print(orders.customer_id.nunique().to_pyarrow(), orders.order_id.nunique().to_pyarrow())
status = Path("/proc/self/status").read_text().splitlines()
print(next(line for line in status if line.startswith("VmHWM")).split()[1])
"""


def test_online_retail_is_read_to_the_cent_in_bounded_memory(real_data: Path, tmp_path: Path) -> None:
    path = str(real_data / "online_retail" / "OnlineRetail.csv.gz")
    script = tmp_path / "script.py"
    script.write_text(ONLINE_RETAIL)
    command = [sys.executable, str(script), path]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    account, distinct, peak_kb = run.stdout.strip().splitlines()
    assert account.startswith("541909 406829 {'no customer id': 135080} 8300065.81")
    assert distinct == "4372 22190"
    assert int(peak_kb) < 600_000


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("cdnow/CDNOW_master.txt", ("transactions", 69_659, 69_659, 23_570)),
        ("grocery/dunnhumby_transactions_sample.parquet", ("transactions", 75_000, 75_000, 2_377)),
        ("demographics/mall_customers.csv", ("customers", 200, 200, 200)),
        ("demographics/customer_personality.csv", ("customers", 2_240, 2_240, 2_240)),
        ("demographics/telco_churn_geo.xlsx", ("customers", 7_043, 7_043, 7_043)),
        ("reviews/womens_clothing_reviews.csv.gz", ("customers", 23_486, 23_486, 23_486)),
        ("campaign/hillstrom.csv.gz", ("customers", 64_000, 64_000, 64_000)),
    ],
)
def test_every_public_file_is_read_without_any_option(
    real_data: Path, path: str, facts: tuple[Role, int, int, int]
) -> None:
    assert accepted(read(real_data / path)) == facts


def test_the_cdnow_sample_has_no_header_and_needs_one_mapping(real_data: Path) -> None:
    path = real_data / "cdnow" / "CDNOW_sample.txt"
    with pytest.raises(SchemaError, match="no header"):
        read(path)
    mapping = {"customer_id": "#1", "at": "#3", "quantity": "#4", "amount": "#5"}
    dataset = read(path, options=InputOptions(mapping=mapping))
    assert accepted(dataset) == ("transactions", 6_919, 6_919, 2_357)


def test_attributes_of_the_churn_file_get_their_kinds(real_data: Path) -> None:
    dataset = read(real_data / "demographics" / "telco_churn_geo.xlsx")
    assert dataset.customers is not None
    types = {name: str(kind) for name, kind in dataset.customers.schema().items()}
    assert types["Monthly Charges"] == types["latitude"] == types["Total Charges"] == "float64"
    assert types["Contract"] == types["Zip Code"] == types["city"] == "string"
    customers = dataset.customers
    churned = customers.filter(customers["Churn Label"] == "Yes").count()
    assert churned.to_pyarrow().as_py() == 1_869


def test_household_dates_in_two_notations_are_the_same_days(real_data: Path) -> None:
    clean = read(real_data / "demographics" / "customer_personality.csv")
    wild = read(real_data / "messy_csv" / "found_in_wild" / "marketing_campaign.tsv_with_sep_line.csv")
    days = [
        d.customers.select("customer_id", "Dt_Customer").order_by("customer_id").to_pyarrow().to_pydict()
        for d in (clean, wild)
        if d.customers is not None
    ]
    assert days[0] == days[1]


def test_a_column_of_reviews_is_not_an_attribute(real_data: Path) -> None:
    dataset = read(real_data / "reviews" / "womens_clothing_reviews.csv.gz")
    assert dataset.customers is not None
    assert "Review Text" not in dataset.customers.columns
    assert {"age", "Rating", "Clothing ID", "Department Name"} <= set(dataset.customers.columns)
    assert any("free text" in note for note in dataset.report.files[0].notes)


def test_a_file_with_conflict_marks_keeps_one_row_a_customer(real_data: Path) -> None:
    dataset = read(real_data / "messy_csv" / "found_in_wild" / "BankChurners.git_merge_conflict.csv.gz")
    role, n_read, n_accepted, n_customers = accepted(dataset)
    assert (role, n_accepted) == ("customers", n_customers)
    assert dataset.report.files[0].reasons["customer appears again on a later line"] == n_customers
    assert n_read > 2 * n_customers
