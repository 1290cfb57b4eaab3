"""Case 30 of the hostile inputs: what a Parquet file or workbook does to its reader stays in the child."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.errors import InputError
from coterie.settings import Settings
from coterie.sources.open import open_raw
from tests.cli.conftest import invoke
from tests.opening import opened, read_to_end


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Orders that take a while to read, in many row groups."""
    n = 400_000
    ids = pa.array(np.char.add("c", (np.arange(n) % 5_000).astype(str)))
    days = pa.array(np.datetime64("2024-01-01") + np.arange(n) % 300)
    table = pa.table({"customer_id": ids, "at": days, "amount": np.arange(n) % 97 / 7})
    path = tmp_path / "large.parquet"
    pq.write_table(table, path, row_group_size=20_000)
    return path


def children(of: int) -> list[int]:
    """Process ids of those a process has started and not yet buried."""
    found: list[int] = []
    for task in Path(f"/proc/{of}/task").iterdir():
        with contextlib.suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


@contextlib.contextmanager
def every_child_killed() -> Iterator[list[int]]:
    """A child of this process is shot as soon as it is seen, as the kernel does when memory is short."""
    shot: list[int] = []
    over = threading.Event()
    earlier = set(children(os.getpid()))

    def shoot() -> None:
        while not over.is_set():
            for child in set(children(os.getpid())) - earlier - set(shot):
                shot.append(child)
                os.kill(child, signal.SIGKILL)
            time.sleep(0.01)

    marksman = threading.Thread(target=shoot)
    marksman.start()
    try:
        yield shot
    finally:
        over.set()
        marksman.join()


def workbook(path: Path, *, stray: str = "A2") -> Path:
    """A small sheet, with one more cell somewhere; the reader makes room for all between."""
    book = openpyxl.Workbook()
    for cell, value in (("A1", "id"), ("B1", "note"), ("A2", "1"), ("B2", "x"), (stray, "stray")):
        book.active[cell] = value
    book.save(path)
    return path


def test_30_pages_of_noise_cannot_be_read(large: Path) -> None:
    content = bytearray(large.read_bytes())
    noise = np.random.default_rng(0).bytes(len(content) // 4)
    for start in (4, len(content) // 2):
        damaged = content[:]
        damaged[start : start + len(noise)] = noise
        with pytest.raises(InputError, match=r"cannot be read.*orders\.parquet"):
            opened(bytes(damaged), name="orders.parquet")


def test_30_any_single_byte_may_be_wrong(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "x": [1.5, 2.5]}), path)
    content = path.read_bytes()
    for at in range(6, len(content), len(content) // 7):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        with contextlib.suppress(InputError):
            assert len(read_to_end(path).columns) >= 1


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_30_a_file_that_breaks_off_cannot_be_read(large: Path, share: float) -> None:
    content = large.read_bytes()
    large.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match=r"damaged or cut short \(large\.parquet\)"):
        read_to_end(large)


def test_30_text_that_is_no_utf8_rejects_its_rows(tmp_path: Path) -> None:
    ends = pa.array([0, 2, 4], pa.int32()).buffers()[1]
    column = pa.Array.from_buffers(pa.string(), 2, [None, ends, pa.py_buffer(b"ab\xff\xfe")])
    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table({"id": column}), path)
    found = read_to_end(path)
    assert (found.rows, found.refusals) == ([["ab"]], [(2, "bytes that are no text in this encoding")])


@pytest.mark.parametrize("kind", ["Parquet file", "workbook"])
def test_30_a_child_that_is_killed_is_a_file_that_cannot_be_read(large: Path, kind: str) -> None:
    path = large if kind == "Parquet file" else workbook(large.with_name("orders.xlsx"))
    with every_child_killed() as shot, pytest.raises(InputError, match=f"{kind} cannot be read") as refused:
        read_to_end(path)
    assert len(shot) == 1
    assert path.name in str(refused.value)
    assert "Export the table as CSV" in str(refused.value)


def test_30_a_child_that_dies_half_way_is_a_file_that_cannot_be_read(large: Path) -> None:
    earlier = set(children(os.getpid()))
    table = open_raw(large, settings=Settings())
    next(table.batches)
    [child] = set(children(os.getpid())) - earlier
    os.kill(child, signal.SIGKILL)
    with pytest.raises(InputError, match="Parquet file cannot be read"):
        list(table.batches)


def test_30_a_workbook_beyond_the_limit_of_memory_is_refused_with_the_setting(tmp_path: Path) -> None:
    settings = Settings(reader_memory_mb=512)
    assert read_to_end(workbook(tmp_path / "small.xlsx"), settings=settings).rows
    path = workbook(tmp_path / "large.xlsx", stray="T1048576")
    with pytest.raises(InputError, match=r"more than 512 MiB .*large\.xlsx.*COTERIE_READER_MEMORY_MB"):
        read_to_end(path, settings=settings)


def test_30_a_parquet_file_beyond_the_limit_of_memory_is_refused_with_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    cells = pa.array(["x" * 2**20]).take(pa.array([0] * 500))
    pq.write_table(pa.table({"id": cells}), path, use_dictionary=False, compression="zstd")
    assert path.stat().st_size < 2**20
    with pytest.raises(InputError, match=r"more than 512 MiB .*orders\.parquet.*COTERIE_READER_MEMORY_MB"):
        read_to_end(path, settings=Settings(reader_memory_mb=512))


def test_30_the_command_says_it_in_one_sentence(
    tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COTERIE_READER_MEMORY_MB", "200")
    done = invoke("segment", str(large), "--out", str(tmp_path / "out"))
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith("coterie: The Parquet file cannot be read")
    assert "large.parquet" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_30_the_child_ends_with_the_command(large: Path, how: signal.Signals) -> None:
    call = [sys.executable, "-m", "coterie", "describe", str(large)]
    with subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while not (begun := children(process.pid)):
            time.sleep(0.01)
        process.send_signal(how)
        _, said = process.communicate(timeout=60)
    assert process.returncode == (130 if how == signal.SIGINT else -how), said
    latest = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in begun):
        assert time.monotonic() < latest
        time.sleep(0.05)


def test_30_a_table_that_is_forgotten_ends_its_child(large: Path) -> None:
    earlier = set(children(os.getpid()))
    table = open_raw(large, settings=Settings())
    assert set(children(os.getpid())) - earlier
    del table
    gc.collect()
    assert not set(children(os.getpid())) - earlier
