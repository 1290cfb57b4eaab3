"""How groups of customers merge, drawn as a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.charts.chart import Chart
from coterie.charts.interactive import NEUTRAL, Drawing, drawing, named_axis, numbers, shown
from coterie.charts.scale import Floats, Labels
from coterie.charts.style import INK, SMALL_PT, new_figure, segment_name, segment_style, wrapped
from coterie.errors import ParameterError
from coterie.features import counted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Counts = npt.NDArray[np.int64]

BRANCH_COLOUR = "#80868B"
HEIGHT = "Distance at which groups merge"
N_BRANCHES = 30
"""Branches drawn at the foot; more where the cut needs more."""


@dataclass(frozen=True)
class _Leaf:
    """One foot of the drawn tree: a branch folded up, and the group below the cut it belongs to."""

    n_customers: int
    group: int
    height: float


@dataclass(frozen=True)
class _Tree:
    leaves: tuple[_Leaf, ...]
    brackets: npt.NDArray[np.float64]  # (n_merges, 2, 4): across and up of each bracket
    cut: float
    segments: Mapping[int, int]  # group -> segment id; empty if unknown


def dendrogram(
    linkage: npt.ArrayLike,
    *,
    n_clusters: int,
    leaf_rows: npt.ArrayLike | None = None,
    labels: npt.ArrayLike | None = None,
    names: Mapping[int, str] | None = None,
    chosen: str = "",
) -> Chart:
    """The last merges of Ward's hierarchical clustering, with the line that cuts it into clusters.

    Parameters
    ----------
    linkage : array-like of shape (n_rows - 1, 4)
        By Ward's method, as SciPy gives it.
    n_clusters : int
        Where the tree is cut.
    leaf_rows : array-like of shape (n_rows,), optional
        Customers each linked row stands for; default 1.
    labels : array-like of shape (n_rows,), optional
        Segment ids in the order of the rows that were linked: gives branches their colour.
    names : mapping of int to str, optional
        Segment name by id.
    chosen : str, optional
        The method that made the segments, if it was another one: the chart then says so.

    Returns
    -------
    Chart
        Of the last 30 branches; table: leaf (from left), n_customers, cluster (from left), merge_height.

    Raises
    ------
    ParameterError
        If there are fewer rows than clusters, fewer than two, or not one weight per row.
    """
    links = np.asarray(linkage, dtype=np.float64)
    n = len(links) + 1
    if n < 2 or not 1 <= n_clusters <= n:
        raise ParameterError(f"A tree of {n} leaves has no {n_clusters} clusters", where="n_clusters")
    weights = np.ones(n, dtype=np.int64) if leaf_rows is None else np.asarray(leaf_rows, dtype=np.int64)
    if weights.shape != (n,):
        raise ParameterError(f"A tree of {n} leaves needs as many weights", where="leaf_rows")
    found = None if labels is None else np.asarray(labels).astype(np.int32)
    tree = _folded(links, weights, n_clusters=n_clusters, labels=found)
    title = "How customers merge into groups: Ward's tree"
    message = _message(tree, chosen)
    sizes = ", ".join(f"{size:,}" for size in _group_sizes(tree))
    alt = f"{message}. {counted(n_clusters, 'group')} of {sizes} customers."
    draw = partial(_draw, title, tree, message=message, names=names or {})
    plot = partial(_plot, title, tree, names=names or {})
    return Chart("dendrogram", title, alt, _leaf_table(tree), draw, plot)


def _message(tree: _Tree, chosen: str) -> str:
    sizes = _group_sizes(tree)
    cut = f"the dashed line cuts it at a distance of {tree.cut:.3g} into {len(sizes)}"
    aside = f"; the segments are those of {chosen}, not of this tree" if chosen else ""
    return f"The hierarchical method's tree of {counted(sum(sizes), 'customer')}; {cut}{aside}"


def _folded(links: Floats, weights: Counts, *, n_clusters: int, labels: Labels | None) -> _Tree:
    from scipy.cluster.hierarchy import dendrogram as scipy_dendrogram
    from scipy.cluster.hierarchy import fcluster

    n = len(links) + 1
    drawn = scipy_dendrogram(links, p=max(N_BRANCHES, n_clusters), truncate_mode="lastp", no_plot=True)
    cut = _cut_height(links[:, 2], n_clusters)
    flat = fcluster(links, n_clusters, criterion="maxclust")
    feet = drawn["leaves"] or []
    members = [flat[_any_leaf(links, node)] for node in feet]
    order = {group: place for place, group in enumerate(dict.fromkeys(members))}
    sizes = _branch_sizes(links, weights)
    leaves = tuple(
        _Leaf(int(sizes[node]), order[group], 0.0 if node < n else float(links[node - n, 2]))
        for node, group in zip(feet, members, strict=True)
    )
    segments = {} if labels is None else _majority(labels, flat, weights=weights, order=order)
    brackets = np.stack([np.array(drawn["icoord"]), np.array(drawn["dcoord"])], axis=1)
    return _Tree(leaves, brackets, cut, segments)


def _branch_sizes(links: Floats, weights: Counts) -> Counts:
    """Customers below every leaf and every merge of the tree."""
    sizes = weights.tolist()  # a list: one element at a time, an array is slow
    for one, other in links[:, :2].astype(np.intp).tolist():
        sizes.append(sizes[one] + sizes[other])
    return np.array(sizes, dtype=np.int64)


def _cut_height(heights: Floats, n_clusters: int) -> float:
    """Half way between the last merge that is kept and the first that is undone."""
    ordered = np.sort(heights)
    if n_clusters == 1:
        return float(ordered[-1] * 1.05)
    undone = ordered[len(ordered) - n_clusters + 1]
    kept = ordered[len(ordered) - n_clusters] if n_clusters <= len(ordered) else 0.0
    return float((undone + kept) / 2)


def _any_leaf(links: Floats, node: int) -> int:
    """A linked row below this node: go left until there is one."""
    n = len(links) + 1
    while node >= n:
        node = int(links[node - n, 0])
    return node


def _majority(
    labels: Labels, flat: npt.NDArray[np.int32], *, weights: Counts, order: Mapping[int, int]
) -> dict[int, int]:
    """The segment most customers of each group are in."""
    segments = {}
    for group, place in order.items():
        ids, codes = np.unique(labels[flat == group], return_inverse=True)
        segments[place] = int(ids[np.bincount(codes, weights=weights[flat == group]).argmax()])
    return segments


def _group_sizes(tree: _Tree) -> list[int]:
    n_groups = max(leaf.group for leaf in tree.leaves) + 1
    return [sum(leaf.n_customers for leaf in tree.leaves if leaf.group == g) for g in range(n_groups)]


def _leaf_table(tree: _Tree) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [(i + 1, leaf.n_customers, leaf.group + 1, leaf.height) for i, leaf in enumerate(tree.leaves)],
        columns=["leaf", "n_customers", "cluster", "merge_height"],
    )


def _draw(title: str, tree: _Tree, *, message: str, names: Mapping[int, str]) -> Figure:
    figure = new_figure(title, message)
    axes = figure.add_subplot()
    feet = tree.leaves
    for across, up in tree.brackets:
        axes.plot(
            across, up, color=_bracket_colour(tree, across=across, up=up), lw=1.8, solid_joinstyle="miter"
        )
    axes.axhline(tree.cut, color=INK, lw=1.2, ls=(0, (5, 3)))
    axes.set(ylabel=HEIGHT, ylim=(0, None), xlim=(0, 10 * len(feet)))
    axes.grid(False, axis="x")
    crowded = len(feet) > 16
    axes.set_xticks(
        5.0 + 10 * np.arange(len(feet)),
        [f"{leaf.n_customers:,}" for leaf in tree.leaves],
        rotation=90 if crowded else 0,
        size=SMALL_PT - 0.5,
    )
    axes.tick_params(axis="x", length=0)
    _name_groups(axes, tree, names=names)
    return figure


def _group_name(tree: _Tree, group: int, *, names: Mapping[int, str]) -> str:
    return segment_name(names, tree.segments[group]) if tree.segments else f"Group {group + 1}"


def _bracket_colour(tree: _Tree, *, across: Floats, up: Floats) -> str:
    """Below the cut the colour of the group, above it none."""
    if up[1] > tree.cut:
        return BRANCH_COLOUR
    foot = int(np.clip((across[0] - 5) // 10, 0, len(tree.leaves) - 1))
    return _colour(tree, tree.leaves[foot].group)


def _colour(tree: _Tree, group: int) -> str:
    return segment_style(tree.segments[group])[0] if tree.segments else INK


def _name_groups(axes: Axes, tree: _Tree, *, names: Mapping[int, str]) -> None:
    """A bar under the leaves of each group, with its name and size."""
    feet = [leaf.group for leaf in tree.leaves]
    transform = axes.get_xaxis_transform()
    deep = -0.16 if len(feet) > 16 else -0.1
    for group, size in enumerate(_group_sizes(tree)):
        first, last = feet.index(group), len(feet) - 1 - feet[::-1].index(group)
        axes.plot(
            [10 * first + 1, 10 * last + 9], [deep, deep], transform=transform, clip_on=False,
            color=_colour(tree, group), lw=4, solid_capstyle="butt",
        )  # fmt: skip
        name = _group_name(tree, group, names=names)
        room = max(int((last - first + 1) / len(feet) * 80), 5)
        axes.text(
            5 * (first + last + 1), deep - 0.03, f"{wrapped(name, room, n_lines=3)}\n({size:,})",
            transform=transform, ha="center", va="top", size=SMALL_PT, linespacing=1.1,
        )  # fmt: skip


def _plot(title: str, tree: _Tree, *, names: Mapping[int, str]) -> Drawing:
    feet = [5.0 + 10 * place for place in range(len(tree.leaves))]
    leaves = {
        "type": "scatter",
        "mode": "markers",
        "name": "Branches",
        "x": feet,
        "y": [leaf.height for leaf in tree.leaves],
        "customdata": [leaf.n_customers for leaf in tree.leaves],
        "hovertext": [
            f"{shown(_group_name(tree, leaf.group, names=names))}: {counted(leaf.n_customers, 'customer')}"
            for leaf in tree.leaves
        ],
        "hoverinfo": "text",
        "marker": {"size": 8, "color": [_plotted(_colour(tree, leaf.group)) for leaf in tree.leaves]},
    }
    cut = {
        "type": "scatter", "mode": "lines", "name": "Cut", "x": [0.0, 10.0 * len(feet)], "y": [tree.cut] * 2,
        "hoverinfo": "name", "line": {"color": NEUTRAL, "width": 1.5, "dash": "dash"},
    }  # fmt: skip
    counts = [f"{leaf.n_customers:,}" for leaf in tree.leaves]
    return drawing(
        title,
        [*_plotted_brackets(tree), cut, leaves],
        showlegend=False,
        xaxis=named_axis(feet, counts, showgrid=False, title={"text": "Customers in each branch"}),
        yaxis={"title": {"text": HEIGHT}, "rangemode": "tozero", "automargin": True},
    )


def _plotted(colour: str) -> str:
    """Ink is for paper: on a page that may be dark a grey takes its place."""
    return NEUTRAL if colour == INK else colour


def _plotted_brackets(tree: _Tree) -> list[Drawing]:
    """One trace a colour, its brackets parted by gaps."""
    lines: dict[str, tuple[list[float | None], list[float | None]]] = {}
    for across, up in tree.brackets:
        xs, ys = lines.setdefault(_plotted(_bracket_colour(tree, across=across, up=up)), ([], []))
        xs += [*numbers(across), None]
        ys += [*numbers(up), None]
    return [
        {
            "type": "scatter", "mode": "lines", "x": xs, "y": ys, "hoverinfo": "skip",
            "line": {"color": colour, "width": 2},
        }
        for colour, (xs, ys) in lines.items()
    ]  # fmt: skip
