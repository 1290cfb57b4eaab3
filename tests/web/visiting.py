"""How a browser sends the forms of our own pages."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "seven grey seals"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def post(browser: FlaskClient, path: str, **form: Any) -> TestResponse:
    """Send a form of our own page."""
    return browser.post(path, data=form, headers=SAME_SITE)


def notices(response: TestResponse) -> str:
    """The text of a page without its markup, spaces folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)).split())
