"""Hostile visitors: forged forms, stolen cookies, guessed passwords, false addresses."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coterie import logs
from coterie.errors import ParameterError
from coterie.web import create_app
from coterie.web.guard import check_bind, check_secret
from coterie.web.passwords import MOST_PER_ADDRESS, MOST_PER_NAME, hashed
from coterie.workspace import User, Workspace
from tests.web.visiting import PASSWORD, SAME_SITE, notices, post

LogIn = Callable[[], FlaskClient]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "workspace")
    opened.users.add(User(uuid.uuid4().hex, "ada", "analyst", hashed(PASSWORD), datetime.now(UTC)))
    yield opened
    opened.close()


@pytest.fixture
def app(workspace: Workspace) -> Flask:
    return create_app(workspace)


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    def browser() -> FlaskClient:
        made = app.test_client()
        assert post(made, "/login", name="ada", password=PASSWORD).status_code == 303
        return made

    return browser


def _session(browser: FlaskClient) -> str:
    cookie = browser.get_cookie("coterie_session")
    assert cookie is not None
    return cookie.value


def test_42_an_old_browser_is_known_by_its_origin(log_in: LogIn) -> None:
    answer = log_in().post("/settings/theme", data={"theme": "dark"}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303


def test_43_a_session_given_before_login_is_worth_nothing_after_it(app: Flask) -> None:
    browser = app.test_client()
    browser.set_cookie("coterie_session", "planted")
    post(browser, "/login", name="ada", password=PASSWORD)
    assert _session(browser) != "planted"
    victim = app.test_client()
    victim.set_cookie("coterie_session", "planted")
    assert victim.get("/jobs").status_code == 303


def test_43_a_second_login_ends_the_first_session_of_the_browser(app: Flask, log_in: LogIn) -> None:
    browser = log_in()
    first = _session(browser)
    post(browser, "/login", name="ada", password=PASSWORD)
    stolen = app.test_client()
    stolen.set_cookie("coterie_session", first)
    assert stolen.get("/jobs").status_code == 303


def test_43_a_cookie_kept_past_logout_opens_nothing(app: Flask, log_in: LogIn) -> None:
    browser = log_in()
    stolen = app.test_client()
    stolen.set_cookie("coterie_session", _session(browser))
    assert stolen.get("/jobs").status_code == 200
    post(browser, "/login/leave")
    assert stolen.get("/jobs").status_code == 303


def test_43_a_new_password_ends_every_other_session(log_in: LogIn) -> None:
    here, elsewhere = log_in(), log_in()
    new = "eight brown bears"
    assert post(here, "/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert here.get("/jobs").status_code == 200
    assert elsewhere.get("/jobs").status_code == 303


def test_44_a_name_is_locked_after_a_few_wrong_passwords_whether_it_exists_or_not(app: Flask) -> None:
    seen = {}
    for name in ("ada", "nobody"):
        tries = [post(app.test_client(), "/login", name=name, password="x") for _ in range(MOST_PER_NAME + 1)]
        assert [answer.status_code for answer in tries] == [401] * MOST_PER_NAME + [429]
        assert int(tries[-1].headers["Retry-After"]) > 0
        seen[name] = (notices(tries[0]), notices(tries[-1]))
    assert seen["ada"] == seen["nobody"]
    assert post(app.test_client(), "/login", name="ada", password=PASSWORD).status_code == 429


def test_44_an_address_that_tries_a_thousand_passwords_is_locked(app: Flask, workspace: Workspace) -> None:
    for _ in range(MOST_PER_ADDRESS):
        workspace.attempts.record("address:127.0.0.1", datetime.now(UTC))
    started = time.perf_counter()
    statuses = {
        post(app.test_client(), "/login", name=f"user{i}", password="x").status_code for i in range(200)
    }
    assert statuses == {429}
    assert (time.perf_counter() - started) / 200 < 0.05  # no password is computed for a locked address
    assert workspace.attempts.count("address:127.0.0.1", datetime.fromtimestamp(0, UTC)) == MOST_PER_ADDRESS


def test_44_a_name_nobody_has_takes_as_long_as_a_wrong_password(app: Flask) -> None:
    def seconds(name: str) -> float:
        times = []
        for _ in range(4):
            started = time.process_time()
            post(app.test_client(), "/login", name=name, password="x")
            times.append(time.process_time() - started)
        return min(times)

    seconds("warm")
    assert 0.5 < seconds("ada") / seconds("nobody") < 2


def test_46_a_token_is_not_taken_from_an_address_and_stands_in_no_log_or_page(
    app: Flask, log_in: LogIn, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG")
    page = post(log_in(), "/settings/tokens", name="export", role="viewer").get_data(as_text=True)
    found = re.search(r"coterie_[\w-]{43}", page)
    assert found is not None
    token, program = found[0], app.test_client()
    for path in (f"/jobs?token={token}", f"/jobs?access_token={token}"):
        assert program.get(path).status_code == 303
    header = {"Authorization": f"Bearer {token}"}
    pages = [program.get(path, headers=header) for path in (f"/{token}", "/settings", "/jobs/none")]
    pages.append(program.post("/login", data={"password": token}, headers=SAME_SITE))
    said = "".join(answer.get_data(as_text=True) for answer in pages) + "".join(capfd.readouterr())
    assert token not in said
    logging.getLogger("coterie").handlers.clear()


def test_47_line_ends_in_what_a_visitor_types_make_no_line_of_the_log(
    app: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG")
    forged = "ada\r\nINFO coterie login user=owner"
    post(app.test_client(), "/login", name=forged, password=forged, next=forged)
    app.test_client().get("/%0d%0aINFO%20forged")
    logging.getLogger("coterie").info("told %s", forged)
    lines = capfd.readouterr().err.splitlines()
    assert not [line for line in lines if line.startswith("INFO coterie login user=owner")]
    assert not [line for line in lines if "forged" in line]
    assert "told ada\\r\\nINFO" in lines[-1]
    logging.getLogger("coterie").handlers.clear()


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "/\t/evil"]
)
def test_48_login_leads_to_no_other_site(app: Flask, target: str) -> None:
    answer = post(app.test_client(), "/login", name="ada", password=PASSWORD, next=target)
    assert answer.location == "/"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "localhost@evil"]
)
def test_49_a_host_nobody_allowed_gets_nothing(app: Flask, host: str) -> None:
    answer = app.test_client().get("/login", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)


def test_49_forwarded_headers_are_ignored(app: Flask, log_in: LogIn) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
        "Forwarded": "host=evil.example;proto=https",
    }
    answer = app.test_client().get("/jobs", headers=forged)
    assert answer.location.startswith("/login")
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    "secret", ["", "changeme", "secret", "Password123", "a" * 64, "short but odd", "test-1"]
)
def test_53_a_secret_that_can_be_guessed_is_refused_with_a_way_out(secret: str) -> None:
    with pytest.raises(ParameterError, match=r"COTERIE_SECRET_KEY.*Leave it out"):
        check_secret(secret)
    assert check_secret("b1d7c0aa94e24f0c8e5f62d9037c55aa")


def test_53_debugging_is_refused_where_others_can_see_it() -> None:
    with pytest.raises(ParameterError, match="FLASK_DEBUG"):
        check_bind("0.0.0.0", login=True, debug=True)
    check_bind("127.0.0.1", login=True, debug=True)
    check_bind("0.0.0.0", login=True, debug=False)
