"""A share reads the same wherever it is printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.features import counted, percent

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
