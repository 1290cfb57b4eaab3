import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.knowledge.cuts import code_columns, readable_cuts, round_between
from tests.knowledge.tables import table_of

numbers = st.floats(-1e12, 1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("low", "high", "cut"),
    [(3, 4, 3), (1, 4, 2), (97.3, 104.8, 100), (0.123, 0.1249, 0.124), (-3.2, 5, 0), (1999.9, 2000.1, 2000)],
)
def test_a_cut_is_the_roundest_number_between_two_customers(low: float, high: float, cut: float) -> None:
    assert round_between(low, high) == cut


@given(st.tuples(numbers, numbers).filter(lambda pair: pair[0] != pair[1]))
def test_a_cut_always_parts_the_two_numbers_it_lies_between(pair: tuple[float, float]) -> None:
    low, high = sorted(pair)
    assert low <= round_between(low, high) < high


@given(st.lists(numbers, min_size=1, max_size=60))
def test_every_cut_leaves_customers_on_both_sides_and_codes_repeat_the_comparison(
    values: list[float],
) -> None:
    table = table_of({"value": values})
    X = table.X["value"].to_numpy()
    cuts = readable_cuts(X)
    assert (np.diff(cuts) > 0).all()
    assert len(cuts) == len(set(values)) - 1
    for column in code_columns(table, ["value"]):
        for cut in range(column.n_cuts):
            np.testing.assert_array_equal(column.is_low(cut), cuts[cut] >= X)
            np.testing.assert_array_equal(column.is_low(cut), column.low_side(cut).mask(table.X))
            np.testing.assert_array_equal(~column.is_low(cut), column.high_side(cut).mask(table.X))


def test_many_values_are_cut_into_equal_parts_at_few_digits() -> None:
    values = np.random.default_rng(0).lognormal(6, 1.5, 5_000)
    cuts = readable_cuts(values)
    assert 200 < len(cuts) <= 255
    assert np.diff(np.searchsorted(np.sort(values), cuts)).max() <= 3 * 5_000 / 255
    assert np.mean([len(f"{cut:g}".strip("0").replace(".", "")) for cut in cuts]) < 3.2


def test_a_constant_is_no_column_and_rare_levels_share_a_code() -> None:
    levels = [f"level {i:02d}" for i in range(40) for _ in range(41 - i)]
    table = table_of({"same": [1.0] * len(levels), "many": levels})
    (column,) = code_columns(table, ["same", "many"])
    assert column.levels[:2] == ("level 00", "level 01")
    assert column.codes.max() == len(column.levels) == 30
    np.testing.assert_array_equal(~column.is_low(3), column.high_side(3).mask(table.X))
