"""Movement as pages tell it: what the address asks for, linked sentences, the balance of segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from coterie.errors import CoterieError, InputError, ParameterError
from coterie.web.addresses import here
from coterie.web.house import workspace
from coterie.web.numbers import counted, day, share
from coterie.workspace.journeys import (
    Journey,
    Period,
    compare_runs,
    find_movement,
    known_movement,
    usual_period,
)

OF = ("people", "money")
CAUSES = {
    "arrivals": "came new",
    "ageing": "time passed without an order",
    "behaviour": "ordered or returned",
    "refit": "only the model changed",
    "records": "only the data changed",
}
KEPT = ("start", "end", "against", "of")
"""What of the address says which movement it is."""


@dataclass(frozen=True)
class Balance:
    """What came into a segment and what left it; `source` and `destination` are the largest of each."""

    id: int
    name: str
    n_before: int
    n_in: int
    n_out: int
    n_after: int
    sources: list[tuple[int, str, int]]
    destinations: list[tuple[int, str, int]]


def read_day(name: str) -> date | None:
    """Read a day of the address.

    Parameters
    ----------
    name : str

    Returns
    -------
    date or None
        None if none is given.

    Raises
    ------
    ParameterError
        If it is no day.
    """
    typed = request.args.get(name, "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise ParameterError(
            f"{typed[:20]!r} is no day", where=name, to_do="Write it as 2025-12-31: year, month, day"
        ) from None


def asked_journey(segmentation_id: str) -> tuple[Journey, Period | None]:
    """Find the movement that the address asks for.

    Parameters
    ----------
    segmentation_id : str

    Returns
    -------
    Journey, Period or None
        None if two segmentations are compared and not two days.

    Raises
    ------
    CoterieError
        If there is none.
    """
    earlier = request.args.get("against", "")
    if earlier:
        known = workspace().segmentations.load(earlier)
        return compare_runs(workspace(), segmentation_id, earlier_id=known.id), None
    period = usual_period(workspace(), segmentation_id).between(read_day("start"), read_day("end"))
    return find_movement(workspace(), segmentation_id, period=period), period


def headline(told: Mapping[str, Any]) -> str:
    """Say in a sentence or two how much has moved.

    Parameters
    ----------
    told : mapping

    Returns
    -------
    str
    """
    if told["moved_share"] is None:
        words = "Nobody was there before"
    else:
        moved = counted(told["n_moved"], "customer")
        words = (
            f"{moved} went to another segment, {share(told['moved_share'])} of those there before and after"
        )
    others = ((told["n_new"], "came new"), (told["n_lost"], "are no longer in the data"))
    more = [f"{counted(n, 'customer')} {what}" for n, what in others if n]
    period = f"{day(told['start'])} to {day(told['end'])}: " if told["start"] != told["end"] else ""
    return f"{period}{'; '.join([words, *more])}."


def linked_changes(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give every sentence with the address of the list of exactly its customers.

    Parameters
    ----------
    told : mapping

    Returns
    -------
    list of dict
        sentence, n_customers and url.
    """
    return [
        {**change, "url": here(**_flow(change), page=None) + "#who", "is_chosen": _is_chosen(change)}
        for change in told["changes"]
    ]


def _flow(change: Mapping[str, Any]) -> dict[str, Any]:
    return {name: change[name] for name in ("from", "to", "cause")}


def _is_chosen(change: Mapping[str, Any]) -> bool:
    return all(request.args.get(name) == str(value) for name, value in _flow(change).items())


def asked_flow(told: Mapping[str, Any]) -> dict[str, Any]:
    """Read from the address which customers are asked for.

    Parameters
    ----------
    told : mapping

    Returns
    -------
    dict
        Values by column of the movement's customers; empty if the address names nobody.

    Raises
    ------
    ParameterError
        If there is no such node or cause.
    """
    nodes = {str(node): node for node in (*told["rows"], *told["columns"])}
    causes = {cause: cause for cause in CAUSES}
    columns: dict[str, tuple[str, Mapping[str, Any]]] = {
        "from": ("previous_segment_id", nodes),
        "to": ("segment_id", nodes),
        "cause": ("cause", causes),
    }
    where: dict[str, Any] = {}
    for name, (column, known) in columns.items():
        typed = request.args.get(name, "")
        if typed and typed not in known:
            raise ParameterError(
                "There are no such customers", where=name, to_do="Choose a sentence of the page"
            )
        if typed:
            where[column] = known[typed]
    return where


def balances(told: Mapping[str, Any]) -> list[Balance]:
    """Say of each segment what came and what left.

    Parameters
    ----------
    told : mapping

    Returns
    -------
    list of Balance
    """
    flows = {
        (old, new): n
        for old, row in zip(told["rows"], told["people"], strict=True)
        for new, n in zip(told["columns"], row, strict=True)
        if n
    }
    return [_balance(told, node, flows=flows) for node in sorted(map(int, told["names"])) if node >= 0]


def _balance(told: Mapping[str, Any], node: int, *, flows: Mapping[tuple[int, int], int]) -> Balance:
    named = told["names"]
    came = [(old, named[str(old)], n) for (old, new), n in flows.items() if new == node != old]
    went = [(new, named[str(new)], n) for (old, new), n in flows.items() if old == node != new]
    stayed = flows.get((node, node), 0)
    n_in, n_out = (sum(n for *_, n in part) for part in (came, went))
    largest = [sorted(part, key=lambda one: -one[2]) for part in (came, went)]
    return Balance(node, named[str(node)], stayed + n_out, n_in, n_out, stayed + n_in, *largest)


def moved_customer(segmentation_id: str, customer_id: str) -> dict[str, Any] | None:
    """Say where a customer was thirty days before the end, if that has been worked out already.

    Parameters
    ----------
    segmentation_id, customer_id : str

    Returns
    -------
    dict or None
        start, end and, of the customer, previous_segment_id, previous_segment, segment_id and cause.
    """
    from coterie.store.paging import PageRequest
    from coterie.workspace.movement_steps import CUSTOMERS

    try:
        period = usual_period(workspace(), segmentation_id)
        journey = known_movement(workspace(), segmentation_id, period=period)
    except CoterieError:
        return None
    if journey is None:
        return None
    asked = PageRequest(equal={"customer_id": customer_id}, n_rows=1)
    found = workspace().pager.page(journey.folder / CUSTOMERS, asked)
    if not found.rows:
        return None
    own = dict(zip(found.columns, found.rows[0], strict=True))
    return {**own, "start": journey.told["start"], "end": journey.told["end"]}


def why_not(failure: CoterieError) -> str:
    """Say why there is no movement, where that is no mistake of whoever asks; else nothing.

    Parameters
    ----------
    failure : CoterieError

    Returns
    -------
    str
    """
    return failure.what + "." if type(failure) is InputError else ""
