"""The release manifest: what a release holds, with digests, and what stands behind it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import sha256_of, write_text
from spacebio_bench.release.checkout import is_checkout, is_shallow, knows_commit
from spacebio_bench.release.claims import CLAIMS, read_claims
from spacebio_bench.release.documents import DOCUMENTS
from spacebio_bench.release.facts import FACTS, Facts, read_facts
from spacebio_bench.release.paths import leaves, path_problem
from spacebio_bench.release.sources import read_json, schema_problems

MANIFEST = "release/release_manifest.json"
SCHEMA = "release/release_manifest.schema.json"
EVIDENCE = "release/evidence"
FURTHER = ("LICENSE", "CHANGELOG.md", "docs/published-figures.csv", "docs/benchmarks.md")
"""Listed beside the generated documents and what is in `release/`."""
_KINDS = {
    "release/results/": "results",
    "release/templates/": "template",
    "release/fixtures/": "fixture",
    "release/evidence/": "evidence",
    "release/catalog/": "catalog",
    "release/": "source",
}


def build_manifest(root: Path) -> dict[str, Any]:
    """The manifest of a release as its files are now.

    Raises
    ------
    InputError
        Facts, claims or evidence cannot be read.
    """
    facts, claims = read_facts(root), read_claims(root)
    artifacts = [_artifact(root, name, facts) for name in artifact_files(root)]
    runs = _runs(root)
    return {
        "$schema": Path(SCHEMA).name,
        "schema_version": 1,
        "project": {
            key: facts.data[key]
            for key in ("title", "version", "date", "data_freeze", "description")
        }
        | {"licence": facts.data["licence"]["code"]},
        "source_control": {
            "kind": "git",
            "branch": facts.data["branch"],
            "commits": sorted(
                ({"role": role, "commit": commit} for role, commit in _commits(runs)),
                key=lambda entry: entry["role"],
            ),
        },
        "lanes": [_lane(lane, artifacts, claims) for lane in facts.data["lanes"]],
        "artifacts": [{k: v for k, v in entry.items() if k != "lane"} for entry in artifacts],
        "gates": [
            {key: gate[key] for key in ("id", "title", "command")}
            | {"evidence": _last_run(root, gate["evidence"])}
            for gate in facts.data["gates"]
        ],
        "open_decisions": facts.data["open_decisions"],
    }


def write_manifest(root: Path) -> bool:
    """Write the manifest; whether it changed."""
    text = json.dumps(build_manifest(root), indent=1, ensure_ascii=False) + "\n"
    target = root / MANIFEST
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    write_text(target, text)
    return True


def artifact_files(root: Path) -> list[str]:
    """Files that the manifest lists: what is in `release/`, generated documents, a few more."""
    inside = [
        path.relative_to(root).as_posix()
        for path in sorted((root / "release").rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    return sorted({*inside, *DOCUMENTS, *FURTHER} - {MANIFEST})


def manifest_problems(root: Path, *, name: str = MANIFEST) -> list[Problem]:
    """Everything wrong with a manifest, by its schema, its files, its ids and its commits.

    Raises
    ------
    InputError
        The manifest, its schema, facts or claims cannot be read at all.
    """
    manifest = read_json(root, name)
    problems = schema_problems(manifest, schema=read_json(root, SCHEMA), name=name)
    if not isinstance(manifest, dict):
        return problems
    problems += _file_problems(root, name, _entries(manifest, "artifacts"))
    problems += _id_problems(root, name, manifest)
    problems += _commit_problems(root, name, manifest)
    problems += _fact_problems(name, manifest, read_facts(root))
    return list(dict.fromkeys(problems))


def _file_problems(root: Path, name: str, artifacts: list[Mapping[str, Any]]) -> Iterator[Problem]:
    listed: Counter[str] = Counter()
    for i, entry in enumerate(artifacts):
        text, where = entry.get("path"), f"{name}, artifacts[{i}]"
        if not isinstance(text, str):
            continue
        wrong = path_problem(text)
        if wrong:
            yield Problem(where, f"{text!r} {wrong}")
            continue
        listed[text] += 1
        path = root / text
        if not path.is_file():
            yield Problem(where, f"{text} is not there.")
        elif path.is_symlink() or leaves(root, text):
            yield Problem(where, f"{text} is a link; a release holds files.")
        else:
            yield from _content_problems(where, text, path, entry)
    for text, times in listed.items():
        if times > 1:
            yield Problem(name, f"{text} is listed {times} times.")
    for text in artifact_files(root):
        if text not in listed:
            what = f"{text} is not listed; `spacebio-bench release cards` lists it."
            yield Problem(name, what)


def _content_problems(
    where: str, text: str, path: Path, entry: Mapping[str, Any]
) -> Iterator[Problem]:
    size, digest = path.stat().st_size, sha256_of(path)
    if entry.get("bytes") != size:
        yield Problem(where, f"{text} has {size} bytes, the manifest says {entry.get('bytes')}.")
    if entry.get("sha256") != digest:
        what = f"{text} has sha256 {digest}, the manifest says {entry.get('sha256')}."
        yield Problem(where, what)


def _id_problems(root: Path, name: str, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    known = {
        part: [entry.get("id") for entry in _entries(manifest, part)]
        for part in ("lanes", "artifacts", "gates", "open_decisions")
    }
    for part, ids in known.items():
        repeated = [(id_, n) for id_, n in Counter(map(str, ids)).items() if n > 1]
        for id_, times in repeated:
            yield Problem(f"{name}, {part}", f"the id {id_} is there {times} times.")
    yield from _dangling(root, name, manifest, known)


def _dangling(
    root: Path, name: str, manifest: Mapping[str, Any], known: Mapping[str, list[Any]]
) -> Iterator[Problem]:
    claims = read_claims(root)
    for i, lane in enumerate(_entries(manifest, "lanes")):
        where = f"{name}, lanes[{i}]"
        for id_ in _texts(lane.get("artifacts")):
            if id_ not in known["artifacts"]:
                yield Problem(where, f"names the artifact {id_}, which is not listed.")
        for id_ in _texts(lane.get("claims")):
            if id_ not in claims:
                yield Problem(where, f"names the claim {id_}, which {CLAIMS} does not have.")
    for claim in claims.values():
        if claim.lane not in known["lanes"]:
            yield Problem(f"{CLAIMS}, {claim.id}", f"names the lane {claim.lane}: there is none.")


def _commit_problems(root: Path, name: str, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    if not is_checkout(root) or is_shallow(root):
        return  # said by the gate: nothing to look commits up in
    control = manifest.get("source_control")
    entries = control.get("commits") if isinstance(control, dict) else None
    for i, entry in enumerate(entries if isinstance(entries, list) else []):
        commit = entry.get("commit") if isinstance(entry, dict) else None
        if isinstance(commit, str) and not knows_commit(root, commit):
            where = f"{name}, source_control.commits[{i}]"
            what = f"the commit {commit} is not in the history of this checkout"
            yield Problem(where, f"{what}: name one of the main branch.")


def _fact_problems(name: str, manifest: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    project = manifest.get("project")
    for key, value in (project if isinstance(project, dict) else {}).items():
        wanted = facts.data["licence"]["code"] if key == "licence" else facts.data.get(key)
        if value != wanted:
            what = f"is {value!r}; {FACTS} says {wanted!r}."
            yield Problem(f"{name}, project.{key}", what)
    for entries in ("lanes", "gates"):
        wanted_ids = [entry["id"] for entry in facts.data[entries]]
        ids = [entry.get("id") for entry in _entries(manifest, entries)]
        if ids != wanted_ids:
            yield Problem(f"{name}, {entries}", f"are {ids}; {FACTS} has {wanted_ids}.")


def _entries(manifest: Mapping[str, Any], part: str) -> list[Mapping[str, Any]]:
    found = manifest.get(part)
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def _texts(found: Any) -> Iterable[str]:
    return [e for e in found if isinstance(e, str)] if isinstance(found, list) else []


def _artifact(root: Path, name: str, facts: Facts) -> dict[str, Any]:
    path = root / name
    if not path.is_file():
        raise InputError([Problem(name, "is not there; `spacebio-bench release cards` writes it.")])
    kind = next((kind for start, kind in _KINDS.items() if name.startswith(start)), "document")
    lane = next(
        (
            entry["id"]
            for entry in facts.data["lanes"]
            if any(name.startswith(start) for start in entry["files"])
        ),
        "",
    )
    return {
        "id": name.replace("/", ":"),
        "path": name,
        "kind": kind,
        "bytes": path.stat().st_size,
        "sha256": sha256_of(path),
        "lane": lane,
    }


def _lane(
    lane: Mapping[str, Any], artifacts: list[dict[str, Any]], claims: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        **{key: lane[key] for key in ("id", "title", "status", "evidence", "text")},
        "artifacts": [entry["id"] for entry in artifacts if entry["lane"] == lane["id"]],
        "claims": [claim.id for claim in claims.values() if claim.lane == lane["id"]],
    }


def _runs(root: Path) -> dict[str, dict[str, Any]]:
    return {
        path.parent.name: read_json(root, path.relative_to(root).as_posix())
        for path in sorted((root / "release" / "results").glob("*/run.json"))
    }


def _commits(runs: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, run in runs.items():
        if run.get("commit"):
            yield f"results of {name}", str(run["commit"])


def _last_run(root: Path, file: str) -> dict[str, Any] | None:
    name = f"{EVIDENCE}/{file}"
    if not (root / name).exists():
        return None
    found = read_json(root, name)
    return {key: found[key] for key in ("status", "date", "code_tree")} | {"report": name}
