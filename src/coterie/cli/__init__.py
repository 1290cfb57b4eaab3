"""The command line: one file per command, imported when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NoReturn

import click

from coterie.errors import ConflictError, CoterieError, DeliveryError, InputError, NotFoundError

COMMANDS = (
    "demo",
    "sample",
    "describe",
    "segment",
    "compare",
    "assign",
    "refit",
    "movement",
    "forecast",
    "churn",
    "products",
    "serve",
    "user",
    "settings",
)

EXIT_CODES: dict[type[CoterieError], int] = {
    InputError: 2,
    NotFoundError: 3,
    ConflictError: 4,
    DeliveryError: 5,
}
CANCELLED = 130
ENGINE_INTERRUPTED = "Query interrupted"
"""What DuckDB makes of Ctrl-C in the middle of a query."""


class LazyGroup(click.Group):
    """Imports a command's file only when it is needed, so that --help stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"coterie.cli.{cmd_name}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; an expected failure becomes one sentence and an exit code."""
        kwargs["standalone_mode"] = False
        try:
            sys.exit(super().main(*args, **kwargs) or 0)
        except CoterieError as failure:
            click.echo(f"coterie: {failure}", err=True)
            sys.exit(exit_code(failure))
        except click.ClickException as misuse:
            misuse.show()
            sys.exit(misuse.exit_code)
        except (click.Abort, KeyboardInterrupt):
            _say_cancelled()
        except RuntimeError as failure:
            if str(failure) != ENGINE_INTERRUPTED:
                raise
            _say_cancelled()


def _say_cancelled() -> NoReturn:
    click.echo("coterie: Cancelled; nothing half-written was left behind.", err=True)
    sys.exit(CANCELLED)


def exit_code(failure: CoterieError) -> int:
    """Exit code of an error: that of the nearest class in EXIT_CODES, else 1."""
    for kind in type(failure).__mro__:
        if kind in EXIT_CODES:
            return EXIT_CODES[kind]
    return 1


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="coterie")
@click.option("--verbose", is_flag=True, help="Tell what each stage does, on standard error.")
def main(verbose: bool) -> None:
    """Find the groups among your customers, say who they are and what to do about it.

    Everything runs on this machine; nothing is sent anywhere. Exit codes: 0 done, 2 the input or an
    option cannot be used, 3 not found, 4 in the way of something that exists, 130 cancelled.
    """
    from coterie import logs

    logs.configure("INFO" if verbose else "WARNING")
