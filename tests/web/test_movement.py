"""Movement: the days of the address, sentences that lead to their customers, pictures, lists as CSV."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from coterie.workspace import Workspace
from coterie.workspace.journeys import usual_period
from tests.finished import QUICK, TREE

PAGE = f"/segmentations/{QUICK}/movement"
API = f"/api/segmentations/{QUICK}"


@pytest.fixture(scope="module")
def told(reader: FlaskClient) -> dict[str, object]:
    """What the API tells of the usual period."""
    answer = reader.get(f"{API}/movement")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.get_json())


def _text(browser: FlaskClient, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return unescape(answer.get_data(as_text=True))


def test_each_sentence_leads_to_as_many_customers_as_it_says(
    reader: FlaskClient, told: dict[str, Any]
) -> None:
    html = _text(reader, PAGE)
    for change in told["changes"]:
        found = re.search(rf'<a href="([^"]+)#who">{re.escape(str(change["sentence"]))}', html)
        assert found, change["sentence"]
        listed = _text(reader, found[1])
        said = f"{change['n_customers']:,} customer" + ("s" if change["n_customers"] != 1 else "")
        assert re.search(rf'id="who-title">{said}<', listed)
        assert listed.count("/customers/") == min(change["n_customers"], 25)
        export = re.search(r'href="([^"]+movement\.csv[^"]*cause=[^"]*)"', listed)
        assert export
        assert len(list(csv.reader(StringIO(_text(reader, export[1]))))) == 1 + change["n_customers"]


def test_new_and_lost_customers_are_nodes_of_their_own(
    reader: FlaskClient, told: dict[str, dict[str, str]]
) -> None:
    assert told["names"]["-2"] == "New customers"
    assert "New customers" in _text(reader, PAGE)


def test_the_days_of_the_address_are_those_shown(reader: FlaskClient, ready: Workspace) -> None:
    period = usual_period(ready, QUICK)
    html = _text(reader, f"{PAGE}?start={period.first}&end={period.start}")
    assert f'value="{period.first}"' in html
    assert f'value="{period.start}"' in html


@pytest.mark.parametrize(
    "typed", ["start=yesterday", "start=2031-01-01", "end=1999-01-01", "start=2025-02-30"]
)
def test_days_that_cannot_be_are_told_and_kept(reader: FlaskClient, typed: str) -> None:
    html = _text(reader, f"{PAGE}?{typed}", 400)
    assert f'value="{typed.partition("=")[2]}"' in html
    assert 'role="alert"' in html
    assert "segment_flows" not in html


def test_money_is_counted_when_it_is_asked_for(
    reader: FlaskClient, told: dict[str, list[list[float]]]
) -> None:
    html = _text(reader, f"{PAGE}?of=money")
    assert "Where their money went" in html
    assert sum(map(sum, told["money"])) > sum(map(sum, told["people"]))
    assert "of=money" in re.search(r'src="([^"]+segment_flows\.svg[^"]*)"', html)[1]  # type: ignore[index]


@pytest.mark.parametrize("name", ["segment_flows", "migration_heatmap"])
def test_pictures_come_as_files(reader: FlaskClient, name: str) -> None:
    assert _text(reader, f"{PAGE}/{name}.svg").startswith("<svg")
    assert "data" in reader.get(f"{PAGE}/{name}.json").get_json()
    assert reader.get(f"{PAGE}/{name}.png").data.startswith(b"\x89PNG")
    assert _text(reader, f"{PAGE}/{name}.csv").startswith("from,to,")
    assert reader.get(f"{PAGE}/{name}.exe").status_code == 404


def test_who_entered_and_left_comes_as_csv(reader: FlaskClient) -> None:
    rows = list(csv.DictReader(StringIO(_text(reader, f"{PAGE}.csv?segment=0"))))
    assert rows
    assert {row["segment_id"] for row in rows} == {"0"}
    assert {row["event"] for row in rows} <= {"entered", "left"}
    assert reader.get(f"{PAGE}.csv?segment=77").status_code == 404
    assert reader.get(f"{PAGE}?from=77").status_code == 400


def test_the_block_of_a_segment_says_what_came_and_left(reader: FlaskClient, told: dict[str, Any]) -> None:
    html = _text(reader, f"/segmentations/{QUICK}/segments/0/movement")
    at = told["columns"].index(0)
    came = sum(row[at] for node, row in zip(told["rows"], told["people"], strict=True) if node != 0)
    assert re.search(rf"<dt>Came</dt><dd>{came}</dd>", html)
    assert reader.get(f"/segmentations/{QUICK}/segments/77/movement").status_code == 404


def test_segment_and_customer_lead_there(reader: FlaskClient, told: dict[str, object]) -> None:
    assert f'hx-get="/segmentations/{QUICK}/segments/0/movement"' in _text(
        reader, f"/segmentations/{QUICK}/segments/0"
    )
    assert f'href="{PAGE}"' in _text(reader, f"/segmentations/{QUICK}")
    customer = _text(reader, f"/segmentations/{QUICK}/customers/00001")
    assert re.search(r"In the same segment since|New since|Before, on", customer)


def test_two_runs_are_parted_into_people_and_ruler(shop: Workspace, visit: FlaskClient) -> None:
    shop.segmentations.save(replace(shop.segmentations.load(QUICK), parent_id=TREE))
    assert "compare with The tree one" in _text(visit, PAGE)
    html = _text(visit, f"{PAGE}?against={TREE}")
    assert "moved because the ruler did" in html
    assert visit.get(f"{PAGE}?against=none").status_code == 404


def test_drift_is_told_when_it_is_asked_for(reader: FlaskClient) -> None:
    assert "Hold the newest customers against" in _text(reader, PAGE)
    assert "The model still fits; no refit is needed." in _text(reader, f"{PAGE}?data=store")
    told = reader.get(f"{API}/drift").get_json()
    assert told["refit_proposed"] is False
    assert all(set(one) == {"name", "psi", "threshold", "noticed", "sentence"} for one in told["features"])


def test_without_dated_orders_one_sentence_says_why(shop: Workspace, visit: FlaskClient) -> None:
    folder: Path = shop.segmentations.folder(QUICK) / "archive" / "features" / "dataset"
    (folder / "transactions.parquet").unlink()
    html = _text(visit, PAGE)
    assert "Without dated orders nobody can be followed over time." in html
    assert '<h2 id="changes-title">' not in html
    assert visit.get(f"{API}/movement").status_code == 422
    shutil.rmtree(folder)
    assert visit.get(f"/segmentations/{QUICK}/segments/0/movement").status_code == 200


def test_the_api_refuses_days_that_cannot_be(reader: FlaskClient) -> None:
    assert reader.get(f"{API}/movement?start=2031-01-01").status_code == 400
    assert reader.get(f"{API}/movement?start=soon").status_code in (400, 422)
    assert reader.get("/api/segmentations/none/movement").status_code == 404
