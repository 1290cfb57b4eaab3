"""Reports: what is finished, as files of the right kind and of no other name."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask.testing import FlaskClient

from coterie.segmentation import load_model
from tests.finished import TREE
from tests.web.visiting import notices

FOLDER = f"/reports/{TREE}"


def test_each_finished_segmentation_is_listed(reader: FlaskClient) -> None:
    text = notices(reader.get("/reports"))
    assert "The tree one" in text and "Report as PDF" in text and "The model itself" in text


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("report.pdf", "application/pdf"),
        ("customers.csv", "text/csv"),
        ("rejected.csv", "text/csv"),
        ("segments.sql", "text/plain"),
        ("summary.json", "application/json"),
        ("model.zip", "application/zip"),
    ],
)
def test_a_file_is_handed_on_by_its_name_and_kind(reader: FlaskClient, name: str, mimetype: str) -> None:
    answer = reader.get(f"{FOLDER}/{name}")
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    answer.close()


def test_the_report_is_read_here_and_may_do_nothing(reader: FlaskClient) -> None:
    answer = reader.get(f"{FOLDER}/report.html")
    policy = answer.headers["Content-Security-Policy"]
    assert "Content-Disposition" not in answer.headers or "inline" in answer.headers["Content-Disposition"]
    assert policy.endswith("sandbox") and "default-src 'none'" in policy and "script" not in policy
    answer.close()


@pytest.mark.parametrize(
    "name", ["page.json", "model", "..%2Fpage.json", "charts", "members.parquet", ".", "x%00"]
)
def test_no_other_name_is_found(reader: FlaskClient, name: str) -> None:
    assert reader.get(f"{FOLDER}/{name}").status_code == 404


def test_the_model_is_the_same_bytes_each_time_and_can_be_loaded(
    reader: FlaskClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    one, other = (reader.get(f"{FOLDER}/model.zip").data for _ in range(2))
    assert one == other
    folder = tmp_path_factory.mktemp("model")
    zipfile.ZipFile(io.BytesIO(one)).extractall(folder)
    assert load_model(folder / "model").specs
