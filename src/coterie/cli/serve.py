"""``coterie serve``: the web application on this machine."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import workspace_option
from coterie.errors import ConflictError

if TYPE_CHECKING:
    from flask import Flask

    from coterie.workspace import Pipeline, Workspace

THREADS = 8
MOST_CONNECTIONS = 500
IDLE_S = 60
"""A connection on which nothing arrives is closed after these seconds."""
LINE_LIMIT_BYTES = 2**16
DRAIN_S = 20.0
"""After SIGTERM, answers that are under way have this long to reach their readers."""
MOST_PORT = 65_535


@click.command("serve")
@workspace_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, MOST_PORT), default=8000, show_default=True, help="0: any free."
)
@click.option("--no-login", is_flag=True, help="No passwords: for one person, on this machine only.")
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    envvar="COTERIE_ALLOWED_HOSTS",
    help="A name by which browsers reach this server; may be given several times.",
)
@click.option(
    "--trusted-proxies",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    help="So many proxies stand before this server, whose X-Forwarded headers are believed.",
)
def serve_command(
    workspace: Path, host: str, port: int, no_login: bool, names: tuple[str, ...], trusted_proxies: int
) -> None:
    """Open the web application; Ctrl-C or SIGTERM ends it."""
    from coterie.web import create_app
    from coterie.web.guard import check_bind, check_secret

    debug = os.environ.get("FLASK_DEBUG", "0") not in ("", "0") or bool(os.environ.get("PYTHONDEVMODE"))
    check_bind(host, login=not no_login, debug=debug)
    secret = os.environ.get("COTERIE_SECRET_KEY")
    secret = check_secret(secret) if secret is not None else None
    listening = _listen(host, port)
    with _opened(workspace) as (opened, pipeline):
        if not no_login:
            _first_owner(opened)
        app = create_app(
            opened,
            pipeline=pipeline,
            login=not no_login,
            hosts=_names(host, names),
            secret_key=secret,
        )
        _behind(app, trusted_proxies)
        click.echo(f"Coterie is open at {_address(listening)} (Ctrl-C ends it)")
        _serve(app, listening, most_bytes=opened.settings.max_upload_bytes)
    click.echo("Coterie is closed.")


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=1024)
    except OSError as cause:
        raise ConflictError(
            f"Nothing can listen on {host}, port {port}: {cause.strerror or cause}",
            where="--port",
            to_do="End the program that is there, or choose another port",
        ) from cause


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[Workspace, Pipeline]]:
    """The workspace with its pipeline running; uploads are received on the disk it lies on."""
    from coterie.settings import load_settings
    from coterie.workspace import Pipeline, Workspace

    opened = Workspace(folder, settings=load_settings(), database_url=os.environ.get("COTERIE_DATABASE_URL"))
    tempfile.tempdir = str(opened.tmp)
    try:
        with Pipeline(opened) as pipeline:
            yield opened, pipeline
    finally:
        opened.close()


def _first_owner(workspace: Workspace) -> None:
    """Somebody has to be able to come in the first time."""
    from coterie.web.passwords import new_password
    from coterie.web.people import new_user

    if workspace.users.list():
        return
    password = new_password()
    workspace.users.add(new_user("owner", role="owner", password=password))
    click.echo(
        f"The first user is 'owner' with the password {password}\n"
        "It is shown this once; change it under Settings."
    )


def _names(host: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Every name the server may be called by, in lower case."""
    own = f"[{host}]" if ":" in host else host
    return tuple(dict.fromkeys(name.lower() for name in ("localhost", "127.0.0.1", "[::1]", own, *names)))


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _behind(app: Flask, n_proxies: int) -> None:
    from werkzeug.middleware.proxy_fix import ProxyFix

    if n_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n_proxies, x_proto=n_proxies, x_host=n_proxies)  # type: ignore[method-assign]


def _serve(app: Flask, listening: socket.socket, *, most_bytes: int) -> None:
    """Answer until a signal; then take no more, and finish what is under way."""
    from waitress.server import create_server
    from waitress.wasyncore import loop

    server = create_server(
        app,
        sockets=[listening],
        threads=THREADS,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=IDLE_S,
        cleanup_interval=5,
        max_request_header_size=LINE_LIMIT_BYTES,
        max_request_body_size=most_bytes,
        ident=None,
        expose_tracebacks=False,
    )
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    while not stopping:
        loop(timeout=0.5, map=server._map, count=1)
    server.accepting = False
    server.socket.close()
    server.del_channel()
    end = time.monotonic() + DRAIN_S
    while _is_busy(server) and time.monotonic() < end:
        loop(timeout=0.1, map=server._map, count=1)
    server.task_dispatcher.shutdown(timeout=1)


def _is_busy(server: Any) -> bool:
    """Whether anybody still waits for an answer."""
    return any(channel.requests or channel.total_outbufs_len for channel in server.active_channels.values())
