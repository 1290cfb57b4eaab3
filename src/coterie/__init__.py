"""Coterie: customer segmentation from raw files to named segments people can act on.

>>> import coterie
>>> result = coterie.segment("orders.csv")          # doctest: +SKIP
>>> coterie.report(result, "out/")                  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.errors import CoterieError, CoterieWarning
    from coterie.features import FeatureTable
    from coterie.river import (
        apply_edits,
        assign,
        build_features,
        compare,
        forecast,
        load_model,
        profile,
        read,
        refit,
        replay_edits,
        report,
        segment,
    )
    from coterie.segmentation import Segmentation
    from coterie.selection import Clustering, Comparison, find_clusters
    from coterie.settings import Settings
    from coterie.sources import Dataset, InputOptions

_HOMES = {
    "Clustering": "selection",
    "Comparison": "selection",
    "CoterieError": "errors",
    "CoterieWarning": "errors",
    "Dataset": "sources",
    "FeatureTable": "features",
    "InputOptions": "sources",
    "Segmentation": "segmentation",
    "Settings": "settings",
    "apply_edits": "river",
    "assign": "river",
    "build_features": "river",
    "compare": "river",
    "find_clusters": "selection",
    "forecast": "river",
    "load_model": "river",
    "profile": "river",
    "read": "river",
    "refit": "river",
    "replay_edits": "river",
    "report": "river",
    "segment": "river",
}

__all__ = [
    "Clustering",
    "Comparison",
    "CoterieError",
    "CoterieWarning",
    "Dataset",
    "FeatureTable",
    "InputOptions",
    "Segmentation",
    "Settings",
    "apply_edits",
    "assign",
    "build_features",
    "compare",
    "find_clusters",
    "forecast",
    "load_model",
    "profile",
    "read",
    "refit",
    "replay_edits",
    "report",
    "segment",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'coterie' has no attribute {name!r}")
    value = getattr(import_module(f"coterie.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
