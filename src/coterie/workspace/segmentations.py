"""The segmentations, and which of them is in use."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from coterie.errors import ConflictError, NotFoundError
from coterie.store import tables
from coterie.store.metadata import Metadata
from coterie.workspace.edits import EditRecord, Edits
from coterie.workspace.foretelling import BEFORE, OUTLOOK
from coterie.workspace.renaming import new_names, unmade, with_names
from coterie.workspace.repository import Repository

SegmentationState = Literal["running", "ready", "failed"]

_KEPT = 32
"""So many pages' words are kept in memory."""


@dataclass(frozen=True)
class SegmentationRecord:
    """One segmentation: what was asked for and what came out.

    `request` has the keywords of `coterie.segment` and `observation_end`; `parent_id` names the one it
    was edited from.
    """

    id: str
    name: str
    dataset_id: str
    created_at: datetime
    request: Mapping[str, Any] = field(default_factory=dict)
    state: SegmentationState = "running"
    headline: str = ""
    n_customers: int = 0
    n_segments: int = 0
    method: str = ""
    parent_id: str | None = None


class Segmentations(Repository[SegmentationRecord]):
    """The segmentations and their folders.

    Parameters
    ----------
    metadata : Metadata
    workspace : Path
        In whose folder the results lie.
    """

    table, kind, word = tables.segmentations, SegmentationRecord, "segmentation"

    def __init__(self, metadata: Metadata, workspace: Path) -> None:
        super().__init__(metadata)
        self._workspace = workspace
        self._edits = Edits(metadata)

    def list(self) -> list[SegmentationRecord]:
        """All segmentations, the newest first.

        Returns
        -------
        list of SegmentationRecord
        """
        return self._select(order=[tables.segmentations.c.created_at.desc()])

    def load_current(self) -> SegmentationRecord | None:
        """The segmentation in use.

        Returns
        -------
        SegmentationRecord or None
        """
        own = tables.segmentations.c.id
        return self._find(own == sa.select(tables.current.c.segmentation_id).scalar_subquery())

    def save_current(self, segmentation_id: str, *, instead_of: str | None) -> None:
        """Put a segmentation into use.

        Parameters
        ----------
        segmentation_id : str
        instead_of : str or None
            The one that was in use when the user decided.

        Raises
        ------
        ConflictError
            If somebody else has put another one into use since.
        """
        own = self.load(segmentation_id).id
        used = tables.current.c.segmentation_id
        was = used.is_(None) if instead_of is None else used == instead_of
        with self.metadata.writing() as connection:
            changed = connection.execute(tables.current.update().where(was).values(segmentation_id=own))
        if not changed.rowcount:
            raise ConflictError(
                "Somebody else has put another segmentation into use",
                to_do="Look at the one in use now, then decide again",
            )

    def folder(self, segmentation_id: str) -> Path:
        """Where everything lies that the pages of a segmentation show.

        Parameters
        ----------
        segmentation_id : str

        Returns
        -------
        Path
        """
        return self._workspace / "segmentations" / self.load(segmentation_id).id

    def remove(self, key: str) -> None:
        """Remove a segmentation with its results.

        Parameters
        ----------
        key : str
        """
        folder = self.folder(key)
        super().remove(key)
        shutil.rmtree(folder, ignore_errors=True)

    def page(self, segmentation_id: str) -> dict[str, Any]:
        """The words and figures of its report, under the names its segments have now.

        Parameters
        ----------
        segmentation_id : str

        Returns
        -------
        dict
        """
        content = self._json(segmentation_id, "page.json")
        return self._named(segmentation_id, content, page=content)

    def summary(self, segmentation_id: str) -> dict[str, Any]:
        """Its summary.json.

        Parameters
        ----------
        segmentation_id : str

        Returns
        -------
        dict
        """
        content = self._json(segmentation_id, "result/summary.json")
        return self._named(segmentation_id, content, page=self._json(segmentation_id, "page.json"))

    def outlook(self, segmentation_id: str) -> dict[str, Any]:
        """What its customers will likely do: all of them, and each segment under its name of now.

        Parameters
        ----------
        segmentation_id : str

        Returns
        -------
        dict
            Its outlook.json: `reason` alone where there is no forecast.
        """
        page = self._json(segmentation_id, "page.json")
        if not (self.folder(segmentation_id) / OUTLOOK).is_file():
            return {"reason": BEFORE}
        return self._named(segmentation_id, self._json(segmentation_id, OUTLOOK), page=page)

    def unmade_edits(self, segmentation_id: str) -> Sequence[EditRecord] | None:
        """The edits that its folder does not show yet.

        Parameters
        ----------
        segmentation_id : str

        Returns
        -------
        list of EditRecord or None
            None if it shows one that was undone.
        """
        page = self._json(segmentation_id, "page.json")
        return unmade(self._edits.list(segmentation_id), page.get("edit_ids", ()))

    def _named(
        self, segmentation_id: str, content: dict[str, Any], *, page: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Under the names given since its folder was made."""
        edits = unmade(self._edits.list(segmentation_id), page.get("edit_ids", ()))
        names = new_names(edits or ())
        if not names:
            return content
        return with_names(content, {one["id"]: one["name"] for one in page["segments"]}, names=names)

    def _json(self, segmentation_id: str, name: str) -> dict[str, Any]:
        path = self.folder(segmentation_id) / name
        try:
            return _read_json(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            raise NotFoundError("This segmentation is not ready yet") from None


@lru_cache(maxsize=_KEPT)
def _read_json(path: Path, written_ns: int) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
