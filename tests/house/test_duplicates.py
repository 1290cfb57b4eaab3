"""What two stages need stands once, in the lower of them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "coterie"
FEW_NODES = 12
"""Smaller functions and tables may be alike by chance."""


def _pieces() -> Iterator[tuple[str, str]]:
    """The code of every function and constant at the top of a file, and where it stands."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                told = ast.get_docstring(node) is not None
                code: list[ast.AST] = [node.args, *node.body[1 if told else 0 :]]
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                code = [node.value]
            else:
                continue
            if sum(1 for part in code for _ in ast.walk(part)) >= FEW_NODES:
                yield "\n".join(map(ast.dump, code)), f"{path.relative_to(SOURCE)}:{node.lineno}"


def test_no_function_or_table_is_written_twice() -> None:
    places = defaultdict(list)
    for code, place in _pieces():
        places[code].append(place)
    assert [found for found in places.values() if len(found) > 1] == []
