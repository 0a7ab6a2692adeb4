"""Runs rocrate-validator without a network: `python _crate_offline.py CRATE REPORT.json`.

The environment of the validators runs it, so it imports nothing of this package. The validator
wants the JSON-LD context that a crate refers to: it comes from the `rocrate` library where that is
installed, else from `TERMS`, the terms of that context that our crates use. Anything else that is
asked of the network fails, as it would behind an air gap.
"""

import json
import os
import sys
from importlib import import_module, util
from pathlib import Path
from typing import Any

CONTEXT = "https://w3id.org/ro/crate/1.3/context"
SCHEMA = (
    "CreateAction",
    "CreativeWork",
    "Dataset",
    "Organization",
    "SoftwareApplication",
    "about",
    "agent",
    "author",
    "contentSize",
    "datePublished",
    "description",
    "encodingFormat",
    "hasPart",
    "identifier",
    "instrument",
    "license",
    "mentions",
    "name",
    "object",
    "publisher",
    "result",
    "sha256",
    "softwareRequirements",
    "url",
    "version",
)
TERMS = {
    **{term: f"http://schema.org/{term}" for term in SCHEMA},
    "File": "http://schema.org/MediaObject",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
}


def official() -> Path | None:
    """The whole context as the `rocrate` library brings it."""
    found = util.find_spec("rocrate")
    folders = found.submodule_search_locations or [] if found else []
    files = (Path(folder) / "data" / "ro-crate.jsonld" for folder in folders)
    return next((file for file in files if file.is_file()), None)


def context() -> bytes:
    """The document at `CONTEXT`."""
    file = official()
    if file is not None and json.loads(file.read_bytes()).get("@id") == CONTEXT:
        return file.read_bytes()
    return json.dumps({"@id": CONTEXT, "@context": TERMS}).encode()


def main(crate: str, report: str) -> None:
    """Validate and write the report."""
    requests, constants, validator = (
        import_module(name)
        for name in ("requests", "rocrate_validator.constants", "rocrate_validator.cli")
    )

    def send(_adapter: Any, request: Any, **_options: Any) -> Any:
        if request.url != CONTEXT:
            msg = f"{request.url}: this validation has no network"
            raise requests.exceptions.ConnectionError(msg)
        response = requests.Response()
        response.status_code, response.url, response.request = 200, request.url, request
        response.headers["Content-Type"] = "application/ld+json"
        response._content = context()  # noqa: SLF001 - how tests of that library make one
        return response

    requests.adapters.HTTPAdapter.send = send
    os.environ[constants.AUTO_WARM_ENV_VAR] = "0"
    options = ["--no-cache", "--skip-availability-check", "--no-paging", "-l", "required"]
    where = ["-p", "ro-crate-1.3", "-f", "json", "-o", report, crate]
    validator.cli(["-y", "--disable-color", "validate", *options, *where])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
