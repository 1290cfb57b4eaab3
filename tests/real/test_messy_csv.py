"""Files found in the wild and a collection of CSV's odd corners, every row of them accounted for."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from coterie.settings import Settings
from coterie.sources.open import open_raw
from tests.opening import read_to_end

SPECTRUM = [
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
    "quotes_and_newlines", "simple", "simple_crlf", "utf8",
]  # fmt: skip


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum_reads_as_its_authors_expect(real_data: Path, name: str) -> None:
    folder = real_data / "messy_csv" / "csv_spectrum"
    expected = json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))
    content = (folder / "csvs" / f"{name}.csv").read_bytes()
    found = read_to_end(folder / "csvs" / f"{name}.csv")
    rows = [dict(zip(found.columns, [cell or "" for cell in row], strict=True)) for row in found.rows]
    if b"\r\n" not in content:
        # Some copies of the collection have lost the carriage returns of its _crlf files.
        expected = json.loads(json.dumps(expected).replace("\\r\\n", "\\n"))
    assert rows == expected
    assert not found.rejected


def test_csv_spectrum_replacement_characters_are_text(real_data: Path) -> None:
    found = read_to_end(real_data / "messy_csv" / "csv_spectrum" / "csvs" / "location_coordinates.csv")
    assert found.rows == [["2095257564", "37\ufffd36'37.8\"N 121\ufffd2'17.9\"W", "Modesto", "Stanislaus"]]


def test_a_file_left_in_a_merge_conflict_loses_only_the_marks(real_data: Path) -> None:
    found = read_to_end(real_data / "messy_csv" / "found_in_wild" / "BankChurners.git_merge_conflict.csv.gz")
    assert len(found.rows) == 20_254
    assert [line for line, _ in found.refusals] == [1, 10_130, 10_131, 20_259]
    assert found.columns[0] == "CLIENTNUM"


def test_a_line_that_names_the_delimiter_is_no_row(real_data: Path) -> None:
    found = read_to_end(
        real_data / "messy_csv" / "found_in_wild" / "marketing_campaign.tsv_with_sep_line.csv"
    )
    assert (len(found.rows), found.rejected, found.lines[0]) == (2240, [], 3)
    assert len(found.columns) == 29


def test_trailing_commas_and_two_encodings_in_one_file_are_accounted_for(real_data: Path) -> None:
    path = real_data / "messy_csv" / "found_in_wild" / "Wholesale_trailing_commas_latin1.csv"
    found = read_to_end(path)
    assert len(found.rows) + len(found.rejected) == 440
    assert {reason for _, reason in found.refusals} == {"bytes that are no text in this encoding"}
    assert len(found.rejected) == 8
    assert len(read_to_end(path, encoding="cp1252").rows) == 440


def test_a_ragged_head_is_accounted_for(real_data: Path) -> None:
    found = read_to_end(real_data / "messy_csv" / "found_in_wild" / "ml100k_u.data.ragged_head2000.tsv")
    assert len(found.rows) + len(found.rejected) == 2000
    assert found.columns == ("#1", "#2", "#3", "#4")


@pytest.mark.parametrize(
    ("name", "n_rows", "n_columns"),
    [
        ("online_retail/OnlineRetail.csv.gz", 541_909, 8),
        ("cdnow/CDNOW_master.txt", 69_659, 4),
        ("cdnow/CDNOW_sample.txt", 6_919, 5),
        ("demographics/customer_personality.csv", 2_240, 29),
        ("demographics/mall_customers.csv", 200, 5),
        ("demographics/telco_churn_geo.xlsx", 7_043, 33),
        ("grocery/dunnhumby_transactions_sample.parquet", 75_000, 11),
        ("reviews/womens_clothing_reviews.csv.gz", 23_486, 11),
        ("reviews/imdb_labelled.txt", 1_000, 2),
        ("reviews/amazon_cells_labelled.txt", 1_000, 2),
        ("reviews/yelp_labelled.txt", 1_000, 2),
        ("campaign/hillstrom.csv.gz", 64_000, 12),
        ("recommender/gowalla_train.parquet", 810_128, 2),
    ],
)
def test_every_public_file_is_read_whole(real_data: Path, name: str, n_rows: int, n_columns: int) -> None:
    begun = time.process_time()
    table = open_raw(real_data / name, settings=Settings())
    assert len(table.columns) == n_columns
    assert sum(len(batch) for batch in table.batches) == n_rows
    assert table.rejected == []
    assert time.process_time() - begun < 10
