"""Who moved: worked out once and kept, by the segments as they are called and changed now."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from coterie.errors import InputError, ParameterError
from coterie.workspace import EditRecord, Workspace
from coterie.workspace.journeys import (
    compare_runs,
    draw_journey,
    export_events,
    export_moved,
    find_drift,
    find_movement,
    known_movement,
    list_moved,
    usual_period,
)
from tests.finished import QUICK, TREE, add_finished


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, finished: dict[str, Path]) -> Iterator[Workspace]:
    opened = Workspace(tmp_path_factory.mktemp("journeys"))
    add_finished(opened, finished)
    shutil.copytree(finished[QUICK].parent / "dataset", opened.datasets.folder("store"))
    yield opened
    opened.close()


def test_the_usual_period_is_the_last_thirty_days(shop: Workspace) -> None:
    period = usual_period(shop, QUICK)
    assert period.end == period.last
    assert period.end - period.start == timedelta(days=30)
    for start, end in ((period.end, period.end), (period.first - timedelta(days=1), None)):
        with pytest.raises(ParameterError, match="is no period of these data"):
            period.between(start, end)
    day = period.last - timedelta(days=100)
    assert period.between(None, day).start == day - timedelta(days=30)


def test_everybody_is_where_the_segmentation_has_them_at_its_end(shop: Workspace) -> None:
    period = usual_period(shop, QUICK)
    told = find_movement(shop, QUICK, period=period)
    members = pd.read_parquet(shop.segmentations.folder(QUICK) / "members.parquet")
    moved = pd.read_parquet(told.folder / "customers.parquet")
    assert moved.set_index("customer_id").segment_id.equals(members.set_index("customer_id").segment_id)
    assert sum(map(sum, told.told["people"])) == told.told["n_customers"] == len(members)
    known = known_movement(shop, QUICK, period=period)
    assert known is not None
    assert known.told == told.told
    assert known_movement(shop, QUICK, period=replace(period, start=period.start - timedelta(days=1))) is None


def test_each_sentence_leads_to_exactly_its_customers(shop: Workspace) -> None:
    journey = find_movement(shop, QUICK, period=usual_period(shop, QUICK))
    assert journey.told["changes"]
    for change in journey.told["changes"]:
        where = {"previous_segment_id": change["from"], "segment_id": change["to"], "cause": change["cause"]}
        assert list_moved(shop, journey, where=where, page=1, n_rows=5).n_found == change["n_customers"]
        rows = pd.read_csv(StringIO("".join(export_moved(shop, journey, where=where))))
        assert len(rows) == change["n_customers"]


def test_who_entered_and_left_a_segment_adds_up_to_its_growth(shop: Workspace) -> None:
    journey = find_movement(shop, QUICK, period=usual_period(shop, QUICK))
    told = journey.told
    for segment_id in (0, 1, 2):
        events = pd.read_csv(StringIO("".join(export_events(shop, journey, segment_id=segment_id))))
        before = sum(told["people"][told["rows"].index(segment_id)])
        after = sum(row[told["columns"].index(segment_id)] for row in told["people"])
        entered, left = ((events.event == event).sum() for event in ("entered", "left"))
        assert entered - left == after - before


def test_pictures_are_drawn_of_people_and_of_money(shop: Workspace) -> None:
    journey = find_movement(shop, QUICK, period=usual_period(shop, QUICK))
    for of in ("people", "money"):
        folder = draw_journey(shop, journey, of=of)
        drawn = {path.name for path in folder.iterdir()}
        assert {
            f"{one['name']}.{kind}" for one in journey.words[of] for kind in ("svg", "png", "csv", "json")
        } == drawn


def test_another_run_is_parted_into_people_and_model(shop: Workspace) -> None:
    journey = compare_runs(shop, QUICK, earlier_id=TREE)
    flows = journey.told["causes"]
    assert flows
    assert all(flow["n_customers"] == flow["n_people_changed"] + flow["n_ruler_moved"] for flow in flows)
    assert {flow["cause"] for flow in flows} == {"refit"}


def test_a_segment_has_the_name_it_has_now(shop: Workspace) -> None:
    edit = {"kind": "rename", "segment_id": 0, "name": "Our best"}
    shop.edits.append(EditRecord("named", QUICK, datetime.now(UTC), "ann", edit=edit))
    journey = find_movement(shop, QUICK, period=usual_period(shop, QUICK))
    assert journey.told["names"]["0"] == "Our best"
    shop.edits.undo("named")


def test_a_model_fits_the_customers_it_was_made_from(shop: Workspace) -> None:
    told = find_drift(shop, QUICK)
    assert told["proposal"] == "The model still fits; no refit is needed."
    assert told["n_now"] == told["n_then"]
    assert told == find_drift(shop, QUICK, dataset_id="store")


def test_without_dated_orders_it_is_said_why_nobody_moves(shop: Workspace, finished: dict[str, Path]) -> None:
    shop.segmentations.add(replace(shop.segmentations.load(QUICK), id="undated"))
    folder = shop.segmentations.folder("undated")
    shutil.copytree(finished[QUICK], folder)
    (folder / "archive" / "features" / "dataset" / "transactions.parquet").unlink()
    with pytest.raises(InputError, match="Without dated orders"):
        usual_period(shop, "undated")
