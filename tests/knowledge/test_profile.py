import re

import numpy as np
import pytest

from coterie.errors import NotFoundError
from coterie.knowledge import Knowledge, name_segments, profile_segments
from coterie.segmentation import Segmentation
from tests.knowledge.tables import segmentation_of, shop, table_of


@pytest.fixture(scope="module")
def result() -> Segmentation:
    table, labels = shop()
    return name_segments(segmentation_of(table, labels.tolist()))


@pytest.fixture(scope="module")
def known(result: Segmentation) -> Knowledge:
    return profile_segments(result)


def test_sizes_and_money_are_those_of_the_table(result: Segmentation, known: Knowledge) -> None:
    spend = result.table.X["monetary"].to_numpy()
    for profile in known.profiles:
        member = result.labels == profile.segment_id
        assert profile.n_customers == member.sum()
        assert profile.share == pytest.approx(member.mean())
        assert profile.revenue_share == pytest.approx(spend[member].sum() / spend[spend > 0].sum())
        assert f"{member.sum():,} customers" in profile.description
    assert sum(p.revenue_share or 0 for p in known.profiles) == pytest.approx(1)


def test_medians_of_members_stand_beside_those_of_everyone(result: Segmentation, known: Knowledge) -> None:
    X = result.table.X
    for profile in known.profiles:
        members = X[result.labels == profile.segment_id]
        for name in ("recency_days", "n_orders", "monetary"):
            assert profile.medians.at[name, "Everyone"] == X[name].median()
            assert profile.medians.at[name, profile.name] == members[name].median()
        assert profile.medians.at["city", profile.name] == members["city"].mode()[0]


def test_every_number_in_a_trait_is_in_the_table(result: Segmentation, known: Knowledge) -> None:
    for profile in known.profiles:
        assert 0 < len(profile.traits) <= 5
        for trait in profile.traits:
            if trait.feature == "city":
                continue
            told = re.search(r"([\d.,]+)(?: days?)?(?: ago)? ?[(,]* ?\(?everyone: ([\d.,]+)\)", trait.words)
            assert told is not None, trait.words
            own, everyone = (float(text.replace(",", "").rstrip(".")) for text in told.groups())
            assert own == pytest.approx(profile.medians.at[trait.feature, profile.name], rel=0.01)
            assert everyone == pytest.approx(profile.medians.at[trait.feature, "Everyone"], rel=0.01)


def test_the_rule_holds_what_it_promises_on_held_out_customers(known: Knowledge) -> None:
    for profile in known.profiles:
        assert profile.rule.segment_id == profile.segment_id
        assert profile.rule.n_holdout == pytest.approx(180, abs=2)
        assert profile.rule.f1 > 0.9


def test_differences_are_measured_where_skew_does_not_dominate() -> None:
    spend = np.concatenate([np.full(50, 10.0), np.full(49, 100.0), [1e6]])
    labels = [0] * 50 + [1] * 50
    known = profile_segments(segmentation_of(table_of({"monetary": spend.tolist()}), labels))
    logs = np.log1p(spend)
    z = (logs - logs.mean()) / logs.std()
    assert known.differences.to_numpy()[0].tolist() == pytest.approx([z[:50].mean(), z[50:].mean()])


def test_the_headline_names_the_segment_whose_money_is_furthest_above_its_number(known: Knowledge) -> None:
    top = known["Loyal"]
    assert top.revenue_share is not None
    assert known.headline == (
        f"3 segments; 25% of customers (Loyal) bring {top.revenue_share:.0%} of revenue"
    )


def test_one_row_per_segment_with_rule_and_action(known: Knowledge) -> None:
    frame = known.frame()
    assert frame["name"].tolist() == ["Loyal", "New", "Hibernating"]
    assert frame["playbook"].tolist() == ["Loyal", "New", "Hibernating"]
    assert frame["rule_precision"].tolist() == [p.rule.precision for p in known.profiles]
    assert all(rule for rule in frame["rule"])


def test_the_unassigned_are_counted_by_reason(known: Knowledge) -> None:
    assert known.unassigned == {"No net spend": 6}


def test_a_profile_is_found_by_id_and_by_name(known: Knowledge) -> None:
    assert known[2] is known["Hibernating"]
    with pytest.raises(NotFoundError, match="Choose from: Loyal, New, Hibernating"):
        known["Cluster 3"]


def test_without_orders_no_action_is_proposed_and_a_note_says_so() -> None:
    columns = {"age": [*range(20, 50), *range(60, 90)]}
    known = profile_segments(name_segments(segmentation_of(table_of(columns), [0] * 30 + [1] * 30)))
    assert known.headline == "2 segments; the largest is Younger with 50% of customers"
    for profile in known.profiles:
        assert profile.action is None
        assert profile.revenue_share is None
        assert any("No action is proposed" in note for note in profile.notes)


def test_an_action_that_fits_few_of_the_members_says_how_many() -> None:
    draws = np.random.default_rng(0)
    columns = {
        "recency_days": draws.integers(0, 400, 300).tolist(),
        "n_orders": draws.geometric(0.2, 300).tolist(),
        "monetary": draws.gamma(1, 200, 300).tolist(),
    }
    known = profile_segments(name_segments(segmentation_of(table_of(columns), [0, 1] * 150)))
    for profile in known.profiles:
        assert profile.action is not None
        assert profile.action.cell_share < 1 / 3
        share = f"the {profile.action.playbook_share:.0%} of members in the group {profile.action.name}"
        assert any(share in note for note in profile.notes)


def test_one_segment_and_a_lone_customer_can_be_profiled() -> None:
    known = profile_segments(name_segments(segmentation_of(table_of({"age": [30, 40, 50]}), [0, 0, 0])))
    assert known.profiles[0].rule.conditions == ()
    assert known.tree.n_leaves == 1
    lone = profile_segments(segmentation_of(table_of({"age": [30, 31, 32, 80]}), [0, 0, 0, 1]))
    assert lone.profiles[1].rule.recall is None
    assert any("could not be measured" in note for note in lone.profiles[1].notes)


def test_the_same_segmentation_gives_the_same_knowledge(result: Segmentation, known: Knowledge) -> None:
    again = profile_segments(result)
    assert again.frame().equals(known.frame())
    assert again.tree.sql() == known.tree.sql()


def test_names_are_escaped_in_a_notebook() -> None:
    columns = {"city": ["<b>Paris</b>", "Rome"] * 10}
    known = profile_segments(segmentation_of(table_of(columns), [0, 1] * 10))
    assert "<b>" not in known._repr_html_() + known.profiles[0]._repr_html_()
    assert "&lt;b&gt;" in known._repr_html_()


def test_coordinates_are_no_figures_of_a_segment_unless_they_formed_it() -> None:
    table, labels = shop()
    at = np.where(labels == 0, 10.0, 50.0) + np.arange(len(labels)) / 1_000
    columns: dict[str, list[object]] = {str(name): table.X[name].tolist() for name in table.X}
    table = table_of({**columns, "latitude": at.tolist(), "longitude": at.tolist()})
    bought = ("recency_days", "n_orders", "monetary")
    for attributes, told in ((bought, set()), ((*bought, "latitude"), {"latitude"})):
        known = profile_segments(
            name_segments(segmentation_of(table, labels.tolist(), attributes=attributes))
        )
        for figures in (known.medians, known.differences):
            assert {"latitude", "longitude"} & set(figures.index) == told
        assert {trait.feature for p in known.profiles for trait in p.traits} & {"longitude"} == set()


def test_a_rule_on_whole_numbers_names_the_first_and_the_last(known: Knowledge) -> None:
    assert known.whole == {"recency_days", "n_orders", "monetary"}
    for profile in known.profiles:
        assert "recency_days" not in known.rule_words(profile)
        assert "days since last order more than" not in known.rule_words(profile)
