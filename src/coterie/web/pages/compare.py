"""Methods against each other, and two segmentations side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for

from coterie.errors import ParameterError
from coterie.web.figures import find_figures
from coterie.web.house import pipeline, workspace
from coterie.web.numbers import number, share
from coterie.web.rendering import done, render

if TYPE_CHECKING:
    from coterie.workspace import SegmentationRecord
    from coterie.workspace.crossing import Crossing

page = Blueprint("compare", __name__, url_prefix="/compare")

MEASURES: tuple[tuple[str, str, str], ...] = (
    ("silhouette", "Silhouette", "highest"),
    ("davies_bouldin", "Davies-Bouldin", "lowest"),
    ("dunn", "Dunn", "highest"),
    ("ari", "ARI", "highest"),
    ("nmi", "NMI", "highest"),
    ("stability", "Stability", "highest"),
    ("stability_min", "Least stable segment", "highest"),
    ("later_value", "Later spend foretold", "highest"),
    ("rfm_grid_later_value", "… by the RFM grid", ""),
    ("spend_cut_later_value", "… by a cut of spend", ""),
    ("fidelity", "Fidelity of the rules", "highest"),
    ("noise_share", "In no segment", "lowest"),
    ("largest_share", "Largest segment", ""),
)
"""Columns of the table: name, heading, which value is best; a few are there to compare with, not to win."""
SHARES = frozenset({"later_value", "rfm_grid_later_value", "spend_cut_later_value", "fidelity"})
METRICS = (
    "comparison_silhouette",
    "comparison_davies_bouldin",
    "comparison_dunn",
    "comparison_ari",
    "comparison_nmi",
)
AGREEMENTS = ("agreement_ari", "agreement_nmi")
MOST_SEGMENTS = 50


@dataclass(frozen=True)
class TrialRow:
    """A method with a number of segments: its scores as text, where it is the best, and what to know."""

    method: str
    title: str
    n_clusters: int
    cells: list[tuple[str, bool]]
    flags: list[str]
    notes: list[str]
    failure: str
    is_chosen: bool


@dataclass(frozen=True)
class Flow:
    """Where most of a segment went."""

    id: int
    name: str
    other_id: int
    other_name: str
    n_customers: int
    share: float


@page.get("")
def show() -> Response:
    """Compare the methods of a segmentation, and it with another one."""
    known = workspace().segmentations
    ready = [record for record in known.list() if record.state == "ready"]
    record = _asked(ready, request.args.get("segmentation", ""))
    if record is None:
        return render("compare.html", record=None, ready=[])
    words, summary = known.page(record.id), known.summary(record.id)
    figures = find_figures(record.id)
    other = next((one for one in ready if one.id == request.args.get("with") and one.id != record.id), None)
    measures = [measure for measure in MEASURES if _is_known(measure[0], summary["comparison"])]
    return render(
        "compare.html",
        record=record,
        ready=ready,
        words=words,
        measures=measures,
        trials=_trials(words, summary, measures=measures),
        charts=[figures[name] for name in METRICS if name in figures],
        agreements=[figures[name] for name in AGREEMENTS if name in figures],
        other=other,
        side=None if other is None else _side_by_side(record, other),
    )


@page.post("/<segmentation_id>/use")
def use(segmentation_id: str) -> Response:
    """Make a new segmentation like this one, by another method or with another number of segments."""
    from coterie.workspace import SegmentationRecord, new_id

    parent = workspace().segmentations.load(segmentation_id)
    method, n_segments = request.form.get("method", ""), _number(request.form.get("n_segments", ""))
    record = SegmentationRecord(
        id=new_id(),
        name=f"{_title(method)}, {n_segments} segments",
        dataset_id=parent.dataset_id,
        created_at=datetime.now(UTC),
        request={**parent.request, "method": method, "n_segments": n_segments},
    )
    running = pipeline()
    workspace().segmentations.save(record)
    job = running.submit_segmentation(record.id)
    return done(url_for("jobs.show", job_id=job.id), f"{record.name} is being made.")


def _title(method: str) -> str:
    from coterie.segmentation import CLUSTERERS

    if method not in CLUSTERERS:
        raise ParameterError("There is no such method", to_do="Choose one of the table")
    return CLUSTERERS[method].title


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 2 <= int(text[:4]) <= MOST_SEGMENTS):
        raise ParameterError(f"The number of segments is a whole number from 2 to {MOST_SEGMENTS}")
    return int(text)


def _asked(ready: Sequence[SegmentationRecord], asked: str) -> SegmentationRecord | None:
    """The segmentation of the address, else the one in use, else the newest."""
    if asked:
        return workspace().segmentations.load(asked)
    current = workspace().segmentations.load_current()
    return current or (ready[0] if ready else None)


def _is_known(name: str, comparison: Sequence[Mapping[str, Any]]) -> bool:
    return any(trial.get(name) is not None for trial in comparison)


def _trials(
    words: Mapping[str, Any], summary: Mapping[str, Any], *, measures: Sequence[tuple[str, str, str]]
) -> list[TrialRow]:
    """Those that ran first, then those that failed."""
    titles = [row[0] for row in words["comparison"]["rows"]]
    chosen = summary["segmentation"]["method"], summary["segmentation"]["n_segments"]
    best = {name: _best(summary["comparison"], name, which=which) for name, _, which in measures}
    shared = words["comparison"]["notes"]
    rows = [
        TrialRow(
            method=trial["method"],
            title=title,
            n_clusters=trial["n_clusters"],
            cells=[_cell(trial, name, best=best[name]) for name, *_ in measures],
            flags=trial["flags"],
            notes=[note for note in trial["notes"] if note not in shared],
            failure=trial["failure"] or "",
            is_chosen=(trial["method"], trial["n_clusters"]) == chosen,
        )
        for trial, title in zip(summary["comparison"], titles, strict=True)
    ]
    return sorted(rows, key=lambda row: bool(row.failure))


def _best(comparison: Sequence[Mapping[str, Any]], name: str, *, which: str) -> float | None:
    """The best value of a column; none where all are alike, or one alone stands there."""
    values: set[float] = {trial[name] for trial in comparison if trial[name] is not None}
    if not which or len(values) < 2:
        return None
    return max(values) if which == "highest" else min(values)


def _cell(trial: Mapping[str, Any], name: str, *, best: float | None) -> tuple[str, bool]:
    value = trial[name]
    is_share = name.endswith("_share") or name in SHARES
    text = share(value) if is_share else number(value, 3)
    return text, value is not None and value == best


def _side_by_side(record: SegmentationRecord, other: SegmentationRecord) -> dict[str, Any]:
    import numpy as np

    from coterie.assessment import ari_of_counts
    from coterie.workspace.crossing import cross_segments

    crossing = cross_segments(workspace(), record.id, other_id=other.id)
    counts = np.array(crossing.counts, dtype=np.int64)
    score = ari_of_counts(counts) if counts.sum() else None
    return {
        "crossing": crossing,
        "totals": [sum(row) for row in crossing.counts],
        "flows": _flows(crossing),
        "ari": None if score is None else score.value,
        "sentence": "" if score is None else score.sentence,
    }


def _flows(crossing: Crossing) -> list[Flow]:
    flows = []
    for (segment_id, name), counts in zip(crossing.rows, crossing.counts, strict=True):
        total, most = sum(counts), max(counts, default=0)
        if most:
            other_id, other_name = crossing.columns[counts.index(most)]
            flows.append(Flow(segment_id, name, other_id, other_name, most, most / total))
    return flows
