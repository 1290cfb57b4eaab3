"""How clearly a customer belongs to a segment, in words; and where the customer's page is."""

from __future__ import annotations

from flask import url_for

LIMITS = ((0.75, "at its heart"), (0.4, "clearly in it"), (0.15, "towards its border"))
"""From this margin on, and what it is called; 0 = on the border, 1 = at the centre."""
ON_THE_BORDER = "on its border"
NOWHERE = "in no segment"


def margin_words(margin: float | None) -> str:
    """Say how clearly a customer belongs to the segment.

    Parameters
    ----------
    margin : float or None, 0-1

    Returns
    -------
    str

    Examples
    --------
    >>> margin_words(0.9), margin_words(0.02), margin_words(None)
    ('at its heart', 'on its border', 'in no segment')
    """
    if margin is None or margin != margin:
        return NOWHERE
    return next((words for least, words in LIMITS if margin >= least), ON_THE_BORDER)


def customer_url(segmentation_id: str, customer_id: str) -> str:
    """Give the address of a customer's page.

    Parameters
    ----------
    segmentation_id : str
    customer_id : str
        Any text: what a browser would fold away in a path goes behind a question mark.

    Returns
    -------
    str
    """
    parts = customer_id.split("/")
    if {"", ".", ".."} & set(parts):
        return url_for("customer.find", segmentation_id=segmentation_id, id=customer_id)
    return url_for("customer.show", segmentation_id=segmentation_id, customer_id=customer_id)
