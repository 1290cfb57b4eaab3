"""One run of the command on a small sample store, shared by the tests that only look at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coterie.cli import main
from coterie.sources import write_sample_store


@dataclass(frozen=True)
class Run:
    """The files that went in, what the command said and the folder it wrote."""

    files: dict[str, Path]
    done: Result
    out: Path

    def arguments(self, out: Path) -> list[str]:
        """The same call with another result folder."""
        tables = [f"--{role}={self.files[role]}" for role in ("customers", "events", "feedback")]
        steering = ["--method", "kmeans", "--truth", "true_segment"]
        return ["segment", str(self.files["orders"]), *tables, *steering, "--out", str(out)]


def invoke(*arguments: str) -> Result:
    """Call the command line in this process."""
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("cli")
    files = write_sample_store(folder / "store", n_customers=400)
    out = folder / "out"
    draft = Run(files, Result.__new__(Result), out)
    return Run(files, invoke(*draft.arguments(out)), out)
