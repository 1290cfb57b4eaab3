"""Settings come from default, file, environment and keyword, in that order."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.errors import ParameterError
from coterie.settings import Settings, describe_settings, load_settings


def test_defaults_hold_when_nobody_says_otherwise(tmp_path: Path) -> None:
    assert load_settings(tmp_path, environment={}) == Settings()


def test_the_environment_wins_over_the_file_and_a_keyword_over_both(tmp_path: Path) -> None:
    (tmp_path / "coterie.toml").write_text("max_columns = 5\nselection_rows = 7\n")
    settings = load_settings(tmp_path, environment={"COTERIE_MAX_COLUMNS": "6"}, min_fidelity=0.9)
    assert (settings.max_columns, settings.selection_rows, settings.min_fidelity) == (6, 7, 0.9)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "nan"])
def test_a_value_that_is_no_positive_whole_number_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(ParameterError, match="max_columns"):
        load_settings(tmp_path, environment={"COTERIE_MAX_COLUMNS": value})


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    (tmp_path / "coterie.toml").write_text("max_colums = 5\n")
    with pytest.raises(ParameterError, match="max_colums"):
        load_settings(tmp_path, environment={})


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "coterie.toml").write_text("max_columns 5")
    with pytest.raises(ParameterError, match=r"coterie\.toml"):
        load_settings(tmp_path, environment={})


def test_every_setting_has_a_unit_and_a_sentence() -> None:
    assert all(unit and sentence.endswith(".") for _, _, unit, sentence in describe_settings())
