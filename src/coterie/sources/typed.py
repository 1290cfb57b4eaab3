"""Cells -> values of a kind, and for every row the first reason it cannot be used, in one expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import ibis

from coterie.sources import dates, numbers, values
from coterie.sources.dataset import Role
from coterie.sources.engine_functions import md5
from coterie.sources.fields import Field

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerScalar, StringValue, Table, Value

_NO_CELL, _END_OF_CELL = "\x01", "\x1f"  # what no text file has inside a cell

APPEARS_AGAIN = "customer appears again on a later line"


@dataclass(frozen=True)
class Problem:
    """One reason to reject a row: where the cell stands, and what is wrong with it."""

    field: Field
    reason: str
    applies: BooleanValue


def parsed(rows: Table, fields: Sequence[Field], *, role: Role, n_cells: int) -> Table:
    """The rows with a typed column t0, t1, ... per field, beside the cells these come from."""
    typed = {f"t{i}": _value(rows[one.cell], one) for i, one in enumerate(fields)}
    cells = {one.cell: rows[one.cell] for one in fields}
    if role == "transactions":
        typed["row_digest"] = _digest([rows[f"c{i}"] for i in range(n_cells)])
    if not any(one.name == "customer_id" for one in fields):
        number = ibis.row_number().over(order_by=rows.line) + 1
        typed["row_id"] = number.cast("string")
    return rows.select(rows.line, **cells, **typed)


def judged(rows: Table, fields: Sequence[Field], *, role: Role) -> tuple[Table, list[Problem]]:
    """Parsed rows under their names in the Dataset, with the first problem of each.

    Returns
    -------
    Table
        line, row_digest (transactions), one column per field, problem (0 = accepted, else 1 + position
        in the list), value_shown (the beginning of the cell that is to blame).
    list of Problem
        In the order they are looked for.
    """
    problems = _all_problems(rows, fields, role=role)
    branches = [(p.applies, ibis.literal(i, "int16")) for i, p in enumerate(problems, start=1)]
    found = ibis.cases(*branches, else_=0) if branches else ibis.literal(0, "int16")
    staged = rows.mutate(problem=found.cast("int16"))
    blamed = [(i, values.shown(staged[p.field.cell])) for i, p in enumerate(problems, start=1)]
    shown = staged.problem.cases(*blamed) if blamed else ibis.literal("")
    columns: dict[str, Value] = {"line": staged.line}
    if role == "transactions":
        columns["row_digest"] = staged.row_digest
    if "row_id" in rows.columns:
        columns["customer_id"] = staged.row_id
    columns |= {one.name: staged[f"t{i}"] for i, one in enumerate(fields)}
    if role == "transactions" and "amount" not in columns:
        columns["amount"] = columns["quantity"] * columns["unit_price"]
    return staged.select(**columns, problem=staged.problem, value_shown=shown), problems


def _all_problems(rows: Table, fields: Sequence[Field], *, role: Role) -> list[Problem]:
    # A row without a customer is rejected for that, whatever else is wrong with it.
    order = sorted(range(len(fields)), key=lambda i: (fields[i].name != "customer_id", i))
    problems = [p for i in order for p in _problems(rows, fields[i], position=i)]
    if role == "transactions":
        problems += _amount_problems(rows, fields)
    if role == "customers":
        problems += _repeated(rows, fields)
    return problems


def unreadable(rows: Table, fields: Sequence[Field]) -> dict[str, IntegerScalar]:
    """Per optional number or date field: how many filled cells could not be read and are missing now."""
    return {
        one.name: (~values.is_missing(rows[one.cell]) & rows[f"t{i}"].isnull()).sum()
        for i, one in enumerate(fields)
        if one.kind in ("number", "date") and not one.is_required
    }


def _value(cell: StringValue, one: Field) -> Value:
    if one.kind == "id":
        return values.identifier(cell)
    if one.kind == "number":
        value = numbers.number(cell, one.notation)
        usable = ~numbers.is_not_finite(cell, value) & (value.abs() <= numbers.LARGEST)
        return value if one.is_required else ibis.ifelse(usable, value, ibis.null("float64"))
    if one.kind == "date":
        assert one.form is not None
        at = dates.timestamp(cell, one.form)
        return at if one.is_required else ibis.ifelse(dates.is_out_of_range(at), ibis.null("timestamp"), at)
    if one.is_flag:
        return cell.strip().lower().cases(("true", "yes"), ("false", "no"))
    return values.text(cell)


def _problems(rows: Table, one: Field, *, position: int) -> list[Problem]:
    """What can be wrong with one cell, in the order a reader would notice."""
    cell, value = rows[one.cell], rows[f"t{position}"]
    word = _WORDS.get(one.name, one.name.replace("_", " "))
    missing = [Problem(one, f"no {word}", value.isnull())] if one.is_required else []
    if one.kind == "id":
        control = values.has_control_character(value)
        return [*missing, Problem(one, f"control character in the {word}", control)]
    if not one.is_required or one.kind == "text":
        return missing
    # A branch, not "and": the engine then looks for words only in cells that gave no value.
    is_absent = ibis.ifelse(value.isnull(), values.is_missing(cell), False)
    absent = Problem(one, f"no {word}", is_absent)
    if one.kind == "number":
        return [
            absent,
            Problem(one, f"{word} is not a finite number", numbers.is_not_finite(cell, value)),
            Problem(one, f"{word} is not a number", value.isnull()),
            Problem(one, f"{word} is larger than 1e12", value.abs() > numbers.LARGEST),
        ]
    assert one.form is not None
    limits = f"{word} before {dates.FIRST_YEAR} or after {dates.LAST_YEAR}"
    return [
        absent,
        Problem(one, f"{word} does not fit the column's format {one.form.name}", value.isnull()),
        Problem(one, limits, dates.is_out_of_range(value)),
        Problem(one, f"{word} lies in the future", dates.is_in_the_future(value)),
    ]


_WORDS: Mapping[str, str] = {"customer_id": "customer id", "order_id": "order id", "at": "date"}


def _amount_problems(rows: Table, fields: Sequence[Field]) -> list[Problem]:
    """A product of quantity and price can be too large though neither is."""
    position = {one.name: i for i, one in enumerate(fields)}
    if "amount" in position:
        return []
    quantity, price = (rows[f"t{position[name]}"] for name in ("quantity", "unit_price"))
    too_large = (quantity * price).abs() > numbers.LARGEST
    return [Problem(fields[position["unit_price"]], "amount is larger than 1e12", too_large)]


def _repeated(rows: Table, fields: Sequence[Field]) -> list[Problem]:
    """Of several rows about one customer the last one counts."""
    for i, one in enumerate(fields):
        if one.name == "customer_id":
            last = rows.line.max().over(group_by=rows[f"t{i}"])
            return [Problem(one, APPEARS_AGAIN, rows.line < last)]
    return []


def _digest(cells: Sequence[StringValue]) -> StringValue:
    """Equal for rows whose every cell is equal; an absent cell differs from an empty one."""
    ended = [cell.fill_null(_NO_CELL) + _END_OF_CELL for cell in cells]
    return md5(reduce(lambda left, right: left + right, ended))
