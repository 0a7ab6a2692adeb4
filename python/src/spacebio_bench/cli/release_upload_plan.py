"""`release upload-plan`: what would be published, without any network."""

from __future__ import annotations

from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.errors import InputError, Problem

PATH = click.Path(path_type=Path)


@click.command()
@click.option("--task", required=True, help="A5, the name of a task's folder, all, or catalog.")
@click.option("--folds", type=PATH, help="Folder of the fold package; not for the catalog.")
@click.option(
    "--repo",
    metavar="OWNER/NAME",
    help="Dataset repository of the hub. [default: that of release/facts.yaml]",
)
@click.option(
    "--card",
    type=PATH,
    help="The file that becomes README.md of the repository. [default: docs/hf_dataset_card.md, of "
    "the catalog docs/v9_hf_dataset_card.md]",
)
@click.option("--output", required=True, type=PATH, help="JSON file to write.")
@json_option
@quiet_option
def command(
    *,
    task: str,
    folds: Path | None,
    repo: str | None,
    card: Path | None,
    output: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write which files of a fold package or of the metadata catalog go where, with digests."""
    from spacebio_bench.release.catalog import names  # noqa: PLC0415
    from spacebio_bench.release.catalog.publish import TASK, plan_catalog  # noqa: PLC0415
    from spacebio_bench.release.facts import read_facts  # noqa: PLC0415
    from spacebio_bench.release.hub_plan import DEFAULT_CARD, build_plan  # noqa: PLC0415 - quick --help
    from spacebio_bench.release.upload_plan import write_plan  # noqa: PLC0415

    of_catalog = task.strip().lower() == TASK
    if of_catalog == (folds is not None):
        what = "is the folder of a fold package: it goes with every task but the catalog."
        raise InputError([Problem("--folds", what)])
    repo_id = repo or read_facts(Path()).at("hub.catalog" if of_catalog else "hub.folds")
    if folds is None:
        plan = plan_catalog(Path(), repo_id=repo_id, card=card or Path(names.CARD))
    else:
        plan = build_plan(folds, task, repo_id=repo_id, card=card or Path(DEFAULT_CARD))
    write_plan(plan, output)
    if as_json:
        told = {"task": plan.task, "repo_id": plan.repo_id, "output": str(output)}
        print_json({**told, "files": len(plan.files), "bytes": plan.bytes})
    elif not quiet:
        click.echo(
            f"{len(plan.files)} files, {plan.bytes / 1e6:.1f} MB of {plan.task} for "
            f"{plan.repo_id}: {output}"
        )
