"""What somebody changed by hand, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coterie.store import tables
from coterie.workspace.repository import Repository


@dataclass(frozen=True)
class EditRecord:
    """One change of a segmentation, by whom and when."""

    id: str
    segmentation_id: str
    at: datetime
    user_name: str
    edit: Mapping[str, Any]


class Edits(Repository[EditRecord]):
    """The changes made by hand."""

    table, kind, word = tables.edits, EditRecord, "edit"

    def list(self, segmentation_id: str) -> list[EditRecord]:
        """The edits of a segmentation, the oldest first.

        Parameters
        ----------
        segmentation_id : str

        Returns
        -------
        list of EditRecord
        """
        own = tables.edits.c
        return self._select(own.segmentation_id == segmentation_id, order=[own.at, own.id])

    def append(self, edit: EditRecord) -> EditRecord:
        """Put an edit at the end.

        Parameters
        ----------
        edit : EditRecord

        Returns
        -------
        EditRecord
        """
        return self.add(edit)

    def undo(self, edit_id: str) -> None:
        """Take an edit out again.

        Parameters
        ----------
        edit_id : str
        """
        self.remove(edit_id)
