"""The reports that were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coterie.store import tables
from coterie.workspace.repository import Repository


@dataclass(frozen=True)
class ReportRecord:
    """A report of a segmentation."""

    id: str
    segmentation_id: str
    name: str
    created_at: datetime


class Reports(Repository[ReportRecord]):
    """The reports."""

    table, kind, word = tables.reports, ReportRecord, "report"

    def list(self) -> list[ReportRecord]:
        """All reports, the newest first.

        Returns
        -------
        list of ReportRecord
        """
        return self._select(order=[tables.reports.c.created_at.desc()])
