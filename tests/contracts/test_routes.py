"""Every route: who may use it, that its page is a page, that what htmx gets is part of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from jinja2 import nodes

from coterie.web import create_app
from coterie.web.routes import ROLES, ROUTES, USER_ROLES
from coterie.workspace import DatasetRecord, Job, SegmentationRecord, User, Workspace
from tests.finished import TREE, a_campaign, add_finished
from tests.web.visiting import SAME_SITE

TEMPLATES = Path(__file__).parents[2] / "src" / "coterie" / "web" / "templates"
VALUES: dict[str, Any] = {
    "filename": "coterie.css",
    "file_name": "lift.svg",
    "campaign_id": "campaign",
    "group": "treated",
    "customer_id": "nobody",
    "dataset_id": "dataset",
    "job_id": "job",
    "n_clusters": 3,
    "name": "cluster_scatter.png",
    "edit_id": "none",
    "note_id": "none",
    "segment_id": 0,
    "segmentation_id": TREE,
    "token_id": "none",
    "user_id": "none",
}
"""What stands for each variable of a route."""
QUERIES = {"campaigns.new": f"?segmentation={TREE}&segment=0"}
"""Of pages that show a form only if it is said for what."""
NO_PAGE = {"static", "tones", "health", "quick.download", "data.rejected", "charts.send"}
NO_PAGE |= {
    "segment.export",
    "segment.edges",
    "investigate.download",
    "campaigns.people",
    "campaigns.picture",
    "movement.export",
    "movement.picture",
}
"""GET routes that answer with something other than a page; so does the API."""
FRAME = {"title", "head", "content"}
"""Blocks of the frame; all others are what htmx may ask for."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, finished: dict[str, Path]) -> Iterator[Workspace]:
    opened = Workspace(tmp_path_factory.mktemp("routes"))
    now = datetime.now(UTC)
    opened.datasets.add(DatasetRecord("dataset", "Orders", now, files=(("orders.csv", "0" * 64, 1),)))
    opened.segmentations.add(SegmentationRecord("segmentation", "Spring", "dataset", now))
    opened.jobs.add(Job("job", "segmentation", "segmentation", now, state="running", step="features"))
    add_finished(opened, finished)
    opened.campaigns.add(a_campaign("campaign", TREE))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def app(workspace: Workspace) -> Flask:
    return create_app(workspace)


@pytest.fixture(scope="module")
def browsers(app: Flask, workspace: Workspace) -> dict[str, FlaskClient]:
    """One for each role, logged in, and one for anyone."""
    from flask import make_response

    from coterie.web.visitors import sign_in

    made = {"anyone": app.test_client()}
    for role in USER_ROLES:
        user = workspace.users.add(User(uuid.uuid4().hex, role, role, "", datetime.now(UTC)))
        with app.test_request_context():
            response = make_response()
            sign_in(user, response)
        made[role] = app.test_client()
        made[role].set_cookie("coterie_session", _cookie(response.headers["Set-Cookie"]))
    return made


def _cookie(header: str) -> str:
    found = re.match(r"coterie_session=([^;]+)", header)
    assert found is not None
    return found[1]


def _path(app: Flask, endpoint: str) -> str:
    [rule] = app.url_map.iter_rules(endpoint)
    with app.test_request_context():
        path = url_for(endpoint, **{name: VALUES[name] for name in rule.arguments})
    return path + QUERIES.get(endpoint, "")


def _endpoints(app: Flask, method: str) -> list[str]:
    return [rule.endpoint for rule in app.url_map.iter_rules() if method in (rule.methods or ())]


def _is_api(app: Flask, endpoint: str) -> bool:
    return _path(app, endpoint).startswith("/api/") and endpoint != "reading.show"


def test_the_table_names_exactly_the_routes_there_are(app: Flask) -> None:
    assert set(ROUTES) == {rule.endpoint for rule in app.url_map.iter_rules()}
    assert set(ROUTES.values()) <= set(ROLES)


def test_every_page_has_one_heading_and_a_title(app: Flask, browsers: dict[str, FlaskClient]) -> None:
    pages = {endpoint for endpoint in _endpoints(app, "GET") if not _is_api(app, endpoint)}
    for endpoint in pages - NO_PAGE:
        answer = browsers["owner"].get(_path(app, endpoint), follow_redirects=True)
        text = answer.get_data(as_text=True)
        assert answer.status_code in (200, 404), endpoint
        assert len(re.findall(r"<h1[ >]", text)) == 1, endpoint
        title = re.search(r"<title>(.+) · Coterie</title>", text)
        assert title is not None, endpoint
        assert not re.search(r'<script(?![^>]* src=)|\sstyle="|\son\w+="', text), (
            f"{endpoint} has inline code"
        )


def test_45_nobody_uses_what_his_role_does_not_allow(app: Flask, browsers: dict[str, FlaskClient]) -> None:
    for endpoint, least in ROUTES.items():
        [rule] = app.url_map.iter_rules(endpoint)
        method = min((rule.methods or set()) - {"HEAD", "OPTIONS"})
        for role in ROLES[: ROLES.index(least)]:
            answer = browsers[role].open(_path(app, endpoint), method=method, headers=SAME_SITE)
            if role == "anyone" and _is_api(app, endpoint):
                assert answer.status_code == 401, endpoint
            elif role == "anyone":
                assert (answer.status_code, answer.location[:6]) == (303, "/login"), endpoint
            else:
                assert answer.status_code == 403, (endpoint, role)


def test_45_what_stands_in_no_table_is_refused(workspace: Workspace) -> None:
    app = create_app(workspace, login=False)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert app.test_client().get("/forgotten").status_code == 403


def test_42_no_form_of_another_site_is_taken(app: Flask, browsers: dict[str, FlaskClient]) -> None:
    strange: tuple[dict[str, str], ...] = (
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:1"},
    )
    changes = [
        (method, endpoint) for method in ("POST", "PUT", "DELETE") for endpoint in _endpoints(app, method)
    ]
    for method, endpoint in changes:
        for headers in strange:
            answer = browsers["owner"].open(_path(app, endpoint), method=method, headers=headers)
            assert answer.status_code == 403, (endpoint, headers)


def test_what_htmx_gets_is_part_of_the_page(app: Flask, browsers: dict[str, FlaskClient]) -> None:
    blocks = {
        path.name: [block.name for block in app.jinja_env.parse(path.read_text()).find_all(nodes.Block)]
        for path in TEMPLATES.glob("*.html")
    }
    pages = {"home.html": "home.show", "jobs.html": "jobs.list_all", "job.html": "jobs.show"}
    pages |= {"segmentation.html": "segmentation.show", "movers.html": "fits.movers"}
    pages |= {"segment.html": "segment.show", "investigate.html": "investigate.show"}
    pages |= {"movement.html": "movement.show", "came_and_left.html": "movement.of_segment"}
    pages |= {"campaign_new.html": "campaigns.new"}
    pages |= {"quick.html": "quick.show"} if "quick.html" in blocks else {}
    for template, names in blocks.items():
        for name in set(names) - FRAME:
            path = _path(app, pages[template])
            asked = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": f"div#{name}"}
            part = browsers["owner"].get(path, headers=asked).get_data(as_text=True).strip()
            whole = browsers["owner"].get(path).get_data(as_text=True)
            assert part and "<html" not in part
            assert re.sub(r"\s+", " ", part) in re.sub(r"\s+", " ", whole), (template, name)
