"""A notebook shows results as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbclient
import nbformat

from coterie.sources import write_sample_store

CELLS = (
    "import coterie\ndataset = coterie.read('orders.csv')\ntable = coterie.build_features(dataset)",
    "result = coterie.segment(table, method='kmeans', n_segments=3)\nresult",
    "coterie.compare(table, methods=['kmeans'], n_segments=3)",
    "coterie.profile(result).profiles[0]",
)


def shown(cell: Any) -> str:
    """The HTML a cell ends in."""
    [html] = [one["data"]["text/html"] for one in cell.outputs if one.output_type == "execute_result"]
    return str(html)


def test_a_notebook_reads_segments_and_shows_tables(tmp_path: Path) -> None:
    write_sample_store(tmp_path, n_customers=150)
    v4: Any = nbformat.v4
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in CELLS])
    resources = {"metadata": {"path": str(tmp_path)}}
    done = nbclient.NotebookClient(notebook, timeout=300, resources=resources).execute()
    _, segments, comparison, profile = done.cells
    assert "<caption>3 segments by kmeans on" in shown(segments)
    assert shown(segments).count("<tr>") == 4
    assert "<table" in shown(comparison)
    assert shown(profile).startswith("<h3>")
