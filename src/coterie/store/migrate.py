"""Brings the metadata database to the tables this version knows, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.errors import ConflictError
from coterie.store.metadata import Metadata

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection

_ONE_AT_A_TIME = 4_221_977
"""PostgreSQL's lock for two servers that start at once; SQLite's writers wait for each other anyway."""


def migrate(metadata: Metadata) -> None:
    """Make the tables, or bring those of an earlier version up to date.

    A migration that is killed half way leaves the tables as they were, and is done at the next start.

    Parameters
    ----------
    metadata : Metadata

    Raises
    ------
    ConflictError
        If a newer version of Coterie wrote the database.
    """
    script = _script()
    with metadata.reading() as connection:
        if _revision(connection) == script.get_current_head():
            return
    with metadata.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")
        _require_known(_revision(connection), script)
        _upgrade(connection, script)


def _script() -> ScriptDirectory:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "coterie.store:migrations")
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _revision(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _require_known(revision: str | None, script: ScriptDirectory) -> None:
    if revision is not None and revision not in {known.revision for known in script.walk_revisions()}:
        raise ConflictError(
            "The workspace was written by a newer version of Coterie",
            where=f"schema {revision}",
            to_do="Install that version again, or name another workspace folder",
        )


def _upgrade(connection: Connection, script: ScriptDirectory) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext

    def steps(revision: Any, _: Any) -> Any:
        return script._upgrade_revs("head", revision)

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
