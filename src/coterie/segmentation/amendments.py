"""What people changed about a fitted model: steps that follow its rule, for every customer it places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable, Predicate
from coterie.kernels import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    Places = Callable[[FeatureTable], npt.NDArray[np.float64]]
    """Where customers lie in the space the segments were judged in."""

Labels = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Relabel:
    """Every segment gets the id that stands at its place: two that share one are merged."""

    to: tuple[int, ...]


@dataclass(frozen=True)
class Cut:
    """Members of a segment that meet a condition go into another."""

    segment_id: int
    condition: Predicate
    into: int


@dataclass(frozen=True)
class Parts:
    """Members of a segment go where the nearest of some centres is."""

    segment_id: int
    centers: tuple[tuple[float, ...], ...]
    into: tuple[int, ...]


@dataclass(frozen=True)
class Placed:
    """These customers, in ascending order, belong to this segment, whatever the rule says."""

    customer_ids: tuple[str, ...]
    segment_id: int


Amendment: TypeAlias = Relabel | Cut | Parts | Placed


def amended_labels(labels: Labels, amendment: Amendment, *, table: FeatureTable, places: Places) -> Labels:
    """Take one step: the segments of the customers of a table after it.

    Parameters
    ----------
    labels : ndarray of shape (n,), int32
        -1 = in none.
    amendment : Amendment
    table : FeatureTable of n customers
    places : callable (FeatureTable) -> ndarray of shape (n_customers, n_coordinates)

    Returns
    -------
    ndarray of shape (n,), int32
    """
    if isinstance(amendment, Relabel):
        return relabelled(labels, amendment)
    after = labels.copy()
    if isinstance(amendment, Cut):
        after[(labels == amendment.segment_id) & amendment.condition.mask(table.X)] = amendment.into
    elif isinstance(amendment, Placed):
        wanted = np.array(amendment.customer_ids, dtype=object)
        after[rows_of(table.customer_ids, wanted)] = amendment.segment_id
    elif (members := np.flatnonzero(labels == amendment.segment_id)).size:
        at = nearest(amendment.centers, places(table.rows(members)))
        after[members] = np.array(amendment.into, dtype=np.int32)[at]
    return after


def relabelled(labels: Labels, relabel: Relabel) -> Labels:
    """Give segments their new ids; the unassigned stay unassigned.

    Parameters
    ----------
    labels : ndarray of int32
    relabel : Relabel

    Returns
    -------
    ndarray of int32
    """
    return np.append(np.array(relabel.to, dtype=np.int32), np.int32(-1))[labels]


KINDS: Mapping[str, type[Any]] = {"relabel": Relabel, "cut": Cut, "parts": Parts, "placed": Placed}


def rows_of(known: npt.NDArray[np.object_], wanted: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
    """Rows of the wanted ids that are known; `known` is in ascending order.

    Parameters
    ----------
    known, wanted : ndarray of str objects

    Returns
    -------
    ndarray of int
    """
    if not len(known):
        return np.empty(0, dtype=np.intp)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    found: npt.NDArray[np.intp] = at[known[at] == wanted]
    return found


def to_state(amendment: Amendment) -> dict[str, Any]:
    """An amendment ready for JSON.

    Parameters
    ----------
    amendment : Amendment

    Returns
    -------
    dict
    """
    kind = next(name for name, made in KINDS.items() if isinstance(amendment, made))
    return {"kind": kind, **asdict(amendment)}


def from_state(state: Mapping[str, Any]) -> Amendment:
    """The amendment that `to_state` gave.

    Parameters
    ----------
    state : mapping

    Returns
    -------
    Amendment
    """
    kind = state["kind"]
    if kind == "relabel":
        return Relabel(tuple(int(i) for i in state["to"]))
    if kind == "cut":
        condition = Predicate.from_json(state["condition"])
        return Cut(int(state["segment_id"]), condition, int(state["into"]))
    if kind == "parts":
        centers = tuple(tuple(float(value) for value in center) for center in state["centers"])
        return Parts(int(state["segment_id"]), centers, tuple(int(i) for i in state["into"]))
    return Placed(tuple(str(i) for i in state["customer_ids"]), int(state["segment_id"]))


def targets(amendment: Amendment) -> tuple[int, ...]:
    """Ids of the segments an amendment puts customers into.

    Parameters
    ----------
    amendment : Amendment

    Returns
    -------
    tuple of int
    """
    if isinstance(amendment, Relabel):
        return amendment.to
    if isinstance(amendment, Placed):
        return (amendment.segment_id,)
    return amendment.into if isinstance(amendment, Parts) else (amendment.into,)
