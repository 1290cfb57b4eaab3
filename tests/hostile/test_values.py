"""Cases 15-23 and 32 of the hostile inputs: what stands in the cells."""

from __future__ import annotations

import math
from pathlib import Path

import pyarrow as pa
import pytest

from coterie.errors import ParameterError, SchemaError
from coterie.sources import InputOptions, read
from tests.reading import column, orders_with, read_text, refusals, rows


def test_case_15_infinite_and_undefined_numbers_never_enter() -> None:
    cells = ["1", "inf", "-inf", "nan", "-Infinity", "1e400", "1e308", "-0.0", "1e-320"]
    dataset = orders_with("amount", cells)
    kept = column(dataset, "amount")
    assert kept == [1.0, 0.0, 0.0]
    assert math.copysign(1.0, kept[1]) == 1.0
    reasons = dict.fromkeys(["inf", "-inf", "nan", "-Infinity", "1e400"], "amount is not a finite number")
    assert {(value, reason) for reason, value in refusals(dataset)} == {
        *reasons.items(),
        ("1e308", "amount is larger than 1e12"),
    }


def test_case_16_amounts_that_would_overflow_a_sum_are_listed() -> None:
    dataset = orders_with("amount", ["1e308", "1e308", "999999999999", "1000000000001"])
    assert [reason for reason, _ in refusals(dataset)] == ["amount is larger than 1e12"] * 3
    assert dataset.report.files[0].money_total == 999_999_999_999


def test_case_16_a_price_times_a_quantity_that_is_too_large_is_listed(tmp_path: Path) -> None:
    dataset = read_text(tmp_path, "customer_id,order_id,quantity,price\na,1,1e9,1e9\na,2,3,4\n")
    assert refusals(dataset) == [("amount is larger than 1e12", "1e9")]
    assert dataset.report.files[0].money_total == 12


def test_case_17_returns_and_cancellations_are_accepted_with_their_sign(tmp_path: Path) -> None:
    lines = ["a,1,2024-01-20,3,5", "a,C1,2024-01-21,-3,5", "b,C9,2024-01-22,-1,7"]
    dataset = read_text(tmp_path, "\n".join(["customer_id,invoice,date,quantity,price", *lines]))
    assert column(dataset, "amount") == [15, -15, -7]
    assert dataset.report.files[0].money_total == -7


def test_case_18_free_items_and_a_whale_are_accepted_as_they_are() -> None:
    assert column(orders_with("amount", ["0", "10000000"]), "amount") == [0, 1e7]


def test_case_19_five_date_formats_in_one_column_leave_the_most_common() -> None:
    common = ["31/01/2024", "28/02/2024", "15/03/2024"]
    others = ["2024-01-31", "01/31/2024", "31.01.2024", "Jan 31, 2024", "45322"]
    dataset = orders_with("at", common + others)
    assert [at.date().isoformat() for at in column(dataset, "at")] == [
        "2024-01-31",
        "2024-02-28",
        "2024-03-15",
    ]
    assert refusals(dataset) == [
        ("date does not fit the column's format %d/%m/%Y", value) for value in others
    ]


def test_case_19_impossible_and_far_away_days_are_rejected() -> None:
    cells = ["1899-12-31", "1900-01-01", "2100-12-31", "2101-01-01", "2024-02-30", "infinity", "epoch", ""]
    dataset = orders_with("at", cells)
    assert len(column(dataset, "at")) == 1
    fits_not = "date does not fit the column's format %Y-%m-%d"
    outside = "date before 1900 or after 2100"
    assert [reason for reason, _ in refusals(dataset)] == [
        outside,
        "date lies in the future",
        outside,
        fits_not,
        fits_not,
        fits_not,
        "no date",
    ]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("45322", "2024-01-31 00:00:00"),
        ("45322.75", "2024-01-31 18:00:00"),
        ("1706724000", "2024-01-31 18:00:00"),
        ("1706724000000", "2024-01-31 18:00:00"),
        ("20240131", "2024-01-31 00:00:00"),
    ],
)
def test_case_19_serial_days_and_seconds_are_dates_where_the_column_says_so(cell: str, day: str) -> None:
    assert str(column(orders_with("at", [cell]), "at")[0]) == day


def test_case_19_a_day_that_could_be_a_month_is_never_guessed() -> None:
    with pytest.raises(SchemaError, match="--date-order"):
        orders_with("at", ["01/02/2024", "03/04/2024"])
    for order, month in (("dmy", 2), ("mdy", 1)):
        dataset = orders_with("at", ["01/02/2024", "03/04/2024"], date_order=order)
        assert column(dataset, "at")[0].month == month


def test_case_19_one_day_beyond_twelve_settles_the_order_of_the_whole_column() -> None:
    dataset = orders_with("at", ["01/02/2024"] * 50 + ["13/02/2024"])
    assert {at.month for at in column(dataset, "at")} == {2}


def test_case_20_zones_are_turned_into_utc_and_naive_times_get_the_stated_zone() -> None:
    cells = ["2024-07-01 00:30:00", "2024-07-01 00:30:00+02:00", "2024-07-01T00:30:00Z", "2024-07-01"]
    utc = column(orders_with("at", cells), "at")
    assert [f"{at:%d %H:%M}" for at in utc] == ["01 00:30", "30 22:30", "01 00:30", "01 00:00"]
    berlin = column(orders_with("at", cells, time_zone="Europe/Berlin"), "at")
    assert [f"{at:%d %H:%M}" for at in berlin] == ["30 22:30", "30 22:30", "01 00:30", "01 00:00"]


def test_case_20_the_hour_that_summer_time_skips_or_repeats_stays_on_its_day() -> None:
    cells = ["2024-03-31 02:30:00", "2024-10-27 02:30:00"]
    at = column(orders_with("at", cells, time_zone="Europe/Berlin"), "at")
    assert [f"{t:%m-%d %H:%M}" for t in at] == ["03-31 01:30", "10-27 01:30"]


def test_case_20_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ParameterError, match="Mars/Base"):
        InputOptions(time_zone="Mars/Base")


@pytest.mark.parametrize(
    "cells",
    [
        ["1.234,50", "5,25", "1.234", "-7"],
        ["1 234,50", "5,25", "1234", "-7"],
        ["1\u00a0234,50", "5,25", "1\u202f234", "(7)"],
        ["1'234.50", "5.25", "1’234", "7-"],
        ["1,234.50", "5.25", "1,234", "−7"],
        ["€ 1.234,50", "5,25 €", "1.234", "-7 €"],
        ["$1,234.50", "$5.25", "1,234", "($7)"],
        ["1234.5 USD", "USD 5.25", "1,234", "-USD 7"],
    ],
)
def test_case_21_thousands_and_decimal_marks_are_read_by_the_column(cells: list[str]) -> None:
    assert column(orders_with("amount", cells), "amount") == [1234.5, 5.25, 1234, -7]


def test_case_21_numbers_that_could_be_read_two_ways_are_never_guessed() -> None:
    with pytest.raises(SchemaError, match="--decimal"):
        orders_with("amount", ["1.234", "2.500"])
    assert column(orders_with("amount", ["1.234"], decimal=","), "amount") == [1234]
    assert column(orders_with("amount", ["1.234"], decimal="."), "amount") == [1.234]


def test_case_21_the_odd_one_out_is_rejected_not_read_a_thousand_times_too_large() -> None:
    dataset = orders_with("amount", ["1,50", "2,75", "10,00", "3.5"])
    assert column(dataset, "amount") == [1.5, 2.75, 10]
    assert refusals(dataset) == [("amount is not a number", "3.5")]


def test_case_22_two_currencies_in_one_column_are_not_added() -> None:
    with pytest.raises(SchemaError, match="different currencies"):
        orders_with("amount", ["$5", "€5", "7"])


def test_case_22_a_currency_column_with_two_currencies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="different currencies"):
        read_text(tmp_path, "customer_id,order_id,amount,currency\na,1,5,EUR\nb,2,5,USD\n")


def test_case_22_the_one_currency_is_remembered() -> None:
    assert orders_with("amount", ["€5", "EUR 7", "9"]).currency == "€"
    assert orders_with("amount", ["5", "7"]).currency is None


IDS = ["00123", "12345678901234567890", "9007199254740993", "NA", "null", "1E5", "nan", "😀", "O'Neil", "Ä1"]


def test_case_23_ids_survive_letter_by_letter() -> None:
    assert column(orders_with("customer_id", IDS), "customer_id") == IDS


def test_case_23_ids_that_look_equal_are_joined_and_counted() -> None:
    cells = [" ann ", "ann", "a\u200bnn", "caf\u00e9", "cafe\u0301", "\u200ebob", "bob", "BOB", "\u00a0eve"]
    dataset = orders_with("customer_id", cells)
    ids = column(dataset, "customer_id")
    assert ids == ["ann", "ann", "ann", "café", "café", "bob", "bob", "BOB", "eve"]
    notes = " ".join(dataset.report.files[0].notes)
    assert "4 customer ids differ only by spaces or invisible characters" in notes
    assert "1 customer ids differ from another only by capital letters" in notes


def test_case_23_ids_made_of_nothing_visible_are_no_ids() -> None:
    dataset = orders_with("customer_id", ["a", "", "  ", "\u200b", None])
    assert [reason for reason, _ in refusals(dataset)] == ["no customer id"] * 4


RENAMED = pa.table({"who": ["a", "b"], "order_id": ["1", "2"], "amount": ["1", "2"]})


def test_case_32_a_missing_column_names_the_flag_and_the_columns_found() -> None:
    with pytest.raises(SchemaError) as refused:
        read(RENAMED)
    assert "--map customer_id=COLUMN" in str(refused.value)
    assert "'who', 'order_id', 'amount'" in str(refused.value)


def test_case_32_a_mapping_to_an_unknown_column_lists_the_columns_found() -> None:
    with pytest.raises(SchemaError, match=r"no column 'whom'.*'who', 'order_id', 'amount'"):
        read(RENAMED, options=InputOptions(mapping={"customer_id": "whom"}))


def test_case_32_a_mapping_settles_it() -> None:
    dataset = read(RENAMED, options=InputOptions(mapping={"customer_id": "who"}))
    assert [row["customer_id"] for row in rows(dataset.transactions)] == ["a", "b"]
