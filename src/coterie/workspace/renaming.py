"""New names of segments, seen at once: the folder that holds them everywhere is made later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coterie.workspace.edits import EditRecord

SAME_SEGMENTS = frozenset({"rename", "lock", "annotate"})
"""Kinds of edits that change nobody's segment."""


def unmade(edits: Sequence[EditRecord], made_ids: Sequence[str]) -> list[EditRecord] | None:
    """The edits that came after a folder was made.

    Parameters
    ----------
    edits : sequence of EditRecord
        All there are now, in order.
    made_ids : sequence of str
        Those the folder has.

    Returns
    -------
    list of EditRecord or None
        None if the folder has an edit that was undone since.
    """
    ids = [one.id for one in edits]
    return list(edits[len(made_ids) :]) if ids[: len(made_ids)] == list(made_ids) else None


def new_names(edits: Sequence[EditRecord]) -> dict[int, str]:
    """The names that edits give, up to the first that changes the segments themselves.

    Parameters
    ----------
    edits : sequence of EditRecord

    Returns
    -------
    dict of int to str
    """
    names = {}
    for one in edits:
        if one.edit["kind"] not in SAME_SEGMENTS:
            break
        if one.edit["kind"] == "rename":
            names[int(one.edit["segment_id"])] = str(one.edit["name"])
    return names


def with_names(
    content: Mapping[str, Any], old: Mapping[int, str], *, names: Mapping[int, str]
) -> dict[str, Any]:
    """The words and figures of a segmentation under new names.

    Parameters
    ----------
    content : mapping
        page.json or summary.json.
    old, names : mapping of int to str
        By segment id; those in `names` take the place of the others.

    Returns
    -------
    dict
    """
    told = {old[i]: name for i, name in names.items() if i in old}
    renamed: dict[str, Any] = _told(content, told)
    if "headline" in renamed:
        for before, after in told.items():
            renamed["headline"] = renamed["headline"].replace(f"({before})", f"({after})")
    return renamed


def _told(content: Any, names: Mapping[str, str]) -> Any:
    """Every text that is just a name, anywhere."""
    if isinstance(content, str):
        return names.get(content, content)
    if isinstance(content, list):
        return [_told(one, names) for one in content]
    if isinstance(content, Mapping):
        return {key: _told(value, names) for key, value in content.items()}
    return content
