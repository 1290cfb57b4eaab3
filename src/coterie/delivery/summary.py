"""summary.json: the result in one machine-readable file, the same bytes for the same data and seed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.assessment import Score
from coterie.delivery.agreement import core_of
from coterie.features import percent
from coterie.knowledge import Knowledge, Profile
from coterie.segmentation import Segmentation, Trial
from coterie.selection import COMPARED, silhouette_error

SCHEMA_VERSION = 1


def summary_schema() -> dict[str, Any]:
    """Give the JSON Schema of summary.json.

    Returns
    -------
    dict
    """
    text = files("coterie.delivery").joinpath("summary.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def summarise(result: Segmentation, knowledge: Knowledge) -> dict[str, Any]:
    """Build the content of summary.json.

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge

    Returns
    -------
    dict
        As `summary_schema` says; no times and no paths, so that equal runs give equal bytes.
    """
    core = core_of(result)
    return {
        "schema": SCHEMA_VERSION,
        "data": _data(result),
        "segmentation": {
            "method": result.method,
            "n_segments": result.n_segments,
            "attributes": list(result.attributes),
            "weights": dict(sorted(result.weights.items())),
            "why": result.why,
            "runner_up": result.runner_up,
            "random_state": result.random_state,
            "tree_fidelity": _rounded(knowledge.tree.fidelity),
            "n_unassigned": int((result.labels < 0).sum()),
            "n_core_members": int(core.sum()),
        },
        "comparison": summarise_comparison(result.trials),
        "segments": [
            _segment(profile, knowledge, core=result.labels[core]) for profile in knowledge.profiles
        ],
    }


def summarise_comparison(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Build the rows of the comparison table.

    Parameters
    ----------
    trials : sequence of Trial

    Returns
    -------
    list of dict
        As in summary.json.
    """
    return [_compared(trial) for trial in trials]


def read_scores(trial: Trial, names: Sequence[str] = COMPARED) -> list[str]:
    """Say in plain words what the scores of a trial mean.

    Parameters
    ----------
    trial : Trial
    names : sequence of str
        The scores, in order.

    Returns
    -------
    list of str
        "dunn 0.012: the closest customers of two segments almost touch ..."
    """
    scores = [trial.scores[name] for name in names if name in trial.scores]
    return [f"{_named(score)}: {score.sentence}" for score in scores]


def _named(score: Score) -> str:
    name = score.name.replace("_", " ")
    if score.value is None:
        return name
    return f"{name} {percent(score.value) if name.endswith(' share') else f'{score.value:.3f}'}"


def _data(result: Segmentation) -> dict[str, Any]:
    table = result.table
    report = None if table.dataset is None else table.dataset.report
    return {
        "rows_read": report and report.rows_read,
        "rows_accepted": report and report.rows_accepted,
        "rows_rejected": report and report.rows_rejected,
        "n_customers": len(table),
        "observation_end": table.observation_end and table.observation_end.isoformat(),
        "fingerprint": table.dataset and table.dataset.fingerprint,
        "missing": {name: table.missing_rule(name) for name in table.filled},
    }


def _compared(trial: Trial) -> dict[str, Any]:
    scores: Mapping[str, Score] = trial.scores
    missing = {name: score.reason for name, score in scores.items() if score.value is None and score.reason}
    values = {name: _rounded(scores[name].value) if name in scores else None for name in COMPARED}
    return {
        "method": trial.method,
        "n_clusters": trial.n_clusters or trial.n_asked,
        "silhouette": values["silhouette"],
        "silhouette_error": _rounded(silhouette_error(trial)),
        **values,
        "undefined": {name: missing[name] for name in COMPARED if name in missing},
        "flags": list(trial.flags),
        "notes": list(trial.notes),
        "failure": trial.failure or None,
    }


def _segment(profile: Profile, knowledge: Knowledge, *, core: npt.NDArray[np.int32]) -> dict[str, Any]:
    return {
        "id": profile.segment_id,
        "name": profile.name,
        "n_customers": profile.n_customers,
        "share": _rounded(profile.share),
        "n_core_members": int((core == profile.segment_id).sum()),
        "revenue_share": _rounded(profile.revenue_share),
        "rule": knowledge.rule_words(profile),
        "rule_sql": profile.rule.sql(),
        "rule_precision": _rounded(profile.rule.precision),
        "rule_recall": _rounded(profile.rule.recall),
        "action": profile.action.strategy if profile.action else None,
    }


def _rounded(value: float | None) -> float | None:
    """Six decimals: beyond them lies the noise of summation order."""
    return None if value is None or not math.isfinite(value) else round(float(value), 6)
