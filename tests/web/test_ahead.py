"""What comes next stands on the pages and in the API, and where nothing can be said, the reason does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from flask.testing import FlaskClient

from coterie.workspace import EditRecord, Workspace
from coterie.workspace.foretelling import BEFORE, BESIDE_MEMBERS
from tests.finished import TREE
from tests.web.visiting import notices

NOBODY_BOUGHT = "Fewer than five of them have bought something, so nothing is told of what comes"
PAGES = ("/", f"/segmentations/{TREE}/segments/0", f"/segmentations/{TREE}/customers/00001")


def _file(shop: Workspace, name: str, of: str = TREE) -> Path:
    return shop.segmentations.folder(of) / name


def _rewrite(shop: Workspace, told: object) -> None:
    """In place of the file, which other tests share."""
    path = _file(shop, "outlook.json")
    path.unlink()
    path.write_text(json.dumps(told))


def test_a_segment_says_what_its_members_will_likely_do(reader: FlaskClient, ready: Workspace) -> None:
    text = notices(reader.get(f"/segmentations/{TREE}/segments/0"))
    own = next(one for one in ready.segmentations.outlook(TREE)["segments"] if one["segment_id"] == 0)
    assert f"the forecasts of {own['n_buyers']} buyers, added up" in text
    for words in (
        "Expected spend",
        "Money at risk",
        "Due next",
        "New to them",
        "Chance said",
        own["due"][0]["name"],
    ):
        assert words in text
    assert f"{own['expected_spend']:,.0f}" in text
    assert "Made as of" in text


def test_members_can_be_listed_by_what_comes_next(reader: FlaskClient, ready: Workspace) -> None:
    address = f"/segmentations/{TREE}/segments/0?column=expected_spend&column=risk_band&sort=-expected_spend"
    text = notices(reader.get(address))
    assert "Expected spend" in text
    rows = pd.read_parquet(_file(ready, "members.parquet"))
    best = rows[rows["segment_id"] == 0].sort_values("expected_spend").iloc[-1]
    shown = text[text.index("Members ") :]
    assert best["customer_id"] in shown
    assert f"{best['expected_spend']:,.0f}" in shown
    listed = reader.get(f"/api/segmentations/{TREE}/members?sort=p_active&columns=customer_id,p_active")
    assert listed.status_code == 200


def test_a_customer_has_a_chance_of_an_order_and_products(reader: FlaskClient, ready: Workspace) -> None:
    rows = pd.read_parquet(_file(ready, "discover.parquet"))
    customer_id, product = rows[["customer_id", "name"]].iloc[0]
    text = notices(reader.get(f"/segmentations/{TREE}/customers/{customer_id}"))
    for words in ("Chance of an order", "Expected orders", "risk of none", "New and likely", product):
        assert words in text


def test_home_says_what_all_will_spend_and_what_is_at_risk(reader: FlaskClient, ready: Workspace) -> None:
    whole = ready.segmentations.outlook(TREE)["whole"]
    text = notices(reader.get("/"))
    assert f"{whole['expected_spend']:,.0f}" in text
    assert f"{whole['money_at_risk']:,.0f}" in text


def test_a_segmentation_older_than_forecasts_says_so_on_every_page(
    shop: Workspace, visit: FlaskClient
) -> None:
    for name in ("outlook.json", "forecast.parquet", "due.parquet", "discover.parquet"):
        _file(shop, name).unlink()
    members = pd.read_parquet(_file(shop, "members.parquet")).drop(columns=list(BESIDE_MEMBERS))
    _file(shop, "members.parquet").unlink()
    members.to_parquet(_file(shop, "members.parquet"), index=False)
    for path in PAGES:
        answer = visit.get(path)
        assert answer.status_code == 200
        assert BEFORE in notices(answer)
    assert visit.get(f"/api/segmentations/{TREE}/outlook").get_json()["reason"] == BEFORE
    assert visit.get(f"/api/segmentations/{TREE}/members/00001").get_json()["forecast"] is None


def test_the_reason_stands_where_no_forecast_could_be_made(shop: Workspace, visit: FlaskClient) -> None:
    _rewrite(shop, {"reason": "A forecast needs 50 buyers of whom 20 bought again; there are 9 and 2"})
    for path in PAGES:
        assert "A forecast needs 50 buyers" in notices(visit.get(path))


def test_a_segment_of_a_few_buyers_is_not_told(shop: Workspace, visit: FlaskClient) -> None:
    told = shop.segmentations.outlook(TREE)
    _rewrite(shop, {**told, "segments": []})
    assert NOBODY_BOUGHT in notices(visit.get(PAGES[1]))


def test_a_group_of_a_few_people_is_not_counted_on_the_page(shop: Workspace, visit: FlaskClient) -> None:
    told = json.loads(json.dumps(shop.segmentations.outlook(TREE)))
    told["segments"][0]["risk_bands"] = {"high": None, "medium": 0, "low": 40}
    told["segments"][0] |= {"due": [], "discover": [], "n_potential": None}
    _rewrite(shop, told)
    text = notices(visit.get(PAGES[1].replace("/0", f"/{told['segments'][0]['segment_id']}")))
    assert "fewer than 5" in text
    assert "No products are told" in text


def test_a_new_name_stands_in_the_outlook_at_once(shop: Workspace) -> None:
    edit = {"kind": "rename", "segment_id": 0, "name": "Brand new"}
    shop.edits.append(EditRecord("one", TREE, datetime.now(UTC), "ann", edit=edit))
    told = {one["segment_id"]: one["name"] for one in shop.segmentations.outlook(TREE)["segments"]}
    assert told[0] == "Brand new"


def test_the_api_gives_the_outlook_and_the_forecast_of_one(reader: FlaskClient, ready: Workspace) -> None:
    told = reader.get(f"/api/segmentations/{TREE}/outlook").get_json()
    kept = json.loads(_file(ready, "outlook.json").read_text())
    assert told["whole"] == kept["whole"]
    assert [one["name"] for one in told["segments"]] == [one["name"] for one in kept["segments"]]
    member = reader.get(f"/api/segmentations/{TREE}/members/00001").get_json()
    row = pd.read_parquet(_file(ready, "forecast.parquet")).set_index("customer_id").loc["00001"]
    assert member["forecast"]["expected_orders"] == row["expected_orders"]
    assert len(member["forecast"]["discover"]) <= 5
    assert reader.get("/api/segmentations/none/outlook").status_code == 404
