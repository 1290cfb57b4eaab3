"""What is installed where no compiler is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from coterie.errors import CoterieWarning
from coterie.kernels import backend, neighbors

ROOT = Path(__file__).parents[2]


def test_without_a_compiler_the_wheel_is_pure_python(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    where = ["-C", f"build-dir={tmp_path / 'build'}", "-w", str(tmp_path), str(ROOT)]
    subprocess.run([*pip, *where], check=True, env={**os.environ, "CXX": "/bin/false"})
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.endswith("-none-any.whl")
    assert "coterie/kernels/_plain/neighbors.py" in ZipFile(wheel).namelist()


def test_a_missing_compiled_module_is_said_once_and_the_plain_twin_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "coterie.kernels._native", None)
    backend._best.cache_clear()
    with pytest.warns(CoterieWarning, match="no C\\+\\+ compiler"):
        first = neighbors([[0.0], [3.0]], 1)
    again = neighbors([[0.0], [3.0]], 1)
    backend._best.cache_clear()
    assert first[0].tolist() == again[0].tolist() == [[0], [1]]
