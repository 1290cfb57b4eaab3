"""Shares, numbers of things and names of features as people read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coterie.features.table import FeatureSpec

LEAST = 0.0005
"""A smaller share would be printed as nothing."""

UNITLESS = frozenset({"", "category", "count", "number", "orders", "share"})
"""Units that need no word beside a feature's name: its figures show them."""


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


def label(spec: FeatureSpec) -> str:
    """Name a feature in words: "Annual Income (k$)" becomes "annual income".

    Parameters
    ----------
    spec : FeatureSpec

    Returns
    -------
    str
    """
    plain = re.sub(r"[(\[].*?[)\]]", " ", spec.label or spec.name)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).replace("_", " ")
    words = [word if word.isupper() else word.lower() for word in spaced.split()]
    return " ".join(words) or spec.name


def open_unit(spec: FeatureSpec, currency: str | None = None) -> str:
    """Give the unit that the words of a feature leave open.

    Parameters
    ----------
    spec : FeatureSpec
    currency : str, optional
        What money is counted in.

    Returns
    -------
    str
        Empty if the words or the figures say it, or the money is of no known currency.
    """
    given = re.search(r"[(\[](.+?)[)\]]", spec.label or spec.name)
    unit = given[1] if given else (currency or "") if spec.unit == "money" else spec.unit
    return "" if unit in UNITLESS or unit.lower() in label(spec).lower() else unit


def label_with_unit(spec: FeatureSpec, currency: str | None = None) -> str:
    """Name a feature in words, with its unit where the words leave it open.

    Parameters
    ----------
    spec : FeatureSpec
    currency : str, optional
        What money is counted in.

    Returns
    -------
    str

    Examples
    --------
    >>> from coterie.features import FeatureSpec
    >>> label_with_unit(FeatureSpec("monetary", "money", "", "transactions", label="spend"), "GBP")
    'spend (GBP)'
    >>> label_with_unit(FeatureSpec("recency_days", "days", "", "", label="days since last order"))
    'days since last order'
    """
    unit = open_unit(spec, currency)
    return f"{label(spec)} ({unit})" if unit else label(spec)
