"""Who may see what: the least role for every endpoint. What does not stand here is refused."""

from __future__ import annotations

from typing import Literal

from coterie.errors import ParameterError

UserRole = Literal["viewer", "analyst", "owner"]
USER_ROLES: tuple[UserRole, ...] = ("viewer", "analyst", "owner")
ROLES = ("anyone", *USER_ROLES)
"""From the least to the most; each may do what those before it may."""

ROUTES: dict[str, str] = {
    "static": "anyone",
    "tones": "anyone",
    "health": "anyone",
    "login.show": "anyone",
    "login.submit": "anyone",
    "login.leave": "anyone",
    "settings.choose_theme": "anyone",
    "home.show": "viewer",
    "help.show": "viewer",
    "jobs.list_all": "viewer",
    "jobs.show": "viewer",
    "password.show": "viewer",
    "password.change": "viewer",
    "settings.show": "viewer",
    "settings.add_token": "viewer",
    "settings.remove_token": "viewer",
    "quick.show": "viewer",
    "segmentation.show": "viewer",
    "segmentation.show_in_space": "viewer",
    "charts.send": "viewer",
    "compare.show": "viewer",
    "reports.list_all": "viewer",
    "reports.send": "viewer",
    "campaigns.list_all": "viewer",
    "campaigns.show": "viewer",
    "campaigns.people": "viewer",
    "campaigns.picture": "viewer",
    "campaigns.new": "analyst",
    "campaigns.make": "analyst",
    "campaigns.take_outcomes": "analyst",
    "compare.use": "analyst",
    "quick.download": "viewer",
    "segment.show": "viewer",
    "segment.export": "viewer",
    "segment.edges": "viewer",
    "customer.show": "viewer",
    "customer.find": "viewer",
    "movement.show": "viewer",
    "movement.of_segment": "viewer",
    "movement.picture": "viewer",
    "movement.export": "viewer",
    "investigate.show": "viewer",
    "investigate.download": "viewer",
    "segment.add_note": "analyst",
    "segment.remove_note": "analyst",
    "investigate.preview": "analyst",
    "investigate.apply": "analyst",
    "investigate.undo": "analyst",
    "investigate.make_again": "analyst",
    "investigate.replay": "analyst",
    "data.list_all": "viewer",
    "data.show": "viewer",
    "data.rejected": "viewer",
    "fits.show": "viewer",
    "fits.movers": "viewer",
    "segmentations.list_all": "viewer",
    "home.try_sample": "analyst",
    "data.upload": "analyst",
    "data.connect": "analyst",
    "data.correct": "analyst",
    "data.ask": "analyst",
    "data.remove": "analyst",
    "fits.submit": "analyst",
    "fits.read": "analyst",
    "segmentations.use": "analyst",
    "segmentations.rename": "analyst",
    "segmentations.ask": "analyst",
    "segmentations.remove": "analyst",
    "quick.draw": "analyst",
    "jobs.cancel": "analyst",
    "users.list_all": "owner",
    "users.add": "owner",
    "users.change": "owner",
    "users.remove": "owner",
    "openapi.spec": "viewer",
    "reading.show": "viewer",
    "api_datasets.list_all": "viewer",
    "api_datasets.show": "viewer",
    "api_segmentations.list_all": "viewer",
    "api_segmentations.current": "viewer",
    "api_segmentations.show": "viewer",
    "api_segmentations.segments": "viewer",
    "api_segmentations.compare": "viewer",
    "api_segmentations.outlook": "viewer",
    "api_movement.show": "viewer",
    "api_movement.drift": "viewer",
    "api_members.list_some": "viewer",
    "api_members.show": "viewer",
    "api_notes.list_all": "viewer",
    "api_edits.list_all": "viewer",
    "api_edits.tell": "analyst",
    "api_campaigns.list_all": "viewer",
    "api_campaigns.show": "viewer",
    "api_campaigns.add": "analyst",
    "api_campaigns.measure": "analyst",
    "api_files.list_all": "viewer",
    "api_files.send": "viewer",
    "api_jobs.list_all": "viewer",
    "api_jobs.show": "viewer",
    "api_datasets.add": "analyst",
    "api_datasets.add_the_sample": "analyst",
    "api_datasets.read": "analyst",
    "api_datasets.remove": "analyst",
    "api_segmentations.segment": "analyst",
    "api_segmentations.use": "analyst",
    "api_segmentations.remove": "analyst",
    "api_segmentations.assign": "analyst",
    "api_edits.make": "analyst",
    "api_edits.undo": "analyst",
    "api_notes.add": "analyst",
    "api_notes.remove": "analyst",
    "api_jobs.cancel": "analyst",
}


def may(role: str, endpoint: str) -> bool:
    """Whether somebody of this role may use the endpoint.

    Parameters
    ----------
    role : str
        One of ROLES.
    endpoint : str

    Returns
    -------
    bool

    Examples
    --------
    >>> may("viewer", "home.show"), may("viewer", "home.try_sample"), may("owner", "nothing.like_this")
    (True, False, False)
    """
    return endpoint in ROUTES and ROLES.index(role) >= ROLES.index(ROUTES[endpoint])


def roles_up_to(role: str) -> tuple[UserRole, ...]:
    """Give the roles that may do no more than this one.

    Parameters
    ----------
    role : str
        One of USER_ROLES.

    Returns
    -------
    tuple of str
    """
    return tuple(one for one in USER_ROLES if ROLES.index(one) <= ROLES.index(role))


def user_role(name: str, *, most: str = "owner") -> UserRole:
    """Check the name of a role.

    Parameters
    ----------
    name : str
    most : str
        The role of whoever gives it.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If there is no such role, or it may do more than `most`.
    """
    found = next((role for role in roles_up_to(most) if role == name), None)
    if found is None:
        raise ParameterError(f"{name!r} is not one of the roles {', '.join(roles_up_to(most))}", where="role")
    return found
