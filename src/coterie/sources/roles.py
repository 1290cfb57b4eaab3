"""Which role a table plays, and what each of its columns is: guessed from names and values, or told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coterie.errors import SchemaError
from coterie.sources.dataset import Role
from coterie.sources.names import KINDS, SYNONYMS, UNSURE, name_match, normalised
from coterie.sources.profile import ColumnProfile

NOT_USED = "-"
"""In a mapping: the file has no such column, whatever its names suggest."""

READABLE_SHARE = 0.5
"""A column named like a number or a date is one if at least this share of its cells reads as such."""

ESSENTIAL = ("customer_id", "order_id", "at", "amount")
"""A column with exactly this name is it, however bad its cells; the rows with bad cells are rejected."""

DATES_BY_VALUE_SHARE = 0.9
"""A column with another name is taken for the time of an order if so many cells are dates."""

UNIQUE_ID_SHARE = 0.9
"""Where an id comes back more often, beside columns that orders have, the rows are not customers."""

GENDERS = frozenset(
    (
        *("m", "f", "w", "d", "x", "h", "male", "female", "man", "woman", "men", "women", "other", "diverse"),
        *("unknown", "maennlich", "weiblich", "divers", "mann", "frau", "homme", "femme", "masculin"),
        *("feminin", "hombre", "mujer", "masculino", "femenino"),
    )
)


@dataclass(frozen=True)
class Guess:
    """A canonical column: where it stands in the file, how sure that is (0-1), and why."""

    position: int
    confidence: float
    why: str


@dataclass(frozen=True)
class Layout:
    """The role of a table and its canonical columns."""

    role: Role
    columns: Mapping[str, Guess] = field(default_factory=dict)


def lay_out(
    profiles: Sequence[ColumnProfile], *, source: str, told: Mapping[str, int | None], role: Role | None
) -> Layout:
    """Find the role of a table, if it is not given, and its canonical columns.

    Parameters
    ----------
    profiles : sequence of ColumnProfile
        All columns of the table.
    source : str
        Named in errors.
    told : mapping of str to int or None
        Canonical column -> position the user named; None: there is no such column.
    role : Role or None
        The role the user gave the table.

    Returns
    -------
    Layout

    Raises
    ------
    SchemaError
        If a required column is not there.
    """
    if role is None:
        return _guess_role(profiles, source, told=told)
    columns = match_columns(profiles, role, told=told)
    if role == "transactions":
        require_transactions(columns, profiles, source=source)
    elif role != "customers" and "customer_id" not in columns:
        raise missing_column("customer_id", profiles, source=source)
    return Layout(role, columns)


def match_columns(
    profiles: Sequence[ColumnProfile], role: Role, *, told: Mapping[str, int | None]
) -> dict[str, Guess]:
    """The canonical columns of this role that a table has."""
    found = {
        canonical: Guess(position, 1.0, "named by you")
        for canonical, position in told.items()
        if position is not None and canonical in SYNONYMS[role]
    }
    for canonical in SYNONYMS[role]:
        if canonical in told:
            continue
        taken = {guess.position for guess in found.values()}
        guesses = [
            (guess.confidence, -rank, -guess.position, guess)
            for profile in profiles
            if profile.position not in taken and (matched := _match(profile, role, canonical=canonical))
            for guess, rank in (matched,)
        ]
        if guesses:
            found[canonical] = max(guesses, key=lambda g: g[:3])[3]
    return _completed(found, profiles, role=role, told=told)


def _match(profile: ColumnProfile, role: Role, *, canonical: str) -> tuple[Guess, int] | None:
    """Whether this column may be the canonical one: the name must say so and the values not deny it."""
    named = name_match(role, canonical, name=profile.name)
    if named is None:
        return None
    confidence, rank = named
    kind = KINDS.get(canonical, "text")
    share = {"number": profile.number_share, "date": _date_share(profile)}.get(kind, 1.0)
    is_by_the_book = canonical in ESSENTIAL and normalised(profile.name) == canonical
    if not is_by_the_book and (profile.n_filled == 0 or share < READABLE_SHARE):
        return None
    if canonical == "gender" and not _are_genders(profile):
        return None
    if role == "customers" and normalised(profile.name) in {"id", "nr"} and not _are_mostly_unique(profile):
        return None
    why = "name" if kind in ("id", "text") else f"name, and {share:.0%} of its values are {kind}s"
    return Guess(profile.position, round(confidence * share, 2), why), rank


def _are_mostly_unique(ids: ColumnProfile) -> bool:
    return ids.n_distinct >= UNIQUE_ID_SHARE * ids.n_filled


def _date_share(profile: ColumnProfile) -> float:
    # Serial days, Unix seconds and 20240131 are dates where the name says so.
    return max(profile.date_share, profile.number_share)


def _are_genders(profile: ColumnProfile) -> bool:
    return all(normalised(value) in GENDERS for value in profile.values)


def _completed(
    found: dict[str, Guess],
    profiles: Sequence[ColumnProfile],
    *,
    role: Role,
    told: Mapping[str, int | None],
) -> dict[str, Guess]:
    """What one column implies for another."""
    if role == "transactions":
        if "product" not in found and "product" not in told and "product_name" in found:
            found["product"] = found.pop("product_name")
        if "amount" not in found and "quantity" not in found and "unit_price" in found:
            found["amount"] = found.pop("unit_price")
    if role != "customers" and "at" not in found and "at" not in told:
        dates = [p for p in profiles if p.date_share >= DATES_BY_VALUE_SHARE and not _is_taken(p, found)]
        if len(dates) == 1:
            why = "its values are dates, and no other column's are"
            found["at"] = Guess(dates[0].position, round(UNSURE * dates[0].date_share, 2), why)
    if role == "customers" and "customer_id" not in found and "customer_id" not in told:
        first = profiles[0]
        if _has_no_name(first.name) and first.is_unique and first.number_share == 1.0:
            found["customer_id"] = Guess(0, UNSURE, "first column, without a name, counts the rows")
    return found


def _is_taken(profile: ColumnProfile, found: Mapping[str, Guess]) -> bool:
    return any(guess.position == profile.position for guess in found.values())


def _has_no_name(name: str) -> bool:
    return normalised(name) in {"", "index", "unnamed_0", "column_1", "level_0"}


def _guess_role(profiles: Sequence[ColumnProfile], source: str, *, told: Mapping[str, int | None]) -> Layout:
    orders = match_columns(profiles, "transactions", told=told)
    if _are_transactions(orders, profiles, told=told):
        return Layout("transactions", orders)
    feedback = match_columns(profiles, "feedback", told=told)
    if {"customer_id", "text"} <= feedback.keys() and ("rating" in feedback or "at" in feedback):
        return Layout("feedback", feedback)
    events = match_columns(profiles, "events", told=told)
    if {"customer_id", "at"} <= events.keys() and events.keys() & {"kind", "url"}:
        return Layout("events", events)
    return Layout("customers", _customers(orders, profiles, source=source, told=told))


def _are_transactions(
    orders: Mapping[str, Guess], profiles: Sequence[ColumnProfile], *, told: Mapping[str, int | None]
) -> bool:
    has_money = orders.keys() & {"amount", "unit_price"}
    if not ("customer_id" in orders and orders.keys() & {"at", "order_id"} and has_money):
        return False
    if _only_orders_have(told) or not profiles[orders["customer_id"].position].is_unique:
        return True
    # One row a customer: orders all the same if it names orders or lines, or has nothing but them.
    return bool(orders.keys() & {"order_id", "product", "quantity"}) or len(orders) == len(profiles)


def _only_orders_have(told: Mapping[str, int | None]) -> bool:
    """Whether the user named a column that a table of customers cannot have."""
    named = {canonical for canonical, position in told.items() if position is not None}
    return bool(named & SYNONYMS["transactions"].keys() - SYNONYMS["customers"].keys())


def _customers(
    orders: Mapping[str, Guess],
    profiles: Sequence[ColumnProfile],
    *,
    source: str,
    told: Mapping[str, int | None],
) -> dict[str, Guess]:
    """The columns of a table of customers, unless it looks like orders that lack a column."""
    line_like = orders.keys() & {"order_id", "product", "quantity"} and orders.keys() & {"at", "order_id"}
    if "customer_id" not in orders and line_like and orders.keys() & {"amount", "unit_price"}:
        raise missing_column("customer_id", profiles, source=source)
    columns = match_columns(profiles, "customers", told=told)
    if _only_orders_have(told):
        require_transactions(orders, profiles, source=source)
    if "customer_id" in columns:
        ids = profiles[columns["customer_id"].position]
        has_orders = len(orders) > 1
        if has_orders and not _are_mostly_unique(ids):
            require_transactions(orders, profiles, source=source)
    return columns


def require_transactions(
    columns: Mapping[str, Guess], profiles: Sequence[ColumnProfile], *, source: str
) -> None:
    """Raise SchemaError unless a customer, a time or an order, and an amount are there."""
    if "customer_id" not in columns:
        raise missing_column("customer_id", profiles, source=source)
    if not columns.keys() & {"at", "order_id"}:
        raise missing_column("at", profiles, source=source)
    if "amount" not in columns and not {"quantity", "unit_price"} <= columns.keys():
        raise missing_column("amount", profiles, source=source)


_MEANING = {
    "customer_id": "customer",
    "at": "date of the order (or its number: order_id)",
    "amount": "amount (or quantity and unit_price)",
}


def missing_column(canonical: str, profiles: Sequence[ColumnProfile], *, source: str) -> SchemaError:
    """The error for a required column that was not found: lists the columns and names the flag."""
    no_orders = ", or give the table with --events or --feedback if it holds no orders"
    other_role = no_orders if canonical == "amount" else ""
    return SchemaError(
        f"No column was recognised as the {_MEANING[canonical]}",
        where=source,
        to_do=f"Name it with --map {canonical}=COLUMN{other_role}; the columns found are {listed(profiles)}",
    )


def listed(profiles: Sequence[ColumnProfile]) -> str:
    """Column names for an error message, the first forty of them."""
    names = [repr(profile.name[:60]) for profile in profiles[:40]]
    return ", ".join(names) + (f" and {len(profiles) - 40} more" if len(profiles) > 40 else "")


def positions_told(
    mapping: Mapping[str, str], columns: Sequence[str], *, numbered: bool
) -> dict[str, int | None]:
    """Where the columns a mapping names stand in one table; entries it does not have are left out.

    Parameters
    ----------
    mapping : mapping of str to str
        Canonical column -> name of the file's column, "#3" for the third, "-" for none.
    columns : sequence of str
        The table's columns.
    numbered : bool
        Whether "#3" is meant for this table.
    """
    told: dict[str, int | None] = {}
    for canonical, wanted in mapping.items():
        if wanted == NOT_USED:
            told[canonical] = None
        elif wanted in columns:
            told[canonical] = columns.index(wanted)
        elif numbered and wanted[:1] == "#" and wanted[1:].isdigit() and 0 < int(wanted[1:]) <= len(columns):
            told[canonical] = int(wanted[1:]) - 1
        elif wanted.strip().lower() in (lowered := [c.strip().lower() for c in columns]):
            told[canonical] = lowered.index(wanted.strip().lower())
    return told
