"""From segments to knowledge, files and later customers."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from coterie import logs
from coterie.jobs import Progress, ignore_progress
from coterie.river.data import as_date, clean, read
from coterie.sources import Dataset

if TYPE_CHECKING:
    import pandas as pd

    from coterie.knowledge import Knowledge
    from coterie.segmentation import Model, Segmentation

_log = logging.getLogger(__name__)


def profile(result: Segmentation, *, progress: Progress = ignore_progress) -> Knowledge:
    """Say who each segment is, what sets it apart and what to do about it.

    Parameters
    ----------
    result : Segmentation
    progress : callable, optional

    Returns
    -------
    Knowledge
        `.profiles`, one per segment, and the rule tree that defines them in SQL.
    """
    from coterie import knowledge

    progress("Explaining the segments", 0.0)
    with logs.event(_log, "profile") as told:
        found = knowledge.profile_segments(result)
        told |= {"segments": len(found), "leaves": found.tree.n_leaves}
    progress("Explaining the segments", 1.0)
    return found


def report(
    result: Segmentation,
    out: str | Path,
    *,
    knowledge: Knowledge | None = None,
    progress: Progress = ignore_progress,
) -> Path:
    """Write the whole result into a folder: report, tables, charts, rules and model.

    Parameters
    ----------
    result : Segmentation
    out : path
        A new or empty folder, or one that holds an earlier result, which is replaced.
    knowledge : Knowledge, optional
        What `profile` gave, if it was called already.
    progress : callable, optional

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ConflictError
        If the folder holds anything else.
    """
    from coterie import delivery

    known = knowledge or profile(result, progress=progress)
    with logs.event(_log, "report") as told:
        folder = delivery.write_result(result, known, out=Path(out), progress=progress)
        told["customers"] = len(result.table)
    return folder


def load_model(folder: str | Path) -> Model:
    """Load a saved segmentation model.

    Parameters
    ----------
    folder : path
        The ``model`` folder of a result.

    Returns
    -------
    Model
    """
    from coterie import segmentation

    return segmentation.load_model(Path(folder))


def assign(
    model: Model,
    data: object,
    *,
    observation_end: date | str | None = None,
    keep_duplicates: bool = False,
    progress: Progress = ignore_progress,
) -> pd.DataFrame:
    """Put customers into the segments of a saved model.

    Parameters
    ----------
    model : Model
    data : Dataset, or anything `read` takes
    observation_end : date or ISO text, optional
        The day to look from. Default: the day of the last order in the data.
    keep_duplicates : bool
        As in `build_features`.
    progress : callable, optional

    Returns
    -------
    DataFrame of shape (n_customers, 4)
        customer_id, segment_id, segment_name, margin.
    """
    dataset = data if isinstance(data, Dataset) else read(data, progress=progress)
    cleaned, quality = clean(dataset, keep_duplicates=keep_duplicates, progress=progress)
    with logs.event(_log, "assign") as told:
        table = model.described(cleaned, observation_end=as_date(observation_end), quality=quality)
        told |= {"customers": len(table), "segments": len(model.names)}
        return model.assign(table)
