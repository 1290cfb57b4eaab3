"""Features from the customers table: what is known of a customer besides the dealings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from coterie.features.block import MEDIAN, MISSING, Block, Known, days_between
from coterie.features.table import FeatureSpec
from coterie.preprocessing import column_kind

if TYPE_CHECKING:
    import ibis

BIRTH_DATE = "birth_date"

ID_SHARE = 0.95
"""Distinct values per value found above which a column tells customers apart instead of grouping them."""

FEW = 20
"""With fewer values than this all may differ by chance, so nothing is called an identifier by that."""

TEXT_LEVELS = 50
TEXT_SHARE = 0.5
"""More levels than the one and a larger share of distinct values than the other: free text."""

_CONTACTS = frozenset(
    {"email", "mail", "phone", "telephone", "tel", "mobile", "fax", "address", "street", "surname"}
    | {"firstname", "lastname", "fullname", "username", "forename", "url", "website", "ip"}
)
_ID_WORDS = frozenset({"id", "ids", "no", "nr", "number", "code", "key", "index", "idx", "uuid", "guid"})


@dataclass(frozen=True)
class _Column:
    """What decides whether a column can describe customers."""

    name: str
    kind: str
    n: int
    n_distinct: int
    is_whole: bool = False
    span: float = 0.0

    @property
    def distinct_share(self) -> float:
        return self.n_distinct / self.n

    @property
    def words(self) -> list[str]:
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name)
        return [word for word in re.split(r"[\W_]+", spaced.lower()) if word]


def attribute_block(customers: ibis.Table, *, end: date | None, known: Known, taken: frozenset[str]) -> Block:
    """Numbers, categories and dates of the customers table that can describe groups.

    Parameters
    ----------
    customers : ibis.Table
        One row per customer; only the customers who get features.
    end : date or None
        Ages and days count to here; None drops dates.
    known : mapping of str to FeatureSpec
        Of a saved model: its columns are used and no others.
    taken : frozenset of str
        Names of features that exist already; an attribute of that name is called `customers_<name>`.

    Returns
    -------
    Block
        With a note for every column left out: contact details, identifiers, free text, no values.
    """
    wanted: dict[str, Any] = {}
    specs: list[FeatureSpec] = []
    notes: list[str] = []
    for column in _columns(customers):
        reason = "" if known else _why_not(column, end)
        if reason:
            notes.append(f"The column {column.name!r} of the customers is no feature: {reason}")
            continue
        spec, values = _feature(customers[column.name], column, end=end)
        name = f"customers_{spec.name}" if spec.name in taken else spec.name
        wanted[name] = values
        specs.append(replace(spec, name=name))
    return Block(customers.select("customer_id", **wanted), tuple(specs), tuple(notes))


def _columns(customers: ibis.Table) -> list[_Column]:
    """One pass over the table for all that the decisions need."""
    names = [name for name in customers.columns if name not in ("customer_id", "line", "row_digest")]
    wanted: dict[str, Any] = {}
    for i, name in enumerate(names):
        column = customers[name]
        wanted |= {f"n_{i}": column.count(), f"distinct_{i}": column.nunique()}
        if column_kind(column) == "number":
            number = column.cast("float64")
            wanted |= {
                f"whole_{i}": (number == number.floor()).all().fill_null(False),
                f"span_{i}": (number.max() - number.min() + 1).fill_null(0.0),
            }
    if not wanted:
        return []
    found = customers.aggregate(**wanted).to_pandas().iloc[0].to_dict()
    return [_summary(i, name, kind=column_kind(customers[name]), found=found) for i, name in enumerate(names)]


def _summary(i: int, name: str, *, kind: str, found: Mapping[str, Any]) -> _Column:
    return _Column(
        name,
        kind,
        n=int(found[f"n_{i}"]),
        n_distinct=int(found[f"distinct_{i}"]),
        is_whole=bool(found.get(f"whole_{i}", False)),
        span=float(found.get(f"span_{i}", 0.0)),
    )


def _why_not(column: _Column, end: date | None) -> str:
    """The reason a column cannot describe groups, or nothing."""
    if column.n == 0:
        return "it has no values"
    if column.kind == "date":
        return "" if end else "there is no day to count from"
    if column.kind == "text" and column.distinct_share > TEXT_SHARE and _is_contact(column):
        return "it is a name or a contact detail"
    if _is_identifier(column):
        return "nearly every customer has a value of their own"
    is_free = column.n_distinct > TEXT_LEVELS and column.distinct_share > TEXT_SHARE
    return "it is free text" if column.kind == "text" and is_free else ""


def _is_contact(column: _Column) -> bool:
    return not _CONTACTS.isdisjoint(column.words) or column.words[-1:] == ["name"]


def _is_identifier(column: _Column) -> bool:
    if column.n < FEW or column.distinct_share <= ID_SHARE:
        return False
    if column.kind == "text":
        return True
    # Incomes may all differ too: a number is an identifier if it is called one or counts up.
    counts_up = column.span < 2 * column.n_distinct
    return column.is_whole and (counts_up or not _ID_WORDS.isdisjoint(column.words))


def _feature(values: Any, column: _Column, *, end: date | None) -> tuple[FeatureSpec, Any]:
    source = f"customers.{column.name}"
    if column.kind == "number":
        unit = "years" if column.name == "age" else "number"
        spec = FeatureSpec(column.name, unit, f"{column.name} as given", source, fill=MEDIAN)
        return spec, values.cast("float64")
    if column.kind == "text":
        spec = FeatureSpec(
            column.name,
            "category",
            f"{column.name} as given",
            source,
            kind="category",
            fill=MISSING,
        )
        return spec, values
    return _date_feature(values, column.name, end=end)


def _date_feature(values: Any, name: str, *, end: date | None) -> tuple[FeatureSpec, Any]:
    import ibis

    source = f"customers.{name}"
    if end is None:
        missing = FeatureSpec(f"days_since_{name}", "days", "", source, fill=MEDIAN)
        return missing, ibis.null("float64")
    day = values.cast("date")
    if name == BIRTH_DATE:
        later_in_year = (day.month() * 100 + day.day()) > (end.month * 100 + end.day)
        age = (end.year - day.year() - later_in_year.cast("int64")).cast("float64")
        sentence = "Whole years of age at the observation end"
        return FeatureSpec("age_years", "years", sentence, source, fill=MEDIAN, label="age"), age
    sentence = f"Days from {name} to the observation end"
    label = f"days since {name.replace('_', ' ')}"
    spec = FeatureSpec(f"days_since_{name}", "days", sentence, source, fill=MEDIAN, label=label)
    return spec, days_between(day, ibis.literal(end))
