"""Passwords: their making and checking, and the wait after too many wrong ones."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from werkzeug.security import check_password_hash, generate_password_hash

from coterie.errors import ParameterError

if TYPE_CHECKING:
    from coterie.workspace import User, Workspace

LEAST_LENGTH = 10
MOST_LENGTH = 200
WINDOW = timedelta(minutes=15)
MOST_PER_NAME = 10
MOST_PER_ADDRESS = 50
"""Wrong passwords within the window; an address may be that of a whole office."""
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without those that are easily mistaken for each other."""


def new_password() -> str:
    """Make a password that can be read out on the telephone.

    Returns
    -------
    str
        Four groups of five letters: 100 bits.
    """
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


def hashed(password: str) -> str:
    """Turn a password into what is kept of it (scrypt).

    Parameters
    ----------
    password : str

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If it is too short, too long or one letter over and over.
    """
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH or len(set(password)) < LEAST_LENGTH // 2:
        raise ParameterError(
            f"The password is too easy to guess: it needs {LEAST_LENGTH} to {MOST_LENGTH} characters,"
            " not all alike"
        )
    return generate_password_hash(password)


def is_right(user: User | None, password: str) -> bool:
    """Whether the password is the user's; takes as long for a user who does not exist.

    Parameters
    ----------
    user : User or None
    password : str

    Returns
    -------
    bool
    """
    matches = check_password_hash(user.password_hash if user else _of_nobody(), password[:MOST_LENGTH])
    return matches and user is not None


@cache
def _of_nobody() -> str:
    return generate_password_hash(secrets.token_hex(16))


def is_locked(workspace: Workspace, *, name: str, address: str) -> bool:
    """Whether this name or address has tried too often of late; if not, notes one more try.

    Parameters
    ----------
    workspace : Workspace
    name : str
        As typed, whether a user has it or not.
    address : str

    Returns
    -------
    bool
    """
    now = datetime.now(UTC)
    limits = {_name_key(name): MOST_PER_NAME, f"address:{address}": MOST_PER_ADDRESS}
    if any(workspace.attempts.count(key, now - WINDOW) >= most for key, most in limits.items()):
        return True
    for key in limits:
        workspace.attempts.record(key, now)
    return False


def forgive(workspace: Workspace, name: str) -> None:
    """Forget the tries of a name whose password was right at last.

    Parameters
    ----------
    workspace : Workspace
    name : str
    """
    workspace.attempts.clear(_name_key(name))


def _name_key(name: str) -> str:
    return f"name:{name.casefold()}"
