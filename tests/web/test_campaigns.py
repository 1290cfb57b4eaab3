"""The pages and the API of campaigns: planned, frozen, handed over, measured."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from coterie.workspace import Workspace
from tests.finished import TREE, a_campaign
from tests.web.visiting import SAME_SITE, notices, post

FORM = {
    "segmentation": TREE,
    "segment": "1",
    "name": "=Spring",
    "action": "Loyal",
    "start": "2025-05-01",
    "window_days": "30",
    "holdout": "30",
    "cooldown_days": "14",
    "capacity": "",
    "consent_confirmed": "yes",
}


@pytest.fixture
def made(shop: Workspace, visit: FlaskClient) -> Iterator[str]:
    """The address of a campaign that was just made."""
    answer = post(visit, "/campaigns/new", **FORM)
    assert answer.status_code == 303
    yield answer.location


def test_there_is_nothing_yet_and_a_segment_leads_to_a_plan(visit: FlaskClient) -> None:
    assert "No campaign yet" in notices(visit.get("/campaigns"))
    segment = visit.get(f"/segmentations/{TREE}/segments/1").get_data(as_text=True)
    assert f"/campaigns/new?segmentation={TREE}&amp;segment=1" in segment
    assert "Do nothing" in segment and "own history" in segment
    form = visit.get(f"/campaigns/new?segmentation={TREE}&segment=1").get_data(as_text=True)
    assert 'value="Loyal"' in form and 'id="holdout" name="holdout" type="text" value="10"' in form


def test_before_it_is_made_the_form_says_whom_it_reaches_and_what_it_can_show(visit: FlaskClient) -> None:
    address = f"/campaigns/new?segmentation={TREE}&segment=1&see=yes"
    refused = notices(visit.get(address))
    assert re.search(r"Nobody is left to treat: \d+ consent unknown", refused)
    told = notices(visit.get(f"{address}&consent_confirmed=yes&capacity=30"))
    left, treated, held, asked = (
        int(n) for n in re.findall(r"(?:over capacity|Treated|by chance|All of the segment) (\d+)", told)
    )
    assert left + treated + held == asked
    assert "can be detected" in told and "Or do nothing" in told


def test_the_audience_is_handed_over_as_two_harmless_lists(visit: FlaskClient, made: str) -> None:
    page = notices(visit.get(made))
    assert "nobody was written to" in page and "=Spring" in page
    lists = [
        visit.get(f"{made}/people/{name}.csv").get_data(as_text=True) for name in ("treated", "held-out")
    ]
    treated, held = ({line.split(",")[0] for line in text.splitlines()[1:]} for text in lists)
    assert treated and held and not treated & held
    assert f"{len(treated)} customers to treat" in page and f"{len(held)} customers to leave alone" in page
    assert visit.get(f"{made}/people/others.csv").status_code == 404


def test_ids_that_a_spreadsheet_would_run_are_made_harmless(shop: Workspace, visit: FlaskClient) -> None:
    from dataclasses import replace

    record = a_campaign("one", TREE)
    shop.campaigns.add(replace(record, audience=record.audience.replace('"00001"', '"=1+1"')))
    assert "'=1+1" in visit.get("/campaigns/one/people/treated.csv").get_data(as_text=True)


def test_a_campaign_is_measured_by_a_newer_dataset(visit: FlaskClient, made: str) -> None:
    assert post(visit, f"{made}/outcomes", dataset="store").status_code == 303
    told = notices(visit.get(made))
    assert "Effect on the share who ordered" in told and "Looked at day by day" in told
    assert "Evidence: own holdout" in told
    picture = visit.get(f"{made}/picture/lift.svg")
    assert picture.mimetype == "image/svg+xml" and b"<title" in picture.data
    assert visit.get(f"{made}/picture/result.json").status_code == 404
    assert "points (" in notices(visit.get("/campaigns"))


def test_a_campaign_is_measured_by_a_file_and_a_bad_file_is_told(visit: FlaskClient, made: str) -> None:
    def send(text: bytes, name: str = "outcomes.csv") -> Any:
        form = {"file": (io.BytesIO(text), name), "as_of": ""}
        return visit.post(f"{made}/outcomes", data=form, headers=SAME_SITE)

    assert "neither who converted" in notices(send(b"customer_id\n00001\n"))
    assert "No file was chosen" in notices(send(b"", name=""))
    assert send(b"customer_id,converted\n00001,1\n").status_code == 303
    assert "No spend is known" in notices(visit.get(made))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"start": "soon"}, "is no day"),
        ({"holdout": "150"}, "no share of people"),
        ({"holdout": "nan"}, "is no number"),
        ({"window_days": "9999999"}, "beyond the calendar"),
        ({"name": " "}, "The name has 1 to 100 letters"),
        ({"capacity": "2.5"}, "no whole number"),
    ],
)
def test_a_wrong_plan_is_the_form_again(visit: FlaskClient, changed: dict[str, str], told: str) -> None:
    answer = post(visit, "/campaigns/new", **{**FORM, **changed})
    assert answer.status_code == 400 and told in notices(answer)


def test_the_api_plans_and_measures(visit: FlaskClient) -> None:
    asked = {
        "segmentation_id": TREE,
        "segment_id": 1,
        "name": "Spring",
        "action": "Loyal",
        "start": "2025-05-01",
        "holdout": 0.3,
        "consent_confirmed": True,
    }
    answer = visit.post("/api/campaigns", json=asked, headers=SAME_SITE)
    assert answer.status_code == 201 and answer.json is not None
    made = answer.json
    assert len(made["treated"]) == made["facts"]["n_treated"]
    address = f"/api/campaigns/{made['id']}"
    measured = visit.post(f"{address}/outcomes", json={"dataset_id": "store"}, headers=SAME_SITE).json
    assert measured is not None and measured["state"] == "measured"
    shown = visit.get(address).json
    assert shown is not None and shown["held_out"] == made["held_out"]
    assert [one["id"] for one in visit.get("/api/campaigns").json or []] == [made["id"]]
    refused = visit.post("/api/campaigns", json={**asked, "segment_id": 99}, headers=SAME_SITE)
    assert refused.status_code == 422


def test_a_viewer_sees_campaigns_but_plans_none(workspace: Workspace, logged_in: Any) -> None:
    viewer = logged_in("viewer")
    assert viewer.get("/campaigns").status_code == 200
    assert viewer.get("/campaigns/new").status_code == 403


def test_the_customers_at_the_edge_can_be_saved(visit: FlaskClient, shop: Workspace) -> None:
    answer = visit.get(f"/segmentations/{TREE}/segments/1/edges.csv")
    assert answer.get_data(as_text=True).startswith("customer_id,segment_id,margin")
    path: Path = shop.segmentations.folder(TREE) / "edges.parquet"
    path.unlink()
    assert visit.get(f"/segmentations/{TREE}/segments/1/edges.csv").status_code == 404
    assert visit.get(f"/segmentations/{TREE}/segments/1").status_code == 200
