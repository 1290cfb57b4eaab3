"""Edits as forms and addresses say them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.errors import InputError, ParameterError

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from coterie.investigation import Edit

MOST_CUSTOMERS = 50_000


def edit_of(values: MultiDict[str, str]) -> Edit:
    """Read an edit.

    Parameters
    ----------
    values : MultiDict
        kind; segment (several for a merge); name; n_parts or feature, order and value; customer (several)
        or customers (an id in each line); text.

    Returns
    -------
    Edit

    Raises
    ------
    InputError
        If it is none; says what is wrong in a sentence.
    """
    from coterie.investigation import edit_from_json

    kind = "save_as" if values.get("save_as") else values.get("kind", "")
    return edit_from_json({"kind": kind, **_FIELDS.get(kind, _nothing)(values)})


def to_values(edit: dict[str, Any]) -> list[tuple[str, str]]:
    """Write an edit as the fields of a form.

    Parameters
    ----------
    edit : dict
        As JSON.

    Returns
    -------
    list of (name, value)
        What `edit_of` reads.
    """
    told = [("kind", edit["kind"])]
    for name, value in edit.items():
        if name in ("segment_id", "segment_ids"):
            told += [("segment", str(one)) for one in (value if isinstance(value, list) else [value])]
        elif name == "customer_ids":
            told += [("customer", one) for one in value]
        elif name == "condition":
            told += [("feature", value["feature"]), ("order", value["op"]), ("value", str(value["value"]))]
        elif name == "names":
            told += [("part_name", one) for one in value]
        elif name != "kind":
            told.append((name, str(value)))
    return told


def _nothing(values: MultiDict[str, str]) -> dict[str, Any]:
    return {}


def _segment(values: MultiDict[str, str]) -> dict[str, Any]:
    return {"segment_id": _whole(values.get("segment", ""), "segment")}


def _rename(values: MultiDict[str, str]) -> dict[str, Any]:
    return {**_segment(values), "name": values.get("name", "").strip()}


def _merge(values: MultiDict[str, str]) -> dict[str, Any]:
    ids = [_whole(one, "segment") for one in values.getlist("segment")]
    return {"segment_ids": list(dict.fromkeys(ids)), "name": values.get("name", "").strip()}


def _split(values: MultiDict[str, str]) -> dict[str, Any]:
    names = [name.strip() for name in values.getlist("part_name") if name.strip()]
    asked = {**_segment(values), **({"names": names} if names else {})}
    if not values.get("feature"):
        return {**asked, "n_parts": _whole(values.get("n_parts", "2"), "n_parts")}
    value = values.get("value", "").strip()
    order = values.get("order", "<=")
    told: float | str = _number(value) if order in ("<=", ">") else value
    return {**asked, "condition": {"feature": values["feature"], "op": order, "value": told}}


def _placed(values: MultiDict[str, str]) -> dict[str, Any]:
    return {**_segment(values), "customer_ids": _customers(values)}


def _saved(values: MultiDict[str, str]) -> dict[str, Any]:
    return {"name": values.get("name", "").strip(), "customer_ids": _customers(values)}


def _remark(values: MultiDict[str, str]) -> dict[str, Any]:
    return {**_segment(values), "text": values.get("text", "").strip()}


def _customers(values: MultiDict[str, str]) -> list[str]:
    lines = [line.strip() for line in values.get("customers", "").splitlines()]
    found = list(dict.fromkeys([*values.getlist("customer"), *filter(None, lines)]))
    if not found:
        raise InputError("No customer is chosen", to_do="Tick some in the list of members")
    if len(found) > MOST_CUSTOMERS:
        raise InputError(f"At most {MOST_CUSTOMERS:,} customers can be chosen by hand")
    return found


def _whole(text: str, name: str) -> int:
    if not text.strip().isdecimal() or len(text) > 6:
        raise ParameterError(f"{text[:20]!r} is no whole number", where=name)
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ParameterError(f"{text[:20]!r} is no number", where="value") from None


_FIELDS = {
    "rename": _rename,
    "merge": _merge,
    "split": _split,
    "move": _placed,
    "pin": _placed,
    "lock": _segment,
    "annotate": _remark,
    "save_as": _saved,
}
"""What each kind of edit takes from a form."""
