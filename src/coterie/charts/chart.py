"""A chart: one message, in a picture, in words and in a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from coterie.charts.style import house_style
from coterie.store import csv_text, replacing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

PNG_DPI = 160
SVG_RASTER_DPI = 90
"""Resolution of dense layers inside an SVG: sharp at 900 px and still a small file."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_LONG_FRACTION = re.compile(r"(\.\d\d)\d+")  # a hundredth of a point is finer than any screen


@dataclass(frozen=True, eq=False, repr=False)
class Chart:
    """One chart and everything needed to read it without seeing it.

    Attributes
    ----------
    name : str
        Stem of its files; letters, digits and underscores.
    title : str
    alt : str
        The main message with its numbers, in a sentence or two.
    table : DataFrame
        The figures that are drawn.
    """

    name: str
    title: str
    alt: str
    table: pd.DataFrame
    _draw: Callable[[], Figure]
    _plot: Callable[[], dict[str, Any]] | None = None

    def figure(self) -> Figure:
        """The matplotlib figure, newly drawn.

        Returns
        -------
        Figure
        """
        with house_style(self.name):
            return self._draw()

    def png_bytes(self) -> bytes:
        """The chart as PNG, 1,440 pixels wide, the same bytes each time.

        Returns
        -------
        bytes
        """
        buffer = BytesIO()
        with house_style(self.name):
            self._draw().savefig(buffer, format="png", dpi=PNG_DPI, metadata={"Software": None})
        return buffer.getvalue()

    def svg_text(self) -> str:
        """The chart as SVG to save or to put into a page beside others, the same text each time.

        Returns
        -------
        str
            One ``<svg>`` element with title and description. Letters are outlines, so it needs no
            font; its ids start with a digest of the picture, so two charts never share one.
        """
        buffer = StringIO()
        no_metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        with house_style(self.name):
            figure = self._draw()
            figure.savefig(buffer, format="svg", dpi=SVG_RASTER_DPI, metadata=no_metadata)
        return _embeddable(buffer.getvalue(), title=self.title, alt=self.alt)

    def interactive(self) -> dict[str, Any] | None:
        """The second drawing, to touch and to zoom into: a figure in Plotly's own JSON format.

        Returns
        -------
        dict or None
            "data" and "layout", plain lists, texts and finite numbers of at most 300 kB; colours of
            letters and grid are left to the page. None if there is nothing to touch.
        """
        return None if self._plot is None else self._plot()

    def save(self, folder: str | Path) -> tuple[Path, Path, Path]:
        """Write the picture as PNG and SVG and the table as CSV.

        Parameters
        ----------
        folder : path
            Made if it does not exist.

        Returns
        -------
        tuple of (Path, Path, Path)
            PNG, SVG, CSV; each complete or not there.
        """
        table = csv_text(self.table).encode()
        contents = {"png": self.png_bytes(), "svg": self.svg_text().encode(), "csv": table}
        paths = [Path(folder) / f"{self.name}.{suffix}" for suffix in contents]
        for path, content in zip(paths, contents.values(), strict=True):
            with replacing(path) as draft:
                draft.write_bytes(content)
        return paths[0], paths[1], paths[2]

    def _repr_html_(self) -> str:
        caption = escape(_NOT_XML.sub("", self.alt))
        picture = f"{self.svg_text()}<figcaption>{caption}</figcaption>"
        return f'<figure style="margin:0;max-width:900px">{picture}</figure>'

    def __repr__(self) -> str:
        return f"Chart({self.name!r}: {self.alt})"


def _embeddable(svg: str, *, title: str, alt: str) -> str:
    """Turn matplotlib's file into one element with ids of its own and a description.

    Comments go, because matplotlib writes every drawn text into one. No text of the user is left in
    the markup but the two escaped elements added here.
    """
    svg = re.sub(r"<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\n\s+", "\n", svg[svg.index("<svg") :])
    svg = re.sub(r'\bd="[^"]*"', lambda path: _LONG_FRACTION.sub(r"\1", path[0]), svg)
    prefix = f"c{sha256(svg.encode()).hexdigest()[:8]}"  # as digests differ, so do the ids of two charts
    used = set(re.findall(r"#([\w.-]+)[\")]", svg))
    svg = re.sub(
        r' id="([^"]*)"', lambda found: f' id="{prefix}-{found[1]}"' if found[1] in used else "", svg
    )
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    svg = svg.replace("url(#", f"url(#{prefix}-")
    # matplotlib's style rule is for every element of the page; hold it to this picture.
    svg = svg.replace("*{stroke", f"#{prefix} *{{stroke")
    words = "".join(
        f'<{tag} id="{prefix}-{tag}">{escape(_NOT_XML.sub("", text))}</{tag}>'
        for tag, text in (("title", title), ("desc", alt))
    )
    label = f'id="{prefix}" role="img" aria-labelledby="{prefix}-title {prefix}-desc"'
    head, body = svg[4:].split(">", 1)
    return f"<svg {label}{head}>{words}{body}"
