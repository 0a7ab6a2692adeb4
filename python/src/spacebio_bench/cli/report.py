"""`spacebio-bench report`: the page people read, its figures, and the manifest of the results."""

from __future__ import annotations

from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("report")
@click.option(
    "--results", required=True, type=_FOLDER, help="Folder of cells.csv and the other tables."
)
@click.option("--cohorts", required=True, type=_FOLDER, help="Folder of the cohort stores.")
@click.option("--plan", required=True, type=_FOLDER, help="Folder that `plan` wrote.")
@click.option("--checked", type=_FOLDER, help="Folder that `check` wrote: names excluded samples.")
@click.option(
    "--outdir",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where report.html goes.",
)
@json_option
@quiet_option
def command(
    *,
    results: Path,
    cohorts: Path,
    plan: Path,
    checked: Path | None,
    outdir: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write report.html, figures/ and manifest.json."""
    from spacebio_bench.report._contents import read_inputs  # noqa: PLC0415  a quick --help
    from spacebio_bench.report.manifest import write_manifest  # noqa: PLC0415
    from spacebio_bench.report.page import write_report  # noqa: PLC0415

    inputs = read_inputs(results=results, cohorts=cohorts, plan=plan, checked=checked)
    written = write_report(inputs, outdir)
    manifest = write_manifest(results=results, cohorts=cohorts, outdir=outdir)
    if as_json:
        print_json(
            {
                "report": str(written.page),
                "bytes": written.size,
                "figures": list(written.figures),
                "manifest": str(manifest),
            }
        )
    elif not quiet:
        click.echo(f"{written.page}: {written.size / 1e6:.1f} MB, {len(written.figures)} figures")
