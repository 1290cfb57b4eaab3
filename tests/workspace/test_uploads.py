"""Uploads end whole or not at all, whatever they are called and however large they are."""

from __future__ import annotations

import io
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coterie.errors import InputError, StorageError, TooLargeError
from coterie.settings import Settings
from coterie.workspace import Workspace, add_sample, add_upload
from coterie.workspace.uploads import stored_files

ROWS = b"customer_id,at,amount\nann,2024-01-01,3\n"


def _files(folder: Path) -> list[str]:
    kept = ("uploads", "tmp")
    return sorted(
        str(p.relative_to(folder)) for name in kept for p in (folder / name).rglob("*") if p.is_file()
    )


def test_an_upload_is_known_again_by_its_content(ws: Workspace) -> None:
    first = add_upload(ws, [("orders.csv", io.BytesIO(ROWS))])
    again = add_upload(ws, [("copy of orders.csv", io.BytesIO(ROWS))], name="another name")
    assert again == first
    assert (first.name, first.state) == ("orders", "uploaded")
    [path] = stored_files(ws, first.id)
    assert path.read_bytes() == ROWS
    assert len(_files(ws.folder)) == 1
    ws.datasets.remove(first.id)
    assert _files(ws.folder) == []


def test_the_sample_store_is_a_dataset_like_any_other(ws: Workspace) -> None:
    sample = add_sample(ws, n_customers=60)
    assert [name for name, _, _ in sample.files] == [
        "orders.csv",
        "customers.csv",
        "events.csv",
        "feedback.csv",
    ]
    assert add_sample(ws, n_customers=60) == sample


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.csv",
        "..\\..\\boot.csv",
        "%2e%2e%2fx.csv",
        "%252e%252e/x",
        "/etc/cron.d/x.csv",
        "a\x00b.csv",
        "x" * 4_000 + ".csv",
        "CON.csv",
        ".",
        "",
        "orders.csv/../../x",
        "\u202evsc.exe",
        "\ud800.csv",
    ],
)
def test_36_a_hostile_file_name_is_only_text_to_show(ws: Workspace, name: str) -> None:
    record = add_upload(ws, [(name, io.BytesIO(ROWS))])
    shown = record.files[0][0]
    assert 0 < len(shown) <= 200
    assert shown.isprintable()
    [path] = stored_files(ws, record.id)
    assert path.parent.parent == ws.uploads
    assert path.stem == "1"
    assert _files(ws.folder) == [f"uploads/{record.fingerprint}/{path.name}"]
    assert ws.datasets.load(record.id) == record


def test_37_an_upload_over_a_limit_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            return b"x" * size

    limits = {
        TooLargeError: Settings(max_upload_bytes=3 * 2**20),
        StorageError: Settings(workspace_quota_mb=2),
    }
    for kind, settings in limits.items():
        ws = Workspace(tmp_path, settings=settings)
        with pytest.raises(kind):
            add_upload(ws, [("endless.csv", Endless())])  # type: ignore[list-item]
        assert _files(tmp_path) == []
        add_upload(ws, [("small.csv", io.BytesIO(ROWS))])
        ws.datasets.remove(ws.datasets.list()[0].id)
        ws.close()


def test_37_an_empty_file_or_none_is_refused(ws: Workspace) -> None:
    for files in ([], [("empty.csv", io.BytesIO())]):
        with pytest.raises(InputError):
            add_upload(ws, files)
    assert list(ws.tmp.iterdir()) == []


def test_55_what_a_killed_server_left_of_an_upload_is_swept_away_and_was_never_listed(tmp_path: Path) -> None:
    code = f"""
import io, os, signal
from coterie.workspace import Workspace, add_upload
class Killed(io.RawIOBase):
    def read(self, size=-1, told=[]):
        if told: os.kill(os.getpid(), signal.SIGKILL)
        told.append(1)
        return b"x" * size
add_upload(Workspace({str(tmp_path)!r}), [("orders.csv", Killed())])
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    ws = Workspace(tmp_path)
    assert ws.datasets.list() == []
    assert len(_files(tmp_path)) == 1
    ws.sweep()
    assert _files(tmp_path) == []
    ws.close()


def test_57_a_disk_that_is_nearly_full_takes_no_upload_and_takes_one_when_there_is_room(
    tmp_path: Path,
) -> None:
    free_mb = shutil.disk_usage(tmp_path).free // 2**20
    full = Workspace(tmp_path, settings=Settings(min_free_disk_mb=free_mb + 10_000))
    with pytest.raises(StorageError, match="Make room"):
        add_upload(full, [("orders.csv", io.BytesIO(ROWS))])
    full.close()
    assert _files(tmp_path) == []
    ws = Workspace(tmp_path)
    assert add_upload(ws, [("orders.csv", io.BytesIO(ROWS))]).state == "uploaded"
    ws.close()


def test_57_a_disk_that_fills_while_an_upload_is_written_is_told_and_nothing_is_left(ws: Workspace) -> None:
    import signal

    # The size a file may have is bounded: writing fails half way, as on a full disk.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, hard))
    try:
        with pytest.raises(StorageError, match="The disk is full"):
            add_upload(ws, [("orders.csv", io.BytesIO(b"x" * 2**22))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, former)
    assert _files(ws.folder) == []
    assert ws.datasets.list() == []
