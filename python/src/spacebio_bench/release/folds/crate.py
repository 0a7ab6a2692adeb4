"""`ro-crate-metadata.json`: the files, the run that made them, its code and its images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from spacebio_bench import __version__
from spacebio_bench.protocol import Protocol
from spacebio_bench.release.folds.about import HOMEPAGE, About
from spacebio_bench.release.folds.files import ENCODINGS, say
from spacebio_bench.release.folds.listing import CHECKSUMS, ExpectedFile

CRATE = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/crate/1.3"
_SOFTWARE = "#spacebio-bench"
_PROTOCOL = "#protocol"


def ro_crate(
    files: Sequence[ExpectedFile],
    stores: Mapping[str, Mapping[str, str]],
    protocol: Protocol,
    about: About,
) -> dict[str, Any]:
    """The document.

    Parameters
    ----------
    files
        Every file of the package but `checksums.json` and the crate itself.
    stores
        Content digests of the cohort stores, by tissue.
    """
    folders = _folders(files)
    at_root = [f.path for f in files if "/" not in f.path]
    tops = [f"{folder}/" for folder in folders if "/" not in folder]
    publisher = {"@id": "#creator"}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.name,
        "description": about.description,
        "datePublished": about.date,
        "license": {"@id": about.license_url},
        "version": about.version,
        "url": about.url,
        "author": publisher,
        "publisher": publisher,
        "hasPart": _ids([*at_root, CHECKSUMS, *tops]),
        "mentions": _ids(["#run"]),
    }
    software: dict[str, Any] = {
        "@id": _SOFTWARE,
        "@type": "SoftwareApplication",
        "name": "spacebio-bench",
        "version": __version__,
        "url": HOMEPAGE,
    }
    used = [f"#store-{tissue}" for tissue in sorted(stores)]
    images = [f"#image-{name}" for name in sorted(about.images)]
    if images:
        software["softwareRequirements"] = _ids(images)
    run = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "spacebio-bench release folds",
        "description": f"Folds of the stores under the protocol {protocol.name}.",
        "instrument": {"@id": _SOFTWARE},
        "agent": publisher,
        "object": _ids([*used, _PROTOCOL]),
        "result": {"@id": "./"},
    }
    return {
        "@context": f"{PROFILE}/context",
        "@graph": [
            {
                "@id": CRATE,
                "@type": "CreativeWork",
                "conformsTo": {"@id": PROFILE},
                "about": {"@id": "./"},
            },
            root,
            {"@id": "#creator", "@type": "Organization", "name": about.creator},
            {
                "@id": about.license_url,
                "@type": "CreativeWork",
                "name": about.license,
                "description": f"The licence {about.license}.",
                "identifier": about.license_url,
            },
            run,
            software,
            *(_image(name, about.images[name]) for name in sorted(about.images)),
            *(_store(tissue, stores[tissue]) for tissue in sorted(stores)),
            {
                "@id": _PROTOCOL,
                "@type": "CreativeWork",
                "name": f"protocol {protocol.name}",
                "description": protocol.description,
                "identifier": f"sha256:{protocol.digest}",
            },
            *(_folder(folder, content) for folder, content in folders.items()),
            *(_file(file) for file in files),
            {
                "@id": CHECKSUMS,
                "@type": "File",
                "name": CHECKSUMS,
                "description": say(PurePosixPath(CHECKSUMS)),
                "encodingFormat": ENCODINGS[".json"],
            },
        ],
    }


def _ids(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"@id": name} for name in names]


def _folders(files: Sequence[ExpectedFile]) -> dict[str, list[str]]:
    """Each folder with what is directly in it; folders end in `/`."""
    found: dict[str, list[str]] = {}
    for file in files:
        path = PurePosixPath(file.path)
        part = file.path
        for parent in [p for p in path.parents if p.name]:
            content = found.setdefault(parent.as_posix(), [])
            if part not in content:
                content.append(part)
            part = f"{parent.as_posix()}/"
    return {folder: found[folder] for folder in sorted(found)}


def _folder(folder: str, content: Sequence[str]) -> dict[str, Any]:
    kind = "Fold" if "/" in folder else "Task"
    return {
        "@id": f"{folder}/",
        "@type": "Dataset",
        "name": folder,
        "description": f"{kind} {PurePosixPath(folder).name}.",
        "hasPart": _ids(content),
    }


def _file(file: ExpectedFile) -> dict[str, Any]:
    path = PurePosixPath(file.path)
    return {
        "@id": file.path,
        "@type": "File",
        "name": file.path,
        "description": say(path),
        "contentSize": str(file.bytes),
        "encodingFormat": ENCODINGS[path.suffix],
        "sha256": file.sha256,
    }


def _image(name: str, lock: str) -> dict[str, Any]:
    return {
        "@id": f"#image-{name}",
        "@type": "SoftwareApplication",
        "name": f"container image {name}",
        "version": __version__,
        "url": HOMEPAGE,
        "description": "Made from lock files with this sha256, one after the other.",
        "identifier": f"sha256:{lock}",
    }


def _store(tissue: str, digests: Mapping[str, str]) -> dict[str, Any]:
    return {
        "@id": f"#store-{tissue}",
        "@type": "CreativeWork",
        "name": f"cohort store {tissue}",
        "description": "Content digests (sha256) of what the store holds.",
        "identifier": [f"{name}=sha256:{digest}" for name, digest in sorted(digests.items())],
    }
