"""``coterie user``: who may use the web application."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coterie.cli.options import workspace_option
from coterie.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from coterie.workspace import User, Workspace


@click.group("user")
def user_command() -> None:
    """Say who may use the web application."""


@user_command.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["viewer", "analyst", "owner"]),
    default="viewer",
    show_default=True,
    help="A viewer sees everything, an analyst works, an owner says who may come in.",
)
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; else one is made."
)
@workspace_option
def add_command(name: str, role: str, password_stdin: bool, workspace: Path) -> None:
    """Add a user; a password that was made is printed this once."""
    from coterie.web.passwords import new_password
    from coterie.web.people import new_user

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else new_password()
    with _opened(workspace) as opened:
        if opened.users.find(name) is not None:
            raise ConflictError(f"There is a user named {name!r} already")
        opened.users.add(new_user(name, role=role, password=password))
    click.echo(f"{name} is {role}." if password_stdin else f"{name} is {role} with the password {password}")


@user_command.command("list")
@workspace_option
def list_command(workspace: Path) -> None:
    """List the users with their roles."""
    with _opened(workspace) as opened:
        for user in opened.users.list():
            click.echo(f"{user.name}\t{user.role}")


@user_command.command("remove")
@click.argument("name")
@workspace_option
def remove_command(name: str, workspace: Path) -> None:
    """Remove a user, who is logged out everywhere."""
    with _opened(workspace) as opened:
        user = _named(opened, name)
        if user.role == "owner" and sum(other.role == "owner" for other in opened.users.list()) == 1:
            raise ConflictError(f"{name} is the only owner", to_do="Add another owner first")
        opened.users.remove(user.id)
    click.echo(f"{name} was removed.")


@contextmanager
def _opened(folder: Path) -> Iterator[Workspace]:
    from coterie.settings import load_settings
    from coterie.workspace import Workspace

    opened = Workspace(folder, settings=load_settings(), database_url=os.environ.get("COTERIE_DATABASE_URL"))
    try:
        yield opened
    finally:
        opened.close()


def _named(workspace: Workspace, name: str) -> User:
    user = workspace.users.find(name)
    if user is None:
        raise NotFoundError(f"There is no user named {name!r}", to_do="'coterie user list' lists them")
    return user
