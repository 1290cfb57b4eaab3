"""A list of edits made anew: on the same run (undo) or on a later one, whose segments are others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coterie.errors import CoterieError
from coterie.features import counted
from coterie.investigation.applying import apply_edit, merged_ids
from coterie.investigation.edits import (
    Annotate,
    Edit,
    Lock,
    Merge,
    Move,
    Pin,
    Rename,
    SaveAs,
    Split,
    edit_from_json,
    edit_words,
)
from coterie.investigation.recipe import Basis
from coterie.movement import same_segments
from coterie.segmentation import Segmentation, rows_of

MIN_OVERLAP = 0.5
"""Jaccard index from which on a segment of a later run is the same one (Hennig 2007: below, dissolved)."""


@dataclass(frozen=True)
class _Ties:
    """Which segment of this run is which of the run the edits were made on, at this point of the list."""

    n_before: int
    now: Mapping[int, int]
    names: Mapping[int, str]
    locked: frozenset[int] = frozenset()


def replay(
    result: Segmentation, edits: Sequence[Edit], *, basis: Basis | None = None
) -> tuple[Segmentation, tuple[str, ...]]:
    """Make a list of edits anew, starting from the segments the method found.

    Parameters
    ----------
    result : Segmentation
        Edits it holds already are dropped: to undo the last edit is to replay all but it.
    edits : sequence of Edit
    basis : Basis, optional
        The run they were made on, if it is another one: its segments are found again by their members,
        and segments that were locked get their members back.

    Returns
    -------
    Segmentation, tuple of str
        And a sentence for each edit that could not be made, or not in full.
    """
    current, conflicts = result.found, []
    ties = _start(current, basis)
    for edit in edits:
        bound, remark = _bound(edit, ties, known=current.table.customer_ids)
        before, failure = current, ""
        if bound is not None:
            try:
                current = apply_edit(current, bound)
            except CoterieError as cause:
                failure = cause.what
        if remark or failure:
            conflicts.append(f"{edit_words(edit, ties.names)}: {failure or remark}.")
        ties = _after(ties, edit, made=None if current is before else bound, n_now=before.n_ids)
    if basis is not None:
        current, kept = _with_locks(current, ties, basis=basis)
        conflicts += kept
    return current, tuple(conflicts)


def _start(result: Segmentation, basis: Basis | None) -> _Ties:
    if basis is None:
        return _Ties(result.n_ids, {i: i for i in result.names}, result.names)
    return _Ties(max(basis.names) + 1, matched(result, basis), basis.names)


def matched(result: Segmentation, basis: Basis) -> dict[int, int]:
    """Find the segments of an earlier run among those of this one by the customers both know.

    Parameters
    ----------
    result : Segmentation
    basis : Basis

    Returns
    -------
    dict of int to int
        Segment of this run by that of the earlier one, for those with a Jaccard index of .5 or more.
    """
    ids = result.table.customer_ids
    then = np.flatnonzero(np.isin(basis.customer_ids.astype(str), ids.astype(str)))
    now = rows_of(ids, basis.customer_ids[then])
    old, new = basis.labels[then], result.labels[now]
    return {i: j for i, (j, _) in same_segments(old, new, least=MIN_OVERLAP).items()}


def _bound(edit: Edit, ties: _Ties, *, known: Any) -> tuple[Edit | None, str]:
    """The edit in terms of this run, None if it cannot be, and what is to be said of it."""
    asked = () if isinstance(edit, SaveAs) else _segments_of(edit)
    lost = [i for i in asked if i not in ties.now]
    if lost:
        names = " and ".join(ties.names.get(i, f"segment {i}") for i in lost)
        return None, f"{names} is not found among the segments of this run"
    if isinstance(edit, Merge):
        return replace(edit, segment_ids=tuple(ties.now[i] for i in edit.segment_ids)), ""
    if not isinstance(edit, SaveAs):
        edit = replace(edit, segment_id=ties.now[edit.segment_id])
    if not isinstance(edit, Move | Pin | SaveAs):
        return edit, ""
    there = known[rows_of(known, np.array(sorted(set(edit.customer_ids)), dtype=object))]
    n_gone = len(set(edit.customer_ids)) - len(there)
    remark = f"{counted(n_gone, 'customer')} of the list are no longer in the data" if n_gone else ""
    return (replace(edit, customer_ids=tuple(there.tolist())) if len(there) else None), remark


def edits_in_words(result: Segmentation) -> list[str]:
    """Tell every edit of a result by the names the segments had then.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    list of str
    """
    ties, told = _start(result.found, None), []
    for stored in result.edits:
        edit = edit_from_json(stored)
        told.append(edit_words(edit, ties.names))
        ties = _after(ties, edit, made=edit, n_now=ties.n_before)
    return told


def _segments_of(edit: Rename | Merge | Split | Move | Pin | Lock | Annotate) -> tuple[int, ...]:
    return edit.segment_ids if isinstance(edit, Merge) else (edit.segment_id,)


def _after(ties: _Ties, edit: Edit, *, made: Edit | None, n_now: int) -> _Ties:
    """The ties once an edit was made there and, unless it could not be, here."""
    names = {**ties.names, **({edit.segment_id: edit.name} if isinstance(edit, Rename) else {})}
    if isinstance(edit, Merge):
        return _after_merge(replace(ties, names=names), edit, made=made, n_now=n_now)
    n_more = (1 if edit.condition else edit.n_parts - 1) if isinstance(edit, Split) else 1
    if isinstance(edit, Split | SaveAs):
        more = {} if made is None else {ties.n_before + i: n_now + i for i in range(n_more)}
        new = edit.names[1:] if isinstance(edit, Split) else (edit.name,)
        names |= {ties.n_before + i: name for i, name in enumerate(new)}
        return replace(ties, n_before=ties.n_before + n_more, now={**ties.now, **more}, names=names)
    locked = ties.locked | {edit.segment_id} if isinstance(edit, Lock) else ties.locked
    return replace(ties, names=names, locked=locked)


def _after_merge(ties: _Ties, edit: Merge, *, made: Edit | None, n_now: int) -> _Ties:
    if not all(0 <= i < ties.n_before for i in edit.segment_ids):
        return ties
    there = merged_ids(ties.n_before, edit.segment_ids)
    here = merged_ids(n_now, made.segment_ids) if isinstance(made, Merge) else tuple(range(n_now))
    lost = set() if isinstance(made, Merge) else set(edit.segment_ids)
    now = {there[old]: here[new] for old, new in ties.now.items() if old not in lost}
    names = {there[old]: name for old, name in ties.names.items() if old not in edit.segment_ids}
    first = edit.segment_ids[0]
    names[there[first]] = edit.name or ties.names.get(first, f"segment {first}")
    locked = frozenset(there[old] for old in ties.locked)
    return _Ties(len(set(there)), now, names, locked)


def _with_locks(result: Segmentation, ties: _Ties, *, basis: Basis) -> tuple[Segmentation, list[str]]:
    """Members of locked segments put back, as pins that are noted among the edits."""
    said = []
    for old in sorted(ties.locked & set(ties.now)):
        new, ids = ties.now[old], result.table.customer_ids
        rows = rows_of(ids, basis.customer_ids[basis.edited == old])
        astray = rows[result.labels[rows] != new]
        if not len(astray):
            continue
        try:
            result = apply_edit(result, Pin(tuple(ids[astray].tolist()), new))
        except CoterieError as cause:
            said.append(f"Lock {ties.names.get(old, f'segment {old}')}: {cause.what}.")
    return result, said
