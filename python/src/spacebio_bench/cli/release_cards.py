"""`release cards`: the generated documents and the manifest."""

from __future__ import annotations

from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cli._root import root_option


@click.command()
@root_option
@click.option("--check", is_flag=True, help="Write nothing; say what differs and end with 4.")
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Report of `release qa` to record as the gate's last run.",
)
@json_option
@quiet_option
def command(*, root: Path, check: bool, evidence: Path | None, as_json: bool, quiet: bool) -> None:
    """Make README, cards, citation and manifest from facts, claims and result files."""
    from spacebio_bench.release import documents, manifest  # noqa: PLC0415 - quick --help
    from spacebio_bench.release.evidence import record  # noqa: PLC0415

    if check:
        problems = documents.document_problems(root, documents.render(root))
        problems += manifest.manifest_problems(root)
        if as_json:
            print_json({"problems": [{"where": p.where, "what": p.what} for p in problems]})
        elif problems or not quiet:
            click.echo("\n".join([*map(str, problems), f"{len(problems)} differences."]), err=True)
        raise SystemExit(4 if problems else 0)
    changed = [record(root, evidence)] if evidence is not None else []
    changed += documents.write(root)
    changed += [manifest.MANIFEST] if manifest.write_manifest(root) else []
    if as_json:
        print_json({"changed": changed})
    elif not quiet:
        click.echo("\n".join([*changed, f"{len(changed)} files written."]), err=True)
