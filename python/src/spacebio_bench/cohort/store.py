"""The cohort store: one tissue as AnnData on Zarr, format 3."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.enrichment import as_arrays, as_table
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import take_place
from spacebio_bench.typing import Matrix

BATCH = "batch_"
NEEDED = ("mission", "accession", "condition", "role")


def write_cohort(
    path: Path,
    *,
    tissue: str,
    obs: pd.DataFrame,
    genes: Sequence[str] = (),
    x: Matrix | None = None,
    counts: NDArray[Any] | None = None,
    symbols: Sequence[str] | None = None,
    n_studies: Sequence[int] | None = None,
    matrices: Mapping[str, pd.DataFrame] | None = None,
    layers: Mapping[str, Matrix] | None = None,
    enrichment: pd.DataFrame | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Write a store, whole or not at all; an old store at `path` is replaced.

    Parameters
    ----------
    obs
        Indexed by sample: `mission`, `accession`, `condition`, `role` and any further columns,
        strings or floats.
    x
        log2(normalised count + 1), shape (n_samples, n_genes); stored as float32.
    counts
        Rounded counts, same shape.
    matrices
        Further feature sets, each with the rows of `obs`; their order is kept.
    layers
        Batch-corrected versions of `x` by method, same shape, NaN where there is none; stored as
        float32 under `batch_<method>`.
    enrichment
        Of :mod:`spacebio_bench.cohort.enrichment`, its rows of this tissue.
    provenance
        Input digests, tool versions, recipe, protocol: nested data, no `/` in its keys.

    Returns
    -------
    sha256 by feature set and of `obs`, as `read_cohort` computes them.
    """
    import anndata  # noqa: PLC0415  takes a second
    import zarr  # noqa: PLC0415

    matrices = dict(matrices or {})
    values = np.zeros((len(obs), 0)) if x is None else x
    dense = np.ascontiguousarray(values, dtype=np.float32)
    corrected = {
        name: np.ascontiguousarray(layer, dtype=np.float32)
        for name, layer in sorted((layers or {}).items())
    }
    scores = {} if enrichment is None else {"enrichment": as_arrays(enrichment)}
    digests = cohort_digests(obs, tuple(genes), dense, matrices, corrected, enrichment)
    var = pd.DataFrame(
        {
            "symbol": np.array(symbols if symbols is not None else [""] * len(genes), dtype=object),
            "n_studies": np.array(
                n_studies if n_studies is not None else [1] * len(genes), dtype=np.int64
            ),
        },
        index=pd.Index(np.array(genes, dtype=object), name="gene_id"),
    )
    store = anndata.AnnData(
        X=dense,
        obs=obs,
        var=var,
        obsm={name: frame.to_numpy(dtype=np.float64) for name, frame in matrices.items()},
        layers={
            **({} if counts is None else {"counts": counts}),
            **{f"{BATCH}{name}": layer for name, layer in corrected.items()},
        },
        uns={
            "tissue": tissue,
            "feature_sets": np.array(list(matrices), dtype=object),
            "features": {
                name: np.array(frame.columns, dtype=object) for name, frame in matrices.items()
            },
            **scores,
            "provenance": {**(provenance or {}), "content": dict(digests)},
        },
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        with anndata.settings.override(auto_shard_zarr_v3=False):
            anndata.io.write_elem(zarr.open_group(partial, mode="w", zarr_format=3), "/", store)
        take_place(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return digests


def read_cohort(path: Path) -> Cohort:
    """Read a store of ours, or any AnnData on Zarr with `NEEDED` in `obs`.

    Raises
    ------
    InputError
        No store there, not one of these, unreadable, or not what was written.
    """
    import zarr  # noqa: PLC0415
    from anndata.io import read_elem  # noqa: PLC0415

    path = Path(path)
    if not path.is_dir():
        raise InputError([Problem(str(path), "there is no cohort store.")])
    try:
        group = zarr.open_group(path, mode="r")
        missing = {"X", "obs", "var", "obsm", "uns"} - set(group)
        if missing:
            what = f"is not a cohort store: it has no {', '.join(sorted(missing))}."
            raise InputError([Problem(str(path), what)])
        obs, var, uns = (read_elem(group[name]) for name in ("obs", "var", "uns"))
        x = read_elem(group["X"])
        obsm = read_elem(group["obsm"])
        layers = _read_layers(group)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
        what = f"cannot be read as a cohort store: {str(error).splitlines()[0]}"
        raise InputError([Problem(str(path), what)]) from error
    return _cohort(path, obs, var, uns, x, obsm, layers)


def _cohort(
    path: Path,
    obs: pd.DataFrame,
    var: pd.DataFrame,
    uns: Mapping[str, Any],
    x: Any,
    obsm: Mapping[str, Any],
    layers: Mapping[str, Matrix],
) -> Cohort:
    absent = [name for name in NEEDED if name not in obs]
    if absent:
        raise InputError([Problem(str(path), f"obs has no column {', '.join(absent)}.")])
    obs = _plain_table(obs)
    names = uns.get("features", {})
    matrices = {}
    for name in _in_order(obsm, uns.get("feature_sets", ())):
        values = obsm[name]
        given = values.columns if isinstance(values, pd.DataFrame) else names.get(name)
        array = np.asarray(values, dtype=np.float64)
        if given is None or len(given) != array.shape[1]:
            what = f"uns['features'] does not name the columns of obsm['{name}']."
            raise InputError([Problem(str(path), what)])
        columns = pd.Index([str(column) for column in given], dtype=object)
        matrices[name] = pd.DataFrame(array, index=obs.index, columns=columns)
    dense = _dense(x)
    genes = tuple(str(gene) for gene in var.index)
    enrichment = as_table(uns["enrichment"]) if "enrichment" in uns else None
    digests = cohort_digests(obs, genes, dense, matrices, layers, enrichment)
    changed = _changed(uns.get("provenance", {}).get("content", {}), digests)
    if changed:
        what = (
            f"{', '.join(changed)}: not what was written. The store is damaged or was edited: build"
            " it again, or delete uns['provenance'] from an edited one."
        )
        raise InputError([Problem(str(path), what)])
    tissue = str(uns.get("tissue", path.name.removesuffix(".zarr")))
    symbols = tuple(str(symbol) for symbol in var.get("symbol", ()))
    known = symbols if any(symbols) else ()
    return Cohort(tissue, obs, genes, dense, matrices, digests, known, layers, enrichment)


def _read_layers(group: Any) -> dict[str, Matrix]:
    """Corrected expression by method; the counts stay where they are."""
    from anndata.io import read_elem  # noqa: PLC0415

    stored = group.get("layers", {})
    names = sorted(name for name in stored if name.startswith(BATCH))
    return {name.removeprefix(BATCH): _dense(read_elem(stored[name])) for name in names}


def _dense(values: Any) -> Matrix:
    plain = values.toarray() if hasattr(values, "toarray") else values
    return np.ascontiguousarray(plain, dtype=np.float32)


def cohort_digests(
    obs: pd.DataFrame,
    genes: Sequence[str],
    x: Matrix,
    matrices: Mapping[str, pd.DataFrame],
    layers: Mapping[str, Matrix] | None = None,
    enrichment: pd.DataFrame | None = None,
) -> dict[str, str]:
    """sha256 of `obs`, `gene`, every further feature set and layer, with samples and columns."""
    scores = {} if enrichment is None else {"enrichment": _digest_table(enrichment)}
    samples = [str(sample) for sample in obs.index]
    return {
        "obs": _digest_table(obs),
        "gene": _digest_matrix(samples, genes, x),
        **{
            name: _digest_matrix(samples, list(frame.columns), frame.to_numpy())
            for name, frame in matrices.items()
        },
        **{
            f"layer:{name}": _digest_matrix(samples, genes, layer)
            for name, layer in (layers or {}).items()
        },
        **scores,
    }


def _digest_matrix(samples: Sequence[str], columns: Sequence[str], values: Matrix) -> str:
    kind = np.dtype(values.dtype).newbyteorder("<")
    digest = hashlib.sha256(
        json.dumps([kind.str, list(samples), [str(c) for c in columns]]).encode()
    )
    plain = np.where(np.isnan(values), np.array(np.nan, values.dtype), values)  # one NaN of many
    digest.update(np.ascontiguousarray(plain, dtype=kind).tobytes())
    return digest.hexdigest()


def _digest_table(obs: pd.DataFrame) -> str:
    columns = {str(name): [_plain_value(v) for v in obs[name]] for name in obs.columns}
    content = json.dumps([[str(sample) for sample in obs.index], columns])
    return hashlib.sha256(content.encode()).hexdigest()


def _plain_value(value: Any) -> str:
    return repr(float(value)) if isinstance(value, float | np.floating) else str(value)


def _plain_table(obs: pd.DataFrame) -> pd.DataFrame:
    """Text columns as plain strings, "" where missing; numbers as they are."""
    table = obs.copy()
    table.index = pd.Index([str(sample) for sample in obs.index], dtype=object, name="sample")
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name].dtype):
            values = table[name].astype(object)
            table[name] = values.where(values.notna(), "").map(str)
    return table


def _in_order(found: Mapping[str, Any], written: Sequence[str]) -> list[str]:
    """Names as they were written: the first collection is the one that `combined` takes."""
    place = {str(name): i for i, name in enumerate(written)}
    return sorted(found, key=lambda name: (place.get(name, len(place)), name))


def _changed(written: Mapping[str, Any], found: Mapping[str, str]) -> list[str]:
    names = sorted({*written, *found}) if written else []
    return [name for name in names if str(written.get(name, "")) != found.get(name, "")]
