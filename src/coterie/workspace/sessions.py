"""Who is logged in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coterie.store import tables
from coterie.workspace.repository import Repository


@dataclass(frozen=True)
class Session:
    """A login, known by the digest of its secret."""

    digest: str
    user_id: str
    created_at: datetime
    seen_at: datetime


class Sessions(Repository[Session]):
    """The logins that are in force."""

    table, kind, word = tables.sessions, Session, "session"

    def remove_of(self, user_id: str) -> None:
        """Log a user out everywhere.

        Parameters
        ----------
        user_id : str
        """
        self._remove(tables.sessions.c.user_id == user_id)

    def prune(self, before: datetime) -> None:
        """Remove the logins nobody has used since.

        Parameters
        ----------
        before : datetime
        """
        self._remove(tables.sessions.c.seen_at < before)
