"""The files of a stage do not import each other in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "coterie"
STAGES = sorted(path for path in SOURCE.iterdir() if (path / "__init__.py").is_file())

CLOSED = {
    (
        "segmentation",
        "model",
        "saving",
    ): "Model.save is a public promise, and a saved model is read as a Model",
}
"""Imports that close a circle, inside a function, and why."""


def _imports(node: ast.AST) -> Iterator[ast.ImportFrom]:
    """All imports that run, those inside functions too; what is only for the type checker does not."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.ImportFrom):
            yield child
        yield from _imports(child)


def siblings(stage: Path) -> dict[str, set[str]]:
    """Which files of a stage every file of it imports."""
    names = {path.stem for path in stage.glob("*.py")} - {"__init__"}
    found: dict[str, set[str]] = {}
    for name in sorted(names):
        tree = ast.parse((stage / f"{name}.py").read_text(encoding="utf-8"))
        modules = {node.module or "" for node in _imports(tree)}
        prefix = f"coterie.{stage.name}."
        found[name] = {m.removeprefix(prefix) for m in modules if m.startswith(prefix)} & names
    return found


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_siblings_have_no_import_cycles(stage: Path) -> None:
    graph = siblings(stage)
    for _, importer, imported in (names for names in CLOSED if names[0] == stage.name):
        assert imported in graph[importer]
        graph[importer].remove(imported)
    assert set(TopologicalSorter(graph).static_order()) == set(graph)


def test_a_cycle_is_found_and_one_for_the_type_checker_is_none(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / "one.py").write_text("def f():\n    from coterie.stage.two import g\n")
    (stage / "two.py").write_text("from coterie.stage.one import f\n")
    with pytest.raises(CycleError):
        TopologicalSorter(siblings(stage)).prepare()
    (stage / "two.py").write_text("if TYPE_CHECKING:\n    from coterie.stage.one import f\n")
    TopologicalSorter(siblings(stage)).prepare()
