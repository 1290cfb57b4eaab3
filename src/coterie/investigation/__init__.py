"""What people change by hand: edits that are tried before they are made, undone, and replayed on a later run.

`edits` are the changes and their JSON, `applying` makes one, `effects` says beforehand what it does,
`replaying` makes a list of them anew on another run, `recipe` is that list as a file, `demands` tells the
pins to an algorithm that can heed them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from coterie.investigation.edits import (
    Annotate,
    Edit,
    Lock,
    Merge,
    Move,
    Pin,
    Rename,
    SaveAs,
    Split,
    edit_from_json,
    edit_to_json,
    edit_words,
)

if TYPE_CHECKING:
    from coterie.investigation.applying import apply_edit
    from coterie.investigation.demands import Demands, demands_of
    from coterie.investigation.effects import EditEffect, SegmentEffect, effect_of
    from coterie.investigation.recipe import RECIPE_FILE, Basis, Recipe, read_recipe, recipe_of
    from coterie.investigation.replaying import edits_in_words, replay

_HOME = {
    "Basis": "recipe",
    "Demands": "demands",
    "EditEffect": "effects",
    "RECIPE_FILE": "recipe",
    "Recipe": "recipe",
    "SegmentEffect": "effects",
    "apply_edit": "applying",
    "demands_of": "demands",
    "edits_in_words": "replaying",
    "effect_of": "effects",
    "read_recipe": "recipe",
    "recipe_of": "recipe",
    "replay": "replaying",
}
"""The file of each name that is imported on first use: whoever only reads edits needs no algorithm."""

__all__ = [
    "RECIPE_FILE",
    "Annotate",
    "Basis",
    "Demands",
    "Edit",
    "EditEffect",
    "Lock",
    "Merge",
    "Move",
    "Pin",
    "Recipe",
    "Rename",
    "SaveAs",
    "SegmentEffect",
    "Split",
    "apply_edit",
    "demands_of",
    "edit_from_json",
    "edit_to_json",
    "edit_words",
    "edits_in_words",
    "effect_of",
    "read_recipe",
    "recipe_of",
    "replay",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module 'coterie.investigation' has no attribute {name!r}")
    return getattr(import_module(f"coterie.investigation.{_HOME[name]}"), name)
