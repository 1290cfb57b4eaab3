"""The columns a table will have in the Dataset, and how the cells of each are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from coterie.errors import SchemaError
from coterie.sources import dates, numbers
from coterie.sources.dataset import ColumnGuess
from coterie.sources.names import KINDS, SYNONYMS, Kind, normalised
from coterie.sources.notation import DecimalMark, Notation
from coterie.sources.profile import ColumnProfile
from coterie.sources.roles import Layout

if TYPE_CHECKING:
    import ibis
    from ibis.expr.types import NumericScalar

NUMBERS_SHARE = 0.9
"""An attribute is a number (or a date) if at least this share of its filled cells is; else it is text."""

FREE_TEXT_LENGTH = 50
"""Mean characters of a cell beyond which an attribute is free text, which describes no group."""

_CODE_NAMES = ("id", "code", "zip", "postcode", "plz", "phone", "telephone", "telefon", "sku", "key")
_MONEY = frozenset({"amount", "unit_price"})
_RESERVED = frozenset({"line", "row_digest", "problem", "value_shown"})


@dataclass(frozen=True)
class Field:
    """One column to be: its name and kind in the Dataset, and the cells it comes from.

    `cell` is the raw column (c0, c1, ...), `header` its name in the file; a row without a readable cell
    in a required field is rejected.
    """

    name: str
    kind: Kind
    header: str
    cell: str
    is_required: bool = False
    is_flag: bool = False
    notation: numbers.NumberFormat = field(default_factory=numbers.NumberFormat)
    form: dates.DateFormat | None = None


@dataclass
class Plan:
    """The fields of one table, what every column of the file was taken to be, and notes about it."""

    fields: list[Field]
    guesses: list[ColumnGuess]
    currency: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def dialect(self) -> dict[str, str]:
        """How numbers and dates are written, in words."""
        forms = {f.header: f.form.name for f in self.fields if f.form}
        commas = [f.header for f in self.fields if f.kind == "number" and f.notation.decimal == ","]
        words = {f"date format of {header}": name for header, name in forms.items()}
        return words | ({"decimal comma in": ", ".join(commas)} if commas else {})


def plan_fields(profiles: Sequence[ColumnProfile], layout: Layout) -> Plan:
    """The canonical columns and, for customers, the attributes of a table; notation still unknown."""
    fields = [
        _canonical(name, profiles[guess.position], layout=layout) for name, guess in layout.columns.items()
    ]
    by_position = {guess.position: (name, guess) for name, guess in layout.columns.items()}
    plan = Plan(fields, [])
    for profile in profiles:
        if profile.position in by_position:
            name, guess = by_position[profile.position]
            plan.guesses.append(ColumnGuess(profile.name, name, guess.confidence, guess.why))
        elif layout.role == "customers":
            _add_attribute(plan, profile)
        else:
            plan.guesses.append(ColumnGuess(profile.name, "", 1.0, "not needed"))
    return plan


def _canonical(name: str, profile: ColumnProfile, *, layout: Layout) -> Field:
    columns = layout.columns
    required = {"customer_id", "at", "amount"} & columns.keys()
    if layout.role == "transactions":
        required |= set() if "amount" in columns else {"quantity", "unit_price"}
        required |= set() if "at" in columns else {"order_id"}
    return Field(
        name=name,
        kind=KINDS.get(name, "text"),
        header=profile.name,
        cell=f"c{profile.position}",
        is_required=name in required,
        is_flag=_is_flag(profile),
    )


def _add_attribute(plan: Plan, profile: ColumnProfile) -> None:
    """Take any further column of a customer as an attribute under its own name, unless it is prose."""
    kind, share = _attribute_kind(profile)
    if kind == "text" and profile.mean_length > FREE_TEXT_LENGTH:
        plan.guesses.append(ColumnGuess(profile.name, "", 1.0, "free text"))
        plan.notes.append(f"The column {profile.name!r} holds free text and is not used")
        return
    name = _unused_name(profile.name, [f.name for f in plan.fields])
    plan.guesses.append(ColumnGuess(profile.name, name, round(share, 2), f"attribute: {kind}"))
    plan.fields.append(Field(name, kind, profile.name, f"c{profile.position}", is_flag=_is_flag(profile)))


def _attribute_kind(profile: ColumnProfile) -> tuple[Kind, float]:
    if profile.date_share >= NUMBERS_SHARE:
        return "date", profile.date_share
    is_code = profile.has_leading_zero or normalised(profile.name).split("_")[-1] in _CODE_NAMES
    if profile.number_share >= NUMBERS_SHARE and not is_code:
        return "number", profile.number_share
    return "text", 1.0


def _is_flag(profile: ColumnProfile) -> bool:
    return bool(profile.values) and {value.lower() for value in profile.values} <= {"true", "false"}


def _unused_name(name: str, taken: Iterable[str]) -> str:
    """The attribute's own name, numbered if a canonical column has it (engines ignore capitals)."""
    used = {t.lower() for t in taken} | _RESERVED | SYNONYMS["customers"].keys()
    candidate, n = name, 2
    while candidate.lower() in used:
        candidate, n = f"{name}_{n}", n + 1
    return candidate


def settle_notation(
    plan: Plan,
    rows: ibis.Table,
    *,
    profiles: Sequence[ColumnProfile],
    notation: Notation,
    source: str,
) -> None:
    """Decide the decimal mark, date format and currency of every field from its whole column.

    Raises
    ------
    SchemaError
        If dates can be read in two orders, a required number with two decimal marks, or a column holds
        amounts in two currencies.
    """
    forms = {
        f.name: dates.candidates(profiles[int(f.cell[1:])].values, notation.date_order)
        for f in plan.fields
        if f.kind == "date"
    }
    counts = _evidence(plan.fields, rows, forms=forms, profiles=profiles)
    borrowed = notation.decimal or _mark_of_the_file(plan.fields, counts)
    for i, one in enumerate(plan.fields):
        if one.kind == "date":
            form = _settled_form(one, forms[one.name], counts=counts[one.name], source=source)
            plan.fields[i] = replace(one, form=replace(form, time_zone=notation.time_zone or "UTC"))
        elif one.kind == "number":
            plan.fields[i] = _with_mark(plan, one, counts=counts[one.name], told=borrowed, source=source)
    plan.currency = _currency(plan.fields, rows, source=source)


def _evidence(
    fields: Sequence[Field],
    rows: ibis.Table,
    *,
    forms: Mapping[str, Sequence[dates.DateFormat]],
    profiles: Sequence[ColumnProfile],
) -> dict[str, dict[str, int]]:
    """What the cells of each number and date column say about how they are written."""
    counts = _settled_numbers(fields, rows, profiles=profiles)
    for one in fields:
        if one.kind in ("number", "date") and one.name not in counts:
            cells = rows.select(x=rows[one.cell]).distinct()
            number = one.kind == "number"
            wanted = numbers.evidence(cells.x) if number else dates.evidence(cells.x, forms[one.name])
            counts[one.name] = _counted(cells, wanted)
    return counts


def _settled_numbers(
    fields: Sequence[Field], rows: ibis.Table, *, profiles: Sequence[ColumnProfile]
) -> dict[str, dict[str, int]]:
    """The counts of number columns that one quick pass settles, which are most."""
    columns = [one for one in fields if one.kind == "number"]
    wanted = {
        f"{key}_{i}": scalar
        for i, one in enumerate(columns)
        for key, scalar in numbers.quick_evidence(rows[one.cell]).items()
    }
    found = _counted(rows, wanted) if wanted else {}
    counts = {}
    for i, one in enumerate(columns):
        quick = {key: found[f"{key}_{i}"] for key in ("n_filled", "n_plain", "n_marked")}
        if settled := numbers.settled(quick, profiles[int(one.cell[1:])].values):
            counts[one.name] = settled
    return counts


def _counted(rows: ibis.Table, wanted: Mapping[str, NumericScalar]) -> dict[str, int]:
    [found] = rows.aggregate(**wanted).to_pyarrow().to_pylist()
    return {name: int(value or 0) for name, value in found.items()}


def _mark_of_the_file(fields: Sequence[Field], counts: Mapping[str, Mapping[str, int]]) -> DecimalMark | None:
    """The decimal mark of the columns that leave no doubt, if they agree."""
    marks = {
        numbers.decimal_mark(counts[f.name])
        for f in fields
        if f.kind == "number" and counts[f.name]["n_point"] != counts[f.name]["n_comma"]
    }
    return marks.pop() if len(marks) == 1 else None


def _with_mark(
    plan: Plan,
    one: Field,
    *,
    counts: Mapping[str, int],
    told: DecimalMark | None,
    source: str,
) -> Field:
    mark = numbers.decimal_mark(counts)
    is_open = mark is None
    mark = mark or told
    if mark is None and one.is_required:
        raise SchemaError(
            f"The numbers in {one.header!r} can be read with a decimal point or a decimal comma",
            where=source,
            to_do="Say which mark it is with --decimal . or --decimal ,",
        )
    if is_open and told is None:
        plan.notes.append(
            f"The numbers in {one.header!r} were read with a decimal point; --decimal , reads them otherwise"
        )
    mark = mark or "."
    has_marks = counts["n_point"] + counts["n_comma"] + counts["n_undecided"] > 0
    is_plain = counts["n_plain"] == counts["n_filled"] and (mark == "." or not has_marks)
    return replace(one, notation=numbers.NumberFormat(mark, is_plain))


def _settled_form(
    one: Field, forms: Sequence[dates.DateFormat], *, counts: Mapping[str, int], source: str
) -> dates.DateFormat:
    if not forms:
        return dates.ISO_8601
    form, is_ambiguous = dates.choose(forms, counts)
    if is_ambiguous:
        raise SchemaError(
            f"The dates in {one.header!r} can be read with the day or with the month first",
            where=source,
            to_do="Say which with --date-order dmy or --date-order mdy",
        )
    return form


def _currency(fields: Sequence[Field], rows: ibis.Table, *, source: str) -> str | None:
    """The one currency of the table's money, as a symbol; None if it names none."""
    found: set[str] = set()
    for one in fields:
        if one.name in _MONEY and not one.notation.is_plain:
            signs = rows.select(sign=numbers.currencies(rows[one.cell])).distinct()
        elif one.name == "currency":
            signs = rows.select(sign=rows[one.cell].strip().upper()).distinct()
        else:
            continue
        found |= {numbers.SYMBOLS.get(s, s) for s in signs.sign.to_pyarrow().to_pylist() if s}
        if len(found) > 1:
            raise SchemaError(
                f"Amounts in different currencies cannot be added: {', '.join(sorted(found)[:5])}",
                where=f"{source}, column {one.header!r}",
                to_do="Convert them to one currency, or read one file per currency",
            )
    return found.pop() if found else None
