"""What the files of a dataset are taken for, as a form, and the form as the dataset's options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.errors import ParameterError
from coterie.sources import SYNONYMS, Role

if TYPE_CHECKING:
    from coterie.workspace import DatasetRecord, Workspace

LEFT_OUT = "-"
"""Role of a file that is not used; column of what a file does not have."""

ROLE_WORDS: Mapping[str, str] = {
    "transactions": "Orders",
    "customers": "Customers",
    "events": "Visits and events",
    "feedback": "Reviews",
    LEFT_OUT: "Leave this file out",
}
COLUMN_WORDS: Mapping[str, str] = {
    "customer_id": "Customer",
    "order_id": "Order number",
    "at": "Date",
    "amount": "Amount",
    "quantity": "Quantity",
    "unit_price": "Price of one",
    "product": "Product",
    "product_name": "Product name",
    "category": "Category",
    "channel": "Channel",
    "country": "Country",
    "currency": "Currency",
    "email": "E-mail",
    "birth_date": "Date of birth",
    "age": "Age",
    "gender": "Gender",
    "city": "City",
    "region": "Region",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "consent": "Consent to marketing",
    "kind": "Kind of event",
    "url": "Page",
    "value": "Value",
    "text": "Text",
    "rating": "Rating",
}
DATE_ORDERS = {"": "Find out", "dmy": "Day first", "mdy": "Month first", "ymd": "Year first"}
DECIMALS = {"": "Find out", ".": "Point: 1,234.50", ",": "Comma: 1.234,50"}
DATE_PARTS = {"%d": "day", "%m": "month", "%b": "name of the month", "%Y": "year", "%y": "year (2 digits)"}
NOBODY = "No column identifies the customer: each row is taken for one."
SURE = 0.9
"""A guess below this is marked."""


@dataclass(frozen=True)
class FileForm:
    """One file of a dataset with what it is taken for.

    Attributes
    ----------
    number : int
        Its place among the files, which its fields carry in their names.
    failure : str
        Why it cannot be read; then nothing else is known of it.
    fields : tuple of (canonical column, words, column of the file or "")
    columns : tuple of (name in the file, words for what it is, whether that is sure)
    """

    number: int
    name: str
    n_bytes: int
    role: str
    failure: str = ""
    problem: str = ""
    fields: tuple[tuple[str, str, str], ...] = ()
    columns: tuple[tuple[str, str, bool], ...] = ()
    rows: Sequence[Sequence[str | None]] = ()
    n_rows: int = 0
    is_whole: bool = False
    dates: tuple[tuple[str, list[str]], ...] = ()
    notes: Sequence[str] = ()


def file_forms(record: DatasetRecord, previews: Sequence[Mapping[str, Any]]) -> list[FileForm]:
    """Put what was seen of each file into a form.

    Parameters
    ----------
    record : DatasetRecord
    previews : sequence of mapping
        What `coterie.workspace.load_preview` gives.

    Returns
    -------
    list of FileForm
    """
    roles = record.options.get("roles", {})
    return [
        _file_form(number, name, n_bytes=n_bytes, seen=seen, is_left_out=roles.get(name) == LEFT_OUT)
        for number, ((name, _, n_bytes), seen) in enumerate(zip(record.files, previews, strict=True))
    ]


def _file_form(
    number: int, name: str, *, n_bytes: int, seen: Mapping[str, Any], is_left_out: bool
) -> FileForm:
    if "failure" in seen:
        return FileForm(number, name, n_bytes, LEFT_OUT, failure=seen["failure"])
    taken = _taken(seen)
    role: Role = seen["role"]
    return FileForm(
        number,
        name,
        n_bytes,
        LEFT_OUT if is_left_out else role,
        problem=seen["problem"],
        fields=tuple(
            (canonical, COLUMN_WORDS[canonical], taken.get(canonical, "")) for canonical in SYNONYMS[role]
        ),
        columns=tuple(_heading(guess, role) for guess in seen["columns"]),
        rows=seen["rows"],
        n_rows=seen["n_rows"],
        is_whole=seen["is_whole"],
        dates=tuple(
            (column, [_date_words(form) for form in forms]) for column, forms in seen["dates"].items()
        ),
        notes=[*seen["notes"], *([] if "customer_id" in taken else [NOBODY])],
    )


def _date_words(form: str) -> str:
    """A layout in words: "%d/%m/%Y" becomes "day/month/year"."""
    for mark, words in DATE_PARTS.items():
        form = form.replace(mark, words)
    return form


def _taken(seen: Mapping[str, Any]) -> dict[str, str]:
    """The file's column for each canonical one."""
    return {guess["becomes"]: guess["column"] for guess in seen["columns"] if guess["becomes"]}


def _heading(guess: Mapping[str, Any], role: Role) -> tuple[str, str, bool]:
    becomes = guess["becomes"]
    words = COLUMN_WORDS[becomes] if becomes in SYNONYMS[role] else "Attribute" if becomes else ""
    return guess["column"], words, guess["confidence"] >= SURE


def obstacle(forms: Sequence[FileForm]) -> str:
    """Say why the files cannot be imported as they stand; empty if they can.

    Parameters
    ----------
    forms : sequence of FileForm

    Returns
    -------
    str
    """
    used = [form for form in forms if form.role != LEFT_OUT]
    if not used:
        return f"{forms[0].failure or 'Every file is left out'}."
    for form in used:
        if form.problem:
            where = f"{form.name}: " if len(used) > 1 else ""
            return f"{where}{form.problem}. Choose below what its columns are."
    if sum(form.role == "customers" for form in used) > 1:
        return "Only one file can be the list of customers. Say below what the others hold."
    return ""


def corrected(
    record: DatasetRecord, form: Mapping[str, str], *, previews: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Give the options of a dataset after what a form says.

    Parameters
    ----------
    record : DatasetRecord
    form : mapping
        As the page sends it; what it does not name stays as it is.
    previews : sequence of mapping
        What the form showed.

    Returns
    -------
    dict
        What was left as it was guessed is not in it, so that it is guessed again.

    Raises
    ------
    ParameterError
        If a value cannot be one, or a column is chosen twice.
    """
    options = dict(record.options)
    roles, mappings = dict(options.get("roles", {})), dict(options.get("mappings", {}))
    for number, ((name, _, _), seen) in enumerate(zip(record.files, previews, strict=True)):
        if "failure" in seen:
            roles[name] = LEFT_OUT
            continue
        role = _one_of(form.get(f"role-{number}", seen["role"]), ROLE_WORDS)
        if role != seen["role"] or roles.get(name) == LEFT_OUT:
            roles[name] = role
        own = dict(mappings.get(name, {})) if role == seen["role"] else {}
        own |= _changes(form, seen, number=number) if role == seen["role"] else {}
        _refuse_twice(own)
        mappings[name] = own
    for name, words in (("date_order", DATE_ORDERS), ("decimal", DECIMALS)):
        options[name] = _one_of(form.get(name, options.get(name) or ""), words) or None
    if "correcting" in form:  # a box that is not ticked sends nothing
        options["keep_duplicates"] = "keep_duplicates" in form
    options |= {"roles": roles, "mappings": {name: own for name, own in mappings.items() if own}}
    return {name: value for name, value in options.items() if value}


def _changes(form: Mapping[str, str], seen: Mapping[str, Any], *, number: int) -> dict[str, str]:
    """The canonical columns that are not what they were guessed or told to be."""
    taken, names = _taken(seen), {guess["column"] for guess in seen["columns"]}
    changes = {}
    for canonical in SYNONYMS[seen["role"]]:
        before = taken.get(canonical, "")
        chosen = form.get(f"{canonical}-{number}", before)
        if chosen != before:
            changes[canonical] = _one_of(chosen, names) if chosen else LEFT_OUT
    return changes


def _refuse_twice(mapping: Mapping[str, str]) -> None:
    chosen = [column for column in mapping.values() if column != LEFT_OUT]
    for column in chosen:
        if chosen.count(column) > 1:
            raise ParameterError(f"The column {column!r} is chosen for two things")


def _one_of(value: str, allowed: Mapping[str, str] | set[str]) -> str:
    if value not in allowed:
        raise ParameterError(f"{value[:60]!r} is not among the choices")
    return value


def remembered(
    ws: Workspace, record: DatasetRecord, *, previews: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What was corrected before in files with the same columns.

    Parameters
    ----------
    ws : Workspace
    record : DatasetRecord
        Nothing is said about it yet.
    previews : sequence of mapping
        Of its files.

    Returns
    -------
    dict
        Options; empty if there were none.
    """
    known = _corrections(ws)
    roles: dict[str, str] = {}
    mappings: dict[str, Mapping[str, str]] = {}
    for (name, _, _), seen in zip(record.files, previews, strict=True):
        role, own = known.get(tuple(guess["column"] for guess in seen.get("columns", ())), ("", {}))
        roles |= {name: role} if role else {}
        mappings |= {name: own} if own else {}
    return {part: said for part, said in (("roles", roles), ("mappings", mappings)) if said}


def _corrections(ws: Workspace) -> dict[tuple[str, ...], tuple[str, Mapping[str, str]]]:
    """Role and mapping by the columns of a file, the newest of each."""
    found: dict[tuple[str, ...], tuple[str, Mapping[str, str]]] = {}
    for record in ws.datasets.list():
        for file in (record.report or {}).get("files", ()):
            columns = tuple(column["column"] for column in file["columns"])
            role, own = (record.options.get(part, {}).get(file["source"]) for part in ("roles", "mappings"))
            found.setdefault(columns, (role or "", own or {}))
    return {columns: said for columns, said in found.items() if any(said)}
