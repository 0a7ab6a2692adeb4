"""What a run was given: options, a parameter file, or the word `simulated`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spacebio_bench.cohort._findings import Findings, listing
from spacebio_bench.cohort.check import check_studies
from spacebio_bench.cohort.gene_sets import parse_named_files
from spacebio_bench.cohort.simulated_studies import Design, write_studies
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.parameters import names_in, read_parameters, validate_parameters
from spacebio_bench.protocol import load_protocol

SIMULATED = "simulated"


def check_inputs(
    options: Mapping[str, Any],
    *,
    parameter_file: Path | None,
    outdir: Path | None,
    only_tissues: Sequence[str] = (),
    left_out: Mapping[str, str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Check parameters and studies together, so that all problems are seen at once.

    Parameters
    ----------
    options
        `input`, `gene_sets`, `symbols`, `tissues` as given by hand; they win over the file, which
        is what is recorded.
    parameter_file
        JSON file with the parameters of the run.
    outdir
        Where the checked studies go; None only checks.
    only_tissues
        Leave out the studies of other tissues, unseen.
    left_out
        Accessions that the published benchmark leaves out, and why: a note where one is used.
    progress
        Told a line for each study.

    Returns
    -------
    The content of `check.json`.

    Raises
    ------
    InputError
        Everything that is wrong.
    """
    findings = Findings()
    given: dict[str, Any] = {}
    if parameter_file:
        try:
            given = read_parameters(parameter_file)
        except InputError as error:
            findings.problems.extend(error.problems)
    parameters = _validated(dict(options) | given, findings)
    used = given | dict(options)
    sheet = used.get("input")
    if not isinstance(sheet, str):  # a flag without a value is `true`
        sheet = None
    if not sheet and not used.get("cohorts"):
        findings.wrong("--input", "a study sheet is needed.")
        findings.raise_if_any()
    gene_sets = parse_named_files(str(used.get("gene_sets") or ""), findings, option="--gene_sets")
    symbols = Path(str(used["symbols"])) if used.get("symbols") else None
    with tempfile.TemporaryDirectory(prefix="spacebio-bench-") as folder:
        if sheet == SIMULATED:
            made = write_studies(Path(folder), Design(seed=parameters.get("seed", 42)))
            sheet, gene_sets = str(made.sheet), gene_sets or dict(made.gene_sets)
            symbols = symbols or made.symbols
        try:
            summary = check_studies(
                Path(sheet) if sheet else None,
                gene_sets=gene_sets,
                symbols=symbols,
                parameters=parameters,
                only_tissues=only_tissues,
                left_out=left_out or {},
                outdir=None if findings.problems else outdir,
                progress=progress,
            )
        except InputError as error:
            raise InputError([*findings.problems, *error.problems]) from error
    findings.raise_if_any()
    return summary


def parameter_problems(given: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with parameters, the names in them that the protocol must know included."""
    findings = Findings()
    _validated(given, findings)
    return findings.problems


def _validated(given: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """Validated parameters with defaults; problems are collected, as the studies come next."""
    try:
        parameters = validate_parameters(given)
    except InputError as error:
        findings.problems.extend(error.problems)
        return {}
    findings.problems.extend(_protocol_problems(parameters))
    return parameters


def _protocol_problems(parameters: Mapping[str, Any]) -> list[Problem]:
    try:
        protocol = load_protocol(parameters["protocol"])
    except InputError as error:
        return list(error.problems)
    known = list(protocol.models)
    budgets = names_in(parameters["n_permutations"])
    named = {
        "models": names_in(parameters["models"]),
        "n_permutations": tuple(b.partition("=")[0] for b in budgets if "=" in b),
    }
    return [
        Problem(f"--{option}", f"'{n}' is not a model of {protocol.name}: {listing(known, 20)}.")
        for option, names in named.items()
        for n in names
        if n not in known
    ]
