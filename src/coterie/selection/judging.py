"""Every score of a trial, on common ground.

Distances are judged in ONE space for all methods: the requested attributes and weights through the
Transform with no number of clusters in mind. A method that clusters in another space (the RFM grid, TPA
with lifetime value) is judged in this one too; values from different spaces could not be compared.

Stability, fidelity and later value are judged on a seeded sample above `Settings.selection_rows`
customers. Customers without net spend are in no segment by rule and take no part in any score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.assessment import DESCRIPTIONS, EXTERNAL_SCORES, INTERNAL_SCORES, Score, Space, eta_squared
from coterie.features import FeatureTable
from coterie.segmentation import Transform, Trial, fit_trials
from coterie.selection.fidelity import tree_fidelity
from coterie.selection.flags import red_flags
from coterie.selection.references import REFERENCES, spend_cut
from coterie.selection.refits import Stability, stabilities
from coterie.selection.request import CompareRequest

if TYPE_CHECKING:
    import pandas as pd

    from coterie.features import BackTest

N_SUBSAMPLES_CHOOSING = 6
N_SUBSAMPLES_CHOSEN = 50

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Ground:
    """What all trials of a comparison are judged on.

    Attributes
    ----------
    table : FeatureTable
        All customers.
    kept : ndarray of int
        Positions of the customers with net spend.
    sampled : ndarray of int
        Positions of those that judge stability and fidelity; all of `kept` if they are few enough.
    space : ndarray of shape (len(kept), n_coordinates)
        The common space.
    raw : DataFrame of shape (len(table), n_attributes)
        The attributes in raw units.
    later : FeatureTable or None, later_log_spend : ndarray or None
        Customers as of the cut of the back-test, and what they spent afterwards.
    """

    table: FeatureTable
    request: CompareRequest
    kept: Rows
    sampled: Rows
    space: npt.NDArray[np.float64]
    raw: pd.DataFrame
    later: FeatureTable | None = None
    later_log_spend: npt.NDArray[np.float64] | None = None

    @cached_property
    def common(self) -> Space:
        """The common space, checked and brought in order once for all trials."""
        return Space.of(self.space)

    @property
    def n(self) -> int:
        """Customers that can be in a segment."""
        return len(self.kept)

    @property
    def n_distinct(self) -> int:
        """Customers that differ in at least one attribute that counts."""
        return len(np.unique(self.space, axis=0))

    @cached_property
    def rfm_grid_later_value(self) -> Score:
        """What the RFM grid as of the cut of the back-test foretells."""
        return self.foretold(self.fit("rfm", [None], table=self.later)[0])

    def foretold(self, earlier: Trial) -> Score:
        """What segments made as of the cut foretell."""
        if earlier.labels is None:
            return _no_later_value(f"as of the earlier day it could not run: {earlier.failure}")
        return self.accounted(earlier.labels)

    def accounted(self, labels: npt.NDArray[np.int32]) -> Score:
        """Share of the variance of later log spend between these groups."""
        assert self.later_log_spend is not None
        return replace(eta_squared(labels, self.later_log_spend), name="later_value")

    def fit(
        self, method: str, ks: Sequence[int | None], *, table: FeatureTable | None = None
    ) -> tuple[Trial, ...]:
        """Run one method at several numbers of clusters, on all customers or those of `table`."""
        return fit_trials(
            self.table if table is None else table,
            method,
            ks=ks,
            attributes=self.request.attributes,
            weights=self.request.weights,
            random_state=self.request.random_state,
        )


def common_ground(table: FeatureTable, request: CompareRequest, *, back_test: BackTest | None) -> Ground:
    """Prepare what all trials are judged on.

    Parameters
    ----------
    table : FeatureTable
    request : CompareRequest
    back_test : BackTest or None

    Returns
    -------
    Ground
    """
    raw = table.columns(request.attributes or table.defaults)
    kept = np.flatnonzero(~table.no_net_spend)
    transform = Transform().fit(raw.iloc[kept], weights=request.weights, n_clusters=None)
    later = values = None
    if back_test is not None:
        rows = _sample(np.flatnonzero(~back_test.table.no_net_spend), request)
        later, values = back_test.table.rows(rows), back_test.later_log_spend[rows]
    return Ground(
        table=table,
        request=request,
        kept=kept,
        sampled=_sample(kept, request),
        space=transform.apply(raw.iloc[kept]),
        raw=raw,
        later=later,
        later_log_spend=values,
    )


def _sample(rows: Rows, request: CompareRequest) -> Rows:
    size = request.settings.selection_rows
    if len(rows) <= size:
        return rows
    rng = np.random.default_rng(request.random_state)
    return np.sort(rng.choice(rows, size, replace=False))


def judged(trials: Sequence[Trial], ground: Ground, *, progress: Callable[[float], None]) -> list[Trial]:
    """Trials of one method with all their scores and red flags; failed ones stay as they are.

    Parameters
    ----------
    trials : sequence of Trial
        From `ground.fit`.
    ground : Ground
    progress : callable
        Called with the share done.

    Returns
    -------
    list of Trial
        In the same order.
    """
    ran = [trial for trial in trials if trial.labels is not None]
    if not ran:
        return list(trials)
    later = _later_values(ran, ground)
    found = refitted(ran, ground, n_subsamples=N_SUBSAMPLES_CHOOSING, progress=progress)
    done = iter(
        _scored(trial, _scores(trial, ground) | foretold | by_refits.scores, ground=ground)
        for trial, foretold, by_refits in zip(ran, later, found, strict=True)
    )
    return [trial if trial.labels is None else next(done) for trial in trials]


def _scored(trial: Trial, scores: dict[str, Score], *, ground: Ground) -> Trial:
    """The trial with scores, flags, and notes on what the scores are estimated from."""
    notes = list(trial.notes)
    if scores["silhouette"].standard_error:
        notes.append("The silhouette is estimated from a sample of every segment, with a standard error.")
    if len(ground.sampled) < ground.n:
        notes.append(
            "Stability, fidelity and later value are measured on a random sample of at most"
            f" {len(ground.sampled):,} of the {ground.n:,} customers."
        )
    return flagged(replace(trial, scores=scores, notes=tuple(notes)), ground)


def _scores(trial: Trial, ground: Ground) -> dict[str, Score]:
    """Scores of the labels as they are, without refits."""
    assert trial.labels is not None
    labels = trial.labels[ground.kept]
    exact = {"silhouette": {"exact_rows": ground.request.settings.silhouette_exact_rows}}
    scores = {
        name: score(ground.common, labels, **exact.get(name, {})) for name, score in INTERNAL_SCORES.items()
    }
    scores |= {name: score(labels) for name, score in DESCRIPTIONS.items()}
    scores |= _agreement_with_truth(labels, ground)
    scores["fidelity"] = tree_fidelity(
        ground.raw.iloc[ground.sampled],
        trial.labels[ground.sampled],
        random_state=ground.request.random_state,
    )
    return scores


def flagged(trial: Trial, ground: Ground) -> Trial:
    """The trial with the red flags its scores call for.

    Parameters
    ----------
    trial : Trial
        With scores.
    ground : Ground

    Returns
    -------
    Trial
    """
    assert trial.labels is not None
    raw, labels = ground.raw.iloc[ground.kept], trial.labels[ground.kept]
    words = {spec.name: spec.words for spec in ground.table.specs}
    flags = red_flags(trial, raw, labels=labels, settings=ground.request.settings, words=words)
    return replace(trial, flags=flags)


def refitted(
    trials: Sequence[Trial], ground: Ground, *, n_subsamples: int, progress: Callable[[float], None]
) -> list[Stability]:
    """Stability of trials of one method by refits on parts of the sampled customers.

    Parameters
    ----------
    trials : sequence of Trial
        With labels of all customers.
    ground : Ground
    n_subsamples : int
    progress : callable

    Returns
    -------
    list of Stability
    """
    restricted = [replace(trial, labels=np.asarray(trial.labels)[ground.sampled]) for trial in trials]
    return stabilities(
        ground.table.rows(ground.sampled),
        restricted,
        request=ground.request,
        n_subsamples=n_subsamples,
        progress=progress,
    )


def _agreement_with_truth(labels: npt.NDArray[np.int32], ground: Ground) -> dict[str, Score]:
    truth = ground.request.truth
    if truth is None:
        reason = "no known groups were given"
        return {name: Score(name, None, reason=reason) for name in EXTERNAL_SCORES}
    return {name: score(labels, truth[ground.kept]) for name, score in EXTERNAL_SCORES.items()}


def _later_values(trials: Sequence[Trial], ground: Ground) -> list[dict[str, Score]]:
    """What each trial, refitted as of the cut, and the plain divisions foretell of later spend."""
    if ground.later is None:
        none = _no_later_value("there are fewer than 270 days of dated orders")
        return [{name: replace(none, name=name) for name in ("later_value", *REFERENCES)}] * len(trials)
    earlier = ground.fit(trials[0].method, [trial.n_asked for trial in trials], table=ground.later)
    return [
        {"later_value": ground.foretold(then)} | _references(trial.n_clusters, ground)
        for trial, then in zip(trials, earlier, strict=True)
    ]


def _references(n_groups: int, ground: Ground) -> dict[str, Score]:
    """What the RFM grid and a cut into so many groups foretell."""
    assert ground.later is not None
    if "monetary" in ground.later.X.columns:
        cut = ground.accounted(spend_cut(ground.later.X["monetary"], n_groups))
    else:
        cut = _no_later_value("there is no past spend")
    found = zip(REFERENCES, (ground.rfm_grid_later_value, cut), strict=True)
    return {name: replace(score, name=name) for name, score in found}


def _no_later_value(reason: str) -> Score:
    return Score("later_value", None, reason=reason)
