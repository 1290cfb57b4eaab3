"""Every public name says what it takes, gives and raises, in numpydoc; examples in docstrings run."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from numpydoc.validate import validate

import coterie

STAGES = (
    "coterie",
    "coterie.assessment",
    "coterie.charts",
    "coterie.delivery",
    "coterie.features",
    "coterie.knowledge",
    "coterie.preprocessing",
    "coterie.segmentation",
    "coterie.selection",
    "coterie.sources",
)
REQUIRED = {
    "GL08": "there is a docstring",
    "PR01": "all parameters are documented",
    "PR02": "no unknown parameter is documented",
    "RT01": "what is returned is documented",
    "YD01": "what is yielded is documented",
}


def _public() -> Iterator[str]:
    for stage in STAGES:
        module = importlib.import_module(stage)
        for name in module.__all__:
            member = getattr(module, name)
            if inspect.isfunction(member) or inspect.isclass(member):
                yield f"{member.__module__}.{member.__qualname__}"


def _modules() -> list[str]:
    return [module.name for module in pkgutil.walk_packages(coterie.__path__, "coterie.")]


@pytest.mark.parametrize("name", sorted(set(_public())))
def test_a_public_name_is_documented(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    member = getattr(importlib.import_module(module), attribute)
    required = set(REQUIRED) - ({"PR01"} if dataclasses.is_dataclass(member) else set())
    missing = [(code, text) for code, text in validate(name)["errors"] if code in required]
    assert not missing


@pytest.mark.parametrize("name", _modules())
def test_the_examples_of_a_module_run(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0
