"""Parameters: one schema for the pipeline and the package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacebio_bench.errors import InputError
from spacebio_bench.parameters import (
    default_parameters,
    names_in,
    parameter_names,
    parameter_schema,
    read_parameters,
    validate_parameters,
)
from spacebio_bench.protocol import protocol_names

NAMES = (
    "input gene_sets symbols outdir ledger cohorts protocol tasks tissues features models strata "
    "n_permutations n_bootstraps seed backend workers images unit_timeout help "
    "models_image binds scratch partition account sbatch_options queue_size worker_cores "
    "worker_memory walltime scheduler_interface worker_interface worker_quorum worker_deadline "
    "dashboard preflight"
)


def test_the_names_others_rely_on() -> None:
    assert sorted(parameter_names()) == sorted(NAMES.split())


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(parameter_schema())
    referred = [entry["$ref"] for entry in parameter_schema()["allOf"]]
    assert referred == [f"#/$defs/{group}" for group in parameter_schema()["$defs"]]


@pytest.mark.parametrize("name", NAMES.split())
def test_every_parameter_is_described(name: str) -> None:
    groups = parameter_schema()["$defs"].values()
    (entry,) = [g["properties"][name] for g in groups if name in g["properties"]]
    assert entry["type"] in ("string", "integer", "boolean")
    assert len(entry["description"]) > 15


def test_nextflow_and_the_package_read_the_same_file(project: Path) -> None:
    package = project / "python/src/spacebio_bench/nextflow_schema.json"
    assert (project / "nextflow_schema.json").resolve() == package.resolve()


def test_defaults_satisfy_the_schema() -> None:
    defaults = {k: v for k, v in default_parameters().items() if v is not None}
    assert validate_parameters(defaults) == default_parameters()
    assert default_parameters()["protocol"] in protocol_names()


@pytest.mark.parametrize("protocol", [*protocol_names(), "mine.yaml", "conf/mine.yml"])
def test_every_protocol_may_be_asked_for(protocol: str) -> None:
    assert validate_parameters({"protocol": protocol})["protocol"] == protocol


@pytest.mark.parametrize(
    ("name", "value", "typed"),
    [
        ("seed", "7", 7),
        ("seed", 7.0, 7),
        ("tissues", 7, "7"),
        ("n_permutations", 99, "99"),
        ("n_permutations", "99,rf=9,xgb=9,mlp=9", "99,rf=9,xgb=9,mlp=9"),
        ("models", ["knn", "rf"], "knn,rf"),
        ("help", "true", True),
        ("workers", None, 0),
        ("ledger", None, None),
        ("gene_sets", "a=x.gmt,b=y.gmt", "a=x.gmt,b=y.gmt"),
    ],
)
def test_types_as_a_command_line_gives_them(name: str, value: Any, typed: Any) -> None:
    result = validate_parameters({name: value})[name]
    assert result == typed
    assert type(result) is type(typed)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("seed", "seven", '--seed: a whole number is needed, not "seven".'),
        ("seed", -1, "--seed: -1 is below 0."),
        ("seed", 2**32, "--seed: 4294967296 is above 4294967295."),
        ("seed", 1.5, "--seed: a whole number is needed, not 1.5."),
        ("seed", True, "--seed: has no value."),
        ("models", True, "--models: has no value."),
        ("backend", "cluster", "--backend: 'cluster' is not one of serial, joblib, local, slurm."),
        ("unit_timeout", 0, "--unit_timeout: 0 is below 1."),
        ("n_permutations", "99,rf", "--n_permutations: '99,rf' is not of the form that is needed."),
        ("n_permutations", "-9", "--n_permutations: '-9' is not of the form that is needed."),
        ("tasks", "pears", "--tasks: 'pears' is not of the form that is needed."),
        ("gene_sets", "h.gmt", "--gene_sets: 'h.gmt' is not of the form that is needed."),
        ("protocol", "v9", "--protocol: 'v9' is not of the form that is needed."),
        ("outdir", {"a": 1}, '--outdir: text is needed, not {"a": 1}.'),
        ("n_permutation", 9, "--n_permutation: is not a parameter. Did you mean --n_permutations?"),
        ("n-permutations", 9, "Did you mean --n_permutations?"),
        ("nPermutations", 9, "Did you mean --n_permutations?"),
        ("genesets", "x", "Did you mean --gene_sets?"),
        ("zzz", 1, "--zzz: is not a parameter. There are input, gene_sets,"),
    ],
)
def test_says_what_is_wrong(name: str, value: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        validate_parameters({name: value})
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1


def test_all_problems_at_once() -> None:
    with pytest.raises(InputError) as caught:
        validate_parameters({"sed": 1, "seed": "x", "backend": "y", "workers": -1})
    assert len(caught.value.problems) == 4


@given(
    st.dictionaries(
        st.sampled_from(NAMES.split()) | st.text(max_size=10),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
            lambda values: st.lists(values, max_size=3),
        ),
        max_size=5,
    )
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_values_are_accepted_or_named(given_values: dict[str, Any]) -> None:
    try:
        result = validate_parameters(given_values)
    except InputError:
        return
    assert validate_parameters(result) == result


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "row 1: is not JSON"),
        (b'{"a": 1,\n}', "row 2: is not JSON"),
        (b"[1]", "must hold one JSON object"),
        (b"\xff", "is not UTF-8 text"),
        (b"[" * 100_000, "is not JSON"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_parameter_files_that_cannot_be_read(
    content: bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "params.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_parameters(path)


def test_reads_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "params.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"seed": 1}).encode())
    assert read_parameters(path) == {"seed": 1}


def test_names_in_a_list() -> None:
    assert names_in(" a, b,,c ") == ("a", "b", "c")
    assert names_in(None) == ()


@pytest.mark.pipeline
def test_the_pipeline_has_the_same_parameters_and_defaults(project: Path) -> None:
    nextflow = project / ".venv/bin/nextflow"
    if not nextflow.exists():
        pytest.skip(f"Nextflow is not at {nextflow}")
    import subprocess

    shown = subprocess.run(
        [nextflow, "config", "-o", "json", project], capture_output=True, text=True, check=True
    )
    configured = json.loads(shown.stdout)["params"]
    assert sorted(configured) == sorted(parameter_names())
    defaults = default_parameters()
    differing = {k: v for k, v in configured.items() if v is not None and v != defaults[k]}
    assert differing == {}
