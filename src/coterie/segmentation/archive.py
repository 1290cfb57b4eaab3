"""A whole Segmentation on disk: its table, labels, model and every trial, read without running anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.assessment import Score
from coterie.errors import ConflictError
from coterie.features import load_features, save_features
from coterie.segmentation.result import Segment, Segmentation, Trial
from coterie.segmentation.saving import load_model, plain, save_model
from coterie.sources import Dataset

ARCHIVE_SCHEMA = 1
"""Raised whenever a folder of an earlier version could be misread."""

_TRIAL = ("method", "n_asked", "n_clusters", "flags", "notes", "failure", "seconds")
_RESULT = ("method", "attributes", "random_state", "weights", "why", "runner_up", "verdict")

_Arrays = Mapping[str, npt.NDArray[Any]]


def save_segmentation(result: Segmentation, folder: Path) -> Path:
    """Write a segmentation into a folder, without the dataset it came from.

    Parameters
    ----------
    result : Segmentation
    folder : Path
        New.

    Returns
    -------
    Path
        The folder.
    """
    save_features(replace(result.table, dataset=None), folder / "table")
    save_model(result.model, folder / "model")
    trials = [*result.trials, *([] if result.detailed is None else [result.detailed])]
    arrays = {"labels": result.labels, "margin": result.margin}
    for number, trial in enumerate(trials):
        if trial.model is not None:
            save_model(trial.model, folder / "trials" / str(number))
        if trial.labels is not None:
            arrays[f"trial_{number}"] = trial.labels
    np.savez(folder / "arrays.npz", allow_pickle=False, **arrays)  # type: ignore[arg-type]
    content = {
        "schema": ARCHIVE_SCHEMA,
        **{name: getattr(result, name) for name in _RESULT},
        "segments": [asdict(segment) for segment in result.segments],
        "stability": {str(i): value for i, value in result.segment_stability.items()},
        "trials": [_told(trial) for trial in trials],
        "own": next((i for i, one in enumerate(result.trials) if one.labels is result.labels), None),
        "detailed": _position(result),
    }
    (folder / "segmentation.json").write_text(
        json.dumps(content, default=plain, ensure_ascii=False), encoding="utf-8"
    )
    return folder


def load_segmentation(folder: Path, *, dataset: Dataset | None = None) -> Segmentation:
    """Read a segmentation that `save_segmentation` wrote.

    Parameters
    ----------
    folder : Path
    dataset : Dataset, optional
        The one it came from.

    Returns
    -------
    Segmentation

    Raises
    ------
    ConflictError
        If another version of Coterie wrote it.
    """
    content = json.loads((folder / "segmentation.json").read_text(encoding="utf-8"))
    if content["schema"] != ARCHIVE_SCHEMA:
        raise ConflictError("Another version of Coterie wrote this segmentation", where=str(folder))
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        trials = [_trial(one, i, arrays=arrays, folder=folder) for i, one in enumerate(content["trials"])]
        labels, margin = arrays["labels"], arrays["margin"]
    if content["own"] is not None and trials[content["own"]].labels is not None:
        labels = trials[content["own"]].labels  # the very same array: by it the result knows its trial
    told = {name: content[name] for name in _RESULT}
    detailed, n_compared = content["detailed"], len(trials) - (content["detailed"] is not None)
    return Segmentation(
        **{**told, "attributes": tuple(told["attributes"])},
        labels=labels,
        margin=margin,
        segments=tuple(Segment(**segment) for segment in content["segments"]),
        table=load_features(folder / "table", dataset=dataset),
        model=load_model(folder / "model"),
        trials=tuple(trials[:n_compared]),
        detailed=None if detailed is None else trials[detailed],
        segment_stability={int(i): value for i, value in content["stability"].items()},
    )


def _position(result: Segmentation) -> int | None:
    """Which of the saved trials is the more detailed answer: one of those compared, or the last."""
    if result.detailed is None:
        return None
    same = (i for i, trial in enumerate(result.trials) if trial is result.detailed)
    return next(same, len(result.trials))


def _told(trial: Trial) -> dict[str, Any]:
    scores = {name: asdict(score) for name, score in trial.scores.items()}
    return {**{name: getattr(trial, name) for name in _TRIAL}, "scores": scores}


def _trial(content: dict[str, Any], number: int, *, arrays: _Arrays, folder: Path) -> Trial:
    model = folder / "trials" / str(number)
    told = {name: content[name] for name in _TRIAL}
    return Trial(
        **{**told, "flags": tuple(told["flags"]), "notes": tuple(told["notes"])},
        labels=arrays.get(f"trial_{number}"),
        model=load_model(model) if model.is_dir() else None,
        scores={name: Score(**score) for name, score in content["scores"].items()},
    )
