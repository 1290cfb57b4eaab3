"""What changed and why, in sentences, and who entered and left each segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.features import counted
from coterie.movement.migration import APPEARED, CAUSES, LOST, Movement

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

REASONS = {
    "ageing": "because time passed without an order",
    "behaviour": "because of what they ordered or returned",
    "refit": "because the model was fitted anew; they did nothing that would have moved them",
}


@dataclass(frozen=True)
class Change:
    """One thing that changed.

    Attributes
    ----------
    sentence : str
    number : int
        Customers it is about.
    cause : str
        One of CAUSES.
    where : mapping
        "from", "to" (ids of nodes) and "cause": `Movement.members` lists exactly these customers.
    """

    sentence: str
    number: int
    cause: str
    where: Mapping[str, Any]


def changes(moved: Movement) -> tuple[Change, ...]:
    """Say what changed and why, the largest change first.

    Parameters
    ----------
    moved : Movement

    Returns
    -------
    tuple of Change
        Together they are about everybody who is not where they were, each once.
    """
    return tuple(
        Change(
            _sentence(flow),
            int(flow["n_customers"]),
            str(flow["cause"]),
            {"from": int(flow["from_id"]), "to": int(flow["to_id"]), "cause": str(flow["cause"])},
        )
        for flow in moved.causes().to_dict("records")
    )


def _sentence(flow: Mapping[Any, Any]) -> str:
    n, old, new = int(flow["n_customers"]), flow["from"], flow["to"]
    who, has = counted(n, "customer"), "has" if n == 1 else "have"
    if flow["to_id"] == LOST:
        return f"{who} of {old} {'is' if n == 1 else 'are'} no longer in the data."
    if flow["from_id"] == APPEARED:
        were = "was" if n == 1 else "were"
        return f"{who} in {new} {has} older orders and yet {were} not in the earlier data."
    if flow["cause"] == CAUSES[0]:
        return f"{who} {has} come new, into {new}."
    return f"{who} went from {old} to {new} {REASONS[flow['cause']]}."


def enter_leave(
    moved: Movement | Sequence[Movement],
    *,
    segment_id: int | None = None,
    start: date | None = None,
    end: date | None = None,
) -> pd.DataFrame:
    """Who entered and who left each segment.

    Parameters
    ----------
    moved : Movement, or several in a row as `track` gives
    segment_id : int, optional
        Only this segment.
    start, end : date, optional
        Only movements that begin on or after the one and end on or before the other.

    Returns
    -------
    DataFrame
        customer_id, segment_id, segment, event ("entered" or "left"), other_segment (where from, or where
        to), on, cause; ordered by day, segment, event and customer. Whoever moves is in it twice.
    """
    import pandas as pd

    row = (moved,) if isinstance(moved, Movement) else moved
    wanted = [one for one in row if _within(one, start=start, end=end)]
    parts = [_events(one.customers, event) for one in wanted for event in ("entered", "left")]
    empty = pd.DataFrame(columns=COLUMNS)
    listed = pd.concat(parts, ignore_index=True) if parts else empty
    if segment_id is not None:
        listed = listed[listed.segment_id == segment_id]
    return listed.sort_values(["on", "segment_id", "event", "customer_id"], ignore_index=True)


COLUMNS = ("customer_id", "segment_id", "segment", "event", "other_segment", "on", "cause")


def _within(moved: Movement, *, start: date | None, end: date | None) -> bool:
    begins = start is None or moved.start is None or moved.start >= start
    return begins and (end is None or moved.end is None or moved.end <= end)


def _events(customers: pd.DataFrame, event: str) -> pd.DataFrame:
    """All who entered a segment, or all who left one."""
    own, other = ("segment", "previous_segment") if event == "entered" else ("previous_segment", "segment")
    moved = customers[(customers.segment_id != customers.previous_segment_id) & (customers[f"{own}_id"] >= 0)]
    renamed = {f"{own}_id": "segment_id", own: "segment", other: "other_segment", "changed_on": "on"}
    kept = moved[["customer_id", f"{own}_id", own, other, "changed_on", "cause"]]
    return kept.rename(columns=renamed).assign(event=event)[list(COLUMNS)]
