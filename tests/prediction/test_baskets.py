from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from coterie.errors import ParameterError
from coterie.prediction import basket_rules
from coterie.prediction.baskets import fisher_tail
from coterie.preprocessing import clean
from coterie.sources import Dataset, read


def baskets(contents: list[list[str]]) -> Dataset:
    """Cleaned orders, one per basket and customer."""
    lines = [(f"c{i:04d}", f"o{i}", product) for i, basket in enumerate(contents) for product in basket]
    frame = pd.DataFrame(lines, columns=["customer_id", "order_id", "product"])
    return clean(read(frame.assign(amount="1", quantity="1", at="2024-01-01")))[0]


def test_bread_and_butter_are_bought_together() -> None:
    contents = [["bread", "butter"]] * 25 + [["bread"]] * 5 + [["soap"]] * 70
    rules = basket_rules(baskets(contents)).set_index(["product", "with_product"])
    assert set(rules.index) == {("bread", "butter"), ("butter", "bread")}
    (rule,) = rules.loc[[("bread", "butter")]].to_dict("records")
    assert (rule["n_baskets"], rule["confidence"]) == (25, pytest.approx(25 / 30))
    assert rule["lift"] == pytest.approx(25 / 30 / 0.25)
    assert rule["p"] == pytest.approx(hypergeom.sf(24, 100, 30, 25))
    # Three pairs of products could have become rules.
    assert rule["q"] == pytest.approx(3 * rule["p"])


def test_fewer_baskets_than_the_support_make_no_rule() -> None:
    contents = [["bread", "butter"]] * 19 + [["soap"]] * 100
    assert not len(basket_rules(baskets(contents)))
    assert len(basket_rules(baskets(contents), min_support=19)) == 2


def test_products_thrown_together_by_chance_make_hardly_a_rule() -> None:
    random = np.random.default_rng(0)
    contents = [[f"p{j:02d}" for j in np.flatnonzero(random.random(30) < 0.2)] for _ in range(800)]
    assert len(basket_rules(baskets([c for c in contents if c]))) <= 2


@pytest.mark.parametrize("options", [{"min_support": 0}, {"max_q": 0.0}, {"max_q": 1.0}])
def test_impossible_demands_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        basket_rules(baskets([["a", "b"]]), **options)  # type: ignore[arg-type]


@given(st.lists(st.tuples(*[st.integers(0, 60)] * 3), min_size=1, max_size=20), st.integers(60, 400))
def test_the_tail_is_that_of_the_hypergeometric_distribution(
    cases: list[tuple[int, int, int]], n: int
) -> None:
    first, second, both = np.array([(a, b, max(min(a, b, k), a + b - n)) for a, b, k in cases]).T
    tail = fisher_tail(both, first=first, second=second, n=n)
    np.testing.assert_allclose(tail, hypergeom.sf(both - 1, n, first, second), rtol=1e-8, atol=1e-300)
