"""The examples of the README run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coterie.sources import write_sample_store

README = Path(__file__).parents[2] / "README.md"


def test_the_library_example_runs_on_a_file_of_orders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    write_sample_store(tmp_path, n_customers=150)
    monkeypatch.chdir(tmp_path)
    exec(compile(block.replace("2011-12-09", "2025-12-31"), "README.md", "exec"), {})  # noqa: S102
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert (tmp_path / "result" / "report.html").is_file()


def test_every_page_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert not [link for link in links if not (README.parent / link).is_file()]
