"""A workspace in SQLite, and one in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coterie.workspace import DatasetRecord, SegmentationRecord, Workspace, new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "shop")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").new_database()
    opened = Workspace(tmp_path / "shop", database_url=url)
    yield opened
    opened.close()


def a_dataset(ws: Workspace, name: str = "orders") -> DatasetRecord:
    return ws.datasets.add(DatasetRecord(new_id(), name, NOON, ((f"{name}.csv", name, 3),)))


def a_segmentation(
    ws: Workspace, dataset: DatasetRecord, name: str = "first", **request: object
) -> SegmentationRecord:
    later = timedelta(minutes=len(ws.segmentations.list()))
    return ws.segmentations.add(SegmentationRecord(new_id(), name, dataset.id, NOON + later, request))
