"""A condition means the same in words, SQL, Python and JSON."""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import ParameterError
from coterie.features import FeatureSpec, Predicate, range_words

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
names = st.one_of(
    texts.filter(bool),
    st.sampled_from(["a]b", '"', "a\"b'c", "select", "x; DROP TABLE t; --", "größe", "年齢", " ", "a\nb"]),
)
values = st.one_of(
    texts, st.sampled_from(["'", "''", "O'Brien", '"', "\\", "%", "(missing)", "\u00a0", "🙂"])
)
numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([-0.0, 0.1, 1e308, 5e-324, 2.0**53, 2.0**53 + 2, 0.1 + 0.2, 1e22, -1.5]),
)


def selected_by_sql(frame: pd.DataFrame, predicate: Predicate) -> list[bool]:
    connection = duckdb.connect()
    connection.register("customers", frame)
    found = connection.execute(f"SELECT {predicate.sql()} FROM customers").fetchall()
    return [bool(row[0]) for row in found]


def selected_by_python(frame: pd.DataFrame, predicate: Predicate) -> list[bool]:
    rows = frame.astype(object).to_dict("records")
    return [bool(eval(predicate.python(), {"row": row})) for row in rows]  # noqa: S307


@settings(max_examples=60, deadline=None)
@given(name=names, value=numbers, op=st.sampled_from(["<=", ">", "==", "!="]), others=st.lists(numbers))
def test_a_condition_on_a_number_selects_the_same_rows_everywhere(
    name: str, value: float, op: str, others: list[float]
) -> None:
    around = [value, -value, np.nextafter(value, -np.inf), np.nextafter(value, np.inf)]
    frame = pd.DataFrame({name: np.array([x for x in [*around, *others] if np.isfinite(x)])})
    predicate = Predicate(name, op, value)  # type: ignore[arg-type]
    selected = predicate.mask(frame).tolist()
    assert selected == selected_by_sql(frame, predicate) == selected_by_python(frame, predicate)


@settings(max_examples=60, deadline=None)
@given(name=names, value=values, op=st.sampled_from(["==", "!="]), others=st.lists(values))
def test_a_condition_on_a_category_selects_the_same_rows_everywhere(
    name: str, value: str, op: str, others: list[str]
) -> None:
    plain = pd.DataFrame({name: pd.Series([*others, value], dtype=object)})
    frame = plain.astype("category")
    predicate = Predicate(name, op, value)  # type: ignore[arg-type]
    selected = predicate.mask(frame).tolist()
    assert selected == selected_by_sql(plain, predicate) == selected_by_python(frame, predicate)


@given(name=names, value=st.one_of(numbers, values))
def test_a_condition_survives_json(name: str, value: float | str) -> None:
    predicate = Predicate(name, "!=", value)
    assert Predicate.from_json(json.loads(json.dumps(predicate.to_json()))) == predicate


def test_a_category_that_nobody_has_selects_nobody() -> None:
    frame = pd.DataFrame({"city": pd.Categorical(["Rome", "Paris"])})
    assert Predicate("city", "==", "Oslo").mask(frame).tolist() == [False, False]
    assert Predicate("city", "!=", "Oslo").mask(frame).tolist() == [True, True]


def test_conditions_read_like_speech() -> None:
    recency = FeatureSpec("recency_days", "days", "", "", label="days since last order")
    spend = FeatureSpec("monetary", "money", "", "")
    share = FeatureSpec("share_food", "share", "", "", label="share of spend on food")
    city = FeatureSpec("home_city", "category", "", "", kind="category")
    assert Predicate("recency_days", "<=", 30.0).words(recency) == "days since last order at most 30"
    assert Predicate("monetary", ">", 1500.0).words(spend, "EUR") == "monetary more than 1,500.00 EUR"
    assert Predicate("share_food", ">", 0.25).words(share) == "share of spend on food more than 25%"
    assert Predicate("home_city", "!=", "Rome").words(city) == "home city is not Rome"


def test_sql_stays_readable() -> None:
    assert Predicate("n_orders", ">", 3.0).sql() == '"n_orders" > 3'
    assert Predicate("share", "<=", 0.25).sql() == '"share" <= 0.25e0'
    assert Predicate('a"b', "==", "O'Brien").sql() == "\"a\"\"b\" = 'O''Brien'"


@pytest.mark.parametrize(
    ("op", "value"), [("<=", "Rome"), (">", "Rome"), ("<", 3.0), ("<=", float("nan")), (">", float("inf"))]
)
def test_a_condition_that_means_nothing_is_refused(op: str, value: float | str) -> None:
    with pytest.raises(ParameterError):
        Predicate("x", op, value)  # type: ignore[arg-type]


def test_a_nul_character_is_refused() -> None:
    with pytest.raises(ParameterError):
        Predicate("x", "==", "a\0b")


ORDERS = FeatureSpec("n_orders", "orders", "", "transactions", label="orders")
SPEND = FeatureSpec("monetary", "money", "", "transactions", label="spend")


def test_more_than_a_whole_number_is_at_least_the_next() -> None:
    assert Predicate("n_orders", ">", 0.0).words(ORDERS, whole=True) == "orders at least 1"
    assert Predicate("n_orders", ">", 0.0).words(ORDERS) == "orders more than 0"
    assert Predicate("n_orders", "<=", 9.0).words(ORDERS, whole=True) == "orders at most 9"


def test_at_most_nothing_of_what_is_never_negative_is_nothing() -> None:
    assert Predicate("n_orders", "<=", 0.0).words(ORDERS) == "orders 0"
    assert Predicate("monetary", "<=", 0.0).words(SPEND) == "spend at most 0.00"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(9, 295, "orders 10 to 295"), (2, 3, "orders 3"), (999, 1500, "orders 1,000 to 1,500")],
)
def test_two_bounds_on_whole_numbers_are_told_as_first_and_last(low: float, high: float, words: str) -> None:
    bounds = Predicate("n_orders", ">", low), Predicate("n_orders", "<=", high)
    assert range_words(*bounds, spec=ORDERS, whole=True) == words


def test_two_bounds_on_broken_numbers_leave_the_lower_one_out() -> None:
    bounds = Predicate("monetary", ">", 10.0), Predicate("monetary", "<=", 295.0)
    assert range_words(*bounds, spec=SPEND, currency="GBP") == "spend more than 10.00 up to 295.00 GBP"
