"""Secrets that let programs in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coterie.store import tables
from coterie.workspace.repository import Repository
from coterie.workspace.users import UserRole


@dataclass(frozen=True)
class Token:
    """A program's key, known by its digest; it may do what its role may."""

    id: str
    user_id: str
    name: str
    digest: str
    role: UserRole
    created_at: datetime


class Tokens(Repository[Token]):
    """The keys of programs."""

    table, kind, word = tables.tokens, Token, "token"

    def find(self, digest: str) -> Token | None:
        """The token of this digest.

        Parameters
        ----------
        digest : str

        Returns
        -------
        Token or None
        """
        return self._find(tables.tokens.c.digest == digest)

    def list(self, user_id: str) -> list[Token]:
        """The tokens of a user, the oldest first.

        Parameters
        ----------
        user_id : str

        Returns
        -------
        list of Token
        """
        return self._select(tables.tokens.c.user_id == user_id, order=[tables.tokens.c.created_at])
