"""Which trial becomes the answer: hard floors first, then the mean of four ranks.

A candidate has to pass floors on size, stability and explainability. Among those that do, the mean rank
of worst-segment stability, later value (Calinski-Harabasz without a back-test), fidelity and nearness to
five segments decides, differences within the noise counting as level; ties go to fewer segments. No
index of compactness decides alone: raw order values split 2,773 customers from 27 with a silhouette of 0.87.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coterie.features import counted
from coterie.segmentation import CLUSTERERS, Trial
from coterie.selection.flags import size_floor
from coterie.settings import Settings

AUTOMATIC = ("kmeans", "gmm", "hierarchical")
"""Methods an automatic choice may take; the others stand beside them in the table."""

COMFORTABLE_K = 5
"""Number of segments a team can keep apart; nearness to it is one of four ranks."""

NOISE = {"stability_min": 0.15, "later_value": 0.01, "fidelity": 0.015, "calinski_harabasz": 0.0}
"""Two candidates that differ by no more than this are level in that score.

Standard deviations over ten seeds on Online Retail: .01 to .08 for the recovery of the weakest segment in
6 refits (K-Means, k = 3 to 8; .054 at k = 5), .004 to .006 for the fidelity over 5 holdouts, .002 (K-Means)
to .010 (Gaussian mixture) for the later value. A difference has 1.4 times the deviation; the first and third
margin are about two of those. Without margins 8 of the ten seeds agreed on the number of segments.
"""

DEGENERATE_SHARE = 0.9
"""A partition with a larger segment is no answer, whatever else speaks for it."""

SIZE_FLOORS = ("largest_share", "smallest_share")


@dataclass(frozen=True)
class Floors:
    """What a chosen segmentation has to reach; see the settings of the same names."""

    min_customers: int
    max_share: float
    min_mean_jaccard: float
    min_worst_jaccard: float
    min_fidelity: float

    @classmethod
    def of(cls, n: int, settings: Settings, *, min_customers: int | None = None) -> Floors:
        """Floors for n customers; `min_customers` overrules the size floor of the settings.

        Parameters
        ----------
        n : int
            Customers.
        settings : Settings
        min_customers : int, optional

        Returns
        -------
        Floors
        """
        return cls(
            min_customers=min_customers or size_floor(n, settings),
            max_share=settings.max_segment_share,
            min_mean_jaccard=settings.min_mean_jaccard,
            min_worst_jaccard=settings.min_worst_jaccard,
            min_fidelity=settings.min_fidelity,
        )


@dataclass(frozen=True)
class Choice:
    """The simple answer, the detailed one (None if it is the same), and the reasons."""

    chosen: Trial
    detailed: Trial | None
    reason: str
    runner_up: str

    @property
    def why(self) -> str:
        """The choice, its numbers and the reason in one sentence; empty if there was nothing to choose."""
        if not self.reason:
            return ""
        clauses = [clause for clause in (_numbers(self.chosen), self.reason) if clause]
        return f"{described(self.chosen)}: {'; '.join(clauses)}."


def failed_floors(trial: Trial, floors: Floors, *, n: int) -> dict[str, str]:
    """The floors a trial does not reach, by the name of the score, as clauses.

    Parameters
    ----------
    trial : Trial
        With its scores.
    floors : Floors
    n : int
        Customers that were judged.

    Returns
    -------
    dict of str to str
        A score without a value fails no floor but those of size.
    """
    values = _values(trial)
    fewest = round((values["smallest_share"] or 0.0) * n)
    failed = {
        "largest_share": (
            (values["largest_share"] or 1.0) > floors.max_share,
            f"one segment holds {values['largest_share'] or 1.0:.0%} of customers",
        ),
        "smallest_share": (
            fewest < floors.min_customers,
            f"the smallest segment has {counted(fewest, 'customer')}",
        ),
        "stability": (
            _below(values["stability"], floors.min_mean_jaccard),
            "too little of a segment stays the same when some customers are left out",
        ),
        "stability_min": (
            _below(values["stability_min"], floors.min_worst_jaccard),
            "too little of the weakest segment stays the same",
        ),
        "fidelity": (
            _below(values["fidelity"], floors.min_fidelity),
            f"short rules place only {values['fidelity'] or 0:.1%} of customers as the method does",
        ),
    }
    return {name: words for name, (fails, words) in failed.items() if fails}


def _values(trial: Trial) -> dict[str, float | None]:
    return {name: score.value for name, score in trial.scores.items()}


def _below(value: float | None, floor: float) -> bool:
    return value is not None and value < floor


def passing(trials: Sequence[Trial], floors: Floors, *, n: int) -> list[Trial]:
    """The trials that reach every floor, in order."""
    return [trial for trial in trials if not failed_floors(trial, floors, n=n)]


def ranked(trials: Sequence[Trial]) -> list[tuple[float, Trial]]:
    """Trials with their mean rank, best first; ties go to fewer segments, then to the order given.

    Two trials share a rank where they differ by no more than `NOISE`.

    Parameters
    ----------
    trials : sequence of Trial
        With scores.

    Returns
    -------
    list of (mean rank, Trial)
        The mean rank is 1 for a trial that is clearly best in all four.
    """
    if not trials:
        return []
    values = [_values(trial) for trial in trials]
    gain = "later_value" if any(v["later_value"] is not None for v in values) else "calinski_harabasz"
    ranks = [
        _shared_ranks([v[name] for v in values], NOISE[name]) for name in ("stability_min", gain, "fidelity")
    ]
    ranks.append(_shared_ranks([-float(abs(trial.n_clusters - COMFORTABLE_K)) for trial in trials], 0.0))
    means = [sum(column) / len(column) for column in zip(*ranks, strict=True)]
    order = sorted(range(len(trials)), key=lambda i: (means[i], trials[i].n_clusters, i))
    return [(means[i], trials[i]) for i in order]


def _shared_ranks(values: Sequence[float | None], noise: float) -> list[float]:
    """Rank of each value, 1 = highest; half a rank for each other one within the noise."""
    known = [-float("inf") if value is None else value for value in values]
    ranks = []
    for value in known:
        n_better = sum(other > value + noise for other in known)
        n_worse = sum(other < value - noise for other in known)
        n_level = len(known) - 1 - n_better - n_worse
        ranks.append(1 + n_better + n_level / 2)
    return ranks


def choose(trials: Sequence[Trial], floors: Floors, *, n: int) -> Choice | None:
    """The answer among these candidates, or None if none reaches every floor.

    Parameters
    ----------
    trials : sequence of Trial
        Candidates with scores.
    floors : Floors
    n : int
        Customers that were judged.

    Returns
    -------
    Choice or None
    """
    order = ranked(passing(trials, floors, n=n))
    if not order:
        return None
    chosen = order[0][1]
    most = max(trial.n_clusters for _, trial in order)
    detailed = next(trial for _, trial in order if trial.n_clusters == most)
    return Choice(
        chosen=chosen,
        detailed=None if most == chosen.n_clusters else detailed,
        reason=_best_of(order),
        runner_up=_runner_up(order),
    )


def _best_of(order: Sequence[tuple[float, Trial]]) -> str:
    if len(order) == 1:
        return "the only candidate that passes every limit on size, stability and short rules"
    rank, chosen = order[0]
    spend = "compactness" if chosen.scores["later_value"].value is None else "later spend"
    return (
        f"best of {len(order)} candidates that pass every limit on size, stability and short rules: on"
        f" average number {rank:.2g} in stability, {spend}, rules and nearness to {COMFORTABLE_K} segments"
    )


def _runner_up(order: Sequence[tuple[float, Trial]]) -> str:
    if len(order) < 2:
        return "There is no runner-up: every other candidate fails a limit."
    rank, second = order[1]
    against = f"on average number {rank:.2g} against {order[0][0]:.2g}"
    return f"Runner-up: {described(second)}: {_numbers(second)} ({against})."


def least_bad(trials: Sequence[Trial], floors: Floors, *, n: int) -> Choice | None:
    """The candidate with the fewest failed floors, those of size counted first.

    Parameters
    ----------
    trials : sequence of Trial
        Candidates with scores.
    floors : Floors
    n : int
        Customers that were judged.

    Returns
    -------
    Choice or None
        None if every candidate is degenerate: one segment of more than 90 % of the customers.
    """
    able = [trial for trial in trials if not _is_degenerate(trial)]
    if not able:
        return None
    failures = {id(trial): failed_floors(trial, floors, n=n) for trial in able}

    def badness(place: int) -> tuple[int, int, int]:
        failed = failures[id(order[place][1])]
        return sum(name in SIZE_FLOORS for name in failed), len(failed), place

    order = ranked(able)
    places = sorted(range(len(order)), key=badness)
    chosen = order[places[0]][1]
    failed = failures[id(chosen)]
    return Choice(
        chosen=chosen,
        detailed=None,
        reason=_reservation(failed),
        runner_up=_next_best(order[places[1]][1], failures)
        if len(places) > 1
        else "There is no other candidate.",
    )


def _is_degenerate(trial: Trial) -> bool:
    largest, noise = trial.scores["largest_share"].value, trial.scores["noise_share"].value
    return largest is None or noise is None or largest > DEGENERATE_SHARE * (1 - noise)


def _reservation(failed: dict[str, str]) -> str:
    if not failed:
        return "it passes every limit"
    return f"no candidate passes every limit, this one fails the fewest: {', '.join(failed.values())}"


def _next_best(trial: Trial, failures: dict[int, dict[str, str]]) -> str:
    failed = ", ".join(failures[id(trial)].values()) or "passes every limit, ranks lower"
    return f"Runner-up: {described(trial)}: {failed}."


def verdict_of(failed: dict[str, str]) -> str:
    """What a choice that fails these floors is.

    Parameters
    ----------
    failed : dict of str to str
        As from `failed_floors`.

    Returns
    -------
    str
        "reproducible": refits find the segments again; "constructive": they do, but another floor is
        failed; "unstable: constructive": a cut through a crowd, which may be useful, but others would
        cut otherwise. The words are those of Dolnicar, Gruen & Leisch (2018), Market Segmentation
        Analysis, chapter 7.
    """
    if "stability" in failed or "stability_min" in failed:
        return "unstable: constructive"
    return "constructive" if failed else "reproducible"


def described(trial: Trial) -> str:
    """A trial in words: its method and number of segments."""
    return f"{CLUSTERERS[trial.method].title} with {counted(trial.n_clusters, 'segment')}"


def _numbers(trial: Trial) -> str:
    """The numbers a choice rests on, as one clause."""
    values = _values(trial)
    clauses = []
    if values["stability"] is not None and values["stability_min"] is not None:
        clauses.append(
            f"made again without 30% of the customers, {values['stability']:.0%} of a segment stays the same"
            f" ({values['stability_min']:.0%} of the weakest)"
        )
    if values["later_value"] is not None:
        clauses.append(f"it foretold {values['later_value']:.1%} of the differences in later spend")
    if values["fidelity"] is not None:
        clauses.append(f"short rules place {values['fidelity']:.0%} of customers as it does")
    return ", ".join(clauses)
