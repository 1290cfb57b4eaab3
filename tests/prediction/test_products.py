"""Products to discover and to replenish, in small shops whose habits are known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from coterie.errors import InputError, ParameterError, SchemaError
from coterie.prediction import ProductTest, check_products, recommend_products
from coterie.prediction.bought import count_bought, kept_lines
from coterie.prediction.due import due_products
from coterie.prediction.ease import ProductWeights, fit_ease, fit_item_knn
from coterie.prediction.product_reasons import LONGEST_NAME, shown
from coterie.preprocessing import clean
from coterie.sources import Dataset, read

START = date(2024, 1, 1)
Line = tuple[str, int, str, float]


def shop(lines: list[Line]) -> Dataset:
    """Cleaned orders (customer, day, product, quantity), each line an order of its own."""
    frame = pd.DataFrame(lines, columns=["customer_id", "day", "product", "quantity"])
    at = [(START + timedelta(days=day)).isoformat() for day in frame.pop("day")]
    ids = [f"o{i}" for i in range(len(frame))]
    frame = frame.assign(at=at, order_id=ids, unit_price=2.0, amount=2.0 * frame["quantity"])
    return clean(read(frame.astype(str)))[0]


def tastes() -> list[Line]:
    """200 customers of two tastes, five products each; everybody buys milk every ten days.

    In the first 150 days a customer buys four of the five of their taste, in the last 50 the fifth.
    """
    random = np.random.default_rng(0)
    lines: list[Line] = []
    for c in range(200):
        own = random.permutation([f"{'tea' if c % 2 else 'ale'} {i}" for i in range(5)])
        lines += [(f"c{c:03d}", int(random.integers(0, 150)), str(name), 1.0) for name in own[:4]]
        lines += [(f"c{c:03d}", int(random.integers(150, 200)), str(own[4]), 1.0)]
        lines += [(f"c{c:03d}", day, "milk", 1.0) for day in range(c % 10, 200, 10)]
    return lines


@pytest.fixture(scope="module")
def two_tastes() -> Iterator[Dataset]:
    dataset = shop(tastes())
    yield dataset
    dataset.store.close()


def test_the_product_missing_from_a_taste_is_discovered(two_tastes: Dataset) -> None:
    tested = check_products(two_tastes, "discover", cut=START + timedelta(days=149))
    assert isinstance(tested, ProductTest)
    assert tested.beats_baseline
    assert tested.recalls["EASE"] > 0.95 > 0.7 > tested.recalls["popularity"]


def test_nobody_is_told_to_discover_what_they_bought(two_tastes: Dataset) -> None:
    found = recommend_products(two_tastes, mode="discover", observation_end=START + timedelta(days=120))
    assert (found.recommendations["n_bought"] == 0).all()
    assert "milk" not in set(found.recommendations["product"])


def test_what_is_bought_every_ten_days_leads_and_says_so(two_tastes: Dataset) -> None:
    found = recommend_products(two_tastes, mode="replenish", n=3)
    first = found.recommendations[found.recommendations["rank"] == 1]
    assert (first["product"] == "milk").all()
    one = first.set_index("customer_id").loc["c003", "reason"]
    assert one == "bought 20 times, about every 10 days; last 6 days ago"


def test_a_gain_that_is_not_clear_leaves_the_plain_ranking_in_use() -> None:
    random = np.random.default_rng(0)
    weights = 1.0 / np.arange(1, 31)
    products = random.choice(30, (150, 9), p=weights / weights.sum())
    days = random.integers(0, 180, products.shape)
    lines = [(f"c{c}", int(days[c, i]), f"p{products[c, i]}", 1.0) for c in range(150) for i in range(9)]
    found = recommend_products(shop(lines), mode="discover")
    assert found.test is not None
    assert not found.test.beats_baseline
    assert found.method == "popularity"
    assert "no clear gain, so popularity is used" in found.notes[0]
    assert found.recommendations["reason"].str.match(r"bought by \d+ of 150 customers").all()


def test_what_was_returned_was_not_bought() -> None:
    dataset = shop([("a", 0, "hat", 1.0), ("a", 5, "hat", -1.0), ("a", 6, "tea", 1.0), ("b", 0, "hat", 1.0)])
    end = START + timedelta(days=6)
    later = count_bought(kept_lines(dataset), end=end)
    assert later.matrix().toarray().tolist() == [[0, 1], [1, 0]]
    # On the fourth day nobody knew that the hat would come back.
    earlier = count_bought(kept_lines(dataset, until=START + timedelta(days=4)), end=end)
    assert earlier.matrix().toarray().tolist() == [[1], [1]]


def test_a_product_is_due_a_gap_after_it_was_last_bought() -> None:
    dataset = shop([("a", day, "coffee", 1.0) for day in (0, 30, 58, 88)] + [("b", 100, "coffee", 1.0)])
    bought = count_bought(kept_lines(dataset), end=START + timedelta(days=125))
    (coffee,) = due_products(bought, np.arange(2)).to_dict("records")
    assert (coffee["customer_id"], coffee["gap_days"], coffee["rhythm"]) == ("a", 30.0, "own")
    assert (coffee["due_on"], coffee["overdue_days"]) == (START + timedelta(days=118), 7)
    assert coffee["is_due"]


def test_who_bought_a_product_once_waits_for_the_rhythm_of_all_who_came_back() -> None:
    lines = [(f"c{i:02d}", day, "coffee", 1.0) for i in range(20) for day in (0, 40)]
    dataset = shop([*lines, ("new", 45, "coffee", 1.0)])
    bought = count_bought(kept_lines(dataset), end=START + timedelta(days=60))
    due = due_products(bought, np.arange(21))
    (new,) = due[due["customer_id"] == "new"].to_dict("records")
    assert (new["gap_days"], new["rhythm"], new["overdue_days"]) == (40.0, "product", -25)
    assert not new["is_due"]


def test_a_newcomer_gets_what_their_segment_buys(two_tastes: Dataset) -> None:
    segments = {f"c{c:03d}": "Tea people" if c % 2 else "Others" for c in range(200)} | {"new": "Tea people"}
    found = recommend_products(
        two_tastes,
        mode="discover",
        customers=["new", "nobody"],
        n=2,
        segments=segments,
        observation_end=START + timedelta(days=149),
    )
    told = found.recommendations.set_index(["customer_id", "rank"])["reason"]
    assert told["new", 1] == "bought by 100 of 100 customers in Tea people"
    assert told["nobody", 1] == "bought by 200 of 200 customers"
    assert set(found.recommendations.query("customer_id == 'new'")["product"].str[:3]) <= {"tea", "mil"}
    assert "2 customers bought nothing before" in found.notes[-1]


def test_a_segment_shows_its_products_with_a_shrunk_lift(two_tastes: Dataset) -> None:
    segments = {f"c{c:03d}": "Tea people" for c in range(1, 200, 2)}
    end = START + timedelta(days=149)
    found = recommend_products(two_tastes, mode="discover", n=1, segments=segments, observation_end=end)
    top = found.by_segment.iloc[0]
    share = top["n_buyers"] / 200
    assert top["segment"] == "Tea people"
    assert top["lift"] == pytest.approx((top["n_buyers"] + 20 * share) / 120 / share)
    assert top["words"] == f"{top['lift']:.1f}x the average in Tea people"


def test_orders_without_dates_are_counted_and_not_tested() -> None:
    lines = [(f"c{c}", "tea" if p else "pot", p) for c in range(60) for p in range(c % 2 + 1)]
    frame = pd.DataFrame(lines, columns=["customer_id", "product", "n"]).assign(amount=3.0, order_id="1")
    dataset = read(frame[["customer_id", "product", "amount", "order_id"]].astype(str))
    found = recommend_products(dataset, mode="replenish", n=2)
    assert found.notes[0] == "The orders have no dates, so the recommendations could not be tested"
    assert found.test is None
    assert not len(found.due)
    assert found.recommendations["reason"].iloc[0] == "bought once"


def test_orders_without_products_are_refused() -> None:
    frame = pd.DataFrame({"customer_id": ["a"], "order_id": ["1"], "at": ["2024-01-01"], "amount": ["5"]})
    with pytest.raises(SchemaError, match="do not say which product"):
        recommend_products(read(frame), mode="discover")


def test_one_product_can_be_replenished_but_not_discovered() -> None:
    dataset = shop([(f"c{i}", day, "water", 1.0) for i in range(3) for day in (0, 20, 40)])
    with pytest.raises(InputError, match="one product"):
        recommend_products(dataset, mode="discover")
    assert recommend_products(dataset, mode="replenish").method == "popularity"


@pytest.mark.parametrize(
    ("options", "what"), [({"mode": "all"}, "mode"), ({"mode": "discover", "n": 0}, "n")]
)
def test_options_out_of_range_are_refused(two_tastes: Dataset, options: dict[str, object], what: str) -> None:
    with pytest.raises(ParameterError) as refused:
        recommend_products(two_tastes, **options)  # type: ignore[arg-type]
    assert refused.value.where == what


def test_a_product_name_is_only_a_name() -> None:
    hostile = ["<script>alert(1)</script>", "'; DROP TABLE t; --", "a\nb\tc", "=1+1", "{reason}", "%s" * 60]
    lines = [(f"c{c}", (c * 7 + i) % 90, hostile[(c + i) % 6], 1.0) for c in range(60) for i in range(4)]
    found = recommend_products(shop(lines), mode="discover", n=2)
    assert set(found.recommendations["product"]) <= {*hostile, "a b c"} | {name.strip() for name in hostile}
    assert not found.recommendations["reason"].str.contains("\n").any()
    assert len(shown("x" * 500)) == LONGEST_NAME


matrices = st.integers(0, 2**32 - 1).map(
    lambda seed: sparse.csr_matrix((np.random.default_rng(seed).random((12, 7)) < 0.4).astype(float))
)


@given(matrices, st.floats(0.1, 50.0))
@settings(deadline=None, max_examples=30)
def test_ease_is_the_ridge_regression_of_each_product_on_all_others(
    bought: sparse.csr_matrix, penalty: float
) -> None:
    X, weights = bought.toarray(), fit_ease(bought, penalty=penalty).weights
    for j in range(X.shape[1]):
        others = np.delete(np.arange(X.shape[1]), j)
        A = X[:, others]
        ridge = np.linalg.solve(A.T @ A + penalty * np.eye(len(others)), A.T @ X[:, j])
        np.testing.assert_allclose(weights[others, j], ridge, atol=1e-9)
    assert not weights.diagonal().any()


@given(matrices)
@settings(deadline=None, max_examples=30)
def test_item_knn_keeps_the_nearest_by_shrunk_cosine(bought: sparse.csr_matrix) -> None:
    X = bought.toarray() / np.sqrt(np.maximum(bought.toarray().sum(axis=1, keepdims=True), 1))
    size = np.sqrt((X**2).sum(axis=0))
    cosine = (X.T @ X) / (np.outer(size, size) + 2.0)
    np.fill_diagonal(cosine, 0.0)
    weights = fit_item_knn(bought, n_neighbors=3, shrinkage=2.0).weights.toarray()
    assert ((weights > 0).sum(axis=0) <= 3).all()
    np.testing.assert_allclose(weights[weights > 0], cosine[weights > 0], atol=1e-6)
    np.testing.assert_allclose(weights.max(axis=0), cosine.max(axis=0), atol=1e-6)


def test_large_catalogues_are_solved_in_single_precision_to_the_same_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bought = sparse.csr_matrix((np.random.default_rng(0).random((200, 40)) < 0.2).astype(float))
    exact = fit_ease(bought).weights
    monkeypatch.setattr("coterie.prediction.ease.DOUBLE_UP_TO", 10)
    monkeypatch.setattr("coterie.prediction.ease.PANEL", 7)
    coarse = fit_ease(bought).weights
    assert coarse.dtype == np.float32
    np.testing.assert_allclose(coarse, exact, atol=1e-5)


def test_a_catalogue_too_large_for_ease_gets_neighbours(
    two_tastes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coterie.prediction.ease.MAX_EASE_PRODUCTS", 3)
    monkeypatch.setattr("coterie.prediction.ease.BLOCK_CELLS", 30)
    tested = check_products(two_tastes, "discover", cut=START + timedelta(days=149))
    assert isinstance(tested, ProductTest)
    assert tested.recalls["item-kNN"] > 0.95
    found = recommend_products(two_tastes, mode="replenish", n=2, customers=["c003"])
    assert "item-kNN + personal frequency" in found.notes[0]


def test_both_kinds_of_weights_answer_alike() -> None:
    bought = sparse.csr_matrix(np.eye(4)[[0, 1, 2, 3, 0]] + np.eye(4)[[1, 2, 3, 0, 2]])
    dense = fit_item_knn(bought).weights.toarray()
    rows, columns = np.array([0, 2]), np.array([1, 3])
    for weights in (fit_item_knn(bought), ProductWeights("item-kNN", dense)):
        np.testing.assert_allclose(weights.score(bought), bought.toarray() @ dense, atol=1e-6)
        np.testing.assert_allclose(weights.between(rows, columns), dense[np.ix_(rows, columns)])
