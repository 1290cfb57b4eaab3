import numpy as np
import pandas as pd

from coterie.selection import tree_fidelity

RNG = np.random.default_rng(0)


def test_segments_cut_along_an_attribute_are_placed_without_error() -> None:
    X = pd.DataFrame({"a": np.arange(300.0), "b": RNG.normal(size=300)})
    assert float(tree_fidelity(X, (np.arange(300) // 100).astype(np.int32))) > 0.98


def test_segments_that_no_attribute_tells_apart_cannot_be_put_into_rules() -> None:
    X = pd.DataFrame({"a": RNG.normal(size=400)})
    assert float(tree_fidelity(X, RNG.integers(0, 4, 400).astype(np.int32))) < 0.5


def test_a_category_can_carry_the_rules() -> None:
    city = np.array(["Leeds", "York", "Hull"])[np.arange(300) % 3]
    X = pd.DataFrame({"city": pd.Categorical(city)})
    assert float(tree_fidelity(X, (np.arange(300) % 3).astype(np.int32))) == 1.0


def test_customers_in_no_segment_are_left_out() -> None:
    X = pd.DataFrame({"a": np.arange(300.0)})
    labels = (np.arange(300) // 150).astype(np.int32)
    noisy = np.where(np.arange(300) % 3 == 0, -1, labels).astype(np.int32)
    assert float(tree_fidelity(X, noisy)) > 0.98


def test_a_segment_of_one_customer_does_not_stop_the_measurement() -> None:
    labels = np.zeros(100, dtype=np.int32)
    labels[0] = 1
    assert float(tree_fidelity(pd.DataFrame({"a": np.arange(100.0)}), labels)) > 0.9


def test_one_segment_or_a_handful_of_customers_have_no_fidelity() -> None:
    X = pd.DataFrame({"a": np.arange(6.0)})
    assert tree_fidelity(X, np.zeros(6, dtype=np.int32)).value is None
    assert tree_fidelity(X, np.full(6, -1, dtype=np.int32)).value is None
    assert tree_fidelity(X, np.arange(6, dtype=np.int32) % 2).value is None


def test_equal_seeds_give_equal_values() -> None:
    X = pd.DataFrame(RNG.normal(size=(200, 2)), columns=["a", "b"])
    labels = (X["a"] + X["b"] > 0).to_numpy().astype(np.int32)
    assert tree_fidelity(X, labels, random_state=3) == tree_fidelity(X, labels, random_state=3)
