"""The examples of the README run as they are printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from coterie.cli import main
from coterie.sources import write_sample_store

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.usefixtures("brief")
def test_the_library_example_runs_on_a_file_of_orders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    write_sample_store(tmp_path, n_customers=60)
    monkeypatch.chdir(tmp_path)
    exec(compile(block.replace("2011-12-09", "2025-12-31"), "README.md", "exec"), {})  # noqa: S102
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert (tmp_path / "result" / "report.html").is_file()


def _console_calls() -> list[list[str]]:
    """The words after "coterie" of every line of the README's console blocks that calls it."""
    blocks = re.findall(r"```console\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.split(maxsplit=1)[0].endswith("/coterie")]


@pytest.mark.usefixtures("brief")
def test_the_console_examples_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write_sample_store(tmp_path, n_customers=60)
    pd.read_csv(files["customers"]).to_excel(tmp_path / "customers.xlsx", index=False)
    (tmp_path / "reviews.csv").write_bytes(files["feedback"].read_bytes())
    (tmp_path / "new_orders.csv").write_bytes(files["orders"].read_bytes())
    monkeypatch.chdir(tmp_path)
    calls = _console_calls()
    assert {call[0] for call in calls} >= {"segment", "assign"}
    for call in calls:
        if call[0] == "segment":  # the search for a method takes long and has its own tests
            call = [*call, "--method=kmeans", "--n-segments=3"]
        done = CliRunner().invoke(main, call)
        assert done.exit_code == 0, (call, done.output)


def test_every_page_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert not [link for link in links if not (README.parent / link).is_file()]
