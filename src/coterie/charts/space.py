"""Segments in space: the three directions that hold most of the variation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.charts.chart import Chart
from coterie.charts.cloud import SAMPLE_SIZE, legend_handles, stratified_sample
from coterie.charts.directions import N_MAPPED, principal_coordinates
from coterie.charts.points import Crowd, short_direction, space_drawing
from coterie.charts.scatter import (
    as_labels,
    centre_table,
    centroids,
    direction_scales,
    id_array,
)
from coterie.charts.style import SMALL_PT, legend_beside, new_figure, segment_style
from coterie.errors import ParameterError
from coterie.features import counted, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ANGLE = {"elev": 22, "azim": -58}
"""From where the picture on paper looks, degrees."""


def cluster_map_3d(
    Z: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    names: Mapping[int, str],
    customer_ids: npt.ArrayLike | None = None,
) -> Chart:
    """Customers on the first three principal components of the attributes that cluster.

    Parameters
    ----------
    Z : array-like of shape (n_customers, n_columns)
        Attributes on the scale that clusters; three columns or more.
    labels : array-like of shape (n_customers,)
        Segment ids, -1 = unassigned.
    names : mapping of int to str
        Segment name by id.
    customer_ids : array-like of shape (n_customers,), optional
        Carried by the points of the interactive drawing.

    Returns
    -------
    Chart
        Table: segment_id, segment, n_customers, pc1 to pc3 of the centroid, and the shares of the
        variation the components hold.

    Raises
    ------
    ParameterError
        If there are fewer than three columns.
    """
    found, placed = as_labels(labels), np.asarray(Z, dtype=np.float64)
    if placed.shape[1] < N_MAPPED:
        raise ParameterError(
            "A map in space needs three columns", to_do="Draw the map of two directions instead"
        )
    points, shares = principal_coordinates(placed, N_MAPPED)
    columns = [f"pc{i + 1}" for i in range(N_MAPPED)]
    centres = centroids(points, found)
    table = centre_table(found, names, columns=columns, centres=centres)
    table = table.assign(**{f"{name}_explained_share": s for name, s in zip(columns, shares, strict=True)})
    title = "All attributes at once: the segments on three main directions"
    alt = (
        f"Map of {counted(len(found), 'customer')} in {counted(len(centres), 'segment')} on three principal"
        f" components, which hold {percent(sum(shares))} of the variation."
    )
    scales = direction_scales(points, shares)
    crowd = Crowd(points, found, scales, centres, names, id_array(customer_ids))
    return Chart(
        "cluster_map_3d",
        title,
        alt,
        table,
        partial(_draw, title, crowd),
        partial(space_drawing, title, crowd),
    )


def _draw(title: str, crowd: Crowd) -> Figure:
    n = len(crowd.labels)
    drawn = stratified_sample(crowd.labels, SAMPLE_SIZE)
    told = "every customer is a point" if len(drawn) == n else "points are a sample"
    figure = new_figure(title, f"{counted(n, 'customer')}; {told}; large marks are the segments' centres")
    axes = figure.add_subplot(projection="3d", computed_zorder=False)
    axes.view_init(**ANGLE)
    for segment_id in np.unique(crowd.labels):
        colour, mark = segment_style(int(segment_id))
        own = crowd.points[drawn][crowd.labels[drawn] == segment_id]
        look = {"color": colour, "marker": mark, "edgecolors": "white"}
        axes.scatter(*own.T, s=14, alpha=0.6, linewidths=0.25, rasterized=True, zorder=1, **look)
        if segment_id in crowd.centres:
            centre = [[value] for value in crowd.centres[int(segment_id)]]
            axes.scatter(*centre, s=150, linewidths=1.8, alpha=1.0, zorder=2, **look)
    for letter, scale in zip("xyz", crowd.scales, strict=True):
        getattr(axes, f"set_{letter}label")(short_direction(scale), size=SMALL_PT)
    axes.tick_params(labelbottom=False, labelleft=False)
    legend_beside(axes, legend_handles(crowd.labels, crowd.names), title="Segment (customers)")
    return figure
