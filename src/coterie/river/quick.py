"""The quick look: one method, a number of clusters as given, two pictures and no comparison."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coterie.errors import InputError
from coterie.jobs import Progress, ignore_progress
from coterie.river.data import build_features

PICTURES = ("cluster_scatter", "pair_plot")


def quick_look(
    source: str, n_clusters: int, *, out: str, random_state: int = 0, progress: Progress = ignore_progress
) -> None:
    """Cluster the rows of a file by k-means and draw the clusters.

    Parameters
    ----------
    source : str
        A file with a customer in each row, or an order, or a line of one.
    n_clusters : int
    out : str
        A new folder, complete or not there: PNG, SVG and CSV of each picture, and ``look.json`` with the
        sizes of the clusters and the words of the pictures.
    random_state : int
    progress : callable, optional

    Raises
    ------
    InputError
        If the file cannot be read, or has no two columns of numbers.
    ParameterError
        If there cannot be as many clusters.
    """
    from coterie.delivery import draw_maps, feature_labels, printed_table
    from coterie.segmentation import finish, fit_trial
    from coterie.segmentation.fit import check_request
    from coterie.store import replacing

    table = build_features(source, progress=progress)
    numbers = [spec.name for spec in table.specs if spec.kind == "number"]
    if len(numbers) < 2:
        raise InputError(
            "The file has no two columns of numbers, so there is nothing to draw",
            to_do="Choose one with amounts, ages, counts or dates of orders",
        )
    check_request(table, n_clusters=n_clusters)
    progress("Finding the clusters", 0.5)
    result = finish(fit_trial(table, "kmeans", n_clusters=n_clusters, random_state=random_state), table)
    names = {segment.id: f"Cluster {segment.id + 1}" for segment in result.segments}
    progress("Drawing", 0.8)
    labels = feature_labels(table.specs, None)
    told: dict[str, Any] = {
        "n_customers": len(table),
        "clusters": [[one.id, names[one.id], one.n_customers, one.share] for one in result.segments],
        "attributes": [labels[name] for name in result.attributes],
        "pictures": [],
    }
    with replacing(Path(out)) as folder:
        for chart in draw_maps(result, names):
            if chart.name in PICTURES:
                chart.save(folder)
                figures = printed_table(chart.table, labels)
                told["pictures"].append(
                    {"name": chart.name, "title": chart.title, "alt": chart.alt, "table": figures}
                )
        (folder / "look.json").write_text(json.dumps(told), encoding="utf-8")
