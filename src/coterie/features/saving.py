"""A FeatureTable on disk: the columns as Parquet, what they mean as JSON, who was filled as arrays."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from coterie.errors import ConflictError
from coterie.features.table import FeatureSpec, FeatureTable
from coterie.preprocessing import quality_from
from coterie.sources import Dataset

SCHEMA = 1
"""Raised whenever a folder of an earlier version could be misread."""


def save_features(table: FeatureTable, folder: Path) -> Path:
    """Write a table into a folder, without the dataset it came from.

    Parameters
    ----------
    table : FeatureTable
    folder : Path
        New.

    Returns
    -------
    Path
        The folder.
    """
    folder.mkdir(parents=True)
    # Columns go by number: a feature may have any name.
    numbered = table.X.set_axis([str(i) for i in range(table.X.shape[1])], axis=1)
    numbered.assign(customer_id=table.customer_ids).to_parquet(folder / "table.parquet", index=False)
    filled = {str(i): positions for i, positions in enumerate(table.filled.values())}
    arrays: dict[str, Any] = {"no_net_spend": table.no_net_spend, **filled}
    np.savez(folder / "arrays.npz", allow_pickle=False, **arrays)
    end = table.observation_end
    content = {
        "schema": SCHEMA,
        "specs": [asdict(spec) for spec in table.specs],
        "defaults": list(table.defaults),
        "observation_end": None if end is None else end.isoformat(),
        "quality": None if table.quality is None else asdict(table.quality),
        "filled": list(table.filled),
    }
    (folder / "table.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def load_features(folder: Path, *, dataset: Dataset | None = None) -> FeatureTable:
    """Read a table that `save_features` wrote.

    Parameters
    ----------
    folder : Path
    dataset : Dataset, optional
        The one it came from.

    Returns
    -------
    FeatureTable

    Raises
    ------
    ConflictError
        If another version of Coterie wrote it.
    """
    import pandas as pd

    content = json.loads((folder / "table.json").read_text(encoding="utf-8"))
    if content["schema"] != SCHEMA:
        raise ConflictError("Another version of Coterie wrote these features", where=str(folder))
    frame = pd.read_parquet(folder / "table.parquet")
    specs = tuple(FeatureSpec(**spec) for spec in content["specs"])
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        no_net_spend = arrays["no_net_spend"]
        filled = {name: arrays[str(i)] for i, name in enumerate(content["filled"])}
    end = content["observation_end"]
    return FeatureTable(
        customer_ids=frame.pop("customer_id").to_numpy(dtype=object),
        X=frame.set_axis([spec.name for spec in specs], axis=1),
        specs=specs,
        defaults=tuple(content["defaults"]),
        no_net_spend=no_net_spend,
        observation_end=None if end is None else date.fromisoformat(end),
        dataset=dataset,
        quality=None if content["quality"] is None else quality_from(content["quality"]),
        filled=filled,
    )
