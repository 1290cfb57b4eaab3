"""report.pdf: the same report set by Typst, tagged for screen readers."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from coterie.store import replacing


def write_pdf(document: Mapping[str, Any], pictures: Mapping[str, bytes], *, path: Path) -> None:
    """Write the report as a tagged PDF, the same bytes for the same report.

    Parameters
    ----------
    document : mapping
        What `build_document` gave.
    pictures : mapping of str to bytes
        PNG by chart name.
    path : Path
    """
    import typst

    template = files("coterie.delivery").joinpath("templates", "report.typ").read_bytes()
    with tempfile.TemporaryDirectory(prefix="coterie-pdf-") as name:
        folder = Path(name)
        (folder / "report.typ").write_bytes(template)
        for stem, png in pictures.items():
            (folder / f"{stem}.png").write_bytes(png)
        charts = [{**chart, "file": f"{chart['name']}.png"} for chart in document["charts"]]
        (folder / "document.json").write_text(json.dumps({**document, "charts": charts}), encoding="utf-8")
        with replacing(path) as draft:
            typst.compile(
                str(folder / "report.typ"),
                output=str(draft),
                root=str(folder),
                sys_inputs={"document": "document.json"},
                ignore_system_fonts=True,
                timestamp=0,
            )
