"""The list of edits as a file, with the segments it was made on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, NotFoundError
from coterie.investigation.edits import Edit, edit_from_json, edit_to_json
from coterie.segmentation import UNASSIGNED, Segmentation

RECIPE_FILE = "edits.json"
SCHEMA = 1
MAX_BYTES = 256 * 2**20

Labels = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Basis:
    """The run that edits were made on: who was in which segment.

    Attributes
    ----------
    customer_ids : ndarray of shape (n,), str objects, ascending
    labels, edited : ndarray of shape (n,), int32
        Segments as the method found them, and after all edits; -1 = in none.
    names : mapping of int to str
        Of the segments the method found.
    """

    customer_ids: npt.NDArray[np.object_]
    labels: Labels
    edited: Labels
    names: Mapping[int, str]


@dataclass(frozen=True, eq=False)
class Recipe:
    """Edits, in order, and the run they were made on (None: the run they are made on now)."""

    edits: tuple[Edit, ...]
    basis: Basis | None = None

    def to_json(self) -> dict[str, Any]:
        """The recipe as a JSON object.

        Returns
        -------
        dict
        """
        content: dict[str, Any] = {"schema": SCHEMA, "edits": [edit_to_json(edit) for edit in self.edits]}
        if self.basis is not None:
            content["basis"] = {
                "customer_ids": [str(i) for i in self.basis.customer_ids],
                "labels": self.basis.labels.tolist(),
                "edited": self.basis.edited.tolist(),
                "names": {str(i): name for i, name in self.basis.names.items()},
            }
        return content


def recipe_of(result: Segmentation) -> Recipe:
    """What was changed about a result, to be made anew on a later run.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    Recipe
    """
    found = result.found
    basis = Basis(result.table.customer_ids, found.labels, result.labels, found.names)
    return Recipe(tuple(edit_from_json(edit) for edit in result.edits), basis)


def recipe_from_json(content: object) -> Recipe:
    """The recipe that a JSON object tells.

    Parameters
    ----------
    content : object
        As read from JSON: an object with "edits", or a list of edits.

    Returns
    -------
    Recipe

    Raises
    ------
    InputError
        If it is no recipe; says what is wrong in a sentence.
    """
    if isinstance(content, list):
        content = {"schema": SCHEMA, "edits": content}
    if not isinstance(content, Mapping) or not isinstance(content.get("edits"), list):
        raise InputError("A list of edits is an object with 'edits'")
    if content.get("schema") != SCHEMA:
        raise InputError(f"This version of Coterie reads edits of schema {SCHEMA}")
    edits = tuple(edit_from_json(edit) for edit in content["edits"])
    return Recipe(edits, _basis(content["basis"]) if content.get("basis") is not None else None)


def _basis(stored: Any) -> Basis:
    try:
        basis = Basis(
            np.array([str(i) for i in stored["customer_ids"]], dtype=object),
            np.array(stored["labels"], dtype=np.int32),
            np.array(stored["edited"], dtype=np.int32),
            {int(i): str(name) for i, name in stored["names"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as cause:
        raise InputError("The run the edits were made on cannot be read", where="basis") from cause
    ids, n = basis.customer_ids, len(basis.customer_ids)
    fits = basis.labels.shape == basis.edited.shape == (n,)
    named = (
        bool(basis.names)
        and {*basis.labels.tolist()} - {UNASSIGNED} <= {*basis.names}
        and min(basis.names) >= 0
    )
    if not (fits and named) or (ids[1:] <= ids[:-1]).any():
        raise InputError("The run the edits were made on does not fit together", where="basis")
    return basis


def read_recipe(path: str | Path) -> Recipe:
    """Read a list of edits.

    Parameters
    ----------
    path : path
        ``edits.json`` of a result.

    Returns
    -------
    Recipe

    Raises
    ------
    NotFoundError
        If there is no such file.
    InputError
        If it holds no edits.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError("There is no such file of edits", where=str(path))
    if path.stat().st_size > MAX_BYTES:
        raise InputError("The file of edits is too large to be one", where=str(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as cause:
        raise InputError("This is not a file of edits", where=str(path)) from cause
    return recipe_from_json(content)
