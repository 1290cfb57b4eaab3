"""The page of a segment: its blocks in order, its members a page at a time, its notes, its export."""

from __future__ import annotations

import csv
import io
import json
import re

from flask.testing import FlaskClient

from coterie.workspace import Workspace
from tests.finished import QUICK, TREE
from tests.web.visiting import SAME_SITE, notices, post

PAGE = f"/segmentations/{QUICK}/segments/0"
BLOCKS = ("<h1", 'id="why"', 'id="rule"', 'id="history"', 'id="action"', 'id="members"', 'id="notes"')


def _page(browser: FlaskClient, query: str = "") -> str:
    answer = browser.get(PAGE + query)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def _ids(text: str) -> list[str]:
    """Those in the list of members; other blocks name customers too."""
    members = text[text.index('id="members"') :]
    return re.findall(r'<td class="id"><a href="[^"]+">([^<]+)</a>', members)


def test_the_blocks_stand_in_the_order_they_are_read(shop: Workspace, visit: FlaskClient) -> None:
    text = _page(visit)
    places = [text.index(block) for block in BLOCKS]
    assert places == sorted(places)
    segment, figures = (
        content(QUICK)["segments"][0] for content in (shop.segmentations.page, shop.segmentations.summary)
    )
    assert f"<h1>{segment['name']}</h1>" in text
    assert f"<dd>{figures['n_customers']}</dd>" in text
    assert "Draft" in text
    assert "In use" in visit.get(f"/segmentations/{TREE}/segments/0").get_data(as_text=True)
    assert "Or do nothing" in text
    assert "guides of the trade agree on it" in text


def test_it_is_compared_with_everyone_or_with_another_segment(shop: Workspace, visit: FlaskClient) -> None:
    other = shop.segmentations.page(QUICK)["segments"][1]["name"]
    assert "x the average" in _page(visit)
    compared = _page(visit, "?against=1")
    assert f"as in {other}" in compared
    assert "x the average</span>" not in compared


def test_the_rule_is_told_in_words_sql_python_and_json(shop: Workspace, visit: FlaskClient) -> None:
    rule = shop.segmentations.page(QUICK)["segments"][0]["rule"]
    assert rule["words"] in notices(visit.get(PAGE)).replace(rule["words"].capitalize(), rule["words"])
    for name in ("sql", "python", "json"):
        shown = re.search(r'<pre class="code"[^>]*><code>(.*?)</code>', _page(visit, f"?rule={name}"), re.S)
        assert shown is not None
        assert _plain(shown[1]) == rule[name]
    assert all(set(one) == {"feature", "op", "value"} for one in json.loads(rule["json"]))


def _plain(markup: str) -> str:
    from html import unescape

    return unescape(markup)


def test_the_revenue_of_all_months_is_the_spend_of_the_members(shop: Workspace) -> None:
    import pandas as pd

    members = pd.read_parquet(shop.segmentations.folder(QUICK) / "members.parquet")
    for segment in shop.segmentations.page(QUICK)["segments"]:
        spent = members.loc[members["segment_id"] == segment["id"], "monetary"].sum()
        assert abs(sum(revenue for _, revenue, *_ in segment["history"]) - spent) < 0.01 * len(members)


def test_members_are_searched_sorted_and_paged_by_the_address(shop: Workspace, visit: FlaskClient) -> None:
    n_members = shop.segmentations.summary(QUICK)["segments"][0]["n_customers"]
    first = _ids(_page(visit))
    assert first == sorted(first)
    assert len(first) == min(25, n_members)
    last = _page(visit, "?page=999")
    assert f"of {n_members} customers" in last
    found = _ids(_page(visit, f"?search={first[3]}"))
    assert found == [first[3]]
    assert "No customer here has" in _page(visit, "?search=nobody-like-this")
    richest = _page(visit, "?sort=-monetary&column=monetary")
    assert 'aria-sort="descending"' in richest
    cells = re.findall(r'<td class="n">([\d.,]+)</td>', richest[richest.index('id="members"') :])
    amounts = [float(cell.replace(",", "")) for cell in cells]
    assert amounts == sorted(amounts, reverse=True)
    assert _ids(_page(visit, "?sort=no_such_column&page=x&column=none")) == first


def test_htmx_gets_the_members_alone(shop: Workspace, visit: FlaskClient) -> None:
    asked = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "section#members"}
    part = visit.get(f"{PAGE}?sort=margin", headers=asked).get_data(as_text=True)
    assert "<html" not in part
    assert "".join(part.split()) in "".join(_page(visit, "?sort=margin").split())


def test_all_members_or_those_found_are_exported_without_formulas(
    shop: Workspace, visit: FlaskClient
) -> None:
    n_members = shop.segmentations.summary(QUICK)["segments"][0]["n_customers"]
    answer = visit.get(f"{PAGE}/members.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert len(rows) == n_members
    assert {row["segment_id"] for row in rows} == {"0"}
    one = rows[5]["customer_id"]
    found = visit.get(f"{PAGE}/members.csv?search={one}").get_data(as_text=True)
    assert [row["customer_id"] for row in csv.DictReader(io.StringIO(found))] == [one]


def test_a_note_says_who_wrote_it_and_can_be_taken_away(shop: Workspace, visit: FlaskClient) -> None:
    assert post(visit, f"{PAGE}/notes", text="Call them <b>first</b>").status_code == 303
    [note] = shop.notes.list(QUICK, 0)
    text = _page(visit)
    assert "Call them &lt;b&gt;first&lt;/b&gt;" in text
    assert f"{note.user_name}, " in text
    assert post(visit, f"/segmentations/{QUICK}/segments/1/notes/{note.id}/remove").status_code == 404
    assert post(visit, f"{PAGE}/notes/{note.id}/remove").status_code == 303
    assert shop.notes.list(QUICK, 0) == []
    assert visit.post(f"{PAGE}/notes", data={"text": "  "}, headers=SAME_SITE).status_code == 422


def test_what_does_not_exist_is_not_found(shop: Workspace, visit: FlaskClient) -> None:
    for path in (
        f"/segmentations/{QUICK}/segments/99",
        "/segmentations/none/segments/0",
        f"{PAGE}9/members.csv",
    ):
        answer = visit.get(path)
        assert answer.status_code == 404
        assert "There is no such segment" in notices(answer)
