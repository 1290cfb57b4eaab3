"""Sizes are ratcheted: what is larger than the house allows is named here with a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "coterie"
MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 400
MAX_ARGUMENTS = 6

LONG_FUNCTIONS: dict[str, str] = {}
LONG_FILES: dict[str, str] = {}
MANY_ARGUMENTS = {
    "river/segments.py::compare": "a public promise: each option of a comparison is a keyword",
    "river/segments.py::segment": "a public promise: each option of a segmentation is a keyword",
}
MAX_BY_POSITION = 2
TWINS = "kernels/_plain/"
"""A twin has the signature of the compiled function it stands in for, which takes all by position."""
MANY_BY_POSITION = {
    "prediction/family.py::fit": "a public promise: fit(x, t_x, T), as the papers write them",
    "prediction/family.py::log_likelihood_rows": "a customer is x, t_x, T, in the order of the papers",
    "prediction/family.py::p_alive": "a customer is x, t_x, T, in the order of the papers",
    "prediction/family.py::p_active": "a customer is x, t_x, T, in the order of the papers",
    "prediction/family.py::expected_orders": "a customer is x, t_x, T, in the order of the papers",
    "prediction/bgnbd.py::p_alive": "a customer is x, t_x, T, in the order of the papers",
    "prediction/mbgnbd.py::p_alive": "a customer is x, t_x, T, in the order of the papers",
    "prediction/paretonbd.py::p_alive": "a customer is x, t_x, T, in the order of the papers",
    "prediction/past_rate.py::p_active": "asked as the purchase models are",
    "prediction/past_rate.py::expected_orders": "asked as the purchase models are",
    "sources/child.py::find_spec": "the signature of importlib.abc.MetaPathFinder",
}


def _functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(SOURCE).as_posix()}::{node.name}", node


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the function without its signature and docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _n_arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len([name for name in names if name not in {"self", "cls", "progress"}])


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A click command has one argument per option of the screen, and click gives them by name."""
    called = [d.func for d in node.decorator_list if isinstance(d, ast.Call)]
    return any(isinstance(f, ast.Attribute) and f.attr in {"command", "group"} for f in called)


def _outer_functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Functions of modules and classes; one inside another is seen by its neighbours only."""
    for path in sorted(SOURCE.rglob("*.py")):
        for scope in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for node in scope.body if isinstance(scope, ast.Module | ast.ClassDef) else ():
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{path.relative_to(SOURCE).as_posix()}::{node.name}", node


def _n_by_position(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    return len([name for name in names if name not in {"self", "cls"}])


def test_no_function_takes_more_than_two_arguments_by_position_but_those_named_here() -> None:
    unnamed = {
        name
        for name, node in _outer_functions()
        if _n_by_position(node) > MAX_BY_POSITION and not _is_command(node) and not name.startswith(TWINS)
    }
    assert unnamed == set(MANY_BY_POSITION)


def test_no_function_is_longer_than_forty_lines_but_those_named_here() -> None:
    long = {name for name, node in _functions() if _body_lines(node) > MAX_FUNCTION_LINES}
    assert long == set(LONG_FUNCTIONS)


def test_no_file_is_longer_than_four_hundred_lines_but_those_named_here() -> None:
    sizes = {p.relative_to(SOURCE).as_posix(): len(p.read_text().splitlines()) for p in SOURCE.rglob("*.py")}
    assert {name for name, lines in sizes.items() if lines > MAX_FILE_LINES} == set(LONG_FILES)


def test_no_function_takes_more_than_six_arguments_but_those_named_here() -> None:
    greedy = {
        name for name, node in _functions() if _n_arguments(node) > MAX_ARGUMENTS and not _is_command(node)
    }
    assert greedy == set(MANY_ARGUMENTS)


def test_no_file_is_named_for_what_does_not_fit_elsewhere() -> None:
    vague = {"utils", "helpers", "common", "types", "models", "manager", "misc"}
    assert not {path.name for path in SOURCE.rglob("*.py") if path.stem in vague}
