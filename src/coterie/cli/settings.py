"""``coterie settings``: the limits and floors in force."""

from __future__ import annotations

import click

from coterie.settings import describe_settings, load_settings


@click.command("settings")
def settings_command() -> None:
    """List every setting with its value here, unit and meaning.

    Change one by COTERIE_<NAME> in the environment or by a line in coterie.toml in the current folder.
    """
    current = load_settings()
    for name, default, unit, sentence in describe_settings():
        value = getattr(current, name)
        changed = "" if str(value) == default else f" (default {default})"
        click.echo(f"{name} = {value}{changed}  [{unit}]\n    {sentence}")
