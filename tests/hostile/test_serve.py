"""The server itself under hostile requests and at its end."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.serving import start_server

LIMIT_BYTES = 3 * 2**20


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("hostile") / "workspace"
    child, url = start_server(folder, "--no-login", COTERIE_MAX_UPLOAD_BYTES=str(LIMIT_BYTES))
    yield urlsplit(url).netloc, folder
    child.terminate()
    child.wait(timeout=30)


def _head(host: str, *lines: str) -> bytes:
    first = ("POST /quick HTTP/1.1", f"Host: {host}", "Sec-Fetch-Site: same-origin")
    form = "Content-Type: multipart/form-data; boundary=b"
    return "\r\n".join((*first, form, *lines, "", "")).encode()


def _connected(host: str) -> socket.socket:
    name, _, port = host.partition(":")
    return socket.create_connection((name, int(port)), timeout=20)


def _status(connection: socket.socket) -> int:
    return int(connection.recv(64).split()[1])


def _left(folder: Path) -> list[Path]:
    return list((folder / "tmp").iterdir())


def test_37_a_body_said_to_be_too_large_is_refused_before_it_is_sent(served: tuple[str, Path]) -> None:
    host, folder = served
    with _connected(host) as connection:
        connection.sendall(_head(host, f"Content-Length: {5 * 2**30}"))
        assert _status(connection) == 413
    assert _left(folder) == []


def test_37_a_body_of_unknown_length_is_cut_off_at_the_limit(served: tuple[str, Path]) -> None:
    host, folder = served
    block = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with _connected(host) as connection:
        connection.sendall(_head(host, "Transfer-Encoding: chunked"))
        sent, status = 0, 0
        try:
            while sent < 40 * LIMIT_BYTES:
                connection.sendall(block)
                sent += len(block)
        except OSError:
            pass  # the server has hung up, as it should
        try:
            status = _status(connection)
        except OSError:
            status = 413
    assert status == 413
    assert sent < 20 * LIMIT_BYTES
    assert _left(folder) == []


def test_37_a_million_parts_are_refused(served: tuple[str, Path]) -> None:
    host, _ = served
    part = b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n'
    body = part * (LIMIT_BYTES // len(part) - 1) + b"--b--\r\n"
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request(
        "POST",
        "/quick",
        body,
        {"Content-Type": "multipart/form-data; boundary=b", "Sec-Fetch-Site": "same-origin"},
    )
    assert connection.getresponse().status == 413


def test_37_bodies_that_drip_keep_nobody_else_waiting(served: tuple[str, Path]) -> None:
    host, _ = served
    slow = [_connected(host) for _ in range(60)]
    try:
        for connection in slow:
            connection.sendall(_head(host, "Content-Length: 1000") + b"-")
        started = time.monotonic()
        quick = http.client.HTTPConnection(host, timeout=20)
        quick.request("GET", "/health")
        assert quick.getresponse().status == 200
        assert time.monotonic() - started < 2
    finally:
        for connection in slow:
            connection.close()


def test_67_a_server_told_to_end_finishes_what_it_began_and_leaves_in_time(tmp_path: Path) -> None:
    child, url = start_server(tmp_path / "workspace", "--no-login")
    host = urlsplit(url).netloc
    stop = time.monotonic() + 2

    def visit(_: int) -> list[int]:
        seen = []
        while time.monotonic() < stop + 5:
            try:
                connection = http.client.HTTPConnection(host, timeout=20)
                connection.request("GET", "/help")
                seen.append(connection.getresponse().status)
            except (ConnectionRefusedError, ConnectionResetError):
                break  # it takes no more
        return seen

    with ThreadPoolExecutor(6) as pool:
        visits = [pool.submit(visit, i) for i in range(6)]
        time.sleep(2)
        os.kill(child.pid, signal.SIGTERM)
        told = time.monotonic()
        statuses = {status for one in visits for status in one.result()}
    assert child.wait(timeout=30) == 0
    assert time.monotonic() - told < 30
    assert statuses == {200}


@pytest.mark.parametrize(
    ("options", "variables", "sentence"),
    [
        (("--host", "0.0.0.0", "--no-login"), {}, "Leave out --no-login"),
        (("--host", "0.0.0.0"), {"FLASK_DEBUG": "1"}, "Unset FLASK_DEBUG"),
        ((), {"COTERIE_SECRET_KEY": "changeme"}, "COTERIE_SECRET_KEY"),
    ],
)
def test_53_the_server_says_why_it_does_not_start(
    tmp_path: Path, options: tuple[str, ...], variables: dict[str, str], sentence: str
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        start_server(tmp_path / "workspace", *options, **variables)
    assert refused.value.returncode == 2
    assert sentence in refused.value.stderr
