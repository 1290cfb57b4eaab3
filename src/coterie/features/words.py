"""Shares as people read them."""

from __future__ import annotations

LEAST = 0.0005
"""A smaller share would be printed as nothing."""


def percent(share: float) -> str:
    """Print a share: whole percents, a decimal below ten, and never nothing for something.

    Parameters
    ----------
    share : float

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.1234), percent(0.034), percent(0.05), percent(0.0001)
    ('12%', '3.4%', '5%', 'under 0.1%')
    """
    if 0 < share < LEAST:
        return "under 0.1%"
    return f"{share:.1%}".replace(".0%", "%") if 0 < abs(share) < 0.0995 else f"{share:.0%}"
