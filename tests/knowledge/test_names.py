from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.features import FeatureTable
from coterie.knowledge import name_segments, segment_name_of_customers
from coterie.knowledge.actions import recommend
from coterie.knowledge.cuts import code_columns
from coterie.knowledge.names import MAX_NAME, phrase, segment_names
from coterie.knowledge.traits import Effects
from coterie.segmentation import RFMGrid
from tests.knowledge.tables import segmentation_of, shop, table_of

people = st.lists(
    st.tuples(
        st.integers(0, 400), st.integers(1, 9), st.floats(1, 1e4), st.sampled_from("ab"), st.integers(-1, 13)
    ),
    min_size=2,
    max_size=60,
)


def named(columns: Mapping[str, Iterable[object]], labels: list[int]) -> list[str]:
    return list(name_segments(segmentation_of(table_of(columns), labels)).names.values())


def _spread(n: int, *, n_segments: int, seed: int) -> tuple[FeatureTable, list[int]]:
    """Buyers of every kind, in segments that have little to do with recency and orders."""
    draws = np.random.default_rng(seed)
    columns = {
        "recency_days": draws.integers(0, 400, n).tolist(),
        "n_orders": draws.geometric(0.2, n).tolist(),
        "monetary": draws.gamma(1, 200, n).tolist(),
    }
    by_spend = np.argsort(np.argsort(columns["monetary"])) * n_segments // n
    return table_of(columns), by_spend.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_a_name_and_the_action_are_of_one_group(seed: int) -> None:
    table, labels = _spread(400, n_segments=6, seed=seed)
    actions = recommend(table, np.array(labels, dtype=np.int32))
    names = name_segments(segmentation_of(table, labels)).names
    assert len({action.name for action in actions.values()}) > 1
    for i, name in names.items():
        assert name.partition(", ")[0].rstrip(" ABCDEF") == actions[i].name.rstrip(" ABCDEF")


def test_the_role_for_the_business_comes_first() -> None:
    table, labels = shop()
    result = name_segments(segmentation_of(table, labels.tolist()))
    assert list(result.names.values()) == ["Loyal", "New", "Hibernating"]
    assert result.model.names == result.names
    assert result.segments[0].n_customers == 150


def test_segments_of_one_role_are_told_apart_by_what_holds_for_them() -> None:
    draws = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2, 3], 100)
    columns = {
        "recency_days": np.array([300.0, 300, 5, 5])[labels],
        "n_orders": np.array([1.0, 1, 9, 9])[labels],
        "monetary": np.array([50.0, 50, 900, 900])[labels] + draws.integers(0, 9, 400),
        "evening_share": np.array([0.1, 0.9, 0.1, 0.1])[labels] + draws.random(400) / 20,
        "age": np.array([40.0, 40, 25, 60])[labels] + draws.integers(-5, 5, 400),
    }
    names = named({name: values.tolist() for name, values in columns.items()}, labels.tolist())
    assert len(set(names)) == 4
    assert names[1] == "About to sleep, evening buyers"
    assert names[2:] == ["Potential loyalist, younger", "Potential loyalist, older"]


def test_without_orders_the_strongest_traits_make_the_name() -> None:
    draws = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2, 3, 4], 50)
    columns = {
        "Age": np.array([30.0, 30, 60, 60, 45])[labels] + draws.integers(-5, 5, 250),
        "Annual Income (k$)": np.array([90.0, 20, 20, 90, 55])[labels] + draws.integers(-5, 5, 250),
        "Spending Score (1-100)": np.array([90.0, 90, 10, 10, 50])[labels] + draws.integers(-5, 5, 250),
    }
    names = named({name: values.tolist() for name, values in columns.items()}, labels.tolist())
    assert names == [
        "Younger, high annual income",
        "Low annual income, high spending score",
        "Older, low annual income",
        "Low spending score, high annual income",
        "Typical customers",
    ]


def test_no_name_rests_on_a_weak_trait() -> None:
    draws = np.random.default_rng(0)
    labels = [0, 1] * 100
    columns = {"Age": (40 + draws.normal(size=200)).tolist(), "Income": (9 + draws.normal(size=200)).tolist()}
    assert named(columns, labels) == ["Typical customers", "Typical customers A"]


@settings(max_examples=60, deadline=None)
@given(people)
def test_names_are_unique_short_and_the_same_every_time(rows: list[tuple[int, int, float, str, int]]) -> None:
    columns = ["recency_days", "n_orders", "monetary", "plan"]
    table = table_of({name: [row[i] for row in rows] for i, name in enumerate(columns)})
    labels = np.array([row[4] for row in rows], dtype=np.int32)
    effects = Effects.of(table, code_columns(table, columns))
    names = segment_names(effects, labels)
    assert sorted(names) == sorted(set(labels[labels >= 0].tolist()))
    assert len(set(names.values())) == len(names)
    assert all(0 < len(name) <= MAX_NAME for name in names.values())
    assert not any("cluster" in name.lower() for name in names.values())
    assert names == segment_names(effects, labels)


@settings(max_examples=40, deadline=None)
@given(people)
def test_every_trait_in_a_name_holds_for_most_members_and_few_others(
    rows: list[tuple[int, int, float, str, int]],
) -> None:
    table = table_of({"age": [row[0] for row in rows], "plan": [row[3] for row in rows]})
    labels = np.array([row[4] % 3 for row in rows], dtype=np.int32)
    effects = Effects.of(table, code_columns(table, table.defaults))
    for i, name in segment_names(effects, labels).items():
        for trait in effects.traits(i, labels == i):
            if (
                phrase(table, trait) in name.lower()
                and len(set(labels.tolist())) > 1
                and "higher" not in name
            ):
                holds = trait.condition.mask(table.X)
                assert holds[labels == i].mean() >= 0.7
                assert holds[labels != i].mean() < 0.4
                assert abs(trait.delta) >= 0.33


def test_not_being_something_makes_no_name() -> None:
    columns: dict[str, Iterable[object]] = {
        "security": ["No", "Yes", "No"] * 20 + ["No internet"] * 30,
        "promo": [0.0] * 60 + [1.0] * 30,
    }
    assert named(columns, [0] * 60 + [1] * 30) == ["No promo", "Promo"]


def test_what_is_missing_makes_no_name() -> None:
    columns = {"reason": ["(missing)"] * 30 + ["price"] * 30}
    assert named(columns, [0] * 30 + [1] * 30) == ["Typical customers", "Reason price"]


def test_one_segment_is_everyone() -> None:
    assert named({"age": [20, 30, 40]}, [0, 0, 0]) == ["Everyone"]


def test_the_grid_keeps_its_own_names() -> None:
    table, labels = shop()
    grid = RFMGrid().fit(table.X[["recency_days", "n_orders"]])
    result = segmentation_of(table, labels.tolist(), estimator=grid)
    assert name_segments(result) is result


def test_customers_in_no_segment_are_named_by_the_reason() -> None:
    table = table_of({"monetary": [0.0, 10, 20, 9000], "n_orders": [1, 1, 2, 99]})
    result = name_segments(segmentation_of(table, [-1, 0, 0, -1]))
    assert segment_name_of_customers(result).tolist() == ["No net spend", "Everyone", "Everyone", "Outliers"]


@pytest.mark.parametrize("n_segments", [11, 40])
def test_many_like_segments_still_get_different_names(n_segments: int) -> None:
    labels = np.arange(n_segments).repeat(3).tolist()
    columns = {name: [5.0, 6, 7] * n_segments for name in ("recency_days", "n_orders", "monetary")}
    names = named(columns, labels)
    assert len(set(names)) == n_segments
