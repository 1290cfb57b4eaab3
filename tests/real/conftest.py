"""Public data sets, in the folder that COTERIE_TEST_DATA names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("COTERIE_TEST_DATA", "no folder is named"))
    if not folder.is_dir():
        pytest.skip("COTERIE_TEST_DATA names no folder")
    return folder
