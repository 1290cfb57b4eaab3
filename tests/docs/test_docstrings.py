"""Every public name says what it takes, gives and raises, in numpydoc; examples in docstrings run."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cached_property
from operator import attrgetter
from types import FunctionType, ModuleType

import pytest
from numpydoc.validate import validate

import coterie

STAGES = (
    "coterie",
    "coterie.assessment",
    "coterie.charts",
    "coterie.delivery",
    "coterie.errors",
    "coterie.experiments",
    "coterie.features",
    "coterie.jobs",
    "coterie.jobs.child",
    "coterie.jobs.runner",
    "coterie.knowledge",
    "coterie.movement",
    "coterie.prediction",
    "coterie.preprocessing",
    "coterie.river",
    "coterie.segmentation",
    "coterie.selection",
    "coterie.settings",
    "coterie.sources",
    "coterie.store",
    "coterie.store.metadata",
    "coterie.store.migrate",
    "coterie.store.paging",
    "coterie.web",
    "coterie.workspace",
)
REQUIRED = {
    "GL08": "there is a docstring",
    "PR01": "all parameters are documented",
    "PR02": "no unknown parameter is documented",
    "RT01": "what is returned is documented",
    "YD01": "what is yielded is documented",
}


def _offered(module: ModuleType) -> list[str]:
    """The names a module offers: its `__all__`, else what it defines without an underscore."""
    own = [name for name, member in vars(module).items() if _is_from(member, module.__name__)]
    return list(getattr(module, "__all__", [name for name in own if not name.startswith("_")]))


def _is_from(member: object, module: str) -> bool:
    return getattr(member, "__module__", "") == module


def _public() -> Iterator[str]:
    """Public functions, classes and the public methods of those classes."""
    for stage in STAGES:
        module = importlib.import_module(stage)
        for name in _offered(module):
            member = getattr(module, name)
            if inspect.isfunction(member) or inspect.isclass(member):
                yield f"{member.__module__}:{member.__qualname__}"
            if inspect.isclass(member):
                yield from (f"{member.__module__}:{member.__qualname__}.{own}" for own in _methods(member))


def _methods(owner: type) -> list[str]:
    kinds = (FunctionType, property, cached_property, classmethod, staticmethod)
    own = vars(owner).items()
    return [name for name, member in own if not name.startswith("_") and isinstance(member, kinds)]


def _takes_the_parameters_of_its_base(member: object) -> bool:
    """Whether a class's parameters are told elsewhere: as fields, or by the base it adds nothing to."""
    return inspect.isclass(member) and (dataclasses.is_dataclass(member) or "__init__" not in vars(member))


def _modules() -> list[str]:
    return [module.name for module in pkgutil.walk_packages(coterie.__path__, "coterie.")]


@pytest.mark.parametrize("name", sorted(set(_public())))
def test_a_public_name_is_documented(name: str) -> None:
    module, _, path = name.partition(":")
    member = attrgetter(path)(importlib.import_module(module))
    required = set(REQUIRED) - ({"PR01"} if _takes_the_parameters_of_its_base(member) else set())
    missing = [(code, text) for code, text in validate(f"{module}.{path}")["errors"] if code in required]
    assert not missing


@pytest.mark.parametrize("name", _modules())
def test_the_examples_of_a_module_run(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0
