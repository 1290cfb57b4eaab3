"""A workspace with three people and a job, and browsers that visit it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coterie.web import create_app
from coterie.web.passwords import hashed
from coterie.web.routes import UserRole
from coterie.workspace import User, Workspace
from tests.finished import QUICK, add_finished
from tests.web.visiting import PASSWORD, post


@pytest.fixture(scope="session")
def password_hash() -> str:
    """One for all: making it is slow on purpose."""
    return hashed(PASSWORD)


@pytest.fixture
def workspace(tmp_path: Path, password_hash: str) -> Iterator[Workspace]:
    """A new one with a viewer, an analyst and an owner, called as their roles are."""
    opened = Workspace(tmp_path / "workspace")
    roles: tuple[UserRole, ...] = ("viewer", "analyst", "owner")
    for role in roles:
        opened.users.add(User(uuid.uuid4().hex, role, role, password_hash, datetime.now(UTC)))
    yield opened
    opened.close()


@pytest.fixture
def app(workspace: Workspace) -> Flask:
    """The application with login."""
    return create_app(workspace)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is not logged in."""
    return app.test_client()


@pytest.fixture
def browser(workspace: Workspace) -> FlaskClient:
    """Of the one person of a server without login."""
    return create_app(workspace, login=False).test_client()


@pytest.fixture
def logged_in(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser in which the user of this name is logged in."""

    def log_in(name: str) -> FlaskClient:
        browser = app.test_client()
        assert post(browser, "/login", name=name, password=PASSWORD).status_code == 303
        return browser

    return log_in


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, finished: dict[str, Path]) -> Iterator[Workspace]:
    """A workspace with two finished segmentations, only to be read."""
    opened = Workspace(tmp_path_factory.mktemp("ready"))
    add_finished(opened, finished)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def reader(ready: Workspace) -> FlaskClient:
    """A browser on it, of a server without login."""
    return create_app(ready, login=False).test_client()


@pytest.fixture
def shop(tmp_path: Path, finished: dict[str, Path]) -> Iterator[Workspace]:
    """A workspace with two finished segmentations and their dataset, to be changed."""
    opened = Workspace(tmp_path / "shop")
    add_finished(opened, finished)
    shutil.copytree(finished[QUICK].parent / "dataset", opened.datasets.folder("store"))
    yield opened
    opened.close()


@pytest.fixture
def visit(shop: Workspace) -> FlaskClient:
    """A browser on it, of a server without login."""
    return create_app(shop, login=False).test_client()
