"""Returns are netted last in, first out, and never take what was not bought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.preprocessing import net_returns
from coterie.store import Store

Move = tuple[str, str, int, int]
"""Customer, product, day, signed quantity in tenths."""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


def kept_by_window(store: Store, moves: list[Move]) -> list[float]:
    customers, products, days, tenths = zip(*moves, strict=True)
    start = datetime(2024, 1, 1)
    columns = {
        "line": range(len(moves)),
        "customer_id": customers,
        "product": products,
        "at": [start + timedelta(days=day) for day in days],
        "quantity": [t / 10 for t in tenths],
        "amount": [t * 2 / 10 for t in tenths],
        "is_purchase": [t > 0 for t in tenths],
        "is_return": [t < 0 for t in tenths],
    }
    table = pa.table({name: list(cells) for name, cells in columns.items()})
    lines = store.write_batches("moves", table.schema, batches=table.to_batches())
    netted = net_returns(lines).order_by("line").to_pyarrow().to_pydict()
    for quantity, amount in zip(netted["net_quantity"], netted["net_amount"], strict=True):
        assert amount == pytest.approx(2 * quantity)
    return list(netted["net_quantity"])


def kept_by_stack(moves: list[Move]) -> list[Fraction]:
    """The plain way: push what is bought, pop what is returned."""
    kept = [Fraction(0)] * len(moves)
    stacks: dict[tuple[str, str], list[int]] = {}
    in_time = sorted(range(len(moves)), key=lambda i: (moves[i][2], moves[i][3] < 0, i))
    for i in in_time:
        customer, product, _, tenths = moves[i]
        stack = stacks.setdefault((customer, product), [])
        left = Fraction(abs(tenths), 10)
        if tenths > 0:
            kept[i] = left
            stack.append(i)
        while tenths < 0 and left and stack:
            taken = min(left, kept[stack[-1]])
            kept[stack[-1]] -= taken
            left -= taken
            if not kept[stack[-1]]:
                stack.pop()
    return kept


moves = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.sampled_from("xy"), st.integers(0, 9), st.integers(-40, 40).filter(bool)
    ),
    min_size=1,
    max_size=150,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=moves)
def test_the_window_functions_keep_what_a_stack_keeps(store: Store, moves: list[Move]) -> None:
    assert kept_by_window(store, moves) == [float(quantity) for quantity in kept_by_stack(moves)]


def test_a_return_takes_back_the_latest_purchase_first(store: Store) -> None:
    moves = [("a", "x", 0, 50), ("a", "x", 1, 50), ("a", "x", 2, -60)]
    assert kept_by_window(store, moves) == [4.0, 0.0, 0.0]


def test_a_return_takes_nothing_from_a_later_purchase(store: Store) -> None:
    moves = [("a", "x", 0, -50), ("a", "x", 1, 20)]
    assert kept_by_window(store, moves) == [0.0, 2.0]


def test_tenths_leave_no_dust(store: Store) -> None:
    moves = [("a", "x", 0, 1), ("a", "x", 1, 2), ("a", "x", 2, -3)]
    assert kept_by_window(store, moves) == [0.0, 0.0, 0.0]


def test_a_return_of_one_product_leaves_the_others(store: Store) -> None:
    moves = [("a", "x", 0, 10), ("a", "y", 0, 10), ("a", "y", 1, -10), ("b", "y", 0, 10)]
    assert kept_by_window(store, moves) == [1.0, 0.0, 0.0, 1.0]
