"""Segments on a plane: two attributes, or the two directions that hold most of the variation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.charts.chart import Chart
from coterie.charts.cloud import Cloud, draw_cloud, legend_handles, make_cloud, mark_centres
from coterie.charts.scale import Floats, Labels, Scale, scale_for
from coterie.charts.style import legend_beside, new_figure, printed, segment_name, spec_of
from coterie.errors import ParameterError
from coterie.features import FeatureSpec, counted, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Centres = Mapping[int, tuple[float, float]]


def cluster_scatter(
    X: pd.DataFrame,
    labels: npt.ArrayLike,
    *,
    names: Mapping[int, str],
    axes: tuple[str, str] | None = None,
    specs: Mapping[str, FeatureSpec] | None = None,
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
    table = _centre_table(found, names, columns={across: 0, up: 1}, centres=raw)
    title = f"Segments by {scales[0].words} and {scales[1].words}"
    cloud = make_cloud(points, found, box=(*scales[0].limits, *scales[1].limits))
    return Chart(
        f"cluster_scatter_{_stem(across)}_{_stem(up)}" if axes else "cluster_scatter",
        title,
        _scatter_alt(title, raw, names=names, scales=scales),
        table,
        partial(_draw_scatter, title, cloud, scales=scales, centres=centres, names=names, shown=found),
    )


def pca_map(Z: npt.ArrayLike, labels: npt.ArrayLike, *, names: Mapping[int, str]) -> Chart:
    """Customers on the first two principal components of the attributes that cluster.

    Parameters
    ----------
    Z : array-like of shape (n_customers, n_columns)
        Attributes on the scale that clusters.
    labels : array-like of shape (n_customers,)
        Segment ids, -1 = unassigned.
    names : mapping of int to str
        Segment name by id.

    Returns
    -------
    Chart
        Table: segment_id, segment, n_customers, pc1 and pc2 of the centroid, and the shares of the
        variation the two components hold.

    References
    ----------
    .. [1] Jolliffe (2002). Principal Component Analysis, 2nd ed. Eq. 1.1.4; signs fixed so that each
       component's largest loading is positive.
    """
    found = as_labels(labels)
    points, shares = _principal_plane(np.asarray(Z, dtype=np.float64))
    words = [
        f"{which} direction ({percent(share)} of the variation)"
        for which, share in zip(("First", "Second"), shares, strict=True)
    ]
    scales = [_plain_scale(word, points[:, i]) for i, word in enumerate(words)]
    centres = centroids(points, found)
    table = _centre_table(found, names, columns={"pc1": 0, "pc2": 1}, centres=centres)
    table = table.assign(pc1_explained_share=shares[0], pc2_explained_share=shares[1])
    title = "All attributes at once: the segments on two main directions"
    alt = (
        f"Map of {counted(len(found), 'customer')} in {counted(len(centres), 'segment')} on two principal"
        " components, which hold "
        f"{percent(shares[0])} and {percent(shares[1])} of the variation."
    )
    cloud = make_cloud(points, found, box=(*scales[0].limits, *scales[1].limits))
    draw = partial(_draw_scatter, title, cloud, scales=scales, centres=centres, names=names, shown=found)
    return Chart("pca_map", title, alt, table, draw)


def as_labels(labels: npt.ArrayLike) -> Labels:
    """Segment ids as int32."""
    return np.asarray(labels).astype(np.int32)


def centroids(points: Floats, labels: Labels) -> dict[int, tuple[float, float]]:
    """Mean point of each segment, the unassigned left out."""
    return {
        int(i): (float(points[labels == i, 0].mean()), float(points[labels == i, 1].mean()))
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


def _principal_plane(Z: Floats) -> tuple[Floats, tuple[float, float]]:
    centred = Z - Z.mean(axis=0)
    if centred.shape[1] == 1:
        centred = np.column_stack([centred, np.zeros(len(centred))])
    variances, directions = np.linalg.eigh(centred.T @ centred)
    first = directions[:, :-3:-1]
    largest = np.abs(first).argmax(axis=0)
    first = first * np.where(first[largest, [0, 1]] < 0, -1.0, 1.0)
    total = max(float(variances.sum()), 1e-300)
    return centred @ first, (max(float(variances[-1]), 0.0) / total, max(float(variances[-2]), 0.0) / total)


def _plain_scale(label: str, values: Floats) -> Scale:
    return Scale(spec_of(label), False, float(values.min()), float(values.max()))


def _stem(feature: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "_" for char in feature)


def _centre_table(
    labels: Labels, names: Mapping[int, str], *, columns: Mapping[str, int], centres: Centres
) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {
            "segment_id": i,
            "segment": segment_name(names, i),
            "n_customers": int((labels == i).sum()),
            **{name: centre[place] for name, place in columns.items()},
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


def _draw_scatter(
    title: str,
    cloud: Cloud,
    *,
    scales: list[Scale],
    centres: Centres,
    names: Mapping[int, str],
    shown: Labels,
) -> Figure:
    n_drawn = (
        "every customer is a point" if cloud.image is None else "shading shows density, points are a sample"
    )
    figure = new_figure(
        title, f"{counted(len(shown), 'customer')}; {n_drawn}; named marks are the segments' centres"
    )
    axes = figure.add_subplot()
    draw_cloud(axes, cloud)
    axes.set(xlabel=scales[0].label, ylabel=scales[1].label)
    axes.set_xticks(*scales[0].ticks())
    axes.set_yticks(*scales[1].ticks())
    mark_centres(axes, centres, names=names)
    legend_beside(axes, legend_handles(shown, names), title="Segment (customers)")
    return figure
