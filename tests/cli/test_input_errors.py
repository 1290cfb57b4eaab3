"""A bad call ends in one sentence and the right exit code; nothing is written."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from coterie import errors
from coterie.cli import EXIT_CODES, exit_code, main


def _all_errors() -> list[type[errors.CoterieError]]:
    found: list[type[errors.CoterieError]] = []
    stack = [errors.CoterieError]
    while stack:
        kind = stack.pop()
        found.append(kind)
        stack.extend(kind.__subclasses__())
    return found


@pytest.mark.parametrize("kind", _all_errors())
def test_every_error_has_an_exit_code(kind: type[errors.CoterieError]) -> None:
    code = exit_code(kind("It went wrong"))
    assert code == (1 if kind is errors.CoterieError else code)
    assert code in {1, *EXIT_CODES.values()}


def test_an_error_names_what_where_and_what_to_do() -> None:
    failure = errors.SchemaError("No column holds the amount", where="a.csv", to_do="Use --map amount=COLUMN")
    assert str(failure) == "No column holds the amount (a.csv). Use --map amount=COLUMN."


def test_a_missing_file_is_exit_code_three_and_one_sentence() -> None:
    done = CliRunner().invoke(main, ["segment", "no-such-file.csv", "--out", "never"])
    assert done.exit_code == 3
    assert "no-such-file.csv" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("number", ["ten", "-3", "1.5", "NaN", "²"])
def test_13_a_number_of_segments_that_is_none_is_refused(number: str) -> None:
    done = CliRunner().invoke(main, ["segment", "x.csv", "--out", "never", "--n-segments", number])
    assert done.exit_code == 2
    assert number in done.output


@pytest.mark.parametrize("option", [["--map", "customer_id"], ["--weights", "recency_days=much"]])
def test_a_pair_without_its_second_half_is_refused(option: list[str]) -> None:
    done = CliRunner().invoke(main, ["segment", "x.csv", "--out", "never", *option])
    assert done.exit_code == 2


def test_settings_lists_every_setting_with_its_unit() -> None:
    done = CliRunner().invoke(main, ["settings"])
    assert done.exit_code == 0
    assert "max_columns = 1000  [columns]" in done.output
