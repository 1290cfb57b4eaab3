"""Changes made by hand to the segments of a run, and made anew on a later one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie import logs

if TYPE_CHECKING:
    from coterie.investigation import Edit
    from coterie.segmentation import Segmentation

_log = logging.getLogger(__name__)


def apply_edits(result: Segmentation, edits: Sequence[Edit | Mapping[str, Any]]) -> Segmentation:
    """Change segments by hand: rename, merge, split, move, pin, lock, annotate, save a list.

    Parameters
    ----------
    result : Segmentation
    edits : sequence of Edit, or of JSON objects such as ``{"kind": "merge", "segment_ids": [1, 2]}``
        Made one after the other; each names the segments as they are by then.

    Returns
    -------
    Segmentation
        Its model places later customers in the same way; `unedited` is the result as it was found.

    Raises
    ------
    InputError
        If an edit cannot be read, or would leave a segment with nobody.
    NotFoundError
        If a segment, a customer or a feature does not exist.
    """
    from coterie import investigation

    with logs.event(_log, "edit") as told:
        told["edits"] = len(edits)
        for edit in edits:
            made = investigation.edit_from_json(edit) if isinstance(edit, Mapping) else edit
            result = investigation.apply_edit(result, made)
    return result


def replay_edits(result: Segmentation, path: str | Path) -> tuple[Segmentation, tuple[str, ...]]:
    """Make the changes of an earlier run anew.

    Parameters
    ----------
    result : Segmentation
        A new run.
    path : path
        ``edits.json`` of the earlier result.

    Returns
    -------
    Segmentation, tuple of str
        And a sentence for each change that could not be made, or not in full.

    Raises
    ------
    InputError, NotFoundError
        If the file cannot be read.
    """
    from coterie import investigation

    recipe = investigation.read_recipe(path)
    with logs.event(_log, "replay") as told:
        edited, conflicts = investigation.replay(result, recipe.edits, basis=recipe.basis)
        told |= {"edits": len(recipe.edits), "conflicts": len(conflicts)}
    return edited, conflicts
