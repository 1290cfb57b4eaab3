"""A share, and the name of a feature, read the same wherever they are printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.features import FeatureSpec, counted, label, label_with_unit, open_unit, percent

SOURCE = Path(__file__).parents[2] / "src" / "coterie"


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0%"), (0.0001, "under 0.1%"), (0.034, "3.4%"), (0.05, "5%"), (0.12, "12%"), (1.0, "100%")],
)
def test_small_shares_keep_a_decimal_and_none_is_told_as_nothing(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("n", "words"), [(0, "0 customers"), (1, "1 customer"), (2, "2 customers"), (1200, "1,200 customers")]
)
def test_one_is_told_in_the_singular(n: int, words: str) -> None:
    assert counted(n, "customer") == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Annual Income (k$)", "annual income"),
        ("MonthlyCharges", "monthly charges"),
        ("mean_rating", "mean rating"),
        ("CLTV", "CLTV"),
        ("(%)", "(%)"),
    ],
)
def test_a_column_is_read_as_words(name: str, words: str) -> None:
    assert label(FeatureSpec(name, "number", "", "customers")) == words


def test_the_label_of_a_feature_wins_over_its_name() -> None:
    assert label(FeatureSpec("n_orders", "orders", "", "", label="orders")) == "orders"


@pytest.mark.parametrize(
    ("name", "unit", "given", "words"),
    [
        ("monetary", "money", "spend", "spend (GBP)"),
        ("recency_days", "days", "days since last order", "days since last order"),
        ("age_years", "years", "age", "age (years)"),
        ("n_orders", "orders", "orders", "orders"),
        ("mean_basket", "GBP", "average basket", "average basket (GBP)"),
        ("wait", "Days", "days until the first order", "days until the first order"),
        ("shoe_size", "", "", "shoe size"),
        ("Annual Income (k$)", "number", "", "annual income (k$)"),
        ("weekend_share", "share", "share of orders on weekends", "share of orders on weekends"),
    ],
)
def test_a_unit_stands_with_a_name_that_leaves_it_open(name: str, unit: str, given: str, words: str) -> None:
    assert label_with_unit(FeatureSpec(name, unit, "", "", label=given), "GBP") == words


def test_money_of_no_known_currency_has_no_unit() -> None:
    assert label_with_unit(FeatureSpec("monetary", "money", "", "", label="spend")) == "spend"


def test_the_unit_that_is_open_can_be_had_alone() -> None:
    assert open_unit(FeatureSpec("Annual Income (k$)", "number", "", "")) == "k$"
    assert open_unit(FeatureSpec("recency_days", "days", "", "", label="days since last order")) == ""


def texts(path: Path) -> Iterator[str]:
    """What a file may print: its text, or of Python the strings that are no docstrings."""
    if path.suffix != ".py":
        yield path.read_text(encoding="utf-8")
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


@pytest.mark.parametrize("kind", ["py", "json", "j2", "typ"])
def test_no_number_is_printed_with_a_space_before_the_percent_sign(kind: str) -> None:
    paths = list(SOURCE.rglob(f"*.{kind}"))
    assert paths
    spaced = re.compile(r"(^|[0-9]) %( (?!\})|[.,\"]|$)")
    assert [(path.name, text) for path in paths for text in texts(path) if spaced.search(text)] == []
