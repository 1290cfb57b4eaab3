"""Login, users, passwords, tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from coterie.web import create_app
from coterie.web.visitors import SESSION_DAYS, digest
from coterie.workspace import Workspace
from tests.web.visiting import PASSWORD, notices, post

LogIn = Callable[[str], FlaskClient]


def test_a_visitor_is_asked_to_log_in_and_comes_back_to_where_he_was_going(client: FlaskClient) -> None:
    answer = client.get("/jobs?page=2")
    assert answer.status_code == 303
    asked = client.get(answer.location)
    assert 'value="/jobs?page=2"' in asked.get_data(as_text=True)
    done = post(client, "/login", name="viewer", password=PASSWORD, next="/jobs?page=2")
    assert done.location == "/jobs?page=2"
    assert client.get("/jobs").status_code == 200


def test_a_wrong_password_keeps_the_name_and_says_one_sentence(client: FlaskClient) -> None:
    answer = post(client, "/login", name="viewer", password="wrong")
    assert answer.status_code == 401
    assert "The name or the password is wrong." in notices(answer)
    assert 'value="viewer"' in answer.get_data(as_text=True)


def test_only_a_digest_of_the_session_is_kept(workspace: Workspace, logged_in: LogIn) -> None:
    cookie = logged_in("viewer").get_cookie("coterie_session")
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"
    assert workspace.sessions.load(digest(cookie.value)).user_id == workspace.users.find("viewer").id  # type: ignore[union-attr]
    assert cookie.value.encode() not in (workspace.folder / "coterie.sqlite").read_bytes()


def test_a_session_nobody_used_for_two_weeks_is_over(workspace: Workspace, logged_in: LogIn) -> None:
    browser = logged_in("viewer")
    cookie = browser.get_cookie("coterie_session")
    assert cookie is not None
    session = workspace.sessions.load(digest(cookie.value))
    old = session.seen_at - timedelta(days=SESSION_DAYS, minutes=1)
    workspace.sessions.save(replace(session, seen_at=old))
    assert browser.get("/jobs").status_code == 303


def test_an_owner_adds_a_user_whose_password_is_shown_once(app: Flask, logged_in: LogIn) -> None:
    owner = logged_in("owner")
    page = post(owner, "/users", name="Ada", role="analyst").get_data(as_text=True)
    found = re.search(r'class="secret"><code>([^<]+)<', page)
    assert found is not None
    assert found[1] not in owner.get("/users").get_data(as_text=True)
    assert post(app.test_client(), "/login", name="Ada", password=found[1]).status_code == 303


def test_a_name_that_is_taken_or_empty_is_refused_and_kept_in_the_form(logged_in: LogIn) -> None:
    owner = logged_in("owner")
    taken = post(owner, "/users", name="viewer", role="viewer")
    assert taken.status_code == 409
    assert 'value="viewer"' in taken.get_data(as_text=True)
    assert post(owner, "/users", name=" ", role="viewer").status_code == 400


def test_the_last_owner_stays(workspace: Workspace, logged_in: LogIn) -> None:
    owner, record = logged_in("owner"), workspace.users.find("owner")
    assert record is not None
    assert post(owner, f"/users/{record.id}/remove").status_code == 409
    assert post(owner, f"/users/{record.id}", role="viewer").status_code == 409
    assert workspace.users.load(record.id).role == "owner"


def test_a_new_role_ends_the_sessions_of_the_user(workspace: Workspace, logged_in: LogIn) -> None:
    viewer, record = logged_in("viewer"), workspace.users.find("viewer")
    assert record is not None
    post(logged_in("owner"), f"/users/{record.id}", role="analyst")
    assert viewer.get("/jobs").status_code == 303


def test_a_token_opens_what_its_role_may_and_no_more(app: Flask, logged_in: LogIn) -> None:
    page = post(logged_in("owner"), "/settings/tokens", name="export", role="viewer")
    found = re.search(r"coterie_[\w-]{43}", page.get_data(as_text=True))
    assert found is not None
    program, header = app.test_client(), {"Authorization": f"Bearer {found[0]}"}
    assert program.get("/jobs", headers=header).status_code == 200
    assert program.get("/users", headers=header).status_code == 403


def test_a_token_cannot_do_more_than_its_maker(logged_in: LogIn) -> None:
    answer = post(logged_in("viewer"), "/settings/tokens", name="export", role="owner")
    assert answer.status_code == 400


def test_a_token_is_taken_back_by_its_owner_alone(workspace: Workspace, logged_in: LogIn) -> None:
    analyst, record = logged_in("analyst"), workspace.users.find("analyst")
    assert record is not None
    post(analyst, "/settings/tokens", name="export", role="viewer")
    [token] = workspace.tokens.list(record.id)
    assert post(logged_in("owner"), f"/settings/tokens/{token.id}/remove").status_code == 404
    assert post(analyst, f"/settings/tokens/{token.id}/remove").status_code == 303
    assert workspace.tokens.list(record.id) == []


def test_a_new_password_has_to_be_hard_to_guess_and_typed_twice(logged_in: LogIn) -> None:
    viewer = logged_in("viewer")
    for new, again in (("short", "short"), ("aaaaaaaaaaaa", "aaaaaaaaaaaa"), ("a fine new one", "another")):
        answer = post(viewer, "/password", old=PASSWORD, new=new, again=again)
        assert answer.status_code == 400
    assert (
        post(viewer, "/password", old="wrong", new="a fine new one", again="a fine new one").status_code
        == 400
    )


def test_without_login_everybody_is_owner_and_there_are_no_users_to_manage(workspace: Workspace) -> None:
    browser = create_app(workspace, login=False).test_client()
    assert browser.get("/").status_code == 200
    assert post(browser, "/users", name="Ada", role="viewer").status_code == 409
    assert browser.get("/password").status_code == 409


def test_the_choice_of_dark_is_kept_and_leads_back(client: FlaskClient) -> None:
    answer = post(client, "/settings/theme", theme="dark", next="/login")
    assert answer.location == "/login"
    assert 'data-theme="dark"' in client.get("/login").get_data(as_text=True)
