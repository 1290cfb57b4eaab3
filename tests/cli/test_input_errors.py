"""A bad call ends in one sentence and the right exit code; nothing is written."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner, Result

from coterie import errors
from coterie.cli import LazyGroup, main

EXIT_CODES: dict[type[errors.CoterieError], int] = {
    errors.CoterieError: 1,
    errors.InputError: 2,
    errors.SchemaError: 2,
    errors.TooFewCustomersError: 2,
    errors.TooLargeError: 2,
    errors.ParameterError: 2,
    errors.NotFoundError: 3,
    errors.ConflictError: 4,
    errors.StorageError: 1,
    errors.DeliveryError: 5,
}
"""What scripts rely on."""


class _FailingDoor(LazyGroup):
    """The command line with one command, which fails."""

    def __init__(self, failure: BaseException) -> None:
        super().__init__("coterie")
        self.failure = failure

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        def fail() -> None:
            raise self.failure

        return click.Command(cmd_name, callback=fail)


def failing_with(failure: BaseException) -> Result:
    return CliRunner().invoke(_FailingDoor(failure), ["fail"])


def _tree(kind: type[errors.CoterieError]) -> set[type[errors.CoterieError]]:
    """The class and all below it that the module defines."""
    below = (_tree(one) for one in kind.__subclasses__() if one.__module__ == errors.__name__)
    return {kind}.union(*below)


def test_every_error_of_the_tree_has_an_exit_code_and_no_other() -> None:
    assert _tree(errors.CoterieError) == set(EXIT_CODES)


@pytest.mark.parametrize(("kind", "code"), EXIT_CODES.items())
def test_an_error_ends_in_one_sentence_and_its_exit_code(kind: type[errors.CoterieError], code: int) -> None:
    done = failing_with(kind("It went wrong", where="a.csv", to_do="Try another"))
    assert done.exit_code == code
    assert done.stderr == "coterie: It went wrong (a.csv). Try another.\n"
    assert done.stdout == ""


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), click.Abort(), RuntimeError("Query interrupted")])
def test_a_cancelled_command_ends_in_130(failure: BaseException) -> None:
    done = failing_with(failure)
    assert done.exit_code == 130
    assert done.stderr.lstrip() == "coterie: Cancelled; nothing half-written was left behind.\n"


@pytest.mark.parametrize("bug", [RuntimeError("else"), ValueError("bug"), KeyError("bug")])
def test_a_bug_is_not_taken_for_an_error_of_the_user(bug: Exception) -> None:
    assert failing_with(bug).exception is bug


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
