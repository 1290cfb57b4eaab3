"""Who may use the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from coterie.store import tables
from coterie.workspace.repository import Repository

UserRole = Literal["viewer", "analyst", "owner"]


@dataclass(frozen=True)
class User:
    """Somebody with a password; `changed_at` is when it or the role last changed."""

    id: str
    name: str
    role: UserRole
    password_hash: str
    changed_at: datetime


class Users(Repository[User]):
    """The accounts."""

    table, kind, word = tables.users, User, "user"

    def list(self) -> list[User]:
        """All users by name.

        Returns
        -------
        list of User
        """
        return self._select(order=[tables.users.c.name])

    def find(self, name: str) -> User | None:
        """The user of this name.

        Parameters
        ----------
        name : str

        Returns
        -------
        User or None
        """
        return self._find(tables.users.c.name == name)
