"""--verbose tells one event per stage on standard error, and nothing of a customer."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from tests.cli.conftest import invoke

IDS = [f"planted-{i:03d}" for i in range(60)]
STAGES = ["read", "clean", "features", "try", "examine", "compare", "name", "profile", "report"]


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Sixty customers whose ids and e-mail addresses can be told from all other text."""
    lines = ["customer_id,email,date,amount"]
    for i, customer_id in enumerate(IDS):
        for order in range(1 + i % 4):
            day = f"2024-{1 + (i + order) % 12:02d}-{1 + i % 28:02d}"
            lines.append(f"{customer_id},{customer_id}@mail.test-shop.net,{day},{10 + i * (order + 1)}")
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def _events(said: str) -> list[dict[str, str]]:
    lines = [line for line in said.splitlines() if line.startswith("INFO coterie.")]
    return [dict(pair.split("=", 1) for pair in line.split()[2:]) for line in lines]


def test_every_stage_tells_what_it_did_and_how_long_it_took(orders: Path, tmp_path: Path) -> None:
    call = ["segment", str(orders), "--method", "kmeans", "--n-segments", "3", "--out", str(tmp_path / "out")]
    done = invoke("--verbose", *call)
    assert done.exit_code == 0, done.output
    events = _events(done.stderr)
    assert [event["stage"] for event in events] == STAGES
    assert all(re.fullmatch(r"\d+\.\d{3}", event["seconds"]) for event in events)
    told = {event["stage"]: event for event in events}
    assert told["read"]["rows_read"] == told["read"]["rows_accepted"] == "150"
    assert told["clean"]["customers"] == told["features"]["customers"] == "60"
    assert (told["try"]["method"], told["try"]["k"]) == ("kmeans", "3")
    assert told["profile"]["segments"] == "3"
    assert "planted" not in done.stderr
    assert "@" not in done.stderr


def test_without_it_nothing_is_told_of_the_stages(orders: Path) -> None:
    assert _events(invoke("describe", str(orders)).stderr) == []


def test_the_library_is_silent_until_somebody_listens(
    orders: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    import coterie

    logger = logging.getLogger("coterie")
    logger.handlers[:] = []
    logger.setLevel(logging.NOTSET)
    coterie.read(orders)
    assert capsys.readouterr().err == ""
    with caplog.at_level(logging.INFO, logger="coterie"):
        coterie.read(orders)
    assert [record.getMessage().split()[0] for record in caplog.records] == ["stage=read"]
