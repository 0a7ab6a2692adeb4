"""`release catalog`: the metadata catalog."""

from __future__ import annotations

from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cli._root import root_option


@click.command()
@root_option
@click.option(
    "--studies",
    "sheets",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A study sheet to count anew; once for each. [default: the evidence of the checkout]",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="Where the files of that sheet are from, in words; once for each --studies.",
)
@click.option(
    "--strain-from-ids",
    is_flag=True,
    help="The sheets' strain columns repeat the sample ids; no strain is recorded.",
)
@click.option("--check", is_flag=True, help="Write nothing; say what differs and end with 4.")
@json_option
@quiet_option
def command(
    *,
    root: Path,
    sheets: tuple[Path, ...],
    origins: tuple[str, ...],
    strain_from_ids: bool,
    check: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Make tasks, sources, published baselines and traps as tables, with a page to search them.

    Sheets given by --studies replace all of the evidence that is kept of an earlier count.
    """
    from spacebio_bench.release.catalog import build  # noqa: PLC0415 - quick --help
    from spacebio_bench.release.catalog.evidence import gather  # noqa: PLC0415

    evidence = None
    notes: tuple[str, ...] = ()
    if sheets or origins:
        counted = gather(root, sheets, origins, ids_only=strain_from_ids)
        evidence, notes = counted.tables, counted.notes
    catalog = build.make_catalog(root, evidence=evidence)
    if not quiet and not as_json:
        for note in notes:
            click.echo(note, err=True)
    if check:
        problems = build.catalog_problems(root, catalog)
        if as_json:
            print_json({"problems": [{"where": p.where, "what": p.what} for p in problems]})
        elif problems or not quiet:
            click.echo("\n".join([*map(str, problems), f"{len(problems)} differences."]), err=True)
        raise SystemExit(4 if problems else 0)
    changed = build.write_catalog(root, catalog)
    rows = {name: len(table) for name, table in catalog.tables.items()}
    if as_json:
        print_json({"changed": changed, "rows": rows, "left_out": list(notes)})
    elif not quiet:
        told = ", ".join(f"{n} {name}" for name, n in rows.items())
        click.echo("\n".join([*changed, f"{len(changed)} files changed. {told}."]), err=True)
