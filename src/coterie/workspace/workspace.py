"""The workspace: one folder with everything, and a repository for each kind of thing in it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from coterie.errors import StorageError
from coterie.jobs.warm import WarmChild
from coterie.settings import Settings
from coterie.store import remove_drafts
from coterie.store.metadata import Metadata
from coterie.store.migrate import migrate
from coterie.store.paging import Pager
from coterie.workspace.attempts import Attempts
from coterie.workspace.campaigns import Campaigns
from coterie.workspace.datasets import Datasets
from coterie.workspace.edits import Edits
from coterie.workspace.jobs import Jobs
from coterie.workspace.notes import Notes
from coterie.workspace.reports import Reports
from coterie.workspace.segmentations import Segmentations
from coterie.workspace.sessions import Sessions
from coterie.workspace.tokens import Tokens
from coterie.workspace.users import Users


class Workspace:
    """Opens a workspace, makes it if need be, and brings it up to date.

    Parameters
    ----------
    folder : path
    settings : Settings, optional
    database_url : str, optional
        PostgreSQL for the metadata; default is SQLite in the folder.

    Raises
    ------
    StorageError
        If the folder cannot be written.
    ConflictError
        If a newer version of Coterie wrote it, or another process holds its database.
    """

    def __init__(
        self, folder: str | Path, *, settings: Settings | None = None, database_url: str | None = None
    ) -> None:
        self.folder = Path(folder).resolve()
        self.settings = settings or Settings()
        self.database_url = database_url
        self.uploads, self.tmp, self.work = (self.folder / name for name in ("uploads", "tmp", "work"))
        self._prepare()
        self.metadata = Metadata(database_url or self.folder / "coterie.sqlite", settings=self.settings)
        migrate(self.metadata)
        self.pager = Pager(self.folder, settings=self.settings)
        self.warm = WarmChild(memory_mb=self.settings.job_memory_mb)
        self.users = Users(self.metadata)
        self.sessions = Sessions(self.metadata)
        self.tokens = Tokens(self.metadata)
        self.attempts = Attempts(self.metadata)
        self.datasets = Datasets(self.metadata, self.folder)
        self.segmentations = Segmentations(self.metadata, self.folder)
        self.edits = Edits(self.metadata)
        self.notes = Notes(self.metadata)
        self.reports = Reports(self.metadata)
        self.campaigns = Campaigns(self.metadata)
        self.jobs = Jobs(self.metadata)

    def close(self) -> None:
        """Close the database and the engines."""
        self.warm.close()
        self.pager.close()
        self.metadata.close()

    def sweep(self) -> None:
        """Remove what uploads and jobs of a server that died left half done; for the one server only."""
        with _writable(self.folder):
            shutil.rmtree(self.tmp)
            self.tmp.mkdir()
            for folder in (self.uploads, self.folder / "datasets", self.folder / "segmentations"):
                remove_drafts(folder)

    def _prepare(self) -> None:
        with _writable(self.folder):
            for folder in (self.uploads, self.tmp, self.work):
                folder.mkdir(parents=True, exist_ok=True)
            if not os.access(self.folder, os.W_OK):
                raise PermissionError


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise StorageError(
            "The workspace cannot be written",
            where=str(folder),
            to_do="Give the right to write into this folder, make room, or name another folder",
        ) from cause
