"""Run all methods, judge them on common ground, choose."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from coterie import logs
from coterie.errors import InputError, ParameterError, TooFewCustomersError
from coterie.features import FeatureTable, counted
from coterie.jobs import Progress, ignore_progress
from coterie.segmentation import CLUSTERERS, Clusterer, Trial, check_request
from coterie.selection.choice import (
    AUTOMATIC,
    Choice,
    Floors,
    choose,
    failed_floors,
    least_bad,
    passing,
    ranked,
    verdict_of,
)
from coterie.selection.comparison import Comparison
from coterie.selection.judging import N_SUBSAMPLES_CHOSEN, Ground, common_ground, flagged, judged, refitted
from coterie.selection.refits import Stability
from coterie.selection.request import CompareRequest

if TYPE_CHECKING:
    from coterie.features import BackTest

MIN_CUSTOMERS = 10
"""Fewer customers are two groups of less than five: a list to read, not to segment."""

MIN_CUSTOMERS_AUTOMATIC = 90
"""Three segments of the smallest size that is reported, 30; below, clusters cannot be checked."""

MIN_CUSTOMERS_PER_SEGMENT = 5
"""Below this a segment is a handful of people."""

N_FINALISTS = 3
"""Candidates judged by fifty refits before the choice falls."""

SMALL_SHOP_CUSTOMERS_PER_SEGMENT = 15
SMALL_SHOP_MAX_K = 4
RELAXED_K = range(2, 13)

STAGE = "Comparing methods"

_log = logging.getLogger(__name__)


def compare(
    table: FeatureTable,
    methods: Sequence[str],
    *,
    request: CompareRequest | None = None,
    back_test: BackTest | None = None,
    progress: Progress = ignore_progress,
) -> Comparison:
    """Try every method at every number of segments, score them and choose one.

    The automatic choice is among K-Means, the Gaussian mixture and Ward; if none of these was asked
    for, among what was. Below 90 customers the RFM groups are taken where there are orders, else two to
    four segments of at least five customers.

    Parameters
    ----------
    table : FeatureTable
    methods : sequence of str
        Names of CLUSTERERS.
    request : CompareRequest, optional
    back_test : BackTest, optional
        An earlier view of the customers with what they spent afterwards; without it
        Calinski-Harabasz stands in for the later value.
    progress : callable, optional

    Returns
    -------
    Comparison

    Raises
    ------
    TooFewCustomersError
        Below 10 customers, or 5 for each segment asked for.
    ParameterError
        If a method is unknown, or what was asked for could not be done by any method.
    InputError
        If the customers have no attributes at all.
    """
    import sklearn.cluster  # noqa: F401, loaded before the limits, which hold for loaded libraries only
    from threadpoolctl import threadpool_limits

    # One thread: the problems are small, and sums in a fixed order keep results equal on every machine.
    with threadpool_limits(limits=1):
        request = _with_attributes(request or CompareRequest(), table)
        _check(table, methods, request=request)
        ground = common_ground(table, request, back_test=back_test)
        if ground.n_distinct < 2:
            return _nothing_to_separate(ground, "they are equal in every attribute that counts")
        return _Contest(ground, tuple(methods), _forward_only(progress)).decide()


def _with_attributes(request: CompareRequest, table: FeatureTable) -> CompareRequest:
    """The request with every feature as an attribute where the table proposes none."""
    if request.attributes or table.defaults:
        return request
    return replace(request, attributes=tuple(spec.name for spec in table.specs))


def _check(table: FeatureTable, methods: Sequence[str], *, request: CompareRequest) -> None:
    n = int((~table.no_net_spend).sum())
    if request.n_segments is None and n < MIN_CUSTOMERS:
        raise TooFewCustomersError(
            f"Only {counted(n, 'customer')} with spend, and segments need {MIN_CUSTOMERS}",
            to_do="Give more customers",
        )
    if not table.specs:
        raise InputError(f"The customers ({n:,}) do not differ in anything: there is nothing to separate")
    check_request(
        table, n_clusters=request.n_segments, attributes=request.attributes, weights=request.weights
    )
    unknown = [method for method in methods if method not in CLUSTERERS]
    if unknown or not methods:
        raise ParameterError(
            f"There is no method named {', '.join(unknown) or '(nothing)'}",
            where="methods",
            to_do=f"Choose from: {', '.join(CLUSTERERS)}",
        )


def _nothing_to_separate(ground: Ground, reason: str) -> Comparison:
    trial = _undivided(ground)
    return Comparison(
        table=ground.table,
        trials=(trial,),
        chosen=trial,
        why=f"Nothing separates these {ground.n} customers: {reason}.",
        verdict="nothing to separate",
    )


def _undivided(ground: Ground) -> Trial:
    """Everybody in one segment: two clusters found and taken as one."""
    trial = ground.fit("kmeans", [2])[0]
    if trial.labels is None or trial.model is None:
        raise ParameterError(trial.failure, where="methods")
    model = replace(trial.model, order=np.zeros_like(trial.model.order), names={0: "Segment 1"})
    whole = replace(trial, n_asked=1, n_clusters=1, labels=model.predict(ground.table), model=model)
    return judged([whole], ground, progress=lambda share: None)[0]


@dataclass(frozen=True)
class _Contest:
    """One comparison on its way to a choice."""

    ground: Ground
    methods: tuple[str, ...]
    progress: Progress
    examined: dict[tuple[str, int | None], Stability] = field(default_factory=dict)

    @property
    def is_small(self) -> bool:
        """Too few customers for the ordinary floors."""
        return self.ground.n < MIN_CUSTOMERS_AUTOMATIC

    @property
    def eligible(self) -> tuple[str, ...]:
        """Methods the choice may take."""
        asked = tuple(method for method in self.methods if method in AUTOMATIC)
        return asked or self.methods

    @property
    def floors(self) -> Floors:
        """What a choice has to reach."""
        few = MIN_CUSTOMERS_PER_SEGMENT if self.is_small else None
        return Floors.of(self.ground.n, self.ground.request.settings, min_customers=few)

    def decide(self) -> Comparison:
        """Run the trials, look at the leading ones closely, choose."""
        trials = self._with_leaders_examined(self._run(self.methods, self._ks()))
        choice = self._fixed(trials) or self._small_shop(trials) or self._best(trials)
        if choice is None and self.ground.request.n_segments is None:
            trials = self._with_leaders_examined(trials + self._run(self._with_k(), self._relaxed_ks()))
            choice = self._best(trials)
        choice = choice or least_bad(self._candidates(trials), self.floors, n=self.ground.n)
        choice = choice or self._grid(trials, "every other division is one crowd and a few outliers")
        if choice is None:
            return self._without_choice(trials)
        return self._concluded(choice, trials)

    def _ks(self) -> list[int]:
        if self.ground.request.n_segments is not None:
            return [self.ground.request.n_segments]
        if self.is_small:
            most = min(SMALL_SHOP_MAX_K, self.ground.n // SMALL_SHOP_CUSTOMERS_PER_SEGMENT)
            return self._possible(range(2, max(2, most) + 1))
        low, high = self.ground.request.k_range
        return self._possible(range(low, high + 1)) or self._possible([2])

    def _possible(self, ks: Iterable[int]) -> list[int]:
        """Numbers of segments these customers can be divided into at all."""
        per_segment = (
            MIN_CUSTOMERS_PER_SEGMENT if self.is_small else self.ground.request.settings.min_segment_customers
        )
        most = min(self.ground.n // per_segment, self.ground.n_distinct)
        return [k for k in ks if k <= most]

    def _run(self, methods: Sequence[str], ks: Sequence[int]) -> list[Trial]:
        trials: list[Trial] = []
        for place, method in enumerate(methods):
            tick = partial(self._tick, place=place, of=len(methods))
            tick(0.0)
            with logs.event(_log, "try") as told:
                ran = self._tried(method, ks if CLUSTERERS[method].takes_n_clusters else [None], tick=tick)
                trials += ran
                told |= {"method": method, "k": ",".join(str(t.n_clusters or t.n_asked or "-") for t in ran)}
                told |= {"customers": self.ground.n, "failed": sum(bool(trial.failure) for trial in ran)}
        return trials

    def _tried(self, method: str, ks: Sequence[int | None], *, tick: Callable[[float], None]) -> list[Trial]:
        """Trials of one method, judged; failed ones if it would take or takes more memory than there is."""
        refusal = self._beyond_memory(CLUSTERERS[method])
        if not refusal:
            try:
                return judged(self.ground.fit(method, ks), self.ground, progress=tick)
            except MemoryError:
                refusal = f"{CLUSTERERS[method].title} cannot be judged in the memory of this machine."
        return [Trial(method, k, 0, None, failure=refusal) for k in ks]

    def _beyond_memory(self, clusterer: Clusterer) -> str:
        """Why a method is not tried on so many customers; empty if its estimated need is met."""
        n, limit = self.ground.n, self.ground.request.settings.compare_memory_mb
        needed = math.ceil(clusterer.bytes_needed(n, self.ground.space.shape[1]) / 2**20)
        if needed <= limit:
            return ""
        return (
            f"{clusterer.title} needs about {needed:,} MiB for {counted(n, 'customer')}, the limit is"
            f" {limit:,}: raise compare_memory_mb or leave the method out."
        )

    def _tick(self, share: float, *, place: int, of: int) -> None:
        # The last quarter is for the closer look at the leaders.
        self.progress(STAGE, 0.75 * (place + share) / of)

    def _with_leaders_examined(self, trials: list[Trial]) -> list[Trial]:
        """The trials, the leading ones judged by fifty refits.

        Six refits can fool: five segments of Online Retail score .63 to .91 by them, about .82 by fifty. A
        leader overtaken in the closer look is followed by one that has been looked at as closely.
        """
        leaders = self._leaders(trials)[:N_FINALISTS]
        while any(_key(trial) not in self.examined for trial in leaders):
            trials = [self._examined(t) if any(t is leader for leader in leaders) else t for t in trials]
            leaders = self._leaders(trials)[:1]
        return trials

    def _leaders(self, trials: Sequence[Trial]) -> list[Trial]:
        able = passing(self._candidates(trials), self.floors, n=self.ground.n)
        return [trial for _, trial in ranked(able)]

    def _examined(self, trial: Trial) -> Trial:
        """The trial judged by fifty refits instead of six."""
        if _key(trial) in self.examined:
            return trial
        before = len(self.examined)
        with logs.event(_log, "examine") as told:
            told |= {"method": trial.method, "k": trial.n_clusters, "refits": N_SUBSAMPLES_CHOSEN}
            found = refitted(
                [trial],
                self.ground,
                n_subsamples=N_SUBSAMPLES_CHOSEN,
                progress=lambda share: self.progress(STAGE, 1 - 0.25 / (1 + before + share)),
            )[0]
        self.examined[_key(trial)] = found
        return flagged(replace(trial, scores={**trial.scores, **found.scores}), self.ground)

    def _relaxed_ks(self) -> list[int]:
        return [k for k in self._possible(RELAXED_K) if k not in self._ks()]

    def _with_k(self) -> list[str]:
        """Eligible methods that can be asked for another number."""
        return [method for method in self.eligible if CLUSTERERS[method].takes_n_clusters]

    def _candidates(self, trials: Sequence[Trial]) -> list[Trial]:
        """Trials the choice may take: eligible, run, with segments to tell apart."""
        k = self.ground.request.n_segments
        return [
            trial
            for trial in trials
            if trial.method in self.eligible and trial.n_clusters >= 2 and (k is None or trial.n_asked == k)
        ]

    def _best(self, trials: Sequence[Trial]) -> Choice | None:
        return choose(self._candidates(trials), self.floors, n=self.ground.n)

    def _fixed(self, trials: Sequence[Trial]) -> Choice | None:
        """The one trial there is, if method and number leave nothing to choose."""
        if len(trials) > 1 or trials[0].labels is None:
            return None
        return Choice(trials[0], None, reason="", runner_up="")

    def _small_shop(self, trials: Sequence[Trial]) -> Choice | None:
        if not self.is_small or self.ground.request.n_segments is not None:
            return None
        return self._grid(
            trials,
            f"{self.ground.n} customers are fewer than the {MIN_CUSTOMERS_AUTOMATIC} that others take",
        )

    def _grid(self, trials: Sequence[Trial], reason: str) -> Choice | None:
        """The RFM groups, which need no search, if there are orders."""
        for trial in trials:
            if trial.method == "rfm" and trial.labels is not None:
                grid = f"fixed groups by recency and number of orders, because {reason}"
                return Choice(trial, None, reason=grid, runner_up="")
        return None

    def _without_choice(self, trials: Sequence[Trial]) -> Comparison:
        failures = [trial.failure for trial in trials if trial.failure]
        fixed = self.ground.request.n_segments
        if fixed is not None or len(failures) == len(trials):
            raise ParameterError(
                failures[0] if failures else f"No method could make {fixed} segments of these customers",
                where="methods",
                to_do="Choose another method or number of segments",
            )
        alone = _nothing_to_separate(self.ground, "every division is one crowd and a few outliers")
        return replace(alone, trials=(*trials, *alone.trials))

    def _concluded(self, choice: Choice, trials: Sequence[Trial]) -> Comparison:
        chosen = self._examined(choice.chosen)
        self.progress(STAGE, 1.0)
        return Comparison(
            table=self.ground.table,
            trials=tuple(chosen if trial is choice.chosen else trial for trial in trials),
            chosen=chosen,
            detailed=choice.detailed,
            why=replace(choice, chosen=chosen).why,
            runner_up=choice.runner_up,
            verdict=verdict_of(failed_floors(chosen, self.floors, n=self.ground.n)),
            segment_stability=self.examined[_key(chosen)].by_segment,
        )


def _key(trial: Trial) -> tuple[str, int | None]:
    return trial.method, trial.n_asked


def _forward_only(progress: Progress) -> Progress:
    """Progress that never falls back when more turns out to be needed."""
    highest = 0.0

    def tell(stage: str, share: float) -> None:
        nonlocal highest
        highest = max(highest, share)
        progress(stage, highest)

    return tell
