"""Numbers, money and times as the visitor's country writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from flask import g, has_request_context, request

LANGUAGE = "en_GB"
"""The words are English whatever the numbers look like."""
ABSENT = "\N{EN DASH}"
SMALL_SHARE = 0.0995
KIB = 1024


def locale() -> str:
    """Give the locale for numbers that the visitor's browser asks for."""
    if not has_request_context():
        return LANGUAGE
    if "locale" not in g:
        asked = [name.replace("-", "_") for name, _ in request.accept_languages]
        g.locale = next(filter(None, map(_known, asked)), LANGUAGE)
    found: str = g.locale
    return found


@cache
def _known(name: str) -> str | None:
    try:
        return str(Locale.parse(name))
    except (UnknownLocaleError, ValueError):
        language = negotiate_locale([name], ["en_GB"])
        return language


def number(value: float | None, digits: int | None = None) -> str:
    """Print a number: whole, or with as many digits as help."""
    if value is None:
        return ABSENT
    if digits is None:
        digits = 0 if float(value).is_integer() or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return format_decimal(round(value, digits), locale=locale())


def short(value: float | None) -> str:
    """Print a number in a few letters: 1.2K, 3.4M."""
    if value is None:
        return ABSENT
    if abs(value) < 10_000:
        return number(value)
    return format_compact_decimal(value, locale=locale(), fraction_digits=1)


def share(value: float | None) -> str:
    """Print a share as percent: whole percents, a decimal below ten."""
    if value is None:
        return ABSENT
    pattern = "#,##0.#%" if 0 < abs(value) < SMALL_SHARE else "#,##0%"
    return format_percent(value, pattern, locale=locale())


def money(value: float | None, currency: str | None = None) -> str:
    """Print an amount, with its currency if that is known; cents only for small ones."""
    if value is None:
        return ABSENT
    digits = 0 if abs(value) >= 100 else 2
    if not currency:
        return number(value, digits)
    amount = round(value, digits)
    return format_currency(
        amount, currency, locale=locale(), currency_digits=False, format=None if digits else "¤#,##0"
    )


def quantity(value: float | str | None, unit: str = "", *, currency: str | None = None) -> str:
    """Print a value of a feature as its unit asks for; a text stays as it is.

    Parameters
    ----------
    value : float, str or None
    unit : str
        "share" and "money" are printed as such, anything else as a number.
    currency : str, optional

    Returns
    -------
    str
    """
    if value is None or value != value:
        return ABSENT
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "share":
        return share(value)
    return money(value, currency) if unit == "money" else number(value)


def day(value: str | None) -> str:
    """Print a day that is written as 2026-03-01: "1 Mar 2026"."""
    return format_date(date.fromisoformat(value), "d MMM y", locale=LANGUAGE) if value else ABSENT


def moment(value: datetime | None) -> str:
    """Print a time in words that need no time zone: the day, the hour in UTC."""
    if value is None:
        return ABSENT
    return f"{format_datetime(value, 'd MMM y, HH:mm', locale=LANGUAGE)} UTC"


def happened(value: datetime | None) -> str:
    """Print when something happened in the data: the day, and the hour if one is known."""
    if value is None:
        return ABSENT
    pattern = "d MMM y" if value.time() == time.min else "d MMM y, HH:mm"
    return format_datetime(value, pattern, locale=LANGUAGE)


def ago(value: datetime | None) -> str:
    """Say how long ago it was: "3 minutes ago"."""
    if value is None:
        return ABSENT
    passed = datetime.now(UTC) - value
    if passed.total_seconds() < 45:
        return "just now"
    return format_timedelta(-passed, add_direction=True, locale=LANGUAGE)


def duration(seconds: float | None) -> str:
    """Say how long it takes: "2 minutes"."""
    return (
        ""
        if seconds is None
        else format_timedelta(timedelta(seconds=max(seconds, 1)), locale=LANGUAGE, threshold=1.5)
    )


def size(n_bytes: float) -> str:
    """Print a size of a file: 12 kB, 3.4 MB."""
    for unit in ("B", "kB", "MB"):
        if n_bytes < KIB:
            return f"{number(round(n_bytes, 1 if n_bytes < 10 else 0))} {unit}"
        n_bytes /= KIB
    return f"{number(round(n_bytes, 1))} GB"


def counted(n: int, noun: str) -> str:
    """Print how many there are, in the singular of one: "1 customer", "1,200 customers"."""
    return f"{number(n)} {noun}" if n == 1 else f"{number(n)} {noun}s"


FILTERS: dict[str, Callable[..., str]] = {
    "ago": ago,
    "counted": counted,
    "day": day,
    "duration": duration,
    "happened": happened,
    "moment": moment,
    "money": money,
    "number": number,
    "quantity": quantity,
    "share": share,
    "short": short,
    "size": size,
}
