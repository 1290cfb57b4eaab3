"""One edit made: labels, segments, names, and a model that places later customers the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from coterie.errors import NotFoundError, ParameterError
from coterie.features import Predicate, counted
from coterie.investigation.edits import (
    Annotate,
    Edit,
    Lock,
    Merge,
    Move,
    Pin,
    Rename,
    Split,
    checked_name,
    edit_to_json,
    refuse_strange,
)
from coterie.segmentation import (
    UNASSIGNED,
    Amendment,
    Cut,
    KMeans,
    Parts,
    Placed,
    Relabel,
    Segment,
    Segmentation,
    amended_labels,
    can_be_sql,
    rows_of,
)

Labels = npt.NDArray[np.int32]

NO_SQL = (
    "The changes made by hand cannot be said in scoring.sql; the saved model and 'coterie assign' know them."
)
BY_LIST = "Customers who were placed by name stay where they were placed; later customers follow the rule."


@dataclass(frozen=True)
class _Change:
    """What an edit does: the step the model takes, all names after it, and whose stability still holds."""

    names: Mapping[int, str]
    amendment: Amendment | None = None
    touched: frozenset[int] = field(default_factory=frozenset)


def apply_edit(result: Segmentation, edit: Edit) -> Segmentation:
    """Make one edit.

    Parameters
    ----------
    result : Segmentation
    edit : Edit

    Returns
    -------
    Segmentation
        The edit is noted in `edits`; `unedited` are the segments the method found; `notes` says what the
        model cannot do for the change.

    Raises
    ------
    NotFoundError
        If a segment, a customer or a feature does not exist.
    ParameterError
        If a segment would be left with nobody, or a name is taken.
    """
    change = _change(result, edit)
    names, labels = dict(sorted(change.names.items())), result.labels
    if change.amendment is None:
        model = result.model.with_names(names)
    else:
        model = result.model.amended(change.amendment, names)
        places = result.model.transformed
        labels = amended_labels(labels, change.amendment, table=result.table, places=places)
    segments = _counted_segments(labels, names)
    margin = result.margin if _same_people(labels, result.labels) else model.margin(result.table)
    return replace(
        result,
        labels=labels,
        segments=segments,
        model=model,
        margin=margin,
        segment_stability=_stability(result, change),
        edits=(*result.edits, edit_to_json(edit)),
        unedited=result.found,
        notes=_notes(result, change),
    )


def _change(result: Segmentation, edit: Edit) -> _Change:
    refuse_strange(edit)
    names = result.names
    if isinstance(edit, Merge):
        return _merge(names, edit)
    if isinstance(edit, Split):
        return _split(result, edit)
    if isinstance(edit, Rename):
        others = {i: name for i, name in names.items() if i != require(edit.segment_id, names)}
        return _Change({**names, edit.segment_id: checked_name(edit.name, others)})
    if isinstance(edit, Lock | Annotate):
        require(edit.segment_id, names)
        return _Change(names)
    rows = _known_rows(result, edit.customer_ids)
    if isinstance(edit, Move | Pin):
        target, after = require(edit.segment_id, names), names
    else:
        target = result.n_ids
        after = {**names, target: checked_name(edit.name, names)}
    left = {int(i) for i in np.unique(result.labels[rows])} - {UNASSIGNED}
    placed = Placed(tuple(sorted(set(edit.customer_ids))), target)
    return _Change(after, placed, frozenset({target, *left}))


def require(segment_id: int, names: Mapping[int, str]) -> int:
    """Refuse a segment that does not exist.

    Parameters
    ----------
    segment_id : int
    names : mapping of int to str

    Returns
    -------
    int
    """
    if segment_id not in names:
        raise NotFoundError(
            f"There is no segment {segment_id}", to_do=f"There are {', '.join(map(str, sorted(names)))}"
        )
    return segment_id


def merged_ids(n_segments: int, segment_ids: Sequence[int]) -> tuple[int, ...]:
    """The id of every segment after a merge: the merged get their lowest, later ones close the gaps.

    Parameters
    ----------
    n_segments : int
    segment_ids : sequence of int
        Those that are merged.

    Returns
    -------
    tuple of int
    """
    gone = set(segment_ids) - {min(segment_ids)}
    kept = [i for i in range(n_segments) if i not in gone]
    place = {old: new for new, old in enumerate(kept)}
    return tuple(place[min(segment_ids) if i in gone else i] for i in range(n_segments))


def _merge(names: Mapping[int, str], edit: Merge) -> _Change:
    ids = [require(i, names) for i in edit.segment_ids]
    to = merged_ids(max(names) + 1, ids)
    others = {to[i]: name for i, name in names.items() if i not in ids}
    name = checked_name(edit.name or names[ids[0]], others)
    return _Change({**others, to[ids[0]]: name}, Relabel(to), frozenset({to[ids[0]]}))


def _split(result: Segmentation, edit: Split) -> _Change:
    names, own = result.names, require(edit.segment_id, result.names)
    members = np.flatnonzero(result.labels == own)
    if edit.condition is not None:
        _require_parting(result, edit.condition, members=members)
        amendment: Cut | Parts = Cut(own, edit.condition, result.n_ids)
        n_parts = 2
    else:
        amendment, n_parts = _likeness(result, edit, members=members), edit.n_parts
    ids = [own, *range(result.n_ids, result.n_ids + n_parts - 1)]
    others = {i: name for i, name in names.items() if i != own}
    given = edit.names or tuple(f"{names[own][:_ROOM]} {letter}" for letter in "ABCDEFGHIJ"[:n_parts])
    if len(given) != n_parts:
        raise ParameterError(f"{n_parts} parts need as many names", where="names")
    for i, name in zip(ids, given, strict=True):
        others[i] = checked_name(name, others)
    return _Change(others, amendment, frozenset(ids))


_ROOM = 38
"""Letters of a name that leave room for the letter of a part."""


def _require_parting(result: Segmentation, condition: Predicate, *, members: npt.NDArray[np.intp]) -> None:
    """Refuse a condition that does not fit its feature, or that parts nobody."""
    is_number = result.table.spec(condition.feature).kind == "number"
    if is_number == isinstance(condition.value, str):
        kind = "a number" if is_number else "a category"
        raise ParameterError(f"{condition.feature} is {kind}", where="condition")
    n_met = int(condition.mask(result.table.X.iloc[members]).sum())
    if n_met in (0, len(members)):
        some = "All customers of the segment meet" if n_met else "No customer of the segment meets"
        raise ParameterError(f"{some} the condition", where="condition", to_do="Choose another value")


def _likeness(result: Segmentation, edit: Split, *, members: npt.NDArray[np.intp]) -> Parts:
    """Centres of the parts of a segment, the part worth most first."""
    if len(members) <= edit.n_parts:
        raise ParameterError(
            f"{counted(len(members), 'customer')} cannot be split into {edit.n_parts} parts", where="n_parts"
        )
    Z = result.model.transformed(result.table.rows(members))
    fitted = KMeans(edit.n_parts, random_state=result.random_state).fit(Z)
    parts, n_found = fitted.labels_, len(fitted.cluster_centers_)
    if n_found < edit.n_parts:
        raise ParameterError("These customers are too alike to be split", where="n_parts")
    sizes = np.bincount(parts, minlength=n_found)
    worth = sizes.astype(np.float64)
    if "monetary" in result.table.X.columns:
        money = result.table.X["monetary"].to_numpy(dtype=np.float64)[members]
        worth = np.bincount(parts, weights=money, minlength=n_found) / sizes
    order = np.argsort(-worth, kind="stable")
    centers = tuple(tuple(map(float, center)) for center in fitted.cluster_centers_[order])
    n = result.n_ids
    return Parts(edit.segment_id, centers, (edit.segment_id, *range(n, n + edit.n_parts - 1)))


def _known_rows(result: Segmentation, customer_ids: Sequence[str]) -> npt.NDArray[np.intp]:
    wanted = np.array(sorted(set(customer_ids)), dtype=object)
    rows = rows_of(result.table.customer_ids, wanted)
    if len(rows) < len(wanted) or not len(wanted):
        n = len(wanted) - len(rows)
        raise NotFoundError(f"{counted(n, 'customer')} of the list are not among the customers")
    return rows


def _counted_segments(labels: Labels, names: Mapping[int, str]) -> tuple[Segment, ...]:
    counts = np.bincount(labels[labels != UNASSIGNED], minlength=max(names) + 1)
    for i in sorted(names):
        if counts[i] == 0:
            raise ParameterError(
                f"Nobody would be left in {names[i]}", to_do="Merge the segment with another one instead"
            )
    return tuple(Segment(i, names[i], int(counts[i]), int(counts[i]) / len(labels)) for i in sorted(names))


def _same_people(labels: Labels, before: Labels) -> bool:
    return bool(((labels == UNASSIGNED) == (before == UNASSIGNED)).all())


def _stability(result: Segmentation, change: _Change) -> dict[int, float]:
    """Of segments an edit left alone, under their new ids."""
    to = change.amendment.to if isinstance(change.amendment, Relabel) else range(result.n_ids)
    moved = {to[i]: value for i, value in result.segment_stability.items() if to[i] not in change.touched}
    return dict(sorted(moved.items()))


def _notes(result: Segmentation, change: _Change) -> tuple[str, ...]:
    said = list(result.notes)
    within_rule = isinstance(change.amendment, Relabel) and not result.model.amendments
    if change.amendment is not None and not within_rule and can_be_sql(result.found.model):
        said.append(NO_SQL)
    if isinstance(change.amendment, Placed):
        said.append(BY_LIST)
    return tuple(dict.fromkeys(said))
