"""What segmentation gives: labels for every customer and the model that made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.assessment import Score
from coterie.features import FeatureTable, counted, percent

if TYPE_CHECKING:
    from coterie.segmentation.model import Model

UNASSIGNED = -1
"""Label of customers in no segment: noise of a density method, or no net spend."""

NO_NET_SPEND_NAME = "No net spend"
"""What unassigned customers are called who kept nothing of value."""

OUTLIERS_NAME = "Outliers"
"""What all other unassigned customers are called."""


@dataclass(frozen=True)
class Segment:
    """A named group of customers; `id` is its label, 0 is the most valuable (else the largest)."""

    id: int
    name: str
    n_customers: int
    share: float


@dataclass(frozen=True)
class Trial:
    """One method at one number of clusters, with its scores or the reason it could not run.

    `labels` covers all customers of the table (-1 unassigned) and is None if the trial failed;
    `n_clusters` is what came out, `n_asked` what was asked (None if the method finds it itself);
    `flags` are red flags as sentences; `notes` say what was approximated.
    """

    method: str
    n_asked: int | None
    n_clusters: int
    labels: npt.NDArray[np.int32] | None
    model: Model | None = None
    scores: Mapping[str, Score] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failure: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Segmentation:
    """Every customer's segment, the model behind it, and why it was chosen.

    Attributes
    ----------
    labels : ndarray of shape (n_customers,), int32
        Segment id per customer in the order of `table.customer_ids`; -1 = unassigned.
    segments : tuple of Segment, ordered by id; the unassigned are not among them.
    method : str
    attributes : tuple of str
        The features that clustered.
    why, runner_up : str
        One sentence each; empty if the user fixed method and number.
    trials : tuple of Trial
        Everything that was compared.
    detailed : Trial or None
        The answer with more segments that holds up too; None if this one is already it.
    verdict : str
        How far the segments are given by the data: see `Comparison.verdict`; empty if not judged.
    segment_stability : mapping of int to float
        Mean Jaccard recovery of each segment in refits on 70 % of the customers; empty if not judged.
    margin : ndarray of shape (n_customers,), float64, 0-1
        How clearly a customer belongs: 0 = on the border, 1 = at the centre; nan if unassigned. Of
        segments that people changed it is still told by the borders the method found.
    edits : tuple of mapping
        What people changed, in order, as the investigation stage writes it.
    unedited : Segmentation or None
        The segments as the method found them, if people changed them.
    notes : tuple of str
        Sentences on what the changes mean for the model.
    """

    labels: npt.NDArray[np.int32]
    segments: tuple[Segment, ...]
    table: FeatureTable
    model: Model
    method: str
    attributes: tuple[str, ...]
    random_state: int
    margin: npt.NDArray[np.float64]
    weights: Mapping[str, float] = field(default_factory=dict)
    why: str = ""
    runner_up: str = ""
    trials: tuple[Trial, ...] = ()
    detailed: Trial | None = None
    verdict: str = ""
    segment_stability: Mapping[int, float] = field(default_factory=dict)
    edits: tuple[Mapping[str, Any], ...] = ()
    unedited: Segmentation | None = None
    notes: tuple[str, ...] = ()

    @property
    def n_segments(self) -> int:
        """How many segments there are, the unassigned not counted."""
        return len(self.segments)

    @property
    def n_ids(self) -> int:
        """One more than the highest id; after a refit some ids below it may belong to no segment any more."""
        return max((segment.id for segment in self.segments), default=-1) + 1

    @property
    def found(self) -> Segmentation:
        """The segments as the method found them."""
        return self.unedited or self

    @property
    def trial(self) -> Trial | None:
        """The trial the segments are of, if it is among those that were compared."""
        if self.edits:
            return None
        alike = (self.method, self.n_segments)
        own = [trial for trial in self.trials if (trial.method, trial.n_clusters) == alike]
        return min(own, key=lambda trial: trial.labels is not self.labels, default=None)

    @property
    def names(self) -> dict[int, str]:
        """Segment name by id."""
        return {segment.id: segment.name for segment in self.segments}

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[np.int32]:
        return np.array(self.labels, dtype=dtype, copy=copy)

    def _repr_html_(self) -> str:
        """A short table for notebooks."""
        n_unassigned = int((self.labels == UNASSIGNED).sum())
        rows = [(s.name, s.n_customers) for s in self.segments]
        rows += [("(unassigned)", n_unassigned)] if n_unassigned else []
        cells = "".join(
            f"<tr><td>{escape(name)}</td><td>{n:,}</td><td>{percent(n / len(self.labels))}</td></tr>"
            for name, n in rows
        )
        head = "<tr><th>Segment</th><th>Customers</th><th>Share</th></tr>"
        title = f"{counted(self.n_segments, 'segment')} by {self.method} on {', '.join(self.attributes)}"
        reason = f"<p>{escape(self.why)}</p>" if self.why else ""
        return (
            f"<table><caption>{escape(title)}</caption><thead>{head}</thead>"
            f"<tbody>{cells}</tbody></table>{reason}"
        )
