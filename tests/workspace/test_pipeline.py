"""Jobs go from an upload to a finished segmentation, whatever happens to the server meanwhile."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import coterie
from coterie.delivery import summarise
from coterie.knowledge import profile_segments
from coterie.sources import write_sample_store
from coterie.workspace import MemberRequest, Pipeline, Workspace, add_upload, list_members, load_member
from coterie.workspace.pipeline import SHARES
from tests.servers import Server
from tests.workspace.conftest import a_dataset, a_segmentation
from tests.workspace.server import children_of, start_server

PATIENCE_S = 300.0


def _when(condition: Callable[[], object], *, within_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.1)


def test_54_a_job_whose_server_is_killed_in_each_step_goes_on_at_its_step_and_ends_whole(
    ws: Workspace, tmp_path: Path
) -> None:
    """One test, as the run is dear: many would each make it in a worker of its own."""
    files = write_sample_store(tmp_path / "files", n_customers=200)
    old = a_segmentation(ws, a_dataset(ws, "old"), "old")
    ws.segmentations.save_current(old.id, instead_of=None)
    dataset = _uploaded(ws, files["orders"].read_bytes(), name="orders of 2025.csv")
    made = a_segmentation(ws, ws.datasets.load(dataset), method="kmeans", n_segments=3)

    finished: dict[str, int] = {}
    for step in SHARES["segmentation"]:
        _kill_in(step, ws, made.id)
        now = {entry.name: entry.stat().st_ino for entry in ws.work.glob("*/[a-z]*")}
        assert {name: now[name] for name in finished} == finished, "a step that was done is done again"
        finished = now
        assert ws.segmentations.load_current() == old
    assert start_server(ws, f"segmentation:{made.id}").wait(PATIENCE_S) == 0

    [job] = ws.jobs.list_of(made.id)
    assert (job.state, job.step, job.share, job.failure) == ("done", "report", 1.0, None)
    assert ws.segmentations.load_current() == old
    _assert_nothing_is_left(ws)
    _assert_imported(ws, dataset)
    _assert_whole(ws, made.id)
    _assert_paged(ws, made.id)
    _assert_like_the_library(ws, made.id, orders=files["orders"])


def _kill_in(step: str, ws: Workspace, segmentation_id: str) -> None:
    server = start_server(ws, f"segmentation:{segmentation_id}")
    _when(lambda: any(job.step == step for job in ws.jobs.list_active()) and children_of(ws))
    server.kill()
    server.wait()
    _when(lambda: not children_of(ws), within_s=2.0)


def _assert_nothing_is_left(ws: Workspace) -> None:
    for folder, pattern in ((ws.folder, "**/.*"), (ws.work, "*"), (ws.tmp, "*")):
        assert list(folder.glob(pattern)) == []


def _assert_imported(ws: Workspace, dataset_id: str) -> None:
    record = ws.datasets.load(dataset_id)
    assert (record.state, record.n_customers) == ("ready", 200)
    assert record.report is not None
    assert [one["source"] for one in record.report["files"]] == ["orders of 2025.csv"]
    assert record.report["rows_read"] == record.report["rows_accepted"] + record.report["rows_rejected"] > 0
    assert record.quality is not None


def _assert_whole(ws: Workspace, segmentation_id: str) -> None:
    made = ws.segmentations.load(segmentation_id)
    assert (made.state, made.method, made.n_segments, made.n_customers) == ("ready", "kmeans", 3, 200)
    assert made.headline == ws.segmentations.page(made.id)["headline"] != ""
    folder = ws.segmentations.folder(made.id)
    parts = {"archive", "charts", "members.parquet", "page.json", "result", "outlook.json"}
    parts |= {"forecast.parquet", "due.parquet", "discover.parquet", "advice.json", "edges.parquet"}
    assert {entry.name for entry in folder.iterdir()} == parts
    pictures = {path.stem for path in (folder / "result" / "charts").glob("*.svg")}
    drawings = {path.stem for path in (folder / "charts").glob("*.json")}
    assert drawings - pictures == {"cluster_map_3d", "words"}
    assert set(json.loads((folder / "charts" / "pca_map.json").read_text())) == {"data", "layout"}


def _assert_paged(ws: Workspace, segmentation_id: str) -> None:
    request = MemberRequest(sort="monetary", descending=True, columns=["customer_id", "monetary", "map_x"])
    found = list_members(ws, segmentation_id, request=request)
    assert (found.n_members, found.n_pages) == (200, 4)
    best = load_member(ws, segmentation_id, customer_id=found.rows[0][0])
    assert best["monetary"] == found.rows[0][1]


def _assert_like_the_library(ws: Workspace, segmentation_id: str, *, orders: Path) -> None:
    result = coterie.segment(orders, method="kmeans", n_segments=3)
    assert ws.segmentations.summary(segmentation_id) == summarise(result, profile_segments(result))


def _uploaded(ws: Workspace, content: bytes, name: str = "orders.csv") -> str:
    return add_upload(ws, [(name, io.BytesIO(content))]).id


def _orders(n: int) -> bytes:
    rows = "".join(f"c{i % 97},2024-01-{i % 28 + 1:02d},{i % 50}.5\n" for i in range(n))
    return f"customer_id,at,amount\n{rows}".encode()


def test_63_a_cancelled_job_ends_within_two_seconds_and_leaves_nothing(ws: Workspace) -> None:
    dataset = _uploaded(ws, _orders(300_000))
    server = start_server(ws, f"import:{dataset}")
    try:
        _when(lambda: children_of(ws))
        [job] = ws.jobs.list_of(dataset)
        started = time.monotonic()
        cancelled = Pipeline(ws).cancel(job.id)
        _when(lambda: not children_of(ws), within_s=2.0)
        assert time.monotonic() - started < 2.0
        assert cancelled.state == "cancelled"
        assert server.wait(PATIENCE_S) == 0
    finally:
        server.kill()
    assert ws.jobs.load(job.id).state == "cancelled"
    assert ws.datasets.load(dataset).state == "uploaded"
    _assert_nothing_is_left(ws)
    assert not ws.datasets.folder(dataset).exists()


def test_a_file_nobody_can_read_is_a_failed_job_with_a_sentence(ws: Workspace) -> None:
    bad = _uploaded(ws, b"customer_id,at,amount\nann,red,blue\n", name="secret orders.csv")
    of = a_segmentation(ws, ws.datasets.load(bad))
    server = start_server(ws, f"import:{bad}", f"segmentation:{of.id}")
    assert server.wait(PATIENCE_S) == 0
    for target in (bad, of.id):
        [job] = ws.jobs.list_of(target)
        assert job.state == "failed"
        assert job.failure is not None
        assert job.failure["where"].startswith("secret orders.csv")
        assert job.failure["what"]
        assert job.failure["to_do"]
        assert "ann" not in json.dumps(dict(job.failure))
    assert ws.datasets.load(bad).state == "failed"
    assert ws.segmentations.load(of.id).state == "failed"


def test_63_an_import_submitted_twice_is_one_run_which_the_next_server_ends_in_postgresql_too(
    postgresql: Server, tmp_path: Path
) -> None:
    ws = Workspace(tmp_path, database_url=postgresql.new_database())
    dataset = _uploaded(ws, _orders(60_000))
    code = f"""
import time
from coterie.workspace import Pipeline, Workspace
ws = Workspace({str(ws.folder)!r}, database_url={ws.database_url!r})
with Pipeline(ws) as pipeline:
    job = pipeline.submit_import({dataset!r})
    while ws.jobs.load(job.id).state != "running":
        time.sleep(0.1)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE_S)
    [job] = ws.jobs.list_of(dataset)
    assert (job.state, children_of(ws)) == ("running", [])
    assert start_server(ws, f"import:{dataset}").wait(PATIENCE_S) == 0  # it submits each job twice at once
    [job] = ws.jobs.list_of(dataset)
    assert job.state == "done"
    assert ws.datasets.load(dataset).state == "ready"
    ws.close()
