"""Data: uploads, what they are taken for, corrections, the account of every row."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coterie.errors import InputError
from coterie.settings import Settings
from coterie.web import create_app
from coterie.workspace import DatasetRecord, Job, SegmentationRecord, Workspace, add_table, new_id
from coterie.workspace.steps import import_files
from coterie.workspace.uploads import told_files
from tests.servers import Server
from tests.web.visiting import SAME_SITE, notices, post

ORDERS = b"customer,day,total\n" + b"".join(
    b"c%d,2024-01-%02d,%d.50\n" % (i % 40, i % 28 + 1, i) for i in range(120)
)
STRANGE = ORDERS.replace(b"customer,day,total", b"who,day,total")
CUSTOMERS = b"id,age,town\n" + b"".join(b"c%d,%d,Rome\n" % (i, 20 + i) for i in range(40))


def upload(browser: FlaskClient, *files: tuple[str, bytes]) -> TestResponse:
    """Send files by the form."""
    sent = [(io.BytesIO(content), name) for name, content in files]
    return browser.post("/data", data={"files": sent}, headers=SAME_SITE)


def test_files_of_a_shop_are_taken_for_what_they_are(browser: FlaskClient, workspace: Workspace) -> None:
    sent = upload(browser, ("orders.csv", ORDERS), ("people.csv", CUSTOMERS))
    assert sent.status_code == 303
    page = browser.get(sent.location).get_data(as_text=True)
    assert "Everything needed is there." in page
    assert '<option value="transactions" selected>' in page
    assert '<option value="customers" selected>' in page
    assert "<option selected>total</option>" in page
    listed = notices(browser.get("/data"))
    assert "orders 2 files" in listed
    assert "Not read yet" in listed


def test_33_the_same_files_are_recognised(browser: FlaskClient, workspace: Workspace) -> None:
    first = upload(browser, ("orders.csv", ORDERS))
    again = upload(browser, ("copy.csv", ORDERS))
    assert again.location == first.location
    assert "These very files are here already." in notices(browser.get(again.location))
    assert len(workspace.datasets.list()) == 1


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "The file is empty (empty.csv)"),
        ("orders.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), "orders.csv"),
        ("head.csv", b"customer,day,total\n", "no rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence_and_not_kept(
    browser: FlaskClient, workspace: Workspace, name: str, content: bytes, sentence: str
) -> None:
    answer = upload(browser, (name, content))
    assert answer.status_code == 422
    assert sentence in notices(answer)
    assert workspace.datasets.list() == []


def test_nothing_chosen_and_too_many_files_are_said(browser: FlaskClient) -> None:
    assert "No file is chosen" in notices(upload(browser))
    assert "at most 20 at once" in notices(upload(browser, *((f"{i}.csv", b"a") for i in range(21))))


def test_37_more_than_the_limit_is_refused_on_the_same_page(workspace: Workspace, password_hash: str) -> None:
    small = Workspace(workspace.folder / "small", settings=Settings(max_upload_bytes=1_000))
    try:
        answer = upload(create_app(small, login=False).test_client(), ("big.csv", bytes(5_000)))
    finally:
        small.close()
    assert answer.status_code == 413
    assert "larger than this server takes" in notices(answer)
    assert "<h1>Data</h1>" in answer.get_data(as_text=True)


def test_36_hostile_names_are_only_shown(browser: FlaskClient, workspace: Workspace) -> None:
    names = ("../../etc/passwd", "<b>{{7*7}}</b>.csv", "CON.csv", "%2e%2e%2fx.csv", "x" * 4_000)
    files = [(name, ORDERS.replace(b"c1,", b"k%d," % i)) for i, name in enumerate(names)]
    page = browser.get(upload(browser, *files).location).get_data(as_text=True)
    assert "<b>" not in page
    assert "{{7*7}}" in page
    [folder] = (workspace.folder / "uploads").iterdir()
    assert sorted(path.stem for path in folder.iterdir()) == ["1", "2", "3", "4", "5"]


def test_a_column_nobody_would_guess_is_named_by_hand(browser: FlaskClient, workspace: Workspace) -> None:
    address = upload(browser, ("orders.csv", STRANGE)).location
    page = notices(browser.get(address))
    assert "No column identifies the customer: each row is taken for one." in page
    asked = post(browser, address, **{"role-0": "transactions", "correcting": "yes"})
    assert "No column was recognised as the customer" in notices(browser.get(asked.location))
    refused = post(browser, address, correcting="yes", action="segment")
    assert refused.status_code == 422
    corrected = post(browser, address, **{"customer_id-0": "who", "correcting": "yes", "action": "look"})
    assert "Everything needed is there." in notices(browser.get(corrected.location))
    [record] = workspace.datasets.list()
    assert record.options == {
        "roles": {"orders.csv": "transactions"},
        "mappings": {"orders.csv": {"customer_id": "who"}},
    }


def test_a_table_without_a_header_is_named_column_by_column(browser: FlaskClient) -> None:
    address = upload(browser, ("bare.csv", ORDERS.partition(b"\n")[2])).location
    assert "no header line" in notices(browser.get(address))
    names = {"customer_id-0": "#1", "at-0": "#2", "amount-0": "#3"}
    corrected = post(browser, address, correcting="yes", action="look", **names)
    assert "Everything needed is there." in notices(browser.get(corrected.location))


def test_another_role_brings_other_columns_and_a_file_may_be_left_out(browser: FlaskClient) -> None:
    address = upload(browser, ("orders.csv", ORDERS), ("people.csv", CUSTOMERS)).location
    changed = post(browser, address, **{"role-1": "feedback", "correcting": "yes"})
    page = browser.get(changed.location).get_data(as_text=True)
    assert 'name="rating-1"' in page
    post(browser, address, **{"role-1": "-", "correcting": "yes"})
    assert "Everything needed is there." in notices(browser.get(address))


def test_a_file_that_cannot_be_read_is_left_out_beside_one_that_can(browser: FlaskClient) -> None:
    page = notices(browser.get(upload(browser, ("orders.csv", ORDERS), ("x.csv", b"PK\x03\x04")).location))
    assert "Left out" in page
    assert "Everything needed is there." in page


def test_what_cannot_be_chosen_is_refused_and_the_page_comes_again(browser: FlaskClient) -> None:
    address = upload(browser, ("orders.csv", ORDERS)).location
    for wrong in ({"date_order": "dym"}, {"role-0": "king"}, {"product-0": "nothing like it"}):
        answer = post(browser, address, correcting="yes", **wrong)
        assert answer.status_code == 400
        assert "is not among the choices" in notices(answer)
    twice = post(browser, address, correcting="yes", **{"product-0": "total", "category-0": "total"})
    assert "chosen for two things" in notices(twice)


def test_dates_that_can_be_read_in_two_orders_are_asked_about(browser: FlaskClient) -> None:
    content = b"customer,day,total\n" + b"".join(
        b"c%d,0%d/0%d/2024,5\n" % (i, i % 9 + 1, i % 7 + 2) for i in range(60)
    )
    address = upload(browser, ("orders.csv", content)).location
    assert "with the day or with the month first" in notices(browser.get(address))
    post(browser, address, correcting="yes", date_order="dmy")
    assert "read as day/month/year" in notices(browser.get(address))


def imported(workspace: Workspace, dataset_id: str) -> DatasetRecord:
    """Do in this process what the import does in a child."""
    record = workspace.datasets.load(dataset_id)
    folder = workspace.datasets.folder(dataset_id)
    import_files(
        told_files(workspace, record),
        record.options,
        settings=asdict(workspace.settings),
        describe=True,
        target=str(folder),
        progress=lambda _sentence, _share: None,
    )
    report, quality = (json.loads((folder / f"{name}.json").read_text()) for name in ("report", "quality"))
    return workspace.datasets.save(
        DatasetRecord(
            **{**vars(record), "report": report, "quality": quality, "n_customers": 40, "state": "ready"}
        )
    )


def test_the_account_of_an_import_adds_up_and_its_rejects_can_be_saved(
    browser: FlaskClient, workspace: Workspace
) -> None:
    content = ORDERS + b",2024-01-03,7\nc3,yesterday,7\nc4,2024-01-03,=2+3\n" + b"c9,2024-01-05,3\n" * 2
    address = upload(browser, ("orders.csv", content), ("people.csv", CUSTOMERS)).location
    dataset_id = address.rpartition("/")[2]
    assert browser.get(f"{address}/rejected.csv").status_code == 404
    imported(workspace, dataset_id)
    page = notices(browser.get(address))
    assert "Read 165 = Accepted 162 + Rejected 3" in page
    assert "No customer id 1 33%" in page
    assert "Lines that equal an earlier line in every cell, of which the first stays: 1" in page
    assert "Age Number 0 40 20 59" in page
    saved = browser.get(f"{address}/rejected.csv")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    lines = saved.get_data(as_text=True).splitlines()
    assert lines[0] == "source,line,column,reason,value"
    assert len(lines) == 4
    assert any(line.endswith("'=2+3") for line in lines)


def test_32_corrections_are_remembered_for_the_next_file_of_that_kind(
    browser: FlaskClient, workspace: Workspace
) -> None:
    address = upload(browser, ("january.csv", STRANGE)).location
    post(browser, address, **{"role-0": "transactions", "correcting": "yes"})
    post(browser, address, **{"customer_id-0": "who", "correcting": "yes"})
    imported(workspace, address.rpartition("/")[2])
    following = upload(browser, ("february.csv", STRANGE.replace(b"2024-01", b"2024-02"))).location
    assert "Everything needed is there." in notices(browser.get(following))
    assert '<option value="transactions" selected>' in browser.get(following).get_data(as_text=True)
    other = upload(browser, ("march.csv", STRANGE.replace(b"who", b"whom"))).location
    assert "No column identifies the customer" in notices(browser.get(other))


def test_a_dataset_goes_after_a_question_unless_something_was_made_from_it(
    browser: FlaskClient, workspace: Workspace
) -> None:
    address = upload(browser, ("orders.csv", ORDERS)).location
    dataset_id = address.rpartition("/")[2]
    assert "Remove orders?" in notices(browser.get(f"{address}/remove"))
    made = SegmentationRecord(new_id(), "Spring", dataset_id, datetime.now(UTC))
    workspace.segmentations.add(made)
    kept = post(browser, f"{address}/remove")
    assert kept.status_code == 409
    assert "Spring" in notices(kept)
    workspace.segmentations.remove(made.id)
    assert post(browser, f"{address}/remove").status_code == 303
    assert workspace.datasets.list() == []
    assert list((workspace.folder / "uploads").iterdir()) == []


def test_a_failed_import_is_said_where_it_can_be_corrected(
    browser: FlaskClient, workspace: Workspace
) -> None:
    address = upload(browser, ("orders.csv", ORDERS)).location
    failure = {"kind": "SchemaError", "what": "The dates can be read in two ways", "where": "", "to_do": "x"}
    workspace.jobs.add(
        Job(
            "j",
            "import",
            address.rpartition("/")[2],
            datetime.now(UTC),
            state="failed",
            step="import",
            failure=failure,
        )
    )
    assert "The dates can be read in two ways. Correct below" in notices(browser.get(address))
    assert f'href="{address}">Correct how the files are read' in browser.get("/jobs/j").get_data(as_text=True)


def test_39_databases_are_off_and_say_how_they_are_switched_on(browser: FlaskClient) -> None:
    assert "allow_database_sources" in notices(browser.get("/data"))
    answer = post(
        browser, "/data/connect", host="localhost:5432", base="b", user="u", table="t", password="p"
    )
    assert answer.status_code == 422
    assert "may not be read from here" in notices(answer)


@pytest.fixture
def shop(postgresql: Server) -> Iterator[tuple[str, str]]:
    """Host with port and name of a database with a table of orders."""
    address = postgresql.new_database()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (customer text, day date, total numeric)")
        connection.execute(
            "INSERT INTO orders SELECT 'c' || i % 40, DATE '2024-01-01' + i % 28, i"
            " FROM generate_series(1, 90) i"
        )
    host, _, base = address.partition("@")[2].partition("/")
    yield host, base


def test_39_a_table_of_a_named_host_is_taken_in_as_it_stands_now(
    workspace: Workspace, shop: tuple[str, str]
) -> None:
    host, base = shop
    opened = Workspace(workspace.folder / "connected", settings=Settings(allow_database_sources=host))
    browser = create_app(opened, login=False).test_client()
    asked = {"host": host, "base": base, "user": "reader", "table": "orders"}
    wrong = post(browser, "/data/connect", **asked, password="planted-wrong")
    assert wrong.status_code == 422
    page = wrong.get_data(as_text=True)
    assert 'value="reader"' in page
    assert "planted-wrong" not in page
    for odd in ({"host": "127.0.0.1:1"}, {"host": f"{host}/x?host=/tmp"}, {"table": ""}, {"host": "sqlite"}):
        assert post(browser, "/data/connect", **{**asked, **odd}, password="x").status_code == 422
    sent = post(browser, "/data/connect", **asked, password="planted-secret")
    assert sent.status_code == 303
    assert "Everything needed is there." in notices(browser.get(sent.location))
    everything = b"".join(path.read_bytes() for path in opened.folder.rglob("*") if path.is_file())
    assert b"planted-secret" not in everything
    opened.close()


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:////etc/passwd",
        "mysql://db.example:5432/x?local_infile=1",
        "postgresql://u:p@evil.example/x?table=t",
        "postgresql://u:p@db.example:5433/x",
        "postgresql://[::1/x",
        "/etc/passwd",
    ],
)
def test_39_only_the_hosts_of_the_setting_are_reached(workspace: Workspace, address: str) -> None:
    named = Workspace(workspace.folder / "named", settings=Settings(allow_database_sources="db.example"))
    with pytest.raises(InputError, match="may not be read from here"):
        add_table(named, address, name="t")
    named.close()
