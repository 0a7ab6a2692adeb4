"""`release validate`: is everything that the manifest lists what it says?"""

from __future__ import annotations

from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cli._root import root_option


@click.command()
@root_option
@click.option(
    "--manifest",
    "name",
    default="release/release_manifest.json",
    show_default=True,
    help="Manifest, relative to the root.",
)
@click.option(
    "--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write a JUnit report here."
)
@json_option
@quiet_option
def command(*, root: Path, name: str, junit: Path | None, as_json: bool, quiet: bool) -> None:
    """Recompute every digest of the manifest; look up its paths, ids, commits and facts.

    Ends with 4 and everything that is wrong; with 2 where there is nothing to judge.
    """
    from spacebio_bench.files import check_target, write_text  # noqa: PLC0415
    from spacebio_bench.release.checkout import is_checkout, is_shallow  # noqa: PLC0415
    from spacebio_bench.release.gates.report import junit_of_problems  # noqa: PLC0415
    from spacebio_bench.release.manifest import manifest_problems  # noqa: PLC0415 - quick --help

    if junit is not None:
        check_target(junit)
    problems = manifest_problems(root, name=name)
    looked_up = is_checkout(root) and not is_shallow(root)
    if junit is not None:
        write_text(junit, junit_of_problems("release validate", problems))
    if as_json:
        print_json(
            {
                "manifest": name,
                "passed": not problems,
                "commits_looked_up": looked_up,
                "problems": [{"where": p.where, "what": p.what} for p in problems],
            }
        )
    elif problems:
        click.echo("\n".join([*map(str, problems), f"{len(problems)} problems."]), err=True)
    elif not quiet:
        note = "" if looked_up else " Commits were not looked up: no full git checkout."
        click.echo(f"{name}: everything is as listed.{note}", err=True)
    raise SystemExit(4 if problems else 0)
