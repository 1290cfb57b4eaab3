"""Every screen can be read on eighty columns: nothing is cut, figures stay whole, sentences fold at words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from coterie.cli import COMMANDS, main
from coterie.cli.screen import print_table, say
from coterie.selection import REFERENCES
from tests.cli.conftest import Run

WIDTH = 80
PEOPLE = "customer,Age,Annual Income (k$),A column whose name nobody would call short (0-100)\n"


def _screen(*arguments: str, width: int = WIDTH) -> str:
    done = CliRunner().invoke(main, list(arguments), env={"COLUMNS": str(width)})
    assert done.exit_code == 0, done.output
    return done.stdout


def _assert_readable(screen: str) -> None:
    assert [line for line in screen.splitlines() if len(line.rstrip()) > WIDTH] == []
    assert "…" not in screen


@pytest.fixture
def store(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The store's files by short names, as somebody in their folder types them."""
    monkeypatch.chdir(tmp_path)
    for role, path in run.files.items():
        (tmp_path / f"{role}.csv").symlink_to(path)
    return ["orders.csv", "--customers=customers.csv", "--events=events.csv", "--feedback=feedback.csv"]


def test_describe_shows_every_column_and_figure_whole(store: list[str]) -> None:
    screen = _screen("describe", *store)
    _assert_readable(screen)
    told = json.loads(_screen("describe", *store, "--json"))
    words = screen.split()
    for column in told["quality"]["columns"]:
        assert column["column"] in words
        assert f"{column['n_distinct']:,}" in words
        assert column["maximum"][:10].strip() in [*words, ""]
    for step in told["quality"]["steps"]:
        assert f"{step['amount_dropped']:,.2f}" in words


def test_describe_folds_names_of_attributes_that_are_too_long(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE + "".join(f"c{i},{20 + i},{1 + i}000,{i % 7}\n" for i in range(40)))
    screen = _screen("describe", str(path))
    lines = [line for line in screen.splitlines() if str(tmp_path) not in line]
    _assert_readable("\n".join(lines))
    assert "40000" in screen.split()


@pytest.mark.usefixtures("brief")
def test_compare_shows_every_score_whole_and_names_remarks_below(store: list[str]) -> None:
    call = ["compare", *store, "--methods", "kmeans,dbscan,rfm", "--n-segments", "4", "--truth=true_segment"]
    screen = _screen(*call)
    _assert_readable(screen)
    rows = json.loads(_screen(*call, "--json"))
    words, told = screen.split(), " ".join(screen.split())
    for row in rows:
        assert row["method"] in words
        for name in (
            "silhouette",
            "davies_bouldin",
            "dunn",
            "stability",
            "later_value",
            *REFERENCES,
            "ari",
            "nmi",
        ):
            assert row[name] is None or f"{row[name]:,.3f}" in words
        assert all(remark in told for remark in (*row["flags"], *row["notes"]))
    assert any(row["flags"] or row["notes"] for row in rows)
    assert "(RFM grid)" in told and "(spend cut)" in told and "a plain cut into" in told


@pytest.mark.usefixtures("brief")
def test_segment_gives_each_segment_its_line_and_its_card(store: list[str]) -> None:
    screen = _screen("segment", *store, "--method=kmeans", "--n-segments=4", "--out=out")
    _assert_readable(screen)
    told = " ".join(screen.split())
    segments = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))["segments"]
    for segment in segments:
        assert f"{segment['name']} {segment['n_customers']:,} {segment['share']:.0%}" in told
        assert f"who {segment['rule']}" in told
        assert f"do {segment['action']}" in told


@pytest.mark.usefixtures("brief")
def test_demo_and_sample_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _assert_readable(_screen("sample", "store", "--customers", "60"))
    screen = _screen("demo", "--customers", "150")
    _assert_readable(screen)
    assert "Open demo-report/report.html" in screen


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_fits(command: str) -> None:
    _assert_readable(_screen(command, "--help"))


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_every_option_says_what_it_is_for(command: str | None) -> None:
    context = click.Context(main)
    asked = main if command is None else main.get_command(context, command)
    assert asked is not None
    options = [option for option in asked.get_params(context) if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_the_settings_fit() -> None:
    _assert_readable(_screen("settings"))


def test_figures_are_aligned_to_the_right_and_empty_columns_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows: list[Mapping[str, object]] = [
        {"name": "a", "n": 1_234, "later": None},
        {"name": "bc", "n": None, "later": None},
    ]
    print_table("Title", {"name": "name", "n": "count", "later": "later value"}, rows=rows)
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert lines[0] == "Title"
    assert lines[1].split() == ["name", "count"]
    assert lines[3:] == ["a     1,234", "bc        -"]


def test_a_sentence_folds_between_words_and_a_path_stays_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    say("words that fold and /a/path/too-long-for-a-line", lead="do  ")
    assert capsys.readouterr().out.splitlines() == [
        "do  words that fold",
        "    and",
        "    /a/path/too-long-for-a-line",
    ]
