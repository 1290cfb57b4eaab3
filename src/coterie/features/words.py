"""Shares and numbers of things as people read them."""

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


def counted(n: int, noun: str) -> str:
    """Print how many there are of something, in the singular of one.

    Parameters
    ----------
    n : int
    noun : str
        In the singular; its plural ends in s.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "customer"), counted(1200, "customer"), counted(0, "segment")
    ('1 customer', '1,200 customers', '0 segments')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
