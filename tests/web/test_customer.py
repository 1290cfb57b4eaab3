"""The page of a customer, whatever the id is made of."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from flask.testing import FlaskClient

from coterie.web.belonging import customer_url
from coterie.workspace import MemberRequest, Workspace, list_members
from tests.finished import QUICK
from tests.web.visiting import notices

STRANGE = (
    "a/b",
    "/begins/and/ends/",
    "a//b",
    "..",
    "../segments/0",
    "Zoë Ñandú 李",
    "50% off? #1 & more+",
    "x" * 200,
    "=cmd()",
    "<b>bold</b>",
)


def _address(visit: FlaskClient, customer_id: str) -> str:
    with visit.application.test_request_context():
        return customer_url(QUICK, customer_id)


def test_everything_known_of_a_customer_stands_on_one_page(shop: Workspace, visit: FlaskClient) -> None:
    found = list_members(shop, QUICK, request=MemberRequest(sort="n_orders", descending=True, n_rows=1))
    member = dict(zip(found.columns, found.rows[0], strict=True))
    answer = visit.get(_address(visit, member["customer_id"]))
    text = notices(answer)
    assert f"Customer {member['customer_id']}" in text
    assert member["segment_name"] in text
    for part in ("Why here", "Everything known", "Orders", "Visits and events", "Reviews"):
        assert part in text
    assert "of the way from the border to the centre" in text
    older = visit.get(_address(visit, member["customer_id"]) + "?transactions=2")
    assert "Page 2 of" in notices(older)


def test_orders_stand_newest_first(shop: Workspace, visit: FlaskClient) -> None:
    path = shop.segmentations.folder(QUICK) / "archive" / "features" / "dataset" / "transactions.parquet"
    lines = pd.read_parquet(path)
    own = lines[lines["customer_id"] == lines["customer_id"].iloc[0]]
    text = notices(visit.get(_address(visit, str(own["customer_id"].iloc[0]))))
    newest, oldest = (f"{at.day} {at:%b %Y}" for at in (own["at"].max(), own["at"].min()))
    shown = text[text.index("Orders ") :]
    assert shown.index(newest) <= (shown.index(oldest) if oldest in shown else len(shown))


@pytest.mark.parametrize("customer_id", STRANGE)
def test_any_id_has_a_page(shop: Workspace, visit: FlaskClient, customer_id: str) -> None:
    _rename_first(shop.segmentations.folder(QUICK) / "members.parquet", customer_id)
    answer = visit.get(_address(visit, customer_id))
    assert answer.status_code == 200
    assert "Why here" in notices(answer)
    listed = visit.get(f"/segmentations/{QUICK}/segments/{_segment(shop, customer_id)}?sort=-customer_id")
    assert listed.status_code == 200


def _rename_first(path: Path, customer_id: str) -> None:
    members = pd.read_parquet(path)
    members.loc[0, "customer_id"] = customer_id
    path.unlink()
    members.to_parquet(path, index=False)


def _segment(shop: Workspace, customer_id: str) -> int:
    found = list_members(shop, QUICK, request=MemberRequest(search=customer_id))
    return max(0, int(found.rows[0][1]))


def test_a_customer_nobody_knows_is_not_found(shop: Workspace, visit: FlaskClient) -> None:
    for path in (f"/segmentations/{QUICK}/customers/nobody", f"/segmentations/{QUICK}/customers?id="):
        answer = visit.get(path)
        assert answer.status_code == 404
        assert "There is no such customer in this segmentation" in notices(answer)
