"""The house look: one palette, one type size, one way to print names and numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING

from coterie.features import FeatureSpec, label, label_with_unit, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito (2008), "Color Universal Design", without black, then five dark or light tones. The
# nearest two stay apart (CIE76 > 15) for normal, protanope and deuteranope eyes; the shape is the second cue.
SEGMENT_COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9",
    "#332288", "#F0E442", "#882255", "#5A3A22", "#1B1B1B", "#8FD6B8",
)  # fmt: skip
SEGMENT_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "h", "*", "<", ">")
UNASSIGNED_STYLE = ("#9AA0A6", "d")
UNASSIGNED_NAME = "Unassigned"

INK = "#202124"
QUIET = "#5F6368"
RULE = "#DADCE0"
PALE = "#F1F3F4"

WIDTH_IN = 9.0
"""Width of every figure, inches: 900 px at 100 dpi."""
HEIGHT_IN = 5.6
TITLE_PT = 15
TEXT_PT = 11.5
SMALL_PT = 10
INCHES_PER_POINT = 1 / 72
LINE_HEIGHT = 1.35

_RENDERING = RLock()  # matplotlib's settings are one dictionary for the whole process

_SETTINGS: Mapping[str, object] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#BDC1C6",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelpad": 8,
    "axes.labelsize": TEXT_PT,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": TEXT_PT,
    "font.size": TEXT_PT,
    "grid.color": "#E8EAED",
    "grid.linewidth": 0.8,
    "legend.borderaxespad": 0.0,
    "legend.fontsize": TEXT_PT - 0.5,
    "legend.frameon": False,
    "legend.handletextpad": 0.6,
    "legend.labelspacing": 0.75,
    "svg.fonttype": "path",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": "#BDC1C6",
    "xtick.labelcolor": QUIET,
    "xtick.labelsize": SMALL_PT + 0.5,
    "ytick.color": "#BDC1C6",
    "ytick.labelcolor": QUIET,
    "ytick.labelsize": SMALL_PT + 0.5,
}

_FALLBACK_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "WenQuanYi Micro Hei",
    "Noto Sans",
    "Noto Emoji",
)

_UNITLESS = {"", "category", "count", "number", "money"}  # money is a unit only when its currency is known

_ABOVE_AVERAGE_WORDS = ((0.25, "about average"), (0.75, "a little {}"), (1.5, "{}"), (float("inf"), "far {}"))


def segment_style(segment_id: int) -> tuple[str, str]:
    """Colour and marker of a segment, the same in every chart and report.

    Parameters
    ----------
    segment_id : int
        -1 = unassigned. From 12 on the colours return with another marker.

    Returns
    -------
    tuple of (str, str)
        Hex colour, matplotlib marker.
    """
    if segment_id < 0:
        return UNASSIGNED_STYLE
    colour_round, place = divmod(segment_id, len(SEGMENT_COLOURS))
    return SEGMENT_COLOURS[place], SEGMENT_MARKERS[(place + 5 * colour_round) % len(SEGMENT_MARKERS)]


@contextmanager
def house_style(salt: str) -> Iterator[None]:
    """Draw and save in the house look, whatever the process has set; one thread at a time.

    Parameters
    ----------
    salt : str
        Makes the ids inside an SVG the same each time.
    """
    from matplotlib import style

    with (
        _RENDERING,
        style.context(["default", {**_SETTINGS, "font.family": _families(), "svg.hashsalt": salt}]),
    ):
        yield


@cache
def _fonts() -> Mapping[str, str]:
    """Font file by family: matplotlib's own font and what the machine has for other scripts."""
    from matplotlib.font_manager import FontProperties, fontManager

    installed = {entry.name for entry in fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in _FALLBACK_FAMILIES if name in installed)]
    return {name: fontManager.findfont(FontProperties(family=name)) for name in families}


def _families() -> list[str]:
    return list(_fonts())


@cache
def _drawable() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(code for path in _fonts().values() for code in FT2Font(path).get_charmap())


def drawn(text: object) -> str:
    """The text as the fonts can draw it, on one line; what they lack becomes an open box."""
    line = " ".join(str(text).split())
    visible = (char for char in line if char.isprintable())
    return "".join(char if ord(char) in _drawable() else "□" for char in visible).strip() or "(no name)"


def wrapped(text: object, width: int = 24, *, n_lines: int = 2) -> str:
    """Text in at most `n_lines` lines of `width` characters, an ellipsis where something is cut."""
    lines = textwrap.wrap(drawn(text), width)
    if len(lines) > n_lines:
        lines = [*lines[: n_lines - 1], lines[n_lines - 1][: width - 1].rstrip() + "…"]
    return "\n".join(lines)


def segment_name(names: Mapping[int, str], segment_id: int) -> str:
    """The name of a segment as given, or what stands for it."""
    if segment_id < 0:
        return names.get(segment_id, UNASSIGNED_NAME)
    return names.get(segment_id, f"Segment {segment_id + 1}")


def spec_of(feature: str, specs: Mapping[str, FeatureSpec] | None = None) -> FeatureSpec:
    """What is known of a feature; of one that nobody described, its name."""
    return (specs or {}).get(feature) or FeatureSpec(feature, unit="", description="", source="")


def feature_words(spec: FeatureSpec) -> str:
    """A feature as the title of an axis: "Days between orders"."""
    return _title(label(spec))


def axis_words(spec: FeatureSpec) -> str:
    """The same with the unit, unless the words say it: "Spend (GBP)", "Orders"."""
    return _title(label_with_unit(spec))


def _title(words: str) -> str:
    text = drawn(words)
    return text[:1].upper() + text[1:]


def short_number(value: float) -> str:
    """A number for an axis or a cell: 0.25, 3.4, 120, 1,450, 12k, 3.1M."""
    size = abs(value)
    if size >= 999_500:
        return f"{value / 1e6:,.1f}".removesuffix(".0") + "M"
    if size >= 9_999.5:
        return f"{value / 1e3:,.0f}k"
    if size >= 99.5:
        return f"{value:,.0f}"
    digits = 1 if size >= 9.95 else 2
    text = f"{value:.{digits}f}"
    return (
        text.rstrip("0").rstrip(".").replace("-0", "0") if float(text) == 0 else text.rstrip("0").rstrip(".")
    )


def printed(value: float, unit: str) -> str:
    """A value with its unit: 45 days, 1,200 EUR, 12%."""
    if unit == "share":
        return percent(value)
    return f"{short_number(value)} {drawn(unit)}" if unit not in _UNITLESS else short_number(value)


def compared(z: float) -> str:
    """A standardised difference in words: "far above average", "about average"."""
    if z != z:
        return "not known"
    side = "above average" if z > 0 else "below average"
    return next(words for limit, words in _ABOVE_AVERAGE_WORDS if abs(z) < limit).format(side)


def new_figure(title: str, message: str = "", *, height_in: float = HEIGHT_IN) -> Figure:
    """An empty figure with a title and one line of message above the room for its axes."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    figure = Figure(figsize=(WIDTH_IN, height_in), layout=engine, dpi=100)
    left, y_in = 0.15 / WIDTH_IN, height_in - 0.12
    for text, size, weight, colour, width in (
        (title, TITLE_PT, "bold", INK, 80),
        (message, TEXT_PT, "normal", QUIET, 108),
    ):
        if text:
            lines = wrapped(text, width)
            figure.text(left, y_in / height_in, lines, size=size, weight=weight, color=colour, va="top")
            y_in -= (lines.count("\n") + 1) * size * LINE_HEIGHT * INCHES_PER_POINT
    engine.set(rect=(0, 0, 1, (y_in - 0.08) / height_in))
    return figure


def legend_beside(axes: Axes, handles: list[object], *, title: str = "") -> None:
    """A legend to the right of the axes, names to the left."""
    legend = axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1.0), title=title or None, alignment="left"
    )
    if title:
        legend.get_title().set_color(QUIET)


def black_or_white(colour: str) -> str:
    """The ink that is easier to read on this colour (WCAG 2.2 relative luminance)."""
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "white" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else INK
