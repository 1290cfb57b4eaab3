"""Whether the segments would come back if some customers had not been there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from coterie.assessment import Score, best_jaccards
from coterie.features import FeatureTable
from coterie.segmentation import UNASSIGNED, Trial, fit_trials
from coterie.selection.request import CompareRequest

SUBSAMPLE_SHARE = 0.7

Labels = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stability:
    """Recovery of the segments in refits on part of the customers, as Jaccard similarity 0-1.

    `mean` is over segments and refits, `worst` the mean over refits of the least recovered segment,
    `by_segment` the mean over refits per segment id.
    """

    mean: Score
    worst: Score
    by_segment: dict[int, float] = field(default_factory=dict)

    @property
    def scores(self) -> dict[str, Score]:
        """The two scores by name, as a trial keeps them."""
        return {"stability": self.mean, "stability_min": self.worst}


def stability(
    table: FeatureTable,
    trial: Trial,
    *,
    request: CompareRequest | None = None,
    n_subsamples: int = 6,
    progress: Callable[[float], None] = lambda share: None,
) -> Stability:
    """Refit the trial's method on 70 % of the customers, again and again, and look for its segments.

    For each segment, restricted to the subsample, the most similar refitted cluster counts, by
    Jaccard. Subsamples depend on the random state only, so that methods are compared on the same ones.

    Parameters
    ----------
    table : FeatureTable
        The customers of `trial.labels`, or a sample of them.
    trial : Trial
        With labels for the customers of `table`.
    request : CompareRequest, optional
        Attributes, weights and random state of the fit.
    n_subsamples : int
    progress : callable, optional
        Called with the share of refits done.

    Returns
    -------
    Stability
        Without values if there are fewer than two segments.

    References
    ----------
    .. [1] Hennig (2007). Cluster-wise assessment of cluster stability. Comput. Stat. Data Anal. 52,
       258-271. There with B = 100; means below 0.6 should not be trusted, 0.75 and more are stable.
    """
    request = request or CompareRequest()
    return stabilities(table, [trial], request=request, n_subsamples=n_subsamples, progress=progress)[0]


def stabilities(
    table: FeatureTable,
    trials: Sequence[Trial],
    *,
    request: CompareRequest,
    n_subsamples: int,
    progress: Callable[[float], None],
) -> list[Stability]:
    """Stability of several trials of ONE method, whose refits share their work.

    Parameters
    ----------
    table, request, n_subsamples, progress
        As in `stability`.
    trials : sequence of Trial
        With labels for the customers of `table`.

    Returns
    -------
    list of Stability
        In the order of `trials`.
    """
    recovered: list[list[Floats]] = [[] for _ in trials]
    for done, rows in enumerate(_draws(len(table), request.random_state, n_subsamples=n_subsamples)):
        progress(done / n_subsamples)
        for place, best in enumerate(_recoveries(table, trials, rows=rows, request=request)):
            recovered[place].append(best)
    return [
        _summed_up(np.asarray(trial.labels), np.array(rows))
        for trial, rows in zip(trials, recovered, strict=True)
    ]


def _draws(n: int, random_state: int, *, n_subsamples: int) -> Iterator[npt.NDArray[np.intp]]:
    rng = np.random.default_rng(random_state)
    for _ in range(n_subsamples):
        yield np.sort(rng.choice(n, round(SUBSAMPLE_SHARE * n), replace=False))


def _recoveries(
    table: FeatureTable, trials: Sequence[Trial], *, rows: npt.NDArray[np.intp], request: CompareRequest
) -> Iterator[Floats]:
    """Per trial the best Jaccard of each of its segments in one refit; a failed refit finds nothing."""
    refits = fit_trials(
        table.rows(rows),
        trials[0].method,
        ks=[trial.n_asked for trial in trials],
        attributes=request.attributes,
        weights=request.weights,
        random_state=request.random_state,
    )
    nothing = np.full(len(rows), UNASSIGNED, dtype=np.int32)
    for trial, refit in zip(trials, refits, strict=True):
        labels = np.asarray(trial.labels)
        found = nothing if refit.labels is None else refit.labels
        yield best_jaccards(labels[rows], found, n_segments=int(labels.max(initial=-1)) + 1)


def _summed_up(labels: Labels, recovered: Floats) -> Stability:
    ids = np.unique(labels[labels != UNASSIGNED])
    if len(ids) < 2:
        reason = "there is only one segment"
        return Stability(Score("stability", None, reason), Score("stability_min", None, reason))
    recovered = recovered[:, ids]
    return Stability(
        Score("stability", float(recovered.mean())),
        Score("stability_min", float(recovered.min(axis=1).mean())),
        {int(i): float(value) for i, value in zip(ids, recovered.mean(axis=0), strict=True)},
    )
