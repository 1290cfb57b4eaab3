"""A bench whose data are absent says so and does not pass for one that was run."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest


@pytest.mark.parametrize("bench", ["same_k", "later_value", "tpa", "foresight_products"])
@pytest.mark.parametrize("is_named", [False, True])
def test_a_bench_without_its_data_says_what_is_missing(
    bench: str,
    is_named: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COTERIE_TEST_DATA", str(tmp_path))
    if not is_named:
        monkeypatch.delenv("COTERIE_TEST_DATA")
    monkeypatch.setattr("sys.argv", [bench])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(f"benchmarks.{bench}", run_name="__main__")
    assert ended.value.code == 2
    [sentence] = capsys.readouterr().err.splitlines()
    assert ": not run, " in sentence
    assert ("OnlineRetail.csv.gz" if is_named else "COTERIE_TEST_DATA") in sentence
