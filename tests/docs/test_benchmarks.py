"""A bench whose data are absent says so and does not pass for one that was run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("bench", ["same_k", "later_value", "tpa"])
@pytest.mark.parametrize("is_named", [False, True])
def test_a_bench_without_its_data_says_what_is_missing(bench: str, is_named: bool, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "COTERIE_TEST_DATA"}
    environment |= {"COTERIE_TEST_DATA": str(tmp_path)} if is_named else {}
    call = [sys.executable, "-m", f"benchmarks.{bench}"]
    done = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    [sentence] = done.stderr.splitlines()
    assert ": not run, " in sentence
    assert ("OnlineRetail.csv.gz" if is_named else "COTERIE_TEST_DATA") in sentence
