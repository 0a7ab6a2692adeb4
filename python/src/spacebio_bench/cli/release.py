"""`release`: the verbs of a release."""

from __future__ import annotations

import importlib

import click

VERBS = ("folds", "catalog", "cards", "validate", "qa", "upload-plan", "upload")


class _Verbs(click.Group):
    """Imports a verb's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = f"spacebio_bench.cli.release_{cmd_name.replace('-', '_')}"
        command = importlib.import_module(module).command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Verbs)
def command() -> None:
    """Fold packages, catalog, cards and manifest, gates, publication."""
