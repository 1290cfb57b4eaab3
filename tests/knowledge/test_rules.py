import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.features import Predicate
from coterie.knowledge.cuts import code_columns
from coterie.knowledge.rules import MAX_CONDITIONS, find_conditions, find_rules, measure_rule
from tests.knowledge.tables import shop, table_of

customers = st.lists(
    st.tuples(st.integers(0, 9), st.floats(-5, 5), st.sampled_from("abc"), st.booleans()),
    min_size=4,
    max_size=50,
)


def test_a_box_is_found_with_its_four_bounds() -> None:
    x, y = (side.ravel().astype(float) for side in np.meshgrid(np.arange(20), np.arange(20)))
    table = table_of({"x": x.tolist(), "y": y.tolist()})
    member = (x > 3) & (x <= 9) & (y > 7) & (y <= 15)
    conditions = find_conditions(code_columns(table, ["x", "y"]), member)
    told = [(c.feature, c.op, c.value) for c in conditions]
    assert told == [("x", ">", 3.0), ("x", "<=", 9.0), ("y", ">", 7.0), ("y", "<=", 15.0)]


def test_a_level_is_found_by_its_name() -> None:
    table = table_of({"age": range(60), "city": ["Paris", "Lyon", "Nice"] * 20})
    member = (table.X["city"] == "Lyon").to_numpy()
    (condition,) = find_conditions(code_columns(table, ["age", "city"]), member)
    assert (condition.feature, condition.op, condition.value) == ("city", "==", "Lyon")


def test_one_of_two_levels_is_told_by_what_it_is() -> None:
    table = table_of({"gender": ["Male", "Female"] * 30})
    for level in ("Male", "Female"):
        (condition,) = find_conditions(
            code_columns(table, ["gender"]), (table.X["gender"] == level).to_numpy()
        )
        assert (condition.op, condition.value) == ("==", level)


@settings(max_examples=60, deadline=None)
@given(customers)
def test_no_condition_is_contradictory_or_idle(people: list[tuple[int, float, str, bool]]) -> None:
    table = table_of({"n": [p[0] for p in people], "x": [p[1] for p in people], "c": [p[2] for p in people]})
    member = np.array([p[3] for p in people])
    conditions = find_conditions(code_columns(table, ["n", "x", "c"]), member)
    rule = measure_rule(0, conditions, X=table.X, member=member)
    assert len(conditions) <= MAX_CONDITIONS
    assert len({(c.feature, c.op) for c in conditions if c.op in ("<=", ">")}) == sum(
        c.op in ("<=", ">") for c in conditions
    )
    if member.any() and conditions:
        assert rule.mask(table.X).any()
        for condition in conditions:
            shorter = [c for c in conditions if c != condition]
            kept = measure_rule(0, shorter, X=table.X, member=member)
            assert kept.mask(table.X).sum() > rule.mask(table.X).sum()


def test_precision_recall_and_coverage_are_those_of_customers_the_rule_never_saw() -> None:
    table, labels = shop()
    order = np.random.default_rng(3).permutation(len(table))
    grow, held_out = np.sort(order[:420]), np.sort(order[420:])
    rules = find_rules(code_columns(table, table.defaults), labels, X=table.X, grow=grow, held_out=held_out)
    assert sorted(rules) == [0, 1, 2]
    for i, rule in rules.items():
        picked = rule.mask(table.X)[held_out]
        member = labels[held_out] == i
        assert rule.precision == pytest.approx((picked & member).sum() / picked.sum())
        assert rule.recall == pytest.approx((picked & member).sum() / member.sum())
        assert rule.coverage_share == pytest.approx(picked.mean())
        assert rule.n_holdout == len(held_out)
        assert rule.f1 > 0.9


def test_a_rule_reads_the_same_in_python_and_json() -> None:
    table, labels = shop()
    everyone = np.arange(len(table))
    rules = find_rules(
        code_columns(table, table.defaults), labels, X=table.X, grow=everyone, held_out=everyone
    )
    for rule in rules.values():
        assert rule.conditions
        assert rule.words(table.specs)
        expression = compile(rule.python(), "rule", "eval")
        told = [eval(expression, {"row": row}) for row in table.X.to_dict("records")]  # noqa: S307 - our own
        assert told == rule.mask(table.X).tolist()
        assert rule.to_json()["conditions"] == [c.to_json() for c in rule.conditions]


def test_two_bounds_on_one_feature_are_told_as_one() -> None:
    table = table_of({"n_orders": range(20), "monetary": range(20)})
    bounds = [
        Predicate("n_orders", ">", 9.0),
        Predicate("n_orders", "<=", 15.0),
        Predicate("monetary", ">", 3.0),
    ]
    rule = measure_rule(0, bounds, X=table.X, member=np.ones(20, dtype=bool))
    told = rule.words(table.specs, whole={"n_orders"})
    assert told == "orders 10 to 15 and spend more than 3.00"


def test_a_rule_without_conditions_picks_every_customer() -> None:
    table, labels = shop()
    rule = measure_rule(0, (), X=table.X, member=labels >= 0)
    assert rule.mask(table.X).all()
    assert (rule.sql(), rule.python(), rule.words(table.specs)) == ("1 = 1", "True", "every customer")
    assert rule.recall == 1


def test_a_share_of_nobody_is_undefined() -> None:
    table, _ = shop()
    nobody = np.zeros(len(table), dtype=bool)
    assert measure_rule(0, (), X=table.X, member=nobody).recall is None
    assert measure_rule(0, (), X=table.X.iloc[:0], member=nobody[:0]).precision is None
