import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.features import FeatureTable
from coterie.knowledge.cuts import code_columns
from coterie.knowledge.tree import SegmentTree, fit_tree
from tests.knowledge.tables import shop, table_of

AWKWARD = ['a "quoted" name', "select", "Größe; --", "it's"]

values = st.one_of(st.floats(-1e6, 1e6, width=32), st.floats(-1e6, 1e6), st.integers(-5, 5).map(float))
customers = st.lists(
    st.tuples(values, values, st.sampled_from(["x", "it's", 'say "no"', "Ü", ""]), st.integers(-1, 3)),
    min_size=2,
    max_size=50,
)


def grown(table: FeatureTable, labels: np.ndarray) -> SegmentTree:
    names = {int(i): f"group {i}'s" for i in np.unique(labels[labels >= 0])}
    order = np.random.default_rng(0).permutation(len(table))
    third = len(table) // 3
    return fit_tree(
        code_columns(table, table.defaults),
        labels,
        table=table,
        grow=np.sort(order[third:]),
        held_out=np.sort(order[:third]),
        names=names,
    )


def run_sql(tree: SegmentTree, X: pd.DataFrame) -> pd.DataFrame:
    customers = X.astype({name: "object" for name in X.columns if not pd.api.types.is_numeric_dtype(X[name])})
    with duckdb.connect() as connection:
        connection.register("people", customers.assign(row_number=np.arange(len(X))))
        return connection.execute(tree.sql("people")).df().sort_values("row_number")


@settings(max_examples=12, deadline=None)
@given(customers)
def test_sql_and_python_agree_on_every_row_under_awkward_names(
    people: list[tuple[float, float, str, int]],
) -> None:
    labels = np.array([p[3] for p in people], dtype=np.int32)
    if not (labels >= 0).any():
        labels[0] = 0
    table = table_of({name: [p[i] for p in people] for i, name in enumerate(AWKWARD[:3])})
    tree = grown(table, labels)
    told = run_sql(tree, table.X)
    expected = tree.predict(table.X)
    assert (expected >= 0).all()
    np.testing.assert_array_equal(told["segment_id"].to_numpy(), expected)
    assert told["segment_name"].tolist() == [tree.names[i] for i in expected]


def test_sql_and_python_agree_exactly_at_the_thresholds() -> None:
    table, labels = shop()
    tree = grown(table, labels)
    cuts = [c for leaf in tree.leaves for c in leaf.conditions if c.op in ("<=", ">")]
    assert cuts
    rows = []
    for cut in cuts:
        for value in (np.nextafter(cut.value, -np.inf), cut.value, np.nextafter(cut.value, np.inf)):
            rows.append(table.X.iloc[0].to_dict() | {cut.feature: value})
    X = pd.DataFrame(rows)
    np.testing.assert_array_equal(run_sql(tree, X)["segment_id"].to_numpy(), tree.predict(X))


def test_clear_groups_are_repeated_by_at_most_two_leaves_each() -> None:
    table, labels = shop()
    tree = grown(table, labels)
    assert tree.n_leaves <= 6
    assert tree.fidelity is not None
    assert tree.fidelity > 0.97
    assigned = labels >= 0
    assert (tree.predict(table.X)[assigned] == labels[assigned]).mean() > 0.98
    assert tree.n_holdout == 200 - (labels[np.random.default_rng(0).permutation(600)[:200]] < 0).sum()


def test_every_customer_fulfils_exactly_one_path() -> None:
    table, labels = shop()
    tree = grown(table, labels)
    paths = np.array(
        [np.logical_and.reduce([c.mask(table.X) for c in leaf.conditions]) for leaf in tree.leaves]
    )
    assert (paths.sum(axis=0) == 1).all()
    assert paths.any(axis=1).all()


def test_a_question_asked_again_after_growing_puts_more_customers_right() -> None:
    x, y = (side.ravel().astype(float) for side in np.meshgrid(np.arange(40), np.arange(40)))
    labels = ((x > 19) ^ (y > 19)).astype(np.int32)
    tree = grown(table_of({"x": x.tolist(), "y": y.tolist()}), labels)
    assert tree.fidelity == 1.0
    assert tree.n_leaves == 4


def test_one_segment_needs_no_question() -> None:
    table, labels = shop()
    tree = grown(table, np.zeros_like(labels))
    assert tree.n_leaves == 1
    assert set(tree.predict(table.X)) == {0}
    assert set(run_sql(tree, table.X)["segment_id"]) == {0}
    assert tree.fidelity == 1.0


def test_a_missing_number_is_in_no_segment() -> None:
    table, labels = shop()
    tree = grown(table, labels)
    X = table.X.iloc[:1].assign(recency_days=np.nan, n_orders=np.nan, monetary=np.nan)
    assert tree.predict(X).tolist() == [-1]


def test_categories_are_asked_by_level() -> None:
    city = ["Paris", "Lyon", "Nice", "Lille"] * 30
    labels = np.array([0, 1, 2, 2] * 30, dtype=np.int32)
    tree = grown(table_of({"city": city}), labels)
    assert tree.fidelity == 1.0
    assert {c.op for leaf in tree.leaves for c in leaf.conditions} == {"==", "!="}
    assert tree.predict(pd.DataFrame({"city": ["Lyon", "Rome"]})).tolist()[0] == 1


@pytest.mark.parametrize("n_held_out", [0, 1])
def test_fidelity_of_nobody_is_undefined(n_held_out: int) -> None:
    table, labels = shop()
    rows = np.arange(len(table))
    tree = fit_tree(
        code_columns(table, table.defaults),
        labels,
        table=table,
        grow=rows[n_held_out:],
        held_out=rows[:n_held_out],
        names={0: "a", 1: "b", 2: "c"},
    )
    assert (tree.fidelity is None) == (n_held_out == 0)
