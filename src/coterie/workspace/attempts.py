"""Logins that failed, so that guessing has an end."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from coterie.store.metadata import Metadata
from coterie.store.tables import attempts


class Attempts:
    """Failed logins by a key: a user's name, or an address.

    Parameters
    ----------
    metadata : Metadata
    """

    def __init__(self, metadata: Metadata) -> None:
        self.metadata = metadata

    def record(self, key: str, at: datetime) -> None:
        """Remember a failed login.

        Parameters
        ----------
        key : str
        at : datetime
        """
        with self.metadata.writing() as connection:
            connection.execute(attempts.insert().values(key=key, at=at))

    def count(self, key: str, since: datetime) -> int:
        """How many there were.

        Parameters
        ----------
        key : str
        since : datetime

        Returns
        -------
        int
        """
        asked = sa.select(sa.func.count()).where(attempts.c.key == key, attempts.c.at >= since)
        with self.metadata.reading() as connection:
            return int(connection.execute(asked).scalar_one())

    def clear(self, key: str) -> None:
        """Forget them.

        Parameters
        ----------
        key : str
        """
        with self.metadata.writing() as connection:
            connection.execute(attempts.delete().where(attempts.c.key == key))
