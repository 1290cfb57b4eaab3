"""The metadata database: locked, newer, half migrated, and read-only."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from coterie.errors import ConflictError, ParameterError, StorageError
from coterie.settings import Settings
from coterie.store.metadata import Metadata, metadata_url
from coterie.store.migrate import migrate
from coterie.store.tables import METADATA
from coterie.workspace import Workspace


@pytest.fixture(params=["sqlite", "postgresql"])
def metadata(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    address: Any = tmp_path / "coterie.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql").new_database()
    opened = Metadata(address, settings=Settings(busy_timeout_s=0.3))
    yield opened
    opened.close()


def test_migrations_make_the_tables_the_code_knows(metadata: Metadata) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    for _ in range(2):
        migrate(metadata)
    with metadata.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_58_a_database_that_another_process_holds_is_waited_for_and_then_told(metadata: Metadata) -> None:
    migrate(metadata)
    other = Metadata(
        Path(metadata.url.removeprefix("sqlite:///")) if "sqlite" in metadata.url else metadata.url,
        settings=metadata.settings,
    )
    lock = "UPDATE current SET number = 1"
    with metadata.writing() as connection:
        connection.exec_driver_sql(lock)
        started = time.monotonic()
        with pytest.raises(ConflictError, match="The workspace is busy"), other.writing() as waiting:
            waiting.exec_driver_sql(lock)
        assert 0.2 < time.monotonic() - started < 5
        with other.reading() as reading:
            assert reading.exec_driver_sql("SELECT count(*) FROM current").scalar() == 1
    with other.writing() as connection:
        connection.exec_driver_sql(lock)
    other.close()


def test_64_a_newer_schema_is_refused_in_a_sentence(metadata: Metadata) -> None:
    migrate(metadata)
    with metadata.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConflictError, match="newer version of Coterie"):
        migrate(metadata)


def test_64_a_migration_killed_half_way_leaves_nothing_and_is_done_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "coterie.sqlite"
    code = f"""
import os, signal
from pathlib import Path
from coterie.store.metadata import Metadata
from coterie.store.migrate import migrate
from coterie.store.migrations.versions import v0001_first as first
import sqlalchemy
metadata = Metadata(Path({str(path)!r}))
@sqlalchemy.event.listens_for(metadata.engine, "before_cursor_execute")
def kill(connection, cursor, statement, *_):
    if "CREATE TABLE jobs" in statement:
        os.kill(os.getpid(), signal.SIGKILL)
migrate(metadata)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    metadata = Metadata(path)
    migrate(metadata)
    with metadata.reading() as connection_:
        assert connection_.exec_driver_sql("SELECT * FROM jobs").all() == []
    metadata.close()


def test_66_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        Workspace(file / "shop")
    # Nobody but root may write into /proc, and not even root may make a folder there.
    if Path("/proc").is_dir():
        with pytest.raises(StorageError, match="cannot be written"):
            Workspace("/proc/coterie")


def test_66_a_time_zone_changes_no_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from coterie.workspace import DatasetRecord

    ws = Workspace(tmp_path)
    at = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    ws.datasets.add(DatasetRecord("one", "one", at, (("a.csv", "sha", 1),)))
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert ws.datasets.load("one").created_at == at
    finally:
        monkeypatch.undo()
        time.tzset()
    ws.close()


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:////etc/passwd", "file:///x", "x"])
def test_only_postgresql_is_taken_for_an_address(url: str) -> None:
    with pytest.raises(ParameterError, match="must be PostgreSQL"):
        metadata_url(url)
