"""What people wrote beside a segmentation or one of its segments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coterie.store import tables
from coterie.workspace.repository import Repository


@dataclass(frozen=True)
class NoteRecord:
    """A note; `segment_id` is None if it is about the whole segmentation."""

    id: str
    segmentation_id: str
    segment_id: int | None
    at: datetime
    user_name: str
    text: str


class Notes(Repository[NoteRecord]):
    """The notes."""

    table, kind, word = tables.notes, NoteRecord, "note"

    def list(self, segmentation_id: str, segment_id: int | None = None) -> list[NoteRecord]:
        """The notes on a segmentation, or on one of its segments, the oldest first.

        Parameters
        ----------
        segmentation_id : str
        segment_id : int, optional
            Default: all, those on segments too.

        Returns
        -------
        list of NoteRecord
        """
        own = tables.notes.c
        about = [own.segmentation_id == segmentation_id]
        if segment_id is not None:
            about.append(own.segment_id == segment_id)
        return self._select(*about, order=[own.at, own.id])
