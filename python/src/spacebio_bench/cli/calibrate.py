"""`calibrate`: does every number mean what it says?"""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from pathlib import Path

import click

from spacebio_bench.cli._lists import comma_list
from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.errors import InputError, Problem


@click.command()
@click.option("--quick", is_flag=True, help="The small table, of minutes.")
@click.option("--designs", default="", help="Names, `*` for any part of one; all by default.")
@click.option("--cohorts", type=click.IntRange(1), help="Cohorts a design. [default: its own]")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--seed", default=42, show_default=True, help="Seed of everything random.")
@click.option("--ledger", type=click.Path(path_type=Path), help="Folder of finished designs.")
@click.option("--output", type=click.Path(path_type=Path), help="Markdown file.")
@json_option
@quiet_option
def command(
    *,
    quick: bool,
    designs: str,
    cohorts: int | None,
    workers: int,
    seed: int,
    ledger: Path | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Simulate cohorts whose truth is known, and count how often each statistic is right.

    Exit code 4: a claim fails. The same numbers whatever the number of workers; with --ledger,
    designs that are done already are not simulated again. A file that exists keeps what stands
    above the mark of the table.
    """
    from spacebio_bench.calibration.designs import experiments  # noqa: PLC0415 - quick --help
    from spacebio_bench.calibration.run import over_designs, run_experiments  # noqa: PLC0415
    from spacebio_bench.calibration.table import below_mark, lines, markdown  # noqa: PLC0415

    every = experiments()
    wanted = comma_list(designs)
    unknown = [w for w in wanted if not any(fnmatchcase(e.name, w) for e in every)]
    if unknown:
        names = ", ".join(e.name for e in every)
        raise InputError([Problem("--designs", f"'{w}' is not one of {names}.") for w in unknown])
    chosen = [e for e in every if not wanted or any(fnmatchcase(e.name, w) for w in wanted)]
    if quick and not wanted:
        chosen = [e for e in chosen if e.quick_cohorts]
    sized = [(e, cohorts or (quick and e.quick_cohorts) or e.cohorts) for e in chosen]

    def tell(line: str) -> None:
        if not quiet:
            click.echo(line, err=True)

    results = []
    for rows in run_experiments(sized, seed=seed, workers=workers, ledger=ledger, tell=tell):
        results += rows
        if output:
            table = markdown([*results, *over_designs(results)], chosen)
            before = output.read_text(encoding="utf-8") if output.exists() else ""
            output.write_text(below_mark(before, table), encoding="utf-8")
    results += over_designs(results)
    failed = [r for r in results if r.verdict == "fails"]
    if as_json:
        print_json(
            [
                {
                    "claim": r.claim.text,
                    "bound": r.claim.bound,
                    "key": r.key,
                    "design": r.design,
                    "subject": r.subject,
                    "cohorts": r.n,
                    "estimate": r.estimate,
                    "error": r.error,
                    "verdict": r.verdict,
                }
                for r in results
            ]
        )
    elif not quiet:
        click.echo("\n".join(lines(results)))
        click.echo(f"{len(results)} numbers, {len(failed)} of them fail their claim.")
    sys.exit(4 if failed else 0)
