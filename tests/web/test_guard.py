"""What no request gets past, and what every answer carries."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coterie.errors import ParameterError
from coterie.web.guard import check_bind, kept_secret
from coterie.workspace import Workspace
from tests.web.visiting import post


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/login", "/nothing-like-this", "/static/coterie.css"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_and_marked_files_are_kept_for_ever(client: FlaskClient) -> None:
    assert client.get("/login").headers["Cache-Control"] == "no-store"
    assert "immutable" in client.get("/static/coterie.css?v=1").headers["Cache-Control"]


def test_hsts_is_promised_only_over_tls(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/login").headers
    assert "Strict-Transport-Security" in client.get("/login", base_url="https://localhost").headers


def test_a_program_with_a_token_needs_no_origin_but_the_right_token(client: FlaskClient) -> None:
    answer = client.post("/settings/tokens", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401


def test_a_form_that_is_too_large_is_refused(client: FlaskClient) -> None:
    assert post(client, "/login", name="x" * 2**21).status_code == 413


def test_text_travels_compressed_and_small_answers_do_not(client: FlaskClient) -> None:
    wants = {"Accept-Encoding": "gzip"}
    assert client.get("/login", headers=wants).headers["Content-Encoding"] == "gzip"
    assert client.get("/static/coterie.css", headers=wants).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/health", headers=wants).headers
    assert "Content-Encoding" not in client.get("/login").headers


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    assert kept_secret(tmp_path) == kept_secret(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "shop.example"])
def test_without_login_only_this_machine_is_served(host: str) -> None:
    with pytest.raises(ParameterError, match="--no-login"):
        check_bind(host, login=False, debug=False)
    check_bind("127.0.0.1", login=False, debug=False)


def test_a_bug_is_a_page_with_a_number_and_no_inside(workspace: Workspace, app: Flask) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("the inside")

    from coterie.web import routes

    routes.ROUTES["broken"] = "anyone"
    try:
        answer = app.test_client().get("/broken")
    finally:
        del routes.ROUTES["broken"]
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in text
    assert "the inside" not in text
