"""Segments on a plane: two attributes, or the two directions that hold most of the variation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.charts.chart import Chart
from coterie.charts.cloud import draw_cloud, legend_handles, mark_centres
from coterie.charts.directions import principal_coordinates
from coterie.charts.points import Crowd, plane_drawing
from coterie.charts.scale import Floats, Labels, Scale, scale_for
from coterie.charts.style import legend_beside, new_figure, printed, segment_name, spec_of
from coterie.errors import ParameterError
from coterie.features import FeatureSpec, counted, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Centres = Mapping[int, tuple[float, ...]]

ORDINALS = ("First", "Second", "Third")


def cluster_scatter(
    X: pd.DataFrame,
    labels: npt.ArrayLike,
    *,
    names: Mapping[int, str],
    axes: tuple[str, str] | None = None,
    specs: Mapping[str, FeatureSpec] | None = None,
    customer_ids: npt.ArrayLike | None = None,
) -> Chart:
    """Customers on two attributes, coloured by segment, centroids marked and named.

    Parameters
    ----------
    X : DataFrame of shape (n_customers, n_features)
        Raw units; only columns of numbers are used.
    labels : array-like of shape (n_customers,)
        Segment ids, -1 = unassigned.
    names : mapping of int to str
        Segment name by id.
    axes : pair of str, optional
        The attributes across and up. Default: the pair on which the segments lie furthest apart
        (largest ratio of variance between to within segments, on the drawn scale).
    specs : mapping of str to FeatureSpec, optional
        What an attribute is called and its unit, by its name; the unit of money is the currency.
    customer_ids : array-like of shape (n_customers,), optional
        Carried by the points of the interactive drawing.

    Returns
    -------
    Chart
        Table: segment_id, segment, n_customers and the centroid (mean on the drawn scale, put back
        into raw units).

    Raises
    ------
    ParameterError
        If there are not two columns of numbers.
    """
    found = as_labels(labels)
    across, up = axes or separating_pair(X, found)
    scales = [scale_for(spec_of(name, specs), X[name].to_numpy(np.float64)) for name in (across, up)]
    points = np.column_stack(
        [scale.position(X[name]) for scale, name in zip(scales, (across, up), strict=True)]
    )
    centres = centroids(points, found)
    raw = {i: (scales[0].value(c[0]), scales[1].value(c[1])) for i, c in centres.items()}
    table = centre_table(found, names, columns=(across, up), centres=raw)
    title = f"Segments by {scales[0].words} and {scales[1].words}"
    crowd = Crowd(points, found, scales, centres, names, id_array(customer_ids), in_units=True)
    return Chart(
        f"cluster_scatter_{_stem(across)}_{_stem(up)}" if axes else "cluster_scatter",
        title,
        _scatter_alt(title, raw, names=names, scales=scales),
        table,
        partial(_draw_scatter, title, crowd),
        partial(plane_drawing, title, crowd),
    )


def pca_map(
    Z: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    names: Mapping[int, str],
    customer_ids: npt.ArrayLike | None = None,
) -> Chart:
    """Customers on the first two principal components of the attributes that cluster.

    Parameters
    ----------
    Z : array-like of shape (n_customers, n_columns)
        Attributes on the scale that clusters.
    labels : array-like of shape (n_customers,)
        Segment ids, -1 = unassigned.
    names : mapping of int to str
        Segment name by id.
    customer_ids : array-like of shape (n_customers,), optional
        Carried by the points of the interactive drawing.

    Returns
    -------
    Chart
        Table: segment_id, segment, n_customers, pc1 and pc2 of the centroid, and the shares of the
        variation the two components hold.
    """
    found = as_labels(labels)
    points, shares = principal_coordinates(np.asarray(Z, dtype=np.float64), 2)
    scales = direction_scales(points, shares)
    centres = centroids(points, found)
    table = centre_table(found, names, columns=("pc1", "pc2"), centres=centres)
    table = table.assign(pc1_explained_share=shares[0], pc2_explained_share=shares[1])
    title = "All attributes at once: the segments on two main directions"
    alt = (
        f"Map of {counted(len(found), 'customer')} in {counted(len(centres), 'segment')} on two principal"
        " components, which hold "
        f"{percent(shares[0])} and {percent(shares[1])} of the variation."
    )
    crowd = Crowd(points, found, scales, centres, names, id_array(customer_ids))
    draw, plot = partial(_draw_scatter, title, crowd), partial(plane_drawing, title, crowd)
    return Chart("pca_map", title, alt, table, draw, plot)


def direction_scales(points: Floats, shares: Sequence[float]) -> list[Scale]:
    """An axis for each principal component, named by the variation it holds."""
    words = [
        f"{which} direction ({percent(share)} of the variation)"
        for which, share in zip(ORDINALS, shares, strict=False)
    ]
    return [_plain_scale(word, points[:, i]) for i, word in enumerate(words)]


def as_labels(labels: npt.ArrayLike) -> Labels:
    """Segment ids as int32."""
    return np.asarray(labels).astype(np.int32)


def id_array(customer_ids: npt.ArrayLike | None) -> npt.NDArray[np.object_] | None:
    """Ids as an array, None if there are none."""
    return None if customer_ids is None else np.asarray(customer_ids, dtype=object)


def centroids(points: Floats, labels: Labels) -> dict[int, tuple[float, ...]]:
    """Mean point of each segment, the unassigned left out."""
    return {
        int(i): tuple(float(column.mean()) for column in points[labels == i].T)
        for i in np.unique(labels)
        if i >= 0
    }


def separation(position: Floats, labels: Labels) -> float:
    """Variance between segments over variance within, of one attribute on the drawn scale."""
    kept = labels >= 0
    if not kept.any():
        return 0.0
    values, ids = position[kept], np.unique(labels[kept], return_inverse=True)[1]
    counts = np.bincount(ids)
    means = np.bincount(ids, weights=values) / counts
    within = float(np.sum((values - means[ids]) ** 2))
    between = float(np.sum(counts * (means - values.mean()) ** 2))
    return between / within if within > 0 else (np.inf if between > 0 else 0.0)


def number_columns(X: pd.DataFrame) -> list[str]:
    """The columns a plane can show."""
    return [str(name) for name in X.select_dtypes("number").columns]


def separating_pair(X: pd.DataFrame, labels: Labels) -> tuple[str, str]:
    """The two attributes on which the segments lie furthest apart."""
    columns = number_columns(X)
    if len(columns) < 2:
        raise ParameterError("A scatter needs two columns of numbers", to_do="Give a table with two or more")
    positions = {
        name: scale_for(spec_of(name), X[name].to_numpy(np.float64)).position(X[name]) for name in columns
    }
    ratio = {name: separation(position, labels) for name, position in positions.items()}

    def quality(pair: tuple[str, str]) -> float:
        # An attribute that repeats the other one adds nothing, however well it separates.
        overlap = _correlation(positions[pair[0]], positions[pair[1]])
        return ratio[pair[0]] + ratio[pair[1]] * (1 - overlap**2)

    return max(combinations(columns, 2), key=quality)


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def _plain_scale(label: str, values: Floats) -> Scale:
    return Scale(spec_of(label), False, float(values.min()), float(values.max()))


def _stem(feature: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "_" for char in feature)


def centre_table(
    labels: Labels, names: Mapping[int, str], *, columns: Sequence[str], centres: Centres
) -> pd.DataFrame:
    """Each segment with its size and its centroid, the unassigned last."""
    import pandas as pd

    rows = [
        {
            "segment_id": i,
            "segment": segment_name(names, i),
            "n_customers": int((labels == i).sum()),
            **dict(zip(columns, centre, strict=True)),
        }
        for i, centre in centres.items()
    ]
    n_unassigned = int((labels < 0).sum())
    if n_unassigned:
        rows.append({"segment_id": -1, "segment": segment_name(names, -1), "n_customers": n_unassigned})
    return pd.DataFrame(rows, columns=["segment_id", "segment", "n_customers", *columns])


def _scatter_alt(title: str, raw: Centres, *, names: Mapping[int, str], scales: list[Scale]) -> str:
    def place(i: int) -> str:
        across, up = (printed(v, scale.spec.unit) for v, scale in zip(raw[i], scales, strict=True))
        return f"{segment_name(names, i)} at {across} and {up}"

    return f"{title}. Centres: {'; '.join(map(place, raw))}." if raw else f"{title}. Nobody is in a segment."


def _draw_scatter(title: str, crowd: Crowd) -> Figure:
    scales = crowd.scales
    cloud = crowd.cloud
    n_drawn = (
        "every customer is a point" if cloud.image is None else "shading shows density, points are a sample"
    )
    figure = new_figure(
        title, f"{counted(len(crowd.labels), 'customer')}; {n_drawn}; named marks are the segments' centres"
    )
    axes = figure.add_subplot()
    draw_cloud(axes, cloud)
    axes.set(xlabel=scales[0].label, ylabel=scales[1].label)
    axes.set_xticks(*scales[0].ticks())
    axes.set_yticks(*scales[1].ticks())
    mark_centres(axes, {i: (c[0], c[1]) for i, c in crowd.centres.items()}, names=crowd.names)
    legend_beside(axes, legend_handles(crowd.labels, crowd.names), title="Segment (customers)")
    return figure
