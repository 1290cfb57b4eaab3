"""New users, made at the page, at the command line and at the first start."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from coterie.errors import ParameterError
from coterie.web.passwords import hashed
from coterie.web.routes import user_role

if TYPE_CHECKING:
    from coterie.workspace import User

MOST_NAME_LENGTH = 80


def new_user(name: str, *, role: str, password: str) -> User:
    """Make a user that is not kept yet.

    Parameters
    ----------
    name : str
    role : {"viewer", "analyst", "owner"}
    password : str

    Returns
    -------
    User

    Raises
    ------
    ParameterError
        If the name is empty, too long or unprintable, or there is no such role.
    """
    from coterie.workspace import User, new_id

    if not name or len(name) > MOST_NAME_LENGTH or not name.isprintable():
        raise ParameterError(f"A name has 1 to {MOST_NAME_LENGTH} letters", where="name")
    return User(
        id=new_id(),
        name=name,
        role=user_role(role),
        password_hash=hashed(password),
        changed_at=datetime.now(UTC),
    )
