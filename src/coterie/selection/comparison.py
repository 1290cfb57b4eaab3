"""Comparison: every method and number of segments side by side, and the one that was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from coterie.assessment import EXTERNAL_SCORES
from coterie.errors import InputError, ParameterError
from coterie.features import FeatureTable, counted, percent
from coterie.segmentation import Trial
from coterie.selection.references import REFERENCES, later_spend_sentence

if TYPE_CHECKING:
    import pandas as pd

COMPARED = (
    "silhouette",
    "davies_bouldin",
    "dunn",
    "calinski_harabasz",
    "ari",
    "nmi",
    "stability",
    "stability_min",
    "later_value",
    *REFERENCES,
    "fidelity",
    "noise_share",
    "largest_share",
    "smallest_share",
)
"""Scores of a row of the comparison, in order."""


@dataclass(frozen=True)
class Comparison:
    """All trials with their scores, the choice and its reasons.

    Attributes
    ----------
    table : FeatureTable
        What was compared on.
    trials : tuple of Trial
        One per method and number of segments, failed ones included.
    chosen : Trial
        The simple answer.
    detailed : Trial or None
        The most segments that pass every floor; None if that is the simple answer, or nothing passes.
    why, runner_up : str
        One sentence each; empty if method and number were fixed.
    verdict : str
        "reproducible", "constructive", "unstable: constructive" or "nothing to separate".
    segment_stability : mapping of int to float
        Mean Jaccard recovery per segment of the choice, over its refits.
    """

    table: FeatureTable
    trials: tuple[Trial, ...]
    chosen: Trial
    detailed: Trial | None = None
    why: str = ""
    runner_up: str = ""
    verdict: str = ""
    segment_stability: Mapping[int, float] = field(default_factory=dict)

    @property
    def later_spend(self) -> str:
        """How much of later spend the choice foretold, beside plain divisions; empty without a back-test."""
        return later_spend_sentence(self.chosen)

    def frame(self) -> pd.DataFrame:
        """One row per method and number of segments, see `trials_frame`.

        Returns
        -------
        DataFrame
        """
        return trials_frame(self.trials)

    def agreement(self, metric: Literal["ari", "nmi"] = "ari") -> pd.DataFrame:
        """How far the methods agree, each at the chosen number of segments, see `agreement`.

        Parameters
        ----------
        metric : {"ari", "nmi"}

        Returns
        -------
        DataFrame of shape (n_methods, n_methods)
        """
        return agreement(
            self.trials, metric, n_clusters=self.chosen.n_clusters, among=~self.table.no_net_spend
        )

    def core_members(self) -> npt.NDArray[np.bool_]:
        """Customers on whom all methods agree, see `core_members`.

        Returns
        -------
        ndarray of shape (n_customers,), bool
        """
        return core_members(self.trials, self.chosen)

    def _repr_html_(self) -> str:
        shown = self.frame()[["method", "n_clusters", *COMPARED, "flags", "failure"]]
        rows = shown.to_html(index=False, na_rep="", float_format="{:.3f}".format, escape=True)
        sentences = "".join(f"<p>{escape(s)}</p>" for s in (self.why, self.runner_up, self.later_spend) if s)
        return f"{sentences}{rows}"


def trials_frame(trials: Sequence[Trial]) -> pd.DataFrame:
    """Trials as a table: method, n_clusters, the scores, flags, notes, failure, seconds.

    Parameters
    ----------
    trials : sequence of Trial

    Returns
    -------
    DataFrame of shape (n_trials, 22)
        nan where a score has no value, and for the standard error of an exact silhouette; flags and
        notes joined by a space.
    """
    import pandas as pd

    rows = [
        {
            "method": trial.method,
            "n_clusters": trial.n_clusters or trial.n_asked,
            **{name: _value(trial, name) for name in COMPARED},
            "silhouette_error": silhouette_error(trial),
            "flags": " ".join(trial.flags),
            "notes": " ".join(trial.notes),
            "failure": trial.failure,
            "seconds": trial.seconds,
        }
        for trial in trials
    ]
    scores = [COMPARED[0], "silhouette_error", *COMPARED[1:]]
    columns = ["method", "n_clusters", *scores, "flags", "notes", "failure", "seconds"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"n_clusters": "Int64", **dict.fromkeys(scores, "float64")})


def silhouette_error(trial: Trial) -> float | None:
    """The standard error of a silhouette that was estimated.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    float or None
        None if it is exact or undefined.
    """
    score = trial.scores.get("silhouette")
    return None if score is None else score.standard_error or None


def _value(trial: Trial, name: str) -> float:
    score = trial.scores.get(name)
    return float("nan") if score is None else float(score)


def agreement(
    trials: Sequence[Trial],
    metric: Literal["ari", "nmi"] = "ari",
    *,
    n_clusters: int | None = None,
    among: npt.NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """How far the methods agree with each other; to be noise is to be in a group of its own.

    Parameters
    ----------
    trials : sequence of Trial
    metric : "ari" or "nmi"
    n_clusters : int, optional
        Each method is taken at this number of segments if it has it, else at its most stable one.
    among : ndarray of shape (n_customers,), bool, optional
        Customers that count: those with net spend, as the others are in no segment by rule.

    Returns
    -------
    DataFrame of shape (n_methods, n_methods)
        Methods that ran, in the order of the trials; 1 on the diagonal.

    Raises
    ------
    ParameterError
        If there is no such metric.
    """
    import pandas as pd

    if metric not in EXTERNAL_SCORES:
        raise ParameterError(
            f"There is no agreement named {metric!r}", to_do=f"Choose from: {', '.join(EXTERNAL_SCORES)}"
        )
    best = _of_each_method(trials, n_clusters)
    labels = [np.asarray(trial.labels)[slice(None) if among is None else among] for trial in best.values()]
    values = [[float(EXTERNAL_SCORES[metric](one, other)) for other in labels] for one in labels]
    return pd.DataFrame(values, index=list(best), columns=list(best), dtype=np.float64)


def core_members(trials: Sequence[Trial], chosen: Trial) -> npt.NDArray[np.bool_]:
    """Customers whose segment does not depend on the method: all that ran put them with the same others.

    A cluster of another method stands for the segment that most of its members are in.

    Parameters
    ----------
    trials : sequence of Trial
        Each method is taken at the chosen number of segments if it has it, else at its most stable one.
    chosen : Trial
        With labels.

    Returns
    -------
    ndarray of shape (n_customers,), bool
        False for whoever is in no segment.

    Raises
    ------
    InputError
        If the chosen trial failed.
    """
    if chosen.labels is None:
        raise InputError(chosen.failure, where=chosen.method)
    core = np.asarray(chosen.labels >= 0)
    for trial in _of_each_method(trials, chosen.n_clusters).values():
        core &= _meant(np.asarray(trial.labels), segments=chosen.labels) == chosen.labels
    return core


def core_sentence(trials: Sequence[Trial], chosen: Trial) -> str:
    """Say how many customers are in the same segment whatever the method.

    Parameters
    ----------
    trials : sequence of Trial
    chosen : Trial
        With labels.

    Returns
    -------
    str
        Empty if fewer than two methods ran.
    """
    n_methods = len(_of_each_method(trials, None))
    if n_methods < 2 or chosen.labels is None:
        return ""
    n_core, n = int(core_members(trials, chosen).sum()), int((chosen.labels >= 0).sum())
    return (
        f"{n_core:,} of {counted(n, 'customer')} ({percent(n_core / n)}) are in the same segment whatever the"
        f" method, of the {n_methods} that ran."
    )


def _meant(labels: npt.NDArray[np.int32], *, segments: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    """The segment that most members of each customer's cluster are in; -2 for noise."""
    counts = np.zeros((int(labels.max(initial=-1)) + 1, int(segments.max(initial=-1)) + 1))
    both = (labels >= 0) & (segments >= 0)
    np.add.at(counts, (labels[both], segments[both]), 1.0)
    meant = counts.argmax(axis=1) if counts.size else np.zeros(0, dtype=np.intp)
    return np.append(meant, -2)[labels]


def _of_each_method(trials: Sequence[Trial], n_clusters: int | None) -> dict[str, Trial]:
    """The trial that speaks for each method that ran."""
    best: dict[str, Trial] = {}
    for trial in trials:
        if trial.labels is None:
            continue
        known = best.get(trial.method)
        if known is None or _standing(trial, n_clusters) > _standing(known, n_clusters):
            best[trial.method] = trial
    return best


def _standing(trial: Trial, n_clusters: int | None) -> tuple[bool, float]:
    stable = trial.scores.get("stability_min")
    value = None if stable is None else stable.value
    return trial.n_clusters == n_clusters, -1.0 if value is None else value
