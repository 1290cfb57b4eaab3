"""Many customers on a plane: every one of a few thousand, a density and a sample of more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from coterie.charts.scale import Floats, Labels
from coterie.charts.style import QUIET, segment_name, segment_style, short_number, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MAX_POINTS = 5_000
"""Up to here every customer is a point; above, a density carries the picture."""
SAMPLE_SIZE = 1_000
SAMPLE_MIN_PER_SEGMENT = 25
GRID = (110, 170)  # cells up, cells along
SMOOTHING_CELLS = 1.3
SAMPLE_SEED = 0


@dataclass(frozen=True)
class Cloud:
    """What is left of n customers to draw: at most 5,000 points and one small image.

    `image` is RGBA, row 0 at the bottom, over `box` (left, right, bottom, top), or None.
    """

    points: Floats
    labels: Labels
    image: Floats | None
    box: tuple[float, float, float, float]


def make_cloud(
    points: Floats, labels: Labels, *, box: tuple[float, float, float, float], n_sampled: int = SAMPLE_SIZE
) -> Cloud:
    """Reduce points of shape (n, 2) to what a picture can show."""
    if len(points) <= MAX_POINTS:
        return Cloud(points, labels, None, box)
    chosen = stratified_sample(labels, n_sampled)
    return Cloud(points[chosen], labels[chosen], _density(points, labels, box=box), box)


def stratified_sample(labels: Labels, size: int) -> npt.NDArray[np.intp]:
    """About `size` positions, each segment by its share but never under 25 customers, shuffled."""
    rng = np.random.default_rng(SAMPLE_SEED)
    picked = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        wanted = max(round(size * len(members) / len(labels)), SAMPLE_MIN_PER_SEGMENT)
        picked.append(rng.choice(members, size=min(wanted, len(members)), replace=False))
    return rng.permutation(np.concatenate(picked))


def _density(points: Floats, labels: Labels, *, box: tuple[float, float, float, float]) -> Floats:
    """Colour = who is there, strength = how many (logarithmic)."""
    from matplotlib.colors import to_rgb
    from scipy.ndimage import gaussian_filter

    left, right, bottom, top = box
    total = np.zeros(GRID)
    colour = np.zeros((*GRID, 3))
    for label in np.unique(labels):
        own = points[labels == label]
        counts, _, _ = np.histogram2d(own[:, 1], own[:, 0], bins=GRID, range=((bottom, top), (left, right)))
        counts = gaussian_filter(counts, SMOOTHING_CELLS)
        total += counts
        colour += counts[..., None] * np.array(to_rgb(segment_style(int(label))[0]))
    colour /= np.maximum(total, 1e-12)[..., None]
    strength = np.log1p(total) / np.log1p(total.max())
    alpha = np.where(total > 0.02, 0.05 + 0.75 * strength, 0.0)
    return np.dstack([colour, alpha])


def draw_cloud(axes: Axes, cloud: Cloud, *, point_size: float = 16.0) -> None:
    """Draw density and points; the unassigned first, so that they lie below."""
    import seaborn as sns

    axes.set_xlim(*cloud.box[:2])
    axes.set_ylim(*cloud.box[2:])
    axes.grid(False)
    axes.set_rasterization_zorder(0)  # all points become one small image inside an SVG
    if cloud.image is not None:
        axes.imshow(
            cloud.image, origin="lower", extent=cloud.box, aspect="auto", interpolation="bilinear", zorder=-3
        )
    dense = cloud.image is not None
    for label in np.unique(cloud.labels):
        own = cloud.labels == label
        colour, marker = segment_style(int(label))
        sns.scatterplot(
            x=cloud.points[own, 0], y=cloud.points[own, 1], ax=axes, color=colour, marker=marker,
            legend=False, s=point_size * (0.55 if dense else 1.0), alpha=0.55 if dense else 0.6,
            linewidth=0.25, edgecolor="white", zorder=-2 if label < 0 else -1,
        )  # fmt: skip


def legend_handles(labels: Labels, names: Mapping[int, str]) -> list[object]:
    """One entry a segment: shape, name, number of customers."""
    from matplotlib.lines import Line2D

    ids, counts = np.unique(labels, return_counts=True)
    in_order = sorted(
        zip(ids.tolist(), counts.tolist(), strict=True), key=lambda pair: (pair[0] < 0, pair[0])
    )
    return [
        Line2D(
            [], [], linestyle="", marker=segment_style(label)[1], color=segment_style(label)[0], markersize=8,
            markeredgecolor="white", markeredgewidth=0.5,
            label=f"{wrapped(segment_name(names, label), 22)}  ({short_number(count)})",
        )
        for label, count in in_order
    ]  # fmt: skip


def mark_centres(axes: Axes, centres: Mapping[int, tuple[float, float]], *, names: Mapping[int, str]) -> None:
    """Large marks at the centres, each with its name where it covers no other name or mark."""
    pill = {"boxstyle": "round,pad=0.22,rounding_size=0.3", "fc": "white", "ec": "none", "alpha": 0.82}
    texts = {label: wrapped(segment_name(names, label), 18) for label in centres}
    for label, box in _name_boxes(axes, centres, texts=texts).items():
        colour, marker = segment_style(label)
        axes.plot(
            *centres[label], marker=marker, markersize=13, color=colour, markeredgecolor="white",
            markeredgewidth=1.8, zorder=6,
        )  # fmt: skip
        axes.annotate(
            texts[label], centres[label], xytext=(box.left, box.middle), textcoords="axes fraction",
            ha="left", va="center", size=10.5, weight="bold", linespacing=1.05, bbox=pill, zorder=5,
            arrowprops={"arrowstyle": "-", "color": QUIET, "lw": 0.8, "shrinkA": 0, "shrinkB": 6},
        )  # fmt: skip


class _Box(NamedTuple):
    """A rectangle in fractions of the axes."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2

    def inside(self) -> bool:
        return min(self.left, self.bottom) >= 0 and max(self.right, self.top) <= 1

    def meets(self, other: _Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top


def _name_boxes(
    axes: Axes, centres: Mapping[int, tuple[float, float]], *, texts: Mapping[int, str]
) -> dict[int, _Box]:
    """The first free place of each name: right of its mark, else left, else ever further up or down."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    spots = {i: ((x - left) / (right - left), (y - bottom) / (top - bottom)) for i, (x, y) in centres.items()}
    marks = {i: _Box(x - 0.018, x + 0.018, y - 0.024, y + 0.024) for i, (x, y) in spots.items()}
    placed: dict[int, _Box] = {}
    for label in sorted(spots, key=lambda i: (-spots[i][1], i)):
        taken = [*placed.values(), *(mark for i, mark in marks.items() if i != label)]
        wishes = _wishes(*spots[label], lines=texts[label].split("\n"))
        free = (box for box in wishes if box.inside() and not any(box.meets(other) for other in taken))
        placed[label] = next(free, wishes[0])
    return placed


def _wishes(x: float, y: float, *, lines: list[str]) -> list[_Box]:
    width, height, gap = 0.0165 * max(map(len, lines)), 0.045 * len(lines) + 0.01, 0.03
    lefts = (x + gap, x - gap - width)
    shifts = [direction * step * 0.025 for step in range(16) for direction in (1, -1)]
    return [
        _Box(left, left + width, y + shift - height / 2, y + shift + height / 2)
        for shift in shifts
        for left in lefts
    ]
