"""Customers over time: who moved, and a model fitted anew that keeps its segments."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

from coterie import logs
from coterie.errors import ParameterError
from coterie.jobs import Progress, ignore_progress
from coterie.river.data import as_date, clean, read
from coterie.sources import Dataset

if TYPE_CHECKING:
    from coterie.features import FeatureTable
    from coterie.movement import Movement, Refit
    from coterie.preprocessing import DataQuality
    from coterie.segmentation import Model, Segmentation

_log = logging.getLogger(__name__)


def refit(
    model: Model,
    data: object,
    *,
    observation_end: date | str | None = None,
    keep_duplicates: bool = False,
    random_state: int = 0,
    progress: Progress = ignore_progress,
) -> tuple[Segmentation, Refit]:
    """Fit a saved model anew on later data, so that its segments stay themselves.

    Parameters
    ----------
    model : Model
    data : Dataset, or anything `read` takes
    observation_end : date or ISO text, optional
        The day to look from. Default: the day of the last order in the data.
    keep_duplicates : bool
        As in `build_features`.
    random_state : int
        Of methods that cannot go on from where they stand.
    progress : callable, optional

    Returns
    -------
    Segmentation, Refit
        Segments that are the same keep id and name; the other value says which are, whom the model alone
        moved and, if the data reach back to the day of the model, who moved since and why.

    Raises
    ------
    InputError
        If the method cannot run on these customers.
    """
    from coterie import knowledge, movement

    dataset = data if isinstance(data, Dataset) else read(data, progress=progress)
    cleaned, quality = clean(dataset, keep_duplicates=keep_duplicates, progress=progress)
    progress("Building features", 0.0)
    table = model.described(cleaned, observation_end=as_date(observation_end), quality=quality)
    earlier = _as_of_the_model(model, cleaned, quality=quality, now=table.observation_end)
    progress("Fitting anew", 0.0)
    with logs.event(_log, "refit") as told:
        result, done = movement.refit(
            model,
            table,
            earlier=earlier,
            random_state=random_state,
            namer=lambda found: knowledge.name_segments(found).names,
        )
        told |= {"customers": len(table), "moved_by_model": done.n_moved, "revision": result.model.revision}
    progress("Fitting anew", 1.0)
    return result, done


def movement(
    model: Model,
    data: object,
    *,
    start: date | str,
    end: date | str | None = None,
    keep_duplicates: bool = False,
    progress: Progress = ignore_progress,
) -> Movement:
    """Say who moved between two days, by a saved model that stays as it is.

    Parameters
    ----------
    model : Model
    data : Dataset, or anything `read` takes
    start, end : date or ISO text
        The end is by default the day of the last order in the data.
    keep_duplicates : bool
        As in `build_features`.
    progress : callable, optional

    Returns
    -------
    Movement
        With the migration matrix, and where everybody was and is.

    Raises
    ------
    ParameterError
        If the end is not after the start, or nobody had bought anything by the start.
    """
    from coterie import movement as stage

    dataset = data if isinstance(data, Dataset) else read(data, progress=progress)
    cleaned, quality = clean(dataset, keep_duplicates=keep_duplicates, progress=progress)
    first = as_date(start)
    assert first is not None, "a period has a start"
    with logs.event(_log, "movement") as told:
        moved = stage.movement(model, cleaned, start=first, end=as_date(end), quality=quality)
        told |= {"customers": len(moved.customers), "moved": moved.n_moved}
    return moved


def _as_of_the_model(
    model: Model, dataset: Dataset, *, quality: DataQuality, now: date | None
) -> FeatureTable | None:
    """The customers on the day of the model; None if the data do not reach back to it or not beyond it."""
    then = model.observation_end
    if then is None or now is None or then >= now:
        return None
    try:
        return model.described(dataset, observation_end=then, quality=quality)
    except ParameterError:
        return None
