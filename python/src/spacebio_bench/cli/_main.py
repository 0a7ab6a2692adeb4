"""The group of verbs, and what an error looks like to a user."""

from __future__ import annotations

import errno
import importlib
import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from spacebio_bench import __version__
from spacebio_bench.errors import InputError, RunError

VERBS = (
    "simulate",
    "fetch",
    "gene-sets",
    "check",
    "build",
    "plan",
    "run",
    "summarize",
    "report",
    "calibrate",
    "preflight",
    "evaluate",
    "release",
)
F = TypeVar("F", bound=Callable[..., Any])


class _Verbs(click.Group):
    """Imports a verb's module only when it is called: `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"spacebio_bench.cli.{cmd_name.replace('-', '_')}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except InputError as error:
            click.echo(str(error), err=True)
            sys.exit(2)
        except RunError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
                raise
            click.echo(
                f"{error.filename or 'a file'} cannot be written: {error.strerror}.", err=True
            )
            sys.exit(1)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="spacebio-bench")
def main() -> None:
    """Does a learned biological signature hold in a study it has never seen?"""


def json_option(function: F) -> F:
    """`--json`: the result as one JSON document on standard output."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(
        function
    )


def quiet_option(function: F) -> F:
    """`--quiet`: errors only."""
    return click.option("--quiet", is_flag=True, help="Print nothing but errors.")(function)


def print_json(data: Any) -> None:
    """`data` as sorted, indented JSON on standard output."""
    click.echo(json.dumps(data, indent=2, sort_keys=True))
