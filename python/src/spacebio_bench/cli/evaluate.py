"""`evaluate`: what a submission is worth, and where it stands."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option

PATH = click.Path(path_type=Path)
RULES = ("v1", "published-submission")


@click.command()
@click.argument("file", type=PATH)
@click.option("--task", help="Task, as A6 or A6_eye_lomo; the file's own by default.")
@click.option("--labels", required=True, type=PATH, help="CSV file: sample,mission,label.")
@click.option("--rule", type=click.Choice(RULES), default="v1", show_default=True, help="Verdict.")
@click.option("--leaderboard", type=PATH, help="Folder of judged submissions to compare with.")
@click.option("--add", is_flag=True, help="Add the submission to --leaderboard for good.")
@click.option("--html", "html", type=PATH, help="Page of this evaluation to write.")
@click.option("--model-name", help="Where the file has none.")
@click.option("--model-description", help="Where the file has none.")
@click.option("--tier", type=click.Choice(["1", "2", "3"]), help="Where the file has none.")
@click.option("--submission-date", help="YYYY-MM-DD, where the file has none.")
@click.option(
    "--saw-other-folds-labels",
    type=click.BOOL,
    help="Whether a model saw labels that another fold tests, where the file does not say.",
)
@json_option
@quiet_option
def command(
    *,
    file: Path,
    task: str | None,
    labels: Path,
    rule: str,
    leaderboard: Path | None,
    add: bool,
    html: Path | None,
    as_json: bool,
    quiet: bool,
    **entries: str | bool | None,
) -> None:
    """Judge FILE, the predictions of a model, by labels that the submitter need not have.

    FILE is JSON with probabilities, or a CSV or Parquet table of fold, sample and score.
    """
    # ruff: noqa: PLC0415 - quick --help
    from spacebio_bench.files import check_target, write_text
    from spacebio_bench.submission.evaluate import evaluate_submission
    from spacebio_bench.submission.leaderboard import add_record, read_leaderboard
    from spacebio_bench.submission.page import evaluation_page
    from spacebio_bench.submission.read import read_submission
    from spacebio_bench.submission.records import Record
    from spacebio_bench.submission.standing import place_of
    from spacebio_bench.submission.terminal import as_text
    from spacebio_bench.submission.words import standing

    if add and leaderboard is None:
        msg = "--add needs --leaderboard, the folder to add to."
        raise click.UsageError(msg)
    if html is not None:
        check_target(html)
    submission, truth = read_submission(file, labels, task=task, options=entries)
    evaluation = evaluate_submission(submission, truth, rule=rule)
    place, line, told = None, None, ""
    if leaderboard is not None:
        record = Record.of(submission, evaluation)
        place = place_of(record, read_leaderboard(leaderboard))
        line = standing(place)
        if add:
            path, new = add_record(leaderboard, record)
            told = f"{'added as' if new else 'already there, nothing was changed:'} {path}"
    if html is not None:
        write_text(html, evaluation_page(evaluation, place=line))
    if as_json:
        found = dataclasses.asdict(place) if place else None
        print_json(evaluation.to_dict() | {"leaderboard": found})
    elif not quiet:
        click.echo(as_text(evaluation, place=line))
        if told:
            click.echo(f"\n{told}")
