"""`release upload`: execute an upload plan."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.option(
    "--plan", "plan_file", required=True, type=click.Path(path_type=Path), help="File of the plan."
)
@click.option(
    "--root", type=FOLDER, default=".", show_default=True, help="Folder the plan was made in."
)
@click.option("--revision", default="main", show_default=True, help="Branch of the repository.")
@click.option("--message", default="", help="Of the commit.")
@click.option("--remote-diff", is_flag=True, help="Only compare hashes; change nothing.")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent and deleted.")
@click.option("--download", is_flag=True, help="Verify by downloading and hashing every file.")
@click.option("--prune", is_flag=True, help="Delete what the plan's folders have beside the plan.")
@json_option
@quiet_option
def command(
    *,
    plan_file: Path,
    root: Path,
    revision: str,
    message: str,
    remote_diff: bool,
    dry_run: bool,
    download: bool,
    prune: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Send what differs in one commit and verify every file; 4 if one is not as planned.

    The token is that of HF_TOKEN or of `hf auth login`; HF_ENDPOINT names another hub.
    """
    from spacebio_bench.release.hub_client import open_hub  # noqa: PLC0415 - quick --help
    from spacebio_bench.release.hub_state import lines  # noqa: PLC0415
    from spacebio_bench.release.hub_upload import compare_remote, upload  # noqa: PLC0415
    from spacebio_bench.release.upload_plan import read_plan  # noqa: PLC0415

    plan = read_plan(plan_file)
    talk = not (as_json or quiet)
    hub = open_hub(plan.repo_id, bars=talk and sys.stderr.isatty())
    if remote_diff or dry_run:
        found = compare_remote(plan, hub, root=root, revision=revision, download=download)
        if as_json:
            print_json({"repo_id": plan.repo_id, **found.to_dict()})
        elif remote_diff:
            _print(lines(found), quiet=quiet)
        else:
            todo = [
                f for f in found.files if f.action == "upload" or (prune and f.action == "delete")
            ]
            _print((f"{f.action} {f.repo_path}" for f in todo), quiet=quiet)
            _print([f"{len(todo)} files would change; commit {found.commit}"], quiet=quiet)
        if remote_diff and len(found.having("same")) < len(found.files):
            raise SystemExit(4)
        return
    done = upload(
        plan,
        hub,
        root=root,
        revision=revision,
        message=message,
        prune=prune,
        download=download,
        tell=(lambda line: click.echo(line, err=True)) if talk else None,
    )
    if as_json:
        print_json({"repo_id": plan.repo_id, **done.to_dict()})
    else:
        _print(lines(done.verified), quiet=quiet and done.whole)
    if not done.whole:
        click.echo("the repository is not as planned; run the same command again.", err=True)
        raise SystemExit(4)


def _print(texts: Iterable[str], *, quiet: bool) -> None:
    for text in texts:
        if not quiet:
            click.echo(text)
