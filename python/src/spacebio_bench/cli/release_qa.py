"""`release qa`: the gates of a release."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spacebio_bench.cli._lists import comma_list
from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cli._root import root_option
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import write_text

if TYPE_CHECKING:
    from spacebio_bench.release.gates._gate import Gate

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@root_option
@click.option("--only", default="", help="Gates to run, separated by commas.")
@click.option("--skip", default="", help="Gates to leave out.")
@click.option("--list", "listed", is_flag=True, help="Only list the gates.")
@click.option("--folds", type=FOLDER, help="A fold package to judge. [default: a simulated one]")
@click.option("--hpc", is_flag=True, help="Also what needs a big machine: the sub-grid run again.")
@click.option("--profile", default="local", show_default=True, help="Nextflow profile of --hpc.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A site's Nextflow configuration for --hpc.",
)
@click.option(
    "--workdir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for what the gates make, kept. [default: one that is removed; with --hpc "
    "results/release-qa/work, which cluster nodes see]",
)
@click.option("--report", type=FILE, help="JSON report to write.")
@click.option("--junit", type=FILE, help="JUnit report to write.")
@json_option
@quiet_option
def command(
    *,
    root: Path,
    only: str,
    skip: str,
    listed: bool,
    folds: Path | None,
    hpc: bool,
    profile: str,
    config: Path | None,
    workdir: Path | None,
    report: Path | None,
    junit: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run every gate of a release to the end, and tell in one table which are closed.

    Flags are in the style of GeneLab's verification: green 20, yellow 30, red 50, halt 80. Red and
    halt close a gate; the exit code is 4 when one is closed.
    """
    from spacebio_bench.release.gates import report as reports  # noqa: PLC0415 - quick --help
    from spacebio_bench.release.gates._gate import Context  # noqa: PLC0415
    from spacebio_bench.release.gates.registry import GATES  # noqa: PLC0415
    from spacebio_bench.release.gates.runner import choose, run_gates  # noqa: PLC0415

    chosen = choose(GATES, only=comma_list(only), skip=comma_list(skip), heavy=hpc or listed)
    if listed:
        _list(chosen, as_json=as_json)
        return
    if not (root / "main.nf").is_file():
        where = "--root" if root != Path() else "this folder"
        raise InputError([Problem(where, f"{root.resolve()} is no checkout: it has no main.nf.")])

    _check_targets(report, junit)

    def tell(line: str) -> None:
        if not quiet:
            click.echo(line, err=True)

    kept = workdir or (root / "results" / "release-qa" / "work" if hpc else None)
    with _folder(kept) as place:
        context = Context(
            root=root, workdir=place, folds=folds, profile=profile, config=config, tell=tell
        )
        found = run_gates(chosen, context)
    if report is not None:
        _write(report, json.dumps(found.to_dict(), indent=1, sort_keys=True) + "\n")
    if junit is not None:
        _write(junit, reports.junit(found))
    if as_json:
        print_json(found.to_dict())
    elif not quiet or not found.passed:
        click.echo("\n".join(reports.table(found)))
    sys.exit(0 if found.passed else 4)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """That folder, or one that is removed."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="release-qa-") as scratch:
        yield Path(scratch)


def _list(gates: Sequence[Gate], *, as_json: bool) -> None:
    rows = [{"id": g.name, "title": g.title, "needs": g.needs, "hpc": g.heavy} for g in gates]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['id']:12}  {'hpc' if row['hpc'] else '   '}  {row['title']}")


def _check_targets(*paths: Path | None) -> None:
    """Refuse what could not be written, before anything is run."""
    problems = []
    for path in filter(None, paths):
        above = next(folder for folder in path.absolute().parents if folder.exists())
        if not above.is_dir() or not os.access(above, os.W_OK):
            problems.append(Problem(str(path), f"cannot be written: look at {above}."))
    if problems:
        raise InputError(problems)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
