"""A child does one piece of work, and how it ends is told in a sentence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coterie.errors import CoterieError, SchemaError
from coterie.jobs import Stopwatch
from coterie.jobs.child import CancelledError, run_in_child
from tests.jobs import work

MEMORY_MB = 2_048


def go_on(sentence: str, share: float) -> bool:
    return True


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be counted does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(seconds: float, pids: list[int]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(map(is_alive, pids)):
            return True
        time.sleep(0.02)
    return False


def test_a_child_is_niced_bounded_and_leads_its_own_group(tmp_path: Path) -> None:
    heard: list[tuple[str, float]] = []

    def watch(sentence: str, share: float) -> bool:
        heard.append((sentence, share))
        return True

    run_in_child(work.tell, {"path": str(tmp_path / "told")}, memory_mb=MEMORY_MB, watch=watch)
    told = json.loads((tmp_path / "told").read_text())
    assert told == {
        "niceness": min(19, os.nice(0) + 10),
        "memory": MEMORY_MB * 2**20,
        "leads_its_group": True,
    }
    assert heard[0] == ("", 0.0)


def test_an_error_comes_back_as_it_was() -> None:
    with pytest.raises(SchemaError) as raised:
        run_in_child(work.refuse, {}, memory_mb=MEMORY_MB, watch=go_on)
    failure = raised.value
    assert (failure.what, failure.where, failure.to_do) == ("There is no amount", "orders.csv", "Name one")


def test_a_fault_comes_back_with_its_kind_and_without_its_words() -> None:
    with pytest.raises(CoterieError) as raised:
        run_in_child(work.stumble, {}, memory_mb=MEMORY_MB, watch=go_on)
    assert "KeyError" in str(raised.value)
    assert "ann" not in repr((raised.value, raised.value.__cause__))


@pytest.mark.parametrize(("function", "words"), [(work.die, "ended by itself"), (work.swell, "memory")])
def test_a_child_that_dies_is_told_in_a_sentence(function: object, words: str) -> None:
    with pytest.raises(CoterieError, match=words):
        run_in_child(function, {}, memory_mb=MEMORY_MB, watch=go_on)  # type: ignore[arg-type]


def test_63_a_child_nobody_wants_any_more_ends_at_once_with_all_it_started(tmp_path: Path) -> None:
    path = tmp_path / "pids"
    with pytest.raises(CancelledError):
        run_in_child(work.dally, {"path": str(path)}, memory_mb=MEMORY_MB, watch=lambda *_: not path.exists())
    assert gone_within(1.0, [int(pid) for pid in path.read_text().split()])


def test_54_a_child_does_not_outlive_the_server_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "pids"
    code = (
        "from coterie.jobs.child import run_in_child; from tests.jobs import work;"
        f"run_in_child(work.dally, {{'path': {str(path)!r}}}, memory_mb=2048, watch=lambda *_: True)"
    )
    server = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": "."})
    while not path.exists() or not path.read_text():
        time.sleep(0.02)
    server.kill()
    server.wait()
    child, grandchild = map(int, path.read_text().split())
    assert gone_within(1.0, [child])
    os.kill(grandchild, signal.SIGKILL)  # which is what a reader does by itself: its input is closed


def test_time_left_is_told_once_there_is_something_to_judge_by() -> None:
    watch = Stopwatch(share=0.2)
    assert watch.seconds_left(0.21) is None
    time.sleep(0.05)
    left = watch.seconds_left(0.6)
    assert left is not None
    assert 0.04 < left < 0.5
