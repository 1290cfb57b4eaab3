"""report.html: one file with everything in it, readable without a network or JavaScript."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from coterie.store import replacing


def render_html(document: Mapping[str, Any], pictures: Mapping[str, str]) -> str:
    """Print the report as HTML; every text is escaped.

    Parameters
    ----------
    document : mapping
        What `build_document` gave.
    pictures : mapping of str to str
        SVG text by chart name.

    Returns
    -------
    str
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    templates = files("coterie.delivery").joinpath("templates")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(templates.joinpath("report.html.j2").read_text(encoding="utf-8"))
    style = Markup(templates.joinpath("report.css").read_text(encoding="utf-8"))
    images = {name: base64.b64encode(svg.encode()).decode() for name, svg in pictures.items()}
    return template.render(document, style=style, images=images)


def write_html(document: Mapping[str, Any], pictures: Mapping[str, str], *, path: Path) -> None:
    """Write the report as one HTML file.

    Parameters
    ----------
    document, pictures
        As in `render_html`.
    path : Path
    """
    with replacing(path) as draft:
        draft.write_text(render_html(document, pictures), encoding="utf-8")
