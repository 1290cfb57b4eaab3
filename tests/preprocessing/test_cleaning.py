"""Every step counts what it takes out, and the books agree at the end."""

from __future__ import annotations

from pathlib import Path

from coterie.preprocessing import DataQuality, QualityStep, clean
from coterie.sources import Dataset, read
from tests.reading import read_text, rows

HEAD = "customer_id,order_id,at,quantity,unit_price,product\n"


def step(quality: DataQuality, name: str) -> QualityStep:
    return next(s for s in quality.steps if s.name == name)


def money(dataset: Dataset) -> float:
    return float(sum(row["amount"] for row in rows(dataset.transactions)))


def kept(dataset: Dataset) -> list[tuple[str, float]]:
    return [
        (row["order_id"], row["net_quantity"]) for row in rows(dataset.transactions) if row["is_purchase"]
    ]


def cleaned(folder: Path, lines: str) -> tuple[Dataset, DataQuality]:
    return clean(read_text(folder, HEAD + lines))


def test_the_twelve_are_all_counted_and_one_kept_nothing(twelve: Dataset) -> None:
    dataset, quality = clean(twelve)
    assert (quality.n_customers, quality.n_no_net_spend) == (12, 1)
    assert step(quality, "duplicate lines").n_dropped == 1
    assert step(quality, "duplicate lines").amount_dropped == 20
    assert step(quality, "zero prices").n_changed == 1
    assert step(quality, "cancellations").n_changed == 3
    assert step(quality, "returns").n_changed == 3
    assert money(dataset) == 685


def test_repeated_lines_stay_if_asked_for(twelve: Dataset) -> None:
    dataset, quality = clean(twelve, keep_duplicates=True)
    assert "duplicate lines" not in [s.name for s in quality.steps]
    assert money(dataset) == 705


def test_the_money_that_stays_is_the_money_read_less_the_money_dropped(tmp_path: Path) -> None:
    lines = """\
a,536365,2024-01-01,2,5,x
a,536365,2024-01-01,2,5,x
a,536366,2024-01-02,1,-7,debt
b,C536367,2024-01-03,3,4,y
b,536368,2024-01-02,5,4,y
c,C536369,2024-01-02,-5,4,y
test1,536370,2024-01-02,5,100,y
"""
    read_lines = read_text(tmp_path, HEAD + lines)
    dataset, quality = clean(read_lines)
    total = read_lines.report.files[0].money_total
    assert total == 10 + 10 - 7 + 12 + 20 - 20 + 500
    assert money(dataset) == total - sum(s.amount_dropped for s in quality.steps) == 10 + 20 - 12
    assert kept(dataset) == [("536365", 2.0), ("536368", 2.0)]


def test_a_returned_order_does_not_count_as_a_purchase(tmp_path: Path) -> None:
    dataset, _ = cleaned(tmp_path, "a,1,2024-01-01,2,5,x\na,2,2024-01-05,2,5,x\na,3,2024-01-09,-2,5,x\n")
    assert kept(dataset) == [("1", 2.0), ("2", 0.0)]


def test_an_order_with_c_is_a_cancellation_beside_plain_numbers(tmp_path: Path) -> None:
    dataset, quality = cleaned(tmp_path, "a,10,2024-01-01,2,5,x\na,C11,2024-01-02,1,5,x\n")
    assert kept(dataset) == [("10", 1.0)]
    assert money(dataset) == 5
    assert step(quality, "cancellations").amount_dropped == 10


def test_orders_that_all_start_with_c_are_orders(tmp_path: Path) -> None:
    dataset, _ = cleaned(tmp_path, "a,C10,2024-01-01,2,5,x\na,C11,2024-01-02,1,5,x\n")
    assert kept(dataset) == [("C10", 2.0), ("C11", 1.0)]


def test_without_quantities_returns_are_netted_by_amount(tmp_path: Path) -> None:
    lines = "customer_id,at,amount\na,2024-01-01,10\na,2024-01-02,20\na,2024-01-03,-25\n"
    dataset, _ = clean(read_text(tmp_path, lines))
    assert [row["net_amount"] for row in rows(dataset.transactions)] == [5.0, 0.0, 0.0]


def test_a_customer_who_only_returned_is_left_out_with_a_count(tmp_path: Path) -> None:
    dataset, quality = cleaned(tmp_path, "a,1,2024-01-01,2,5,x\nb,2,2024-01-05,-2,5,x\n")
    assert quality.n_customers == 1
    assert step(quality, "customers without purchase").amount_dropped == -10
    assert {row["customer_id"] for row in rows(dataset.transactions)} == {"a"}


def test_test_accounts_are_dropped_and_those_who_merely_sound_like_them_stay(tmp_path: Path) -> None:
    tests = ["test", "TEST2", "test-7", "test@shop.com", "joe@example.com"]
    people = ["tester", "testa", "contest", "protest1", "joe@example-shop.com", "ann@shop.com"]
    lines = "".join(f"{name},{i},2024-01-01,1,5,x\n" for i, name in enumerate(tests + people))
    dataset, quality = cleaned(tmp_path, lines)
    assert step(quality, "test accounts").n_dropped == 5
    assert [row["customer_id"] for row in rows(dataset.transactions)] == people


def test_a_file_of_nothing_but_example_addresses_is_kept(tmp_path: Path) -> None:
    _, quality = cleaned(tmp_path, "a@example.com,1,2024-01-01,2,5,x\nb@example.org,3,2024-01-01,1,1,x\n")
    assert quality.n_customers == 2


def test_test_accounts_are_found_by_their_address_in_the_customers_table(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("customer_id,at,amount\na,2024-01-01,5\nb,2024-01-01,5\n")
    people = "customer_id,email\na,ann@shop.com\nb,test@shop.com\n"
    (tmp_path / "people.csv").write_text(people)
    dataset, quality = clean(read(tmp_path / "orders.csv", customers=tmp_path / "people.csv"))
    assert quality.n_customers == 1
    assert [row["customer_id"] for row in rows(dataset.customers)] == ["a"]


def test_missing_distinct_and_outlying_values_are_counted(tmp_path: Path) -> None:
    cells = ["1", "2", "3", "4", "5", "6", "7", "8", "1000", ""]
    lines = "customer_id,age,city\n" + "".join(f"c{i},{age},Rome\n" for i, age in enumerate(cells))
    _, quality = clean(read_text(tmp_path, lines))
    age = next(c for c in quality.columns if c.column == "age")
    assert (age.n_rows, age.n_missing, age.n_distinct) == (10, 1, 9)
    assert (age.minimum, age.maximum, age.n_outliers) == ("1", "1000", 1)
    city = next(c for c in quality.columns if c.column == "city")
    assert (city.kind, city.n_distinct, city.n_outliers) == ("text", 1, None)


def test_cleaning_twice_leaves_the_first_result_as_it_was(twelve: Dataset) -> None:
    first, _ = clean(twelve)
    clean(twelve, keep_duplicates=True)
    assert money(first) == 685
