"""Which of the two implementations of the kernels runs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Literal, TypeAlias

from coterie.errors import CoterieWarning

Implementation: TypeAlias = Literal["native", "plain"]
Progress: TypeAlias = Callable[[float], object]
"""Called between slabs of work with the share that is done, 0-1; an exception from it ends the work."""

_chosen: ContextVar[Implementation | None] = ContextVar("kernels", default=None)


@contextmanager
def using(implementation: Implementation) -> Iterator[None]:
    """Run the kernels called inside by one implementation, whatever was compiled.

    Parameters
    ----------
    implementation : {"native", "plain"}

    Raises
    ------
    ImportError
        At the first kernel called, if "native" was never compiled.
    """
    token = _chosen.set(implementation)
    try:
        yield
    finally:
        _chosen.reset(token)


def kernels() -> ModuleType:
    """The module whose functions do the work: compiled if that was possible, else plain."""
    return import_module(f"coterie.kernels._{_chosen.get() or _best()}")


def compiled() -> bool:
    """Whether the compiled kernels run: some of the plain ones take far more memory."""
    return kernels().__name__.endswith("._native")


@cache
def _best() -> Implementation:
    try:
        import_module("coterie.kernels._native")
    except ImportError:
        warnings.warn(
            "The compiled kernels are missing (no C++ compiler was found when Coterie was installed): "
            "plain ones run in their place, with the same results, slower.",
            CoterieWarning,
            stacklevel=3,
        )
        return "plain"
    return "native"
