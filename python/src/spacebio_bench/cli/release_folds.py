"""`release folds`: the folds of cohort stores as files."""

from __future__ import annotations

from pathlib import Path

import click

from spacebio_bench.cli._lists import comma_list
from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cli._parameters import parameter_options

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.option("--cohorts", required=True, type=FOLDER, help="Folder of stores.")
@click.option("--outdir", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@parameter_options("protocol", "tissues", "strata")
@click.option(
    "--tasks",
    default="lomo,pairs,holdout",
    show_default=True,
    help="Task families; folds of holdout go with those of lomo.",
)
@click.option("--features", default="", help="Feature sets of the stores to add to the genes.")
@click.option(
    "--project",
    type=FOLDER,
    help="Checkout whose facts tell version and date, and whose lock files tell the images. "
    "[default: none; the date is then 1970-01-01, for not published]",
)
@click.option(
    "--license",
    help="SPDX id of the package's licence. [default: other, the terms of each study]",
)
@click.option("--url", help="Where the package is published. [default: page of spacebio-bench]")
@json_option
@quiet_option
def command(
    *,
    cohorts: Path,
    outdir: Path,
    protocol: str,
    tissues: str | None,
    strata: str | None,
    tasks: str,
    features: str,
    project: Path | None,
    license: str | None,  # noqa: A002 - the option's name
    url: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write train and test tables of every fold, with what describes and verifies them."""
    from spacebio_bench.grid.stores import open_stores  # noqa: PLC0415 - quick --help
    from spacebio_bench.protocol import load_protocol  # noqa: PLC0415
    from spacebio_bench.release.facts import read_facts  # noqa: PLC0415
    from spacebio_bench.release.folds.about import About, known_images  # noqa: PLC0415
    from spacebio_bench.release.folds.plan import Choice  # noqa: PLC0415
    from spacebio_bench.release.folds.write import write_package  # noqa: PLC0415

    facts = read_facts(project).data if project is not None else {}
    given = {key: facts[key] for key in ("version", "date") if facts}
    given |= {"license": license, "url": url}
    about = About(
        images=known_images(project),
        **{name: value for name, value in given.items() if value},
    )
    choice = Choice(
        families=comma_list(tasks),
        tissues=comma_list(tissues or ""),
        features=comma_list(features),
        strata=comma_list(strata or ""),
    )
    written = write_package(
        open_stores(cohorts).cohorts,
        outdir,
        protocol=load_protocol(protocol),
        choice=choice,
        about=about,
        tell=None if quiet or as_json else lambda folder: click.echo(folder, err=True),
    )
    without = [entry.to_dict() for entry in written.without]
    if as_json:
        print_json({"tasks": written.folds, "not_packaged": without, "bytes": written.bytes})
    elif not quiet:
        for entry in written.without:
            click.echo(f"not packaged: {entry.task_id} ({entry.task}): {entry.reason}", err=True)
        n = sum(len(folds) for folds in written.folds.values())
        click.echo(
            f"{n} folds of {len(written.folds)} tasks, {written.bytes / 1e6:.1f} MB: {outdir}"
        )
