"""The changes people make to segments by hand, as values and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from coterie.errors import InputError, ParameterError
from coterie.features import Predicate, counted

MAX_NAME = 40
"""Letters of a segment's name: more does not fit the legend of a chart."""
MAX_TEXT = 2_000
MAX_PARTS = 10


@dataclass(frozen=True)
class Rename:
    """A segment gets another name."""

    segment_id: int
    name: str


@dataclass(frozen=True)
class Merge:
    """Two or more segments become one; without a name of its own it keeps that of the first."""

    segment_ids: tuple[int, ...]
    name: str = ""


@dataclass(frozen=True)
class Split:
    """A segment is parted: by a condition into those who meet it and the rest, else by likeness.

    The rest, or the part worth most, keeps the segment's id.
    """

    segment_id: int
    n_parts: int = 2
    condition: Predicate | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Move:
    """Customers go into another segment."""

    customer_ids: tuple[str, ...]
    segment_id: int


@dataclass(frozen=True)
class Pin:
    """Customers belong to a segment, now and in every later run."""

    customer_ids: tuple[str, ...]
    segment_id: int


@dataclass(frozen=True)
class Lock:
    """A segment keeps its members when the segmentation is made anew."""

    segment_id: int


@dataclass(frozen=True)
class Annotate:
    """A remark on a segment."""

    segment_id: int
    text: str


@dataclass(frozen=True)
class SaveAs:
    """Customers become a segment of their own."""

    name: str
    customer_ids: tuple[str, ...]


Edit: TypeAlias = Rename | Merge | Split | Move | Pin | Lock | Annotate | SaveAs

KINDS: Mapping[str, type[Any]] = {
    "rename": Rename,
    "merge": Merge,
    "split": Split,
    "move": Move,
    "pin": Pin,
    "lock": Lock,
    "annotate": Annotate,
    "save_as": SaveAs,
}
OPTIONAL = frozenset({"name", "n_parts", "condition", "names"})


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """An edit as a JSON object.

    Parameters
    ----------
    edit : Edit

    Returns
    -------
    dict
        "kind" and what the edit says; what was left out is left out.
    """
    kind = next(name for name, made in KINDS.items() if isinstance(edit, made))
    stored: dict[str, Any] = {"kind": kind}
    for field in fields(edit):
        value = getattr(edit, field.name)
        if value == field.default:
            continue
        if isinstance(value, Predicate):
            value = value.to_json()
        stored[field.name] = list(value) if isinstance(value, tuple) else value
    return stored


def edit_from_json(stored: object) -> Edit:
    """The edit that a JSON object tells.

    Parameters
    ----------
    stored : object
        As read from JSON.

    Returns
    -------
    Edit

    Raises
    ------
    InputError
        If it is no edit; says what is wrong in a sentence.
    """
    if not isinstance(stored, Mapping) or not isinstance(stored.get("kind"), str):
        raise InputError("An edit is an object with a kind", to_do=f"Use one of: {', '.join(KINDS)}")
    kind = stored["kind"]
    if kind not in KINDS:
        raise InputError(f"There is no edit of the kind {kind!r}", to_do=f"Use one of: {', '.join(KINDS)}")
    known = {field.name for field in fields(KINDS[kind])}
    required = known - (OPTIONAL if kind in {"merge", "split"} else frozenset())
    for name in sorted(set(stored) - known - {"kind"}):
        raise InputError(f"An edit of the kind {kind} has no {name!r}", where=kind)
    for name in sorted(required - set(stored)):
        raise InputError(f"An edit of the kind {kind} needs {name!r}", where=kind)
    edit: Edit = KINDS[kind](**{name: _value(name, stored[name]) for name in sorted(known & set(stored))})
    refuse_strange(edit)
    return edit


def _value(name: str, value: Any) -> Any:
    """The value of a field, checked to be of its kind."""
    if name == "condition":
        return None if value is None else _condition(value)
    one, several = _FIELDS[name]
    if not several and one(value):
        return value
    if several and isinstance(value, list) and all(map(one, value)):
        return tuple(value)
    raise InputError(f"The {name} of an edit cannot be this value", where=name)


def _condition(stored: Any) -> Predicate:
    try:
        return Predicate.from_json(stored)
    except (KeyError, TypeError, ValueError) as cause:
        raise InputError(
            "A condition needs a feature, one of <=, >, ==, != and a value", where="condition"
        ) from cause


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(value: object) -> bool:
    return isinstance(value, str)


_FIELDS: Mapping[str, tuple[Callable[[object], bool], bool]] = {
    "segment_id": (_whole, False),
    "segment_ids": (_whole, True),
    "n_parts": (_whole, False),
    "customer_ids": (_text, True),
    "names": (_text, True),
    "name": (_text, False),
    "text": (_text, False),
}
"""What the values of a field are, and whether it has several."""


def refuse_strange(edit: Edit) -> None:
    """Refuse what no segmentation could do.

    Parameters
    ----------
    edit : Edit

    Raises
    ------
    ParameterError
    """
    if isinstance(edit, Merge) and len(set(edit.segment_ids)) < 2:
        raise ParameterError("A merge needs two or more segments", where="segment_ids")
    if isinstance(edit, Split) and not 2 <= edit.n_parts <= MAX_PARTS:
        raise ParameterError(f"A segment is split into 2 to {MAX_PARTS} parts", where="n_parts")
    if isinstance(edit, Move | Pin | SaveAs) and not edit.customer_ids:
        raise ParameterError("The list of customers is empty", where="customer_ids")
    if isinstance(edit, Annotate) and not 0 < len(edit.text.strip()) <= MAX_TEXT:
        raise ParameterError(f"A remark has 1 to {MAX_TEXT:,} letters", where="text")


def checked_name(name: str, taken: Mapping[int, str]) -> str:
    """A name a segment may have: on one line, not too long, and not another's.

    Parameters
    ----------
    name : str
    taken : mapping of int to str
        The names of the other segments.

    Returns
    -------
    str
    """
    line = " ".join(name.split())
    if not 0 < len(line) <= MAX_NAME or not line.isprintable():
        raise ParameterError(f"A segment's name has 1 to {MAX_NAME} letters on one line", where="name")
    if line.casefold() in {other.casefold() for other in taken.values()}:
        raise ParameterError(f"Another segment is called {line!r}", where="name", to_do="Choose another name")
    return line


def edit_words(edit: Edit, names: Mapping[int, str]) -> str:
    """What an edit does, in a few words.

    Parameters
    ----------
    edit : Edit
    names : mapping of int to str
        Names of the segments before it.

    Returns
    -------
    str
        "Rename Loyal to Regulars".
    """

    def called(segment_id: int) -> str:
        return names.get(segment_id, f"segment {segment_id}")

    if isinstance(edit, Rename):
        return f"Rename {called(edit.segment_id)} to {edit.name}"
    if isinstance(edit, Merge):
        return f"Merge {' and '.join(map(called, edit.segment_ids))}"
    if isinstance(edit, Split):
        how = f"at {edit.condition.feature}" if edit.condition else f"into {edit.n_parts} parts"
        return f"Split {called(edit.segment_id)} {how}"
    if isinstance(edit, Move | Pin):
        verb = "Move" if isinstance(edit, Move) else "Pin"
        return f"{verb} {counted(len(edit.customer_ids), 'customer')} to {called(edit.segment_id)}"
    if isinstance(edit, SaveAs):
        return f"Save {counted(len(edit.customer_ids), 'customer')} as {edit.name}"
    return f"{'Lock' if isinstance(edit, Lock) else 'Remark on'} {called(edit.segment_id)}"
