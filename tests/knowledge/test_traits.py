import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from coterie.knowledge.cuts import code_columns
from coterie.knowledge.traits import Effects, Trait, cliffs_delta
from coterie.prediction.lift import shrunk_lift
from tests.knowledge.tables import shop, table_of

small = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=40)


@given(small)
def test_cliffs_delta_equals_the_count_over_all_pairs(customers: list[tuple[int, bool]]) -> None:
    values = np.array([value for value, _ in customers], dtype=float)
    member = np.array([is_member for _, is_member in customers])
    pairs = np.sign(values[member][:, None] - values[~member][None, :])
    expected = float(pairs.mean()) if pairs.size else 0.0
    assert cliffs_delta(rankdata(values), member) == pytest.approx(expected)


def test_a_lift_of_few_members_is_drawn_towards_one() -> None:
    assert shrunk_lift(10, 20, share_of_all=0.25) == pytest.approx((10 + 5) / 40 / 0.25)
    assert shrunk_lift(1, 1, share_of_all=0.01) < 6
    assert shrunk_lift(1_000, 1_000, share_of_all=0.1) > 9.8


def all_traits(labels: np.ndarray, effects: Effects) -> list[Trait]:
    return [trait for i in range(3) for trait in effects.traits(i, labels == i)]


def test_every_figure_of_a_trait_can_be_recomputed_from_the_table() -> None:
    table, labels = shop()
    effects = Effects.of(table, code_columns(table, table.defaults))
    traits = all_traits(labels, effects)
    assert {trait.feature for trait in traits} == {"recency_days", "n_orders", "monetary", "city"}
    for trait in traits:
        member = labels == trait.segment_id
        holds = trait.condition.mask(table.X)
        assert trait.member_share == pytest.approx(holds[member].mean())
        assert trait.rest_share == pytest.approx(holds[~member].mean())
        if trait.log_lift is None:
            assert trait.delta == pytest.approx(cliffs_delta(rankdata(table.X[trait.feature]), member))
        else:
            has = (table.X[trait.feature] == trait.condition.value).to_numpy()
            lift = shrunk_lift(has[member].sum(), member.sum(), share_of_all=has.mean())
            assert trait.log_lift == pytest.approx(math.log(lift))
            assert trait.delta == pytest.approx(has[member].mean() - has[~member].mean())
            assert abs(lift - 1) > 0.15


def test_traits_come_strongest_first_and_negligible_ones_not_at_all() -> None:
    table, labels = shop()
    noise = np.random.default_rng(1).normal(size=len(table)).tolist()
    table = table_of({**{str(name): table.X[name].tolist() for name in table.X}, "noise": noise})
    effects = Effects.of(table, code_columns(table, table.defaults))
    for i in range(3):
        traits = effects.traits(i, labels == i)
        sizes = [round(abs(trait.delta), 9) for trait in traits]
        assert sizes == sorted(sizes, reverse=True)
        assert "noise" not in {trait.feature for trait in traits}


def test_two_features_that_rise_together_make_one_trait() -> None:
    table = table_of({"money": range(100), "cents": [100 * i for i in range(100)]})
    member = np.arange(100) >= 70
    effects = Effects.of(table, code_columns(table, table.defaults))
    traits = effects.traits(0, member)
    assert len(traits) == 2
    assert len(effects.distinct(traits)) == 1


def test_two_levels_of_the_same_customers_make_one_trait() -> None:
    table = table_of(
        {"internet": ["no"] * 30 + ["yes"] * 70, "backup": ["no internet"] * 30 + ["daily"] * 70}
    )
    effects = Effects.of(table, code_columns(table, table.defaults))
    (trait,) = effects.distinct(effects.traits(0, np.arange(100) < 30))
    assert (trait.feature, trait.condition.op, trait.condition.value) == ("internet", "==", "no")


def test_where_medians_are_the_same_the_share_beyond_the_cut_is_told() -> None:
    table = table_of({"n_orders": [1] * 8 + [9] * 5 + [1] * 2 + [1] * 15})
    effects = Effects.of(table, code_columns(table, table.defaults))
    (trait,) = effects.traits(0, np.arange(30) >= 13)
    assert trait.words == "orders at most 5: 100% (all others: 62%)"


def test_medians_stand_beside_those_of_everyone_in_words() -> None:
    table = table_of({"recency_days": [4, 4, 4, 50, 50, 90], "n_orders": [7, 7, 7, 3, 3, 3]})
    effects = Effects.of(table, code_columns(table, table.defaults))
    words = {trait.feature: trait.words for trait in effects.traits(0, np.arange(6) < 3)}
    assert words["recency_days"] == "last bought 4 days ago (everyone: 27)"
    assert words["n_orders"] == "orders 1.4x the typical customer's (7, everyone: 5)"


def test_one_segment_for_all_has_no_traits() -> None:
    table, _ = shop()
    effects = Effects.of(table, code_columns(table, table.defaults))
    assert effects.traits(0, np.ones(len(table), dtype=bool)) == ()


@pytest.mark.parametrize(("lead", "first"), [(3, "n_orders"), (15, "n_events")])
def test_buying_goes_before_what_is_hardly_stronger(lead: int, first: str) -> None:
    member = np.arange(200) < 100
    mixed = np.arange(200) % 2 == 0
    orders = np.where(np.arange(200) < 140, member, mixed).astype(float)
    events = orders.copy()
    events[140 : 140 + 2 * lead] = 0
    table = table_of({"n_events": events, "n_orders": orders})
    specs = tuple(
        replace(s, source="events" if s.name == "n_events" else "transactions") for s in table.specs
    )
    table = replace(table, specs=specs)
    effects = Effects.of(table, code_columns(table, table.defaults))
    traits = effects.traits(0, member)
    deltas = {trait.feature: trait.delta for trait in traits}
    assert deltas["n_events"] > deltas["n_orders"] > 0
    assert traits[0].feature == first
