"""Edits at the command line and in the library."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import coterie
from coterie.charts import map_coordinates
from coterie.cli import main
from coterie.errors import InputError
from coterie.investigation import Rename
from coterie.segmentation import Segmentation
from coterie.sources import write_sample_store


def test_the_library_takes_edits_as_values_and_as_json(found: Segmentation, tmp_path: Path) -> None:
    edits: list[Rename | dict[str, object]] = [
        Rename(0, "Best"),
        {"kind": "merge", "segment_ids": [1, 2], "name": "Middle"},
    ]
    edited = coterie.apply_edits(found, edits)
    assert edited.names == {0: "Best", 1: "Middle", 2: "Segment 4"}
    (tmp_path / "edits.json").write_text(json.dumps(list(edited.edits)))
    again, conflicts = coterie.replay_edits(found, tmp_path / "edits.json")
    assert (again.names, conflicts) == (edited.names, ())
    with pytest.raises(InputError):
        coterie.apply_edits(found, [{"kind": "explode"}])


def test_every_customer_has_the_same_place_on_the_map_each_time(found: Segmentation) -> None:
    places = map_coordinates(found)
    assert places.shape == (len(found.table), 3)
    assert (places == map_coordinates(found)).all()


@pytest.mark.usefixtures("brief")
def test_a_run_makes_the_edits_of_an_earlier_one_and_tells_conflicts(tmp_path: Path) -> None:
    orders = write_sample_store(tmp_path / "store", n_customers=150)["orders"]
    edits = [
        {"kind": "rename", "segment_id": 0, "name": "Best friends"},
        {"kind": "split", "segment_id": 1},
        {"kind": "rename", "segment_id": 40, "name": "Nobody"},
    ]
    (tmp_path / "edits.json").write_text(json.dumps(edits))
    steering = ["--method", "kmeans", "--n-segments", "3", "--edits", str(tmp_path / "edits.json")]
    done = CliRunner().invoke(main, ["segment", str(orders), *steering, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "Not made as before: Rename segment 40 to Nobody" in done.stderr
    kept = json.loads((tmp_path / "out" / "edits.json").read_text())
    assert kept["edits"] == edits[:2]
    named = pd.read_csv(tmp_path / "out" / "customers.csv")["segment_name"]
    assert "Best friends" in set(named)
    assert "Changed by hand" in (tmp_path / "out" / "report.html").read_text()
    assert not (tmp_path / "out" / "scoring.sql").exists()
    placed = tmp_path / "placed.csv"
    CliRunner().invoke(main, ["assign", str(tmp_path / "out" / "model"), str(orders), "--out", str(placed)])
    assert pd.read_csv(placed)["segment_name"].tolist() == named.tolist()
