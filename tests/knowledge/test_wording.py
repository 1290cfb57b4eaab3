import pytest

from coterie.features import FeatureSpec
from coterie.knowledge.wording import (
    category_sentence,
    figure,
    having,
    high_or_low,
    number_sentence,
)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1234.5, "count", "1,234"),
        (12.34, "count", "12.3"),
        (0.456, "count", "0.46"),
        (3.0, "orders", "3"),
        (0.45, "share", "45%"),
        (0.001, "share", "0.1%"),
        (0.0, "share", "0%"),
        (650.2, "money", "GBP 650"),
        (-0.001, "count", "0"),
    ],
)
def test_a_figure_has_about_three_digits(value: float, unit: str, words: str) -> None:
    assert figure(value, unit, currency="GBP") == words


def test_medians_far_apart_are_told_as_a_ratio_and_near_ones_side_by_side() -> None:
    spend = FeatureSpec("monetary", "money", "", "", label="spend")
    assert (
        number_sentence(spend, 2300, everyone=1000)
        == "spend 2.3x the typical customer's (2,300, everyone: 1,000)"
    )
    assert number_sentence(spend, 250, everyone=1000, currency="EUR") == (
        "spend 0.25x the typical customer's (EUR 250, everyone: EUR 1,000)"
    )
    assert number_sentence(spend, 1100, everyone=1000) == "spend 1,100 (everyone: 1,000)"
    assert number_sentence(spend, 5, everyone=0) == "spend 5 (everyone: 0)"


def test_recency_is_told_as_the_last_purchase() -> None:
    recency = FeatureSpec("recency_days", "days", "", "")
    assert number_sentence(recency, 1, everyone=50) == "last bought 1 day ago (everyone: 50)"


def test_a_level_is_told_by_its_share() -> None:
    country = FeatureSpec("country", "category", "", "", kind="category")
    assert category_sentence(country, "Spain", shares=(0.4, 0.13)) == "country Spain: 40% (everyone: 13%)"


def test_phrases_for_names_are_short() -> None:
    partner = FeatureSpec("Partner", "category", "", "", kind="category")
    assert (having(partner, "Yes"), having(partner, "No")) == ("partner", "no partner")
    contract = FeatureSpec("Contract", "category", "", "", kind="category")
    assert having(contract, "Two year") == "contract Two year"
    assert having(FeatureSpec("country", "category", "", "", kind="category"), "Spain") == "Spain"
    assert high_or_low(FeatureSpec("age", "years", "", ""), high=False) == "younger"
    assert high_or_low(FeatureSpec("income", "money", "", ""), high=True) == "high income"
