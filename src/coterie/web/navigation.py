"""The ways through the application, in the order of the work."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from coterie.web.house import house
from coterie.web.visitors import allowed


@dataclass(frozen=True)
class Place:
    """One entry of the navigation.

    Attributes
    ----------
    label, icon : str
    endpoint : str
        Whose page it leads to.
    url : str
    is_here : bool
        Whether the visitor is on one of its pages.
    """

    label: str
    icon: str
    endpoint: str
    url: str
    is_here: bool


WAYS = (
    ("Home", "home", "home.show"),
    ("Data", "table", "data.list_all"),
    ("Segmentations", "groups", "segmentations.list_all"),
    ("Compare", "scales", "compare.show"),
    ("Campaigns", "flag", "campaigns.list_all"),
    ("Reports", "page", "reports.list_all"),
    ("Quick look", "spark", "quick.show"),
    ("Jobs", "clock", "jobs.list_all"),
    ("Users", "people", "users.list_all"),
    ("Settings", "sliders", "settings.show"),
    ("Help", "question", "help.show"),
)


def places() -> list[Place]:
    """Give the entries the visitor may use."""
    here = (request.endpoint or "").partition(".")[0]
    return [
        Place(label, icon, endpoint, url_for(endpoint), _is_here(endpoint, here))
        for label, icon, endpoint in WAYS
        if endpoint in current_app.view_functions and allowed(endpoint) and _has_use(endpoint)
    ]


def _is_here(endpoint: str, here: str) -> bool:
    """Pages whose address goes on from that of an entry belong to it."""
    return endpoint.partition(".")[0] == here or request.path.startswith(f"{url_for(endpoint)}/")


def _has_use(endpoint: str) -> bool:
    """There are no users to manage where nobody logs in."""
    return house().login or not endpoint.startswith("users.")
