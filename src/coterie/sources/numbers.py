"""Numbers as people write them: which mark is the decimal one, and what a cell is worth.

A column has one decimal mark. Where cells could be read both ways ("1.234") the other cells of the
column decide; nothing is guessed silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.sources.notation import DecimalMark
from coterie.sources.values import is_missing

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, FloatingValue, NumericScalar, StringValue

LARGEST = 1e12
"""A larger amount, price or quantity is a slip of the keyboard, and sums of it lose their cents."""

SMALLEST = 1e-12
"""A number nearer to zero is zero, which also takes care of -0.0 and of denormal numbers."""

ENOUGH_GROUPED = 20
"""So many numbers of the shape 1,234 beside plain short ones, and none of 1,5: the mark groups
thousands (decimals with their zeros cut off would come in other lengths too)."""

SYMBOLS = {
    "$": "$", "US$": "$", "USD": "$", "€": "€", "EUR": "€", "£": "£", "GBP": "£", "¥": "¥", "JPY": "¥",
    "₹": "₹", "INR": "₹", "₩": "₩", "KRW": "₩", "₽": "₽", "RUB": "₽", "₺": "₺", "TRY": "₺", "₪": "₪",
    "ILS": "₪", "₴": "₴", "UAH": "₴", "₫": "₫", "VND": "₫", "₦": "₦", "NGN": "₦", "฿": "฿", "THB": "฿",
    "₱": "₱", "PHP": "₱", "R$": "R$", "BRL": "R$", "zł": "zł", "PLN": "zł", "CHF": "CHF", "CAD": "CAD",
    "AUD": "AUD", "NZD": "NZD", "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "CZK": "CZK", "HUF": "HUF",
    "RON": "RON", "BGN": "BGN", "MXN": "MXN", "ZAR": "ZAR", "CNY": "CNY", "HKD": "HKD", "SGD": "SGD",
    "AED": "AED", "kr": "kr",
}  # fmt: skip
"""How a currency is written -> how Coterie writes it."""

_CURRENCY = "(?:" + "|".join(re.escape(s) for s in sorted(SYMBOLS, key=len, reverse=True)) + ")"
_GROUP = " \u00a0\u202f\u2009'’"  # marks that only ever group thousands


def _grammar(decimal: str, grouping: str) -> str:
    """A number: sign and currency before, digits, currency or percent behind."""
    groups = rf"[1-9][0-9]{{0,2}}(?:[{grouping}{_GROUP}][0-9]{{2,3}})*[{grouping}{_GROUP}][0-9]{{3}}"
    digits = rf"(?:(?:{groups}|[0-9]+)(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][-+]?[0-9]{{1,4}})?"
    before = rf"(?:[-+−]?\s*{_CURRENCY}?|{_CURRENCY}\s*[-+−])"
    return rf"^\s*{before}\s*({digits})\s*(?:{_CURRENCY}|%)?\s*$"


GRAMMAR: Mapping[DecimalMark, str] = {".": _grammar(r"\.", ","), ",": _grammar(",", r"\.")}
_UNDECIDED = r"^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$"
_UNGROUPED = r"^[^0-9.,]*[0-9]{4,}[^0-9.,]*$"
_BRACKETS, _TRAILING_MINUS = r"^\s*\((.*)\)\s*$", r"^([^-−]*[^-−eE\s])\s*[-−]\s*$"
_PYTHON_GRAMMARS = tuple(re.compile(pattern) for pattern in GRAMMAR.values())


def looks_like_number(cell: str) -> bool:
    """Whether a cell is a number in some notation."""
    cell = re.sub(_TRAILING_MINUS, r"-\1", re.sub(_BRACKETS, r"-\1", cell))
    return any(grammar.match(cell) for grammar in _PYTHON_GRAMMARS)


@dataclass(frozen=True)
class NumberFormat:
    """How one column writes numbers; `is_plain` if the engine's own cast reads every cell of it."""

    decimal: DecimalMark = "."
    is_plain: bool = True


def quick_evidence(x: StringValue) -> dict[str, NumericScalar]:
    """Counts that settle a column which the engine's own cast reads, without looking at each notation."""
    filled = ~is_missing(x)
    return {
        "n_filled": filled.sum(),
        "n_plain": (filled & x.try_cast("float64").notnull()).sum(),
        "n_marked": (filled & x.contains(".")).sum(),
    }


def settled(counts: Mapping[str, int], cells: Iterable[str]) -> dict[str, int] | None:
    """The counts of `evidence`, if the quick ones and some cells leave no doubt; else None."""
    shows_point = any("." in cell and not re.search(_UNDECIDED, cell) for cell in cells)
    if counts["n_plain"] < counts["n_filled"] or (counts["n_marked"] and not shows_point):
        return None
    n_point = counts["n_marked"]
    return {
        "n_filled": counts["n_filled"],
        "n_plain": counts["n_plain"],
        "n_point": n_point,
        "n_comma": 0,
        "n_undecided": 0,
        "n_undecided_comma": 0,
        "n_unmarked": counts["n_filled"] - n_point,
        "n_ungrouped": 0,
    }


def evidence(x: StringValue) -> dict[str, NumericScalar]:
    """Counts over a column that decide its decimal mark."""
    filled = ~is_missing(x)
    signed = _signed(x)
    point, comma = signed.re_search(GRAMMAR["."]), signed.re_search(GRAMMAR[","])
    undecided = signed.re_search(_UNDECIDED)
    marked = x.contains(".") | x.contains(",")
    return {
        "n_filled": filled.sum(),
        "n_plain": (filled & x.try_cast("float64").notnull()).sum(),
        "n_point": (filled & marked & ~undecided & point & ~comma).sum(),
        "n_comma": (filled & marked & ~undecided & comma & ~point).sum(),
        "n_undecided": (marked & undecided).sum(),
        "n_undecided_comma": (x.contains(",") & undecided).sum(),
        "n_unmarked": (filled & ~marked).sum(),
        "n_ungrouped": (filled & ~marked & x.re_search(_UNGROUPED)).sum(),
    }


def decimal_mark(counts: Mapping[str, int]) -> DecimalMark | None:
    """The decimal mark the counts of `evidence` speak for; None if they leave it open."""
    if counts["n_point"] != counts["n_comma"]:
        return "." if counts["n_point"] > counts["n_comma"] else ","
    if counts["n_undecided"] == 0:
        return "." if counts["n_comma"] == 0 else None
    n_comma = counts["n_undecided_comma"]
    if n_comma not in (0, counts["n_undecided"]):
        return None
    seen: DecimalMark = "," if n_comma else "."
    if counts["n_ungrouped"]:
        return seen
    if counts["n_unmarked"] and counts["n_undecided"] >= ENOUGH_GROUPED:
        return "." if seen == "," else ","
    return None


def number(x: StringValue, notation: NumberFormat) -> FloatingValue:
    """What a cell is worth as float64: null if it is no number, infinite if it is too large for one.

    Brackets and a minus behind mean negative, a percent sign divides by 100.
    """
    import ibis

    plain = x.try_cast("float64")
    if notation.is_plain:
        return _without_dust(plain)
    signed = _signed(x)
    digits = signed.re_extract(GRAMMAR[notation.decimal], 1)
    grouping = "," if notation.decimal == "." else r"\."
    value = digits.re_replace(rf"[{grouping}{_GROUP}]", "").replace(",", ".").try_cast("float64")
    value = value * ibis.ifelse(signed.re_search(r"^[^0-9]*[-−]"), -1.0, 1.0)
    value = value / ibis.ifelse(signed.contains("%"), 100.0, 1.0)
    if notation.decimal == ".":
        value = ibis.coalesce(plain, value)
    return _without_dust(value)


def is_not_finite(x: StringValue, value: FloatingValue) -> BooleanValue:
    """Whether a cell is written as infinity or "not a number", or is too large for a float64."""
    import ibis

    words = x.re_search(r"(?i)^\s*[-+]?(?:inf|infinity|nan)\s*$")
    return ibis.ifelse(value.isnull(), words, value.isinf() | value.isnan())


def currencies(x: StringValue) -> StringValue:
    """The currency sign of each cell, "" if it has none."""
    return x.re_extract(_CURRENCY, 0)


def _signed(x: StringValue) -> StringValue:
    """Brackets and a trailing minus turned into a leading minus."""
    return x.re_replace(_BRACKETS, r"-\1").re_replace(_TRAILING_MINUS, r"-\1")


def _without_dust(value: FloatingValue) -> FloatingValue:
    import ibis

    return ibis.ifelse(value.abs() < SMALLEST, 0.0, value)
