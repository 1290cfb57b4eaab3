"""What a new segmentation is to be like: a form that is filled in already, and the request it makes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from coterie.errors import ParameterError

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from coterie.workspace import DatasetRecord

MOST_WEIGHT = 10.0
MOST_NAME_LENGTH = 120
MOST_SEED = 2**32 - 1
FEWEST = 2

BEHAVIOUR, MONEY, PRODUCTS = "Buying behaviour", "Money", "Products and channels"
CONTACTS, PERSON = "Visits and reviews", "About the customer"
GROUPS = (BEHAVIOUR, MONEY, PRODUCTS, CONTACTS, PERSON)


@dataclass(frozen=True)
class Wishes:
    """The form as it stands, every value as somebody typed it.

    Attributes
    ----------
    name : str
    attributes : frozenset of str
        The ticked ones.
    weights : mapping of str to str
    choosing : {"auto", "chosen"}
        Whether the methods are compared for the user, or he names some.
    methods : frozenset of str
    counting : {"auto", "number"}
        Whether the number of segments is found out.
    n_segments, observation_end, truth, random_state : str
    """

    name: str
    attributes: frozenset[str]
    weights: Mapping[str, str]
    choosing: str
    methods: frozenset[str]
    counting: str
    n_segments: str
    observation_end: str
    truth: str
    random_state: str


def free_name(name: str, taken: Iterable[str]) -> str:
    """Number a name if others have it.

    Parameters
    ----------
    name : str
    taken : iterable of str

    Returns
    -------
    str

    Examples
    --------
    >>> free_name("Spring", ["Spring", "Autumn"])
    'Spring 2'
    """
    used = set(taken)
    numbered = (f"{name} {n}" if n > 1 else name for n in itertools.count(1))
    return next(one for one in numbered if one not in used)


def first_wishes(record: DatasetRecord, known: Mapping[str, Any], *, name: str) -> Wishes:
    """Fill the form in, so that nothing has to be typed.

    Parameters
    ----------
    record : DatasetRecord
    known : mapping
        What `coterie.workspace.find_attributes` gives.
    name : str

    Returns
    -------
    Wishes
    """
    truth = record.options.get("truth") or ""
    return Wishes(
        name=name,
        attributes=frozenset(one["name"] for one in known["attributes"] if one["is_default"]),
        weights={one["name"]: "1" for one in known["attributes"]},
        choosing="auto",
        methods=frozenset(one["name"] for one in known["methods"]),
        counting="auto",
        n_segments=str(max(FEWEST, min(5, known["most_segments"]))),
        observation_end=known["observation_end"] or "",
        truth=truth,
        random_state="0",
    )


def wishes_of(form: MultiDict[str, str], first: Wishes) -> Wishes:
    """Read the form as it was sent.

    Parameters
    ----------
    form : MultiDict
    first : Wishes
        Stands in for fields that were not sent.

    Returns
    -------
    Wishes
    """
    single = ("name", "choosing", "counting", "n_segments", "observation_end", "truth", "random_state")
    return replace(
        first,
        attributes=frozenset(form.getlist("attribute")),
        weights={name: form.get(f"weight-{name}", weight).strip() for name, weight in first.weights.items()},
        methods=frozenset(form.getlist("method")),
        **{name: form.get(name, getattr(first, name)).strip() for name in single},
    )


def groups_of(known: Mapping[str, Any], *, truth: str) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Put the attributes into groups, without the one that holds the known groups.

    Parameters
    ----------
    known : mapping
    truth : str

    Returns
    -------
    list of (words, attributes)
    """
    offered = [one for one in known["attributes"] if one["name"] != truth]
    grouped = [(words, [one for one in offered if _group(one) == words]) for words in GROUPS]
    return [(words, attributes) for words, attributes in grouped if attributes]


def _group(attribute: Mapping[str, Any]) -> str:
    table, _, column = attribute["source"].partition(".")
    if table in ("events", "feedback"):
        return CONTACTS
    if table != "transactions":
        return PERSON
    if attribute["unit"] == "money":
        return MONEY
    return PRODUCTS if column or attribute["kind"] == "category" else BEHAVIOUR


def truths_of(known: Mapping[str, Any]) -> list[str]:
    """Name the columns that may hold known groups to compare with.

    Parameters
    ----------
    known : mapping

    Returns
    -------
    list of str
    """
    sources = (one["source"].partition(".") for one in known["attributes"] if one["kind"] == "category")
    return [column for table, _, column in sources if table == "customers" and column]


def request_of(wishes: Wishes, known: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the form into the request of a segmentation: what is left as it was is not in it.

    Parameters
    ----------
    wishes : Wishes
    known : mapping

    Returns
    -------
    dict

    Raises
    ------
    ParameterError
        If a value cannot be one; `where` names the field.
    """
    if not 1 <= len(wishes.name) <= MOST_NAME_LENGTH or not wishes.name.isprintable():
        raise ParameterError(f"A name has 1 to {MOST_NAME_LENGTH} letters", where="name")
    request: dict[str, Any] = {}
    chosen, defaults = _attributes(wishes, known)
    if set(chosen) != set(defaults):
        request["attributes"] = chosen
    weights = {name: weight for name in chosen if (weight := _as_weight(wishes.weights[name], name)) != 1.0}
    if chosen and all(weights.get(name) == 0.0 for name in chosen):
        raise ParameterError("At least one weight has to be above zero", where="attributes")
    request |= {"weights": weights} if weights else {}
    request |= _methods(wishes, known) | _number(wishes, known) | _day(wishes, known)
    if wishes.truth:
        request["truth"] = _among(wishes.truth, truths_of(known), where="truth")
    seed = _whole(wishes.random_state, "The starting number", least=0, most=MOST_SEED, where="random_state")
    return request | ({"random_state": seed} if seed else {})


def weights_of(form: MultiDict[str, str], attributes: Iterable[str]) -> dict[str, float]:
    """Read the weights of some attributes from the form; what is not ticked has none.

    Parameters
    ----------
    form : MultiDict
    attributes : iterable of str

    Returns
    -------
    dict of str to float

    Raises
    ------
    ParameterError
        If a weight cannot be one.
    """
    ticked = set(form.getlist("attribute"))
    return {
        name: _as_weight(form.get(f"weight-{name}", "1"), name) if name in ticked else 0.0
        for name in attributes
    }


def _attributes(wishes: Wishes, known: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The chosen attributes and those chosen by default, without the known groups."""
    offered = [one for one in known["attributes"] if one["name"] != wishes.truth]
    names = [one["name"] for one in offered]
    for name in wishes.attributes - {wishes.truth}:
        _among(name, names, where="attributes")
    chosen = [name for name in names if name in wishes.attributes]
    if not chosen:
        raise ParameterError("Choose at least one attribute to segment by", where="attributes")
    return chosen, [one["name"] for one in offered if one["is_default"]]


def _as_weight(typed: str, name: str) -> float:
    try:
        weight = float(typed.replace(",", "."))
    except ValueError:
        weight = math.nan
    if not 0 <= weight <= MOST_WEIGHT:
        raise ParameterError(
            f"A weight is a number from 0 to {MOST_WEIGHT:g}, not {typed[:20]!r}", where=f"weight-{name}"
        )
    return weight


def _methods(wishes: Wishes, known: Mapping[str, Any]) -> dict[str, Any]:
    if wishes.choosing != "chosen":
        return {}
    names = [one["name"] for one in known["methods"]]
    for name in wishes.methods:
        _among(name, names, where="methods")
    chosen = [name for name in names if name in wishes.methods]
    if not chosen:
        raise ParameterError("Choose at least one method, or leave it to be found out", where="methods")
    return {} if chosen == names else {"method": chosen}


def _number(wishes: Wishes, known: Mapping[str, Any]) -> dict[str, Any]:
    if wishes.counting != "number":
        return {}
    most = known["most_segments"]
    n = _whole(wishes.n_segments, "The number of segments", least=FEWEST, most=most, where="n_segments")
    return {"n_segments": n}


def _day(wishes: Wishes, known: Mapping[str, Any]) -> dict[str, Any]:
    last, first = known["observation_end"], known["first_day"]
    if not last or wishes.observation_end in ("", last):
        return {}
    try:
        day = date.fromisoformat(wishes.observation_end).isoformat()
    except ValueError:
        day = ""
    if not (first or "") <= day <= last:
        raise ParameterError(
            f"The observation date is a day from {first} to {last}" if first else f"The day is until {last}",
            where="observation_end",
        )
    return {"observation_end": day}


def _whole(typed: str, words: str, *, least: int, most: int, where: str) -> int:
    is_whole = typed.isascii() and typed.isdigit() and len(typed) <= len(str(most))
    if not (is_whole and least <= int(typed) <= most):
        said = f", not {typed[:20]!r}" if typed else ""
        raise ParameterError(f"{words} has to be a whole number from {least} to {most}{said}", where=where)
    return int(typed)


def _among(value: str, allowed: list[str], *, where: str) -> str:
    if value not in allowed:
        raise ParameterError(f"{value[:60]!r} is not among the choices", where=where)
    return value
