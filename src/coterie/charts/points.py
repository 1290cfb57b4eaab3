"""Customers as points of an interactive drawing: all of a few thousand, a fair sample of more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from coterie.charts.cloud import MAX_POINTS, SAMPLE_SIZE, Cloud, make_cloud, stratified_sample
from coterie.charts.interactive import (
    CLEAR,
    Drawing,
    drawing,
    numbers,
    sample_note,
    scale_axis,
    segment_entry,
    segment_mark,
    shown,
)
from coterie.charts.scale import Floats, Labels, Scale
from coterie.charts.style import printed, segment_name

DENSE_FROM = 50_000
"""From so many customers on a density lies below the sample."""
DENSITY_CELLS = (60, 90)  # up, along
POINT_BYTES = 270_000
"""Room of all points in a drawing; the rest of it is words."""
PLACE_BYTES = 14
WORDS_BYTES = 24
DIGITS = 4
"""A ten-thousandth of the axis is finer than any screen."""

Centres = Mapping[int, Sequence[float]]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Crowd:
    """Every customer's place on two or three axes, and the centres of the segments.

    Places in units (not directions) are told in words when a point is touched.
    """

    points: Floats
    labels: Labels
    scales: Sequence[Scale]
    centres: Centres
    names: Mapping[int, str]
    customer_ids: npt.NDArray[np.object_] | None = None
    in_units: bool = False

    @cached_property
    def cloud(self) -> Cloud:
        """What is drawn on paper of the first two axes."""
        across, up = self.scales[:2]
        return make_cloud(self.points, self.labels, box=(*across.limits, *up.limits))


def chosen_rows(labels: Labels, *, most: int, bytes_each: float) -> Places:
    """Positions of the customers that are drawn: all if there is room, else each segment by its share."""
    room = min(most, int(POINT_BYTES / bytes_each))
    return np.arange(len(labels)) if len(labels) <= room else np.sort(stratified_sample(labels, room))


def id_bytes(customer_ids: npt.NDArray[np.object_] | None) -> float:
    """Room of one customer's id in JSON."""
    return 0.0 if customer_ids is None else float(np.mean([len(str(i)) for i in customer_ids[:500]])) + 3


def plane_drawing(title: str, crowd: Crowd) -> Drawing:
    """Two axes, points, named centres and, of very many customers, a density."""
    n = len(crowd.labels)
    dense = n > DENSE_FROM
    each = PLACE_BYTES + id_bytes(crowd.customer_ids) + WORDS_BYTES * crowd.in_units
    rows = chosen_rows(crowd.labels, most=SAMPLE_SIZE if dense else MAX_POINTS, bytes_each=each)
    traces = [_density(crowd)] if dense else []
    traces += [*_point_traces(crowd, rows), *(_centre(crowd, i) for i in crowd.centres)]
    axes = {f"{letter}axis": scale_axis(scale) for letter, scale in zip("xy", crowd.scales, strict=True)}
    note = sample_note(len(rows), n)
    return drawing(title, traces, note=note, dragmode="pan", legend=_LEGEND, **axes)


_LEGEND = {"title": {"text": "Segment (customers)"}, "itemsizing": "constant"}


def _point_traces(crowd: Crowd, rows: Places) -> Iterator[Drawing]:
    """One trace a segment, the unassigned first, so that they lie below."""
    ids, counts = np.unique(crowd.labels, return_counts=True)
    for segment_id, count in zip(ids.tolist(), counts.tolist(), strict=True):
        own = rows[crowd.labels[rows] == segment_id]
        yield {
            "type": "scatter",
            "mode": "markers",
            **coordinates(crowd.points[own]),
            **segment_entry(segment_id, crowd.names, n_customers=count),
            **_told(crowd, own),
            "marker": segment_mark(segment_id, size=6, opacity=0.65),
        }


def coordinates(points: Floats) -> dict[str, list[float | None]]:
    """Places under "x", "y" and, in space, "z"."""
    return {letter: numbers(column, DIGITS) for letter, column in zip("xyz", points.T, strict=False)}


def _told(crowd: Crowd, rows: Places) -> Drawing:
    """What is said of a customer: the id, and where it lies in the units of the axes."""
    ids = customer_data(crowd.customer_ids, rows)
    words = [" and ".join(_place(crowd, point)) for point in crowd.points[rows]] if crowd.in_units else []
    template = "<br>".join([*(["%{customdata}"] if _readable(ids) else []), *(["%{text}"] if words else [])])
    hover = {"hovertemplate": template} if template else {"hoverinfo": "name"}
    return {**({"customdata": ids} if ids else {}), **({"text": words} if words else {}), **hover}


def customer_data(customer_ids: npt.NDArray[np.object_] | None, rows: Places) -> list[str]:
    """The ids of these customers for selecting with the lasso, as they are."""
    return [] if customer_ids is None else [str(i) for i in customer_ids[rows]]


def _readable(ids: Sequence[str]) -> bool:
    """Whether ids can be shown as they are: none could be taken for a tag or an entity."""
    return bool(ids) and not any(char in i for i in ids for char in "<&")


def _place(crowd: Crowd, point: Sequence[float]) -> list[str]:
    pairs = zip(crowd.scales, point, strict=True)
    return [shown(printed(scale.value(position), scale.spec.unit)) for scale, position in pairs]


def _centre(crowd: Crowd, segment_id: int) -> Drawing:
    """A large named mark."""
    centre, name = crowd.centres[segment_id], shown(segment_name(crowd.names, segment_id))
    where = f" at {' and '.join(_place(crowd, centre))}" if crowd.in_units else ""
    entry = segment_entry(segment_id, crowd.names)
    mark = segment_mark(segment_id, size=16)
    return {
        "type": "scatter",
        "mode": "markers+text",
        **{letter: numbers([value]) for letter, value in zip("xyz", centre, strict=False)},
        **entry,
        "meta": {**entry["meta"], "centre": True},
        "text": [name],
        "textposition": "top center",
        "hovertext": [f"Centre of {name}{where}"],
        "hoverinfo": "text",
        "showlegend": False,
        "marker": {**mark, "line": {"color": "white", "width": 2}},
    }


def _density(crowd: Crowd) -> Drawing:
    """How many customers there are anywhere, in grey, the strength logarithmic."""
    (left, right), (bottom, top) = (scale.limits for scale in crowd.scales)
    counts, up, along = np.histogram2d(
        crowd.points[:, 1], crowd.points[:, 0], bins=DENSITY_CELLS, range=((bottom, top), (left, right))
    )
    return {
        "type": "heatmap",
        "x": numbers((along[:-1] + along[1:]) / 2, DIGITS + 1),
        "y": numbers((up[:-1] + up[1:]) / 2, DIGITS + 1),
        "z": [numbers(row, 3) for row in np.log1p(counts)],
        "hovertext": [[f"{int(n):,} customers here" if n else "" for n in row] for row in counts],
        "hoverinfo": "text",
        "colorscale": [[0, "rgba(128,134,139,0)"], [1, "rgba(128,134,139,0.7)"]],
        "showscale": False,
        "name": "Density",
    }


def space_drawing(title: str, crowd: Crowd) -> Drawing:
    """Three axes to turn, with points and named centres."""
    rows = chosen_rows(
        crowd.labels, most=MAX_POINTS, bytes_each=1.5 * PLACE_BYTES + id_bytes(crowd.customer_ids)
    )
    flat = [*_point_traces(crowd, rows), *(_centre(crowd, i) for i in crowd.centres)]
    traces = [{**trace, "type": "scatter3d", "marker": _solid(trace["marker"])} for trace in flat]
    scene = {
        f"{letter}axis": {"title": {"text": short_direction(scale)}, "range": list(scale.limits)}
        for letter, scale in zip("xyz", crowd.scales, strict=True)
    }
    return drawing(
        title,
        traces,
        note=sample_note(len(rows), len(crowd.labels)),
        scene={**scene, "bgcolor": CLEAR},
        legend=_LEGEND,
        margin={"l": 0, "r": 0, "b": 20, "t": 60},
    )


def short_direction(scale: Scale) -> str:
    """A direction without the share of the variation it holds, for which space has no room."""
    return shown(scale.label.partition(" (")[0])


_SOLIDS = {"triangle-up": "cross", "triangle-down": "x", "star": "diamond-open", "pentagon": "circle-open"}
_IN_SPACE = frozenset({"circle", "square", "diamond", "cross", "x", *_SOLIDS.values()})


def _solid(mark: Drawing) -> Drawing:
    """The nearest of the eight marks that Plotly has in space."""
    symbol = _SOLIDS.get(mark["symbol"], mark["symbol"])
    known = symbol if symbol in _IN_SPACE else "square-open"
    return {**mark, "symbol": known, "size": mark["size"] * 0.5, "line": {"width": 0}}
